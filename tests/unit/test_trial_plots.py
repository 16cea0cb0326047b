"""The errors by threshold are drawn where they are, with the thresholds chosen."""

import numpy as np
import pytest

from local.evaluation.detection import det_curve
from local.output.trial_plots import plot_error_rates

CURVE = det_curve(tar=[2, 3], non=[0, 1, 2, 2])


def test_errors_are_drawn_in_percent_over_the_threshold(tmp_path, drawn):
    thresholds = {"door lock": 1.5, "never": np.inf}
    plot_error_rates(CURVE, thresholds, tmp_path / "rates", "cosine")
    misses, false_alarms, *lines = drawn[0].axes[0].get_lines()
    np.testing.assert_allclose(misses.get_xydata(), [[0, 0], [1, 0], [2, 0], [3, 50]])
    np.testing.assert_allclose(false_alarms.get_ydata(), [100, 75, 50, 0])
    assert [line.get_label() for line in lines] == ["door lock 1.500"]
    assert lines[0].get_xdata()[0] == 1.5


def test_both_files_are_written(tmp_path):
    plot_error_rates(CURVE, {}, tmp_path / "rates", "cosine")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["rates.png", "rates.svg"]


def test_one_score_alone_is_no_curve(tmp_path):
    with pytest.raises(ValueError, match="two scores or more"):
        plot_error_rates(det_curve([1.0], [1.0]), {}, tmp_path / "rates", "cosine")
