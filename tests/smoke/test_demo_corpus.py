"""The demo corpus is neither trivial nor hopeless for a plain baseline."""

import numpy as np
import torch
from hyperpyyaml import load_hyperpyyaml

from data_prep.safe_pickle import load_pickle
from data_prep.synthetic_readers import make_synthetic_readers
from local.evaluation.retrieval import per_query_metrics
from local.scoring.similarity import cosine_scores


def test_mfcc_nearest_neighbour_stays_below_an_r_precision_of_90_percent(tmp_path):
    make_synthetic_readers(tmp_path, n_train_readers=1, n_test_readers=20)
    with open("hparams/verify.yaml", encoding="utf-8") as stream:
        baseline = load_hyperpyyaml(stream)["baseline_features"]
    (data,) = load_pickle(tmp_path / "test_data.pkl")
    assert data.shape == (320, 11025)
    features = baseline(torch.from_numpy(data)).numpy()
    features = (features - features.mean(axis=0)) / features.std(axis=0)
    labels = np.load(tmp_path / "test_labels.npy")
    figures = per_query_metrics(cosine_scores(features), labels)
    assert 0.3 < figures["r_precision"].mean() < 0.9
