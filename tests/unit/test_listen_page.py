"""Tests of local.output.listen.page."""

import sys

import numpy as np
import pytest
from made_up_gallery import NAMES, made_up_verified, page_data

from local.evaluation.detection import det_curve, eer
from local.evaluation.gallery import split_trials
from local.output.listen.page import build_page, find_nearest

SIZES = {"n_pairs": 3, "n_neighbors": 5, "max_mb": 16}


def test_the_page_is_the_same_for_the_same_input():
    assert build_page(made_up_verified(), **SIZES) == build_page(
        made_up_verified(), **SIZES
    )


def test_texts_of_the_data_are_no_html():
    page = build_page(made_up_verified(), **SIZES)
    assert "&lt;u&gt;made up&lt;/u&gt;" in page and "<u>made up" not in page
    assert not any(name in page for name in NAMES[:2])
    shown = {clip["speaker"] for clip in page_data(page)["clips"]}
    assert shown == set(NAMES)


def test_the_page_asks_for_nothing():
    head = build_page(made_up_verified(), **SIZES).split("</head>")[0]
    assert "default-src 'none'" in head
    assert "http" not in head.replace("http-equiv", "")


def test_curves_are_those_of_the_evaluation():
    verified = made_up_verified()
    data = page_data(build_page(verified, **SIZES))
    names = [*verified.scores, verified.submitted]
    assert [curve["name"] for curve in data["curves"]] == names
    for curve, scores in zip(
        data["curves"], [*verified.scores.values(), verified.llr], strict=True
    ):
        expected = eer(det_curve(*split_trials(scores, verified.spk_ids)))
        assert curve["eer"] == pytest.approx(expected)


def test_the_mark_of_a_threshold_lies_on_the_submitted_curve():
    data = page_data(build_page(made_up_verified(), **SIZES))
    thresholds, place = data["thresholds"], 100
    x, y = (axis[place] for axis in data["marks"]["roc"])
    n_tar, n_non = thresholds["n_tar"], thresholds["n_non"]
    assert x == pytest.approx(100 * thresholds["false_accepts"][place] / n_non, 1e-4)
    assert y == pytest.approx(100 - 100 * thresholds["misses"][place] / n_tar, 1e-4)


def test_the_nearest_are_others_the_best_first():
    llr = np.array([[9, 1, 3], [1, 9, 2], [3, 2, 9]])
    assert find_nearest(llr, 1) == [[2], [2], [0]]
    assert find_nearest(llr, 9) == [[2, 1], [2, 0], [0, 1]]


def test_scores_before_and_after_normalisation_stand_beside_the_probability():
    verified = made_up_verified()
    pair = page_data(build_page(verified, **SIZES))["false_accepts"][0]
    a, b = pair["clips"]
    expected = [scores[a, b] for scores in verified.scores.values()]
    assert pair["scores"] == pytest.approx(expected, abs=1e-4)
    assert pair["llr"] == verified.llr[a, b]
    odds = np.exp(verified.llr[a, b]) * 0.2 / 0.8
    assert pair["probability"] == pytest.approx(odds / (1 + odds))


def test_without_labels_there_are_map_players_and_neighbours_alone():
    data = page_data(build_page(made_up_verified(labelled=False), **SIZES))
    assert {"clips", "neighbors"} < data.keys()
    assert not {"false_accepts", "thresholds", "speakers", "curves"} & data.keys()
    assert all(clip["speaker"] is None and clip["audio"] for clip in data["clips"])


def test_a_small_page_keeps_the_errors_to_be_heard_and_stays_within_its_size():
    verified = made_up_verified()
    sizes = {"n_pairs": 1, "n_neighbors": 5}
    whole = build_page(verified, **sizes, max_mb=16)
    limit = len(whole.encode()) / 1e6 - 0.1
    page = build_page(verified, **sizes, max_mb=limit)
    data = page_data(page)
    heard = [row for row, clip in enumerate(data["clips"]) if "audio" in clip]
    assert len(page.encode()) <= limit * 1e6
    assert 0 < len(heard) < len(data["clips"])
    pairs = data["false_accepts"] + data["false_rejects"]
    assert {row for pair in pairs for row in pair["clips"]} <= set(heard)


def test_a_limit_without_room_for_the_errors_is_refused():
    with pytest.raises(ValueError, match=r"no room for the .* raise --max_mb"):
        build_page(made_up_verified(), **SIZES | {"max_mb": 4.85})


@pytest.mark.parametrize("name", ["n_pairs", "n_neighbors"])
def test_numbers_below_one_are_refused(name):
    with pytest.raises(ValueError, match="expected 1 at least"):
        build_page(made_up_verified(), **SIZES | {name: 0})


def test_too_few_segments_for_a_map_are_refused():
    verified = made_up_verified()
    verified.segments.ids = verified.segments.ids[:3]
    with pytest.raises(ValueError, match="3 segments; a map takes 4"):
        build_page(verified, **SIZES)


def test_a_missing_plotly_is_named_with_what_installs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "plotly.offline", None)
    with pytest.raises(ValueError, match=r"pip install -r requirements-listen\.txt"):
        build_page(made_up_verified(), **SIZES)
