"""Tests of verify.py, beyond what the smoke tests run."""

import pytest

from verify import score_systems


def test_a_calibration_on_no_gallery_is_refused():
    with pytest.raises(ValueError, match="n_calibration_galleries must be at least 1"):
        score_systems({"n_calibration_galleries": 0}, None, None, None)
