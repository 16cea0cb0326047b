"""Tests of local.output.judge."""

import re

import numpy as np
import pytest
import soundfile
import torch
from hyperpyyaml import load_hyperpyyaml

from local.evaluation.gallery import split_trials
from local.output.judge import Judge, format_probability, format_verdict
from local.scoring.calibration import fit_calibration
from local.scoring.pair import Verdict
from verify import main as verify_main

SETTINGS = {"normalization": ["as"], "cohort_unit": "speaker", "top_n": 3}


@pytest.fixture
def folder(untrained_model):
    """Return the folder of an untrained model."""
    return untrained_model(1)


@pytest.fixture
def judge(folder):
    """Return a judge by it."""
    return Judge(folder, "cpu", **SETTINGS, batch_size=2, least_trials=3)


def test_the_yardstick_is_of_the_validation_speakers(judge):
    yardstick = judge.find_yardstick([1, 1])
    trials = split_trials(judge.score(judge.valid.matrix), judge.valid.spk_ids)
    np.testing.assert_allclose(yardstick.tar, trials[0], rtol=1e-5)
    assert len(yardstick.tar) == 3 * 6 and len(yardstick.non) == 3 * 16
    expected = fit_calibration(*trials)
    assert yardstick.calibration.scale == pytest.approx(expected.scale, rel=1e-3)
    assert judge.find_yardstick([2, 2]).size == 2
    assert judge.find_yardstick([1, 1]) is yardstick  # made once


def test_a_voice_is_more_alike_itself(judge, rng):
    views = torch.from_numpy(rng.standard_normal((2, 11025)).astype(np.float32))
    first, second = judge.listen(views[:1]), judge.listen(views[1:] ** 3)
    same, _ = judge.compare(first, first, 0.5)
    other, yardstick = judge.compare(first, second, 0.5)
    assert same.score > other.score and yardstick.size == 1
    rare, _ = judge.compare(first, second, 0.01)
    assert rare.score == other.score and rare.probability < other.probability


def test_verify_and_the_page_tell_the_same(judge, folder, rng, capsys, tmp_path):
    with open("hparams/app.yaml", encoding="utf-8") as stream:
        hparams = load_hyperpyyaml(stream)
    paths = [tmp_path / "a.wav", tmp_path / "b.wav"]
    for path, seconds in zip(paths, (1, 2.5), strict=True):
        soundfile.write(path, 0.1 * rng.standard_normal(int(seconds * 16000)), 16000)
    voices = [judge.listen(hparams["read_clip"](path).views) for path in paths]
    verdict, _ = judge.compare(*voices, hparams["pair_p_target"])
    settings = {"model": folder, "top_n": 3, "pair_least_trials": 3}
    words = [f"--{key}={value}" for key, value in settings.items()]
    words += ["--device", "cpu", "--pair", *map(str, paths)]
    verify_main(["hparams/verify.yaml", *words])
    said = capsys.readouterr().out
    assert re.search(r"Score: (\S+)", said)[1] == f"{verdict.score:.3f}"
    expected = format_probability(verdict.probability)
    assert re.search(r"Probability of one speaker: (\S+)", said)[1] == expected


def test_the_page_has_the_settings_of_verify():
    settings = []
    for name in ("app", "verify"):
        with open(f"hparams/{name}.yaml", encoding="utf-8") as stream:
            settings.append(load_hyperpyyaml(stream))
    page, pair = settings
    assert page["read_clip"].keywords == pair["read_views"].keywords
    shared = page.keys() & pair.keys()
    assert {"pair_p_target", "pair_least_trials", "normalization"} <= shared
    assert {k: page[k] for k in shared} == {k: pair[k] for k in shared}


@pytest.mark.parametrize(
    ("probability", "shown", "verdict"),
    [
        (0.7, "0.700", "one speaker"),
        (0.5, "0.500", "one speaker"),
        (0.4999, "0.500", "two speakers"),
        (1 - 1e-9, "0.999", "one speaker"),
        (0.0, "0.001", "two speakers"),
    ],
)
def test_the_text_tells_the_verdict_and_never_certainty(probability, shown, verdict):
    text = format_verdict(Verdict(1.5, 2.0, probability), [3, 1], 2, 0.5)
    assert "views: 3 and 1" in text
    assert "Score: 1.500 (threshold 2.000)" in text
    assert f"Probability of one speaker: {shown} (0.5 before listening)" in text
    assert f"Verdict: {verdict}\n" in text
    assert "learnt on 2 s of speech a side" in text
