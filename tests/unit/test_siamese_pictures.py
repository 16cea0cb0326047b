"""A run is drawn beside the nearest neighbours it has to beat."""

import json

import pytest

from recipes.siamese.pictures import curves_of

POINT = {"mean": 0.5, "low": 0.4, "high": 0.6}


def figures(run, seconds):
    data = {"fragment_seconds": seconds}
    return {"run": run, "seed": 1, "data": data, "curve": {"unseen": {"2": POINT}}}


@pytest.fixture
def knn(tmp_path):
    """Write the figures of k-NN on three seconds."""
    folder = tmp_path / "siamese_knn/1"
    folder.mkdir(parents=True)
    text = json.dumps(figures("knn", 3.0))
    (folder / "one_shot.json").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("run", "seconds", "drawn"),
    [
        ("mfcc", 3.0, ["mfcc", "knn"]),
        ("spectrogram", 5.0, ["spectrogram"]),
        ("knn", 3.0, ["knn"]),
    ],
)
def test_knn_is_drawn_beside_runs_on_equal_fragments(
    run, seconds, drawn, knn, tmp_path
):
    curves = curves_of(figures(run, seconds), tmp_path / f"siamese_{run}/1")
    assert list(curves) == drawn


def test_a_run_is_drawn_alone_where_knn_was_not_measured(tmp_path):
    assert list(curves_of(figures("mfcc", 3.0), tmp_path / "siamese_mfcc/1")) == [
        "mfcc"
    ]
