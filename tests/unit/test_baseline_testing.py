"""Tests of recipes.baselines.testing."""

import pickle
from functools import partial

import numpy as np
import pytest
import torch

from data_prep.pickle_prepare import prepare_test_pickle
from local.output.details import format_details
from local.output.metrics import read_metrics
from recipes.baselines.testing import compute_features, read_test_sets, write_metrics


@pytest.fixture
def hparams(tmp_path, rng):
    folder = tmp_path / "sets" / "dev_a"
    folder.mkdir(parents=True)
    data = rng.uniform(-0.5, 0.5, (6, 100)).astype("f4")
    (folder / "test_data.pkl").write_bytes(pickle.dumps([data]))
    np.save(folder / "labels.npy", np.array(list("aabbcc")))
    return {
        "test_folder": str(tmp_path / "sets"),
        "output_folder": str(tmp_path / "results" / "mine" / "7"),
        "prepare_test_data": partial(prepare_test_pickle, segment_samples=100),
        "sample_rate": 11025,
        "max_memory_gb": 1.0,
        "seed": 7,
        "p_targets": [0.01, 0.05],
        "ks": [1, 3, 5, 10],
        "n_bootstrap": 3,
        "confidence": 0.95,
    }


def test_test_sets_come_with_name_segments_and_speakers(hparams):
    ((name, segments, spk_ids),) = read_test_sets(hparams)
    assert (name, len(segments), list(spk_ids)) == ("dev_a", 6, list("aabbcc"))


def test_a_folder_without_test_sets_is_told(hparams, tmp_path):
    hparams["test_folder"] = str(tmp_path / "sets" / "dev_a")
    with pytest.raises(FileNotFoundError, match="no <test_set>/test_data.pkl"):
        list(read_test_sets(hparams))


@pytest.mark.parametrize("batch_size", [1, 4, 6, 100])
def test_features_of_batches_are_in_order(batch_size, hparams):
    ((_, segments, _),) = read_test_sets(hparams)
    feats = compute_features(torch.nn.Identity(), segments, batch_size)
    assert torch.equal(feats, segments.wavs)


def test_the_metrics_are_what_the_report_reads(hparams, tmp_path):
    scores = np.kron(np.eye(3), np.ones((2, 2)))
    systems = {"good": (scores, scores - 0.5), "chance": (scores * 0, None)}
    model = {"name": "none", "n_parameters": 0}
    write_metrics(hparams, "dev_a", model, systems, list("aabbcc"))
    path = tmp_path / "results" / "mine" / "7" / "dev_a" / "metrics.json"
    metrics = read_metrics(path)
    assert (metrics["experiment"], metrics["seed"]) == ("mine", 7)
    assert metrics["trials"]["n_target_trials"] == 3
    assert metrics["systems"]["good"]["r_precision"]["value"] == 1
    assert "cllr" in metrics["systems"]["good"]
    assert "n_segments" not in metrics["systems"]["good"]
    assert "| mine/7 | good | 100.00" in format_details([metrics])
