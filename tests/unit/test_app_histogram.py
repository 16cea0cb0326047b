"""Tests of local.output.app.histogram."""

import re

import numpy as np

from local.output.app.histogram import N_BINS, WIDTH, draw_scores
from local.output.judge import Yardstick

YARDSTICK = Yardstick(1, np.array([4.0, 6.0]), np.array([0.0, 2.0]), None)


def place(svg, name):
    return float(re.search(rf'class="{name}" d="M([\d.]+) 0V', svg)[1])


def test_score_and_threshold_stand_where_they_lie():
    svg = draw_scores(YARDSTICK, score=3.0, threshold=4.5)
    assert place(svg, "score") == WIDTH * 3 / 6
    assert place(svg, "threshold") == WIDTH * 4.5 / 6


def test_a_score_beyond_all_others_widens_the_picture():
    svg = draw_scores(YARDSTICK, score=-6.0, threshold=0.0)
    assert place(svg, "score") == 0 and place(svg, "threshold") == WIDTH / 2


def test_both_sides_are_drawn_to_the_same_height():
    svg = draw_scores(YARDSTICK, score=3.0, threshold=np.inf)
    paths = re.findall(r'<path class="(?:same|different)" d="(.*?)"', svg)
    assert [path.count("V2.0H") for path in paths] == [2, 2]
    assert all(path.count("H") == N_BINS for path in paths)
    assert 'class="threshold" d=' not in svg


def test_scores_that_are_all_one_are_drawn():
    one = Yardstick(1, np.array([1.0]), np.array([1.0]), None)
    assert place(draw_scores(one, 1.0, 1.0), "score") == WIDTH / 2
