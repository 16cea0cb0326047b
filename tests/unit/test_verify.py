"""Tests of verify.py, beyond what the smoke tests run."""

import json

import numpy as np
import pytest


def test_the_nearest_are_those_of_the_matrix(verify, capsys):
    dense, sparse = verify("dense"), verify("sparse", top_k=23)
    assert "mAP@23 %" in capsys.readouterr().out
    assert not (sparse / "answer.txt").exists()
    with (
        np.load(dense / "same_speaker_probability.npz") as matrix,
        np.load(sparse / "nearest.npz") as lists,
    ):
        assert (lists["ids"] == matrix["ids"]).all()
        for name in ("llr", "probability"):
            expected = np.take_along_axis(matrix[name], lists["neighbors"], axis=1)
            assert lists[name] == pytest.approx(expected, abs=1e-4)
        assert (np.diff(lists["scores"], axis=1) <= 0).all()
    dense, sparse = (
        json.loads((folder / "metrics.json").read_text()) for folder in (dense, sparse)
    )
    assert list(sparse["systems"]) == ["cosine", "as-norm"]
    for system, figures in sparse["systems"].items():
        figures["map"] = figures.pop("map_top@23")
        assert figures.keys() | {"cmc@10"} == dense["systems"][system].keys()
        for name, figure in figures.items():
            expected = dense["systems"][system][name]
            assert figure == pytest.approx(expected, abs=1e-4), name


def test_an_unknown_search_is_refused(verify):
    with pytest.raises(ValueError, match=r"search must be of .*'exact'.* got 'fast'"):
        verify("x", top_k=3, search="fast")
