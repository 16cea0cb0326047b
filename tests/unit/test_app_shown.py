"""Tests of local.output.app.shown: who is named, in which order, and how safely."""

import re

import numpy as np
import pytest

from local.evaluation.operating_points import OperatingPoint
from local.output.app.shown import Decision, decision_card, ranking, voices_table
from local.output.judge import Yardstick
from local.scoring.calibration import Calibration
from local.scoring.enrolment import Enrolled
from local.scoring.pair import Verdict

TRIALS = np.array([2.0, 3.0, 4.0]), np.array([-1.0, 0.0, 1.0, 2.5])


def decide(score, offset=0.0, threshold=2.5, name="Point"):
    calibration = Calibration(scale=1.0, offset=offset)
    probability = float(calibration.probability(score, 0.5))
    verdict = Verdict(score, -offset, probability)
    point = OperatingPoint(threshold, 1 / 3, 1 / 4)
    return Decision(verdict, Yardstick(2, *TRIALS, calibration), name, point, 0.5)


def names(html):
    return re.findall('<td class="name">(.*?)</td>', html)


def test_the_likeliest_comes_first_by_llr_not_by_score():
    told = ranking({"a": decide(5.0, -9), "b": decide(3.0), "c": decide(99.0)})
    assert names(told) == ["c", "b", "a"]
    assert "This is c" in told and "Passing, too: b, a." in told


def test_a_stranger_passes_for_any_of_the_voices():
    for n_voices, told in ((1, "1 voice"), (3, "3 voices"), (9, "9 voices")):
        page = ranking({f"v{n}": decide(0.0) for n in range(n_voices)})
        share = {1: "25.0 %", 3: "75.0 %", 9: "100.0 %"}[n_voices]
        assert f"passes for one of {told} with a probability of up to {share}" in page
        assert "None of them" in page


@pytest.mark.parametrize("score", [-5.0, 2.5, 2.4999, 1e3])
def test_the_card_says_what_passes_and_how_often_it_is_wrong(score):
    card = decision_card(decide(score))
    assert ("One speaker" in card) == (score >= 2.5)
    assert "33.3 % of one speaker are missed (1 of 3)" in card
    assert "25.0 % of two are accepted (1 of 4)" in card
    assert "with 2 s a side" in card


def test_nothing_is_drawn_at_infinity():
    assert "inf" in decision_card(decide(1.0, threshold=np.inf))
    assert 'd="Minf' not in decision_card(decide(1.0, threshold=np.inf))


def test_names_are_escaped_wherever_they_are_shown():
    evil = "<img src=x onerror=alert(1)>"
    one = Enrolled(evil, "", "", np.zeros((2, 3)), np.array([1, 2]))
    for page in (
        voices_table({evil: one}),
        ranking({evil: decide(9.0), evil + "2": decide(9.0)}),
        decision_card(decide(1.0, name=evil)),
    ):
        assert "<img" not in page and "&lt;img" in page
    assert "<td>2</td><td>3</td>" in voices_table({evil: one})
