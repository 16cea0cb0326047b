"""Tests of verify.py, beyond what the smoke tests run."""

import pytest

from verify import check_sample_rate, score_systems


def test_a_model_of_another_sample_rate_is_refused(tmp_path):
    text = "sample_rate: 16000\nfront: !new:no.such.Thing\n    x: !ref <sample_rate>\n"
    (tmp_path / "hyperparams.yaml").write_text(text, encoding="utf-8")
    check_sample_rate({"sample_rate": 16000}, tmp_path)
    with pytest.raises(ValueError, match="trained at 16000 Hz, but .* is 11025 Hz"):
        check_sample_rate({"sample_rate": 11025}, tmp_path)


def test_a_calibration_on_no_gallery_is_refused():
    with pytest.raises(ValueError, match="n_calibration_galleries must be at least 1"):
        score_systems({"n_calibration_galleries": 0}, None, None, None)
