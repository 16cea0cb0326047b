r"""Measure what needs no training: chance, and the nearest MFCC mean in six metrics.

    python -m recipes.baselines.nearest_neighbour \
        recipes/baselines/hparams/nearest_neighbour.yaml --test_folder test_sets

It writes ``<output_folder>/<test_set>/metrics.json``, one system a metric.
"""

import numpy as np
from scipy.spatial.distance import cdist

from local.experiment import load_experiment, run
from recipes.baselines.testing import compute_features, read_test_sets, write_metrics


def nearest_neighbour_systems(feats, metrics):
    """Return scores by name: chance, and minus the distance in each metric.

    ``feats`` (n_segments, n_features) are standardised over the gallery first.
    """
    spread = np.maximum(feats.std(axis=0), np.finfo(float).eps)
    feats = (feats - feats.mean(axis=0)) / spread
    systems = {"chance": np.zeros((len(feats), len(feats)))}
    return systems | {f"MFCC {name}": -cdist(feats, feats, name) for name in metrics}


def main(arguments):
    """Measure every test set."""
    hparams, _, _ = load_experiment(arguments, ("compute_features", "metrics"))
    model = {"name": "none", "n_parameters": 0, "n_flops": 0}
    for name, segments, spk_ids in read_test_sets(hparams):
        feats = compute_features(
            hparams["compute_features"], segments, hparams["batch_size"]
        )
        scores = nearest_neighbour_systems(feats.double().numpy(), hparams["metrics"])
        systems = {system: (matrix, None) for system, matrix in scores.items()}
        write_metrics(hparams, name, model, systems, spk_ids)


if __name__ == "__main__":
    run(main)
