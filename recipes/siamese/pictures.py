"""The pictures of one run, beside its figures."""

from pathlib import Path

import numpy as np

from local.output.maps import plot_map
from local.output.plots import plot_roc, plot_score_histogram
from recipes.siamese.model import load_role, role_scores
from recipes.siamese.plots import (
    plot_k_way,
    plot_pairs,
)
from recipes.siamese.run_file import read_run
from recipes.siamese.verification import roc_points

PAIRS_DRAWN = 3  # of each kind
ROC_STEPS = 200  # points a side: no more are seen


def draw_examples(hparams, test, scores, threshold):
    """Draw some pairs of the test as the network sees them."""
    rng = np.random.default_rng(hparams["seed"])
    rows, same = hparams["sampler"](*test[1:4]).pairs(2 * PAIRS_DRAWN, rng)
    plot_pairs(
        [tuple(test.feats[pair]) for pair in rows],
        same,
        scores[rows[:, 0], rows[:, 1]],
        threshold,
        Path(hparams["output_folder"]) / "pairs",
    )


def curves_of(figures, output):
    """Return the k-way curve of a run and, beside it, that of k-NN on equal fragments.

    Parameters
    ----------
    figures : dict
        As written to ``one_shot.json``.
    output : Path
        ``results/siamese_<run>/<seed>``; k-NN, if measured, is in ``siamese_knn``.

    Returns
    -------
    curves : dict of str to dict
        For `recipes.siamese.plots.plot_k_way`.
    """
    curves = {figures["run"]: figures["curve"]["unseen"]}
    path = output.parent.with_name("siamese_knn") / output.name / "one_shot.json"
    if path.is_file():
        knn = read_run(path)
        lengths = {run["data"]["fragment_seconds"] for run in (figures, knn)}
        if len(lengths) == 1:
            curves.setdefault(knn["run"], knn["curve"]["unseen"])
    return curves


def draw_pictures(hparams, modules, test, scores, figures, device):
    """Draw all pictures of a measured system into its output folder.

    Parameters
    ----------
    hparams : dict
        The experiment.
    modules : torch.nn.ModuleDict
        The model.
    test : recipes.siamese.features.Fragments
        What was tested.
    scores : ndarray, (n_fragments, n_fragments)
        Of the test.
    figures : dict
        As written to ``one_shot.json``.
    device : str or torch.device
        Where the modules are.
    """
    output = Path(hparams["output_folder"])
    pairs = hparams["protocol"].scored_pairs(test, scores)
    name = figures["run"]
    thresholds = {
        key.replace("_", " "): found["threshold"]
        for key, found in figures["verification"]["thresholds"].items()
    }
    plot_k_way(curves_of(figures, output), output / "k_way")
    plot_roc({name: roc_points(pairs, ROC_STEPS)}, output / "roc")
    plot_score_histogram(pairs.tar, pairs.non, thresholds, output / "scores", name)
    some = load_role(hparams, "map")
    embeddings, _ = role_scores(hparams, modules, some, device)
    plot_map(embeddings, some.spk_ids, hparams["seed"], output / "map")
    draw_examples(hparams, test, scores, thresholds["eer point"])
