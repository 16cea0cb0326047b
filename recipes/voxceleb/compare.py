r"""Compare the runs of a suite on the same trials: EERs, and how far they are apart.

    python -m recipes.voxceleb.compare results/voxceleb_study --test_folder data \
        --data "one-second segments, in place of VoxCeleb"

reads the embeddings that `verify.py` left in ``<run>/<seed>/<test_set>``, scores all
pairs by their cosine and writes ``comparison.json`` beside the runs. The figure of a
run is the mean of its EERs over its seeds and the test sets.

Intervals are of the bootstrap: speakers of each test set and seeds of the training are
drawn again, with replacement, the same ones for all runs, so that the difference of two
runs is of the same speakers. Differences are to ``--reference``, or to the run with the
most parameters of those with the same share of the speakers and number of epochs.
"""

import argparse
import json
import logging
from pathlib import Path

import numpy as np
from tqdm import tqdm

from local.evaluation.bootstrap import draw_weights
from local.evaluation.detection import eer
from local.evaluation.speaker_trials import all_trials, curve_by_weights, split_matrix
from local.files import replacing
from local.scoring.similarity import cosine_scores
from recipes.voxceleb.verified_runs import (
    describe,
    find_references,
    find_verified,
    load_gallery,
    read_speakers,
)

SCORES = "cosine"

logger = logging.getLogger(__name__)


def replicates(runs, spk_ids, n_bootstrap, seed):
    """Compute the EER of all runs under the same draws of speakers.

    Parameters
    ----------
    runs : Runs
        From `find_verified`.
    spk_ids : dict of str to ndarray of str, (n_segments,)
        Test set -> speakers of its segments.
    n_bootstrap, seed : int
        Draws, and their seed.

    Returns
    -------
    eers : ndarray, (n_runs, n_seeds, n_test_sets, 1 + n_bootstrap)
        First of each speaker once, then of those drawn.
    """
    shape = len(runs.folders), len(runs.seeds), len(runs.test_sets), 1 + n_bootstrap
    eers = np.empty(shape)
    bar = tqdm(total=int(np.prod(shape[:3])), unit="gallery", disable=None)
    for place, test_set in enumerate(runs.test_sets):
        _, codes, counts = np.unique(
            spk_ids[test_set], return_inverse=True, return_counts=True
        )
        trials = all_trials(codes)
        rng = np.random.default_rng([seed, place])
        draws = [draw_weights(counts, rng) for _ in range(n_bootstrap)]
        draws = [np.ones(len(counts), int), *draws]
        for run, folders in enumerate(runs.folders.values()):
            for number, folder in enumerate(folders):
                scores = cosine_scores(load_gallery(folder / test_set))
                curve = curve_by_weights(trials, *split_matrix(scores, codes))
                eers[run, number, place] = [eer(curve(weights)) for weights in draws]
                bar.update()
    bar.close()
    return eers


def over_seeds(eers, seed):
    """Average over seeds, in each replicate over seeds drawn again.

    Parameters
    ----------
    eers : ndarray, (..., n_seeds, n_test_sets, 1 + n_bootstrap)
        From `replicates`.
    seed : int
        Seed of the draw.

    Returns
    -------
    means : ndarray, (..., n_test_sets, 1 + n_bootstrap)
        The first of all seeds.
    """
    n_seeds, _, n_draws = eers.shape[-3:]
    rng = np.random.default_rng(seed)
    drawn = rng.integers(n_seeds, size=(n_draws, n_seeds))
    weights = np.stack([np.bincount(row, minlength=n_seeds) for row in drawn], axis=1)
    weights[:, 0] = 1
    return np.einsum("...sth,sh->...th", eers, weights / n_seeds)


def interval(drawn, confidence):
    """Return the figure and its interval: the first value, and quantiles of the rest.

    Examples
    --------
    >>> interval(np.array([0.5, 0.25, 0.5, 0.75]), confidence=0.5)
    {'value': 0.5, 'low': 0.375, 'high': 0.625}
    """
    tail = (1 - confidence) / 2
    low, high = np.quantile(drawn[1:], [tail, 1 - tail]).tolist()
    return {"value": float(drawn[0]), "low": low, "high": high}


def measure(runs, eers, references, confidence, seed):
    """Return the figures of all runs.

    Parameters
    ----------
    runs, eers : Runs and ndarray
        As of `replicates`.
    references : dict of str to str
        Run -> the run it is compared with.
    confidence, seed : float, int
        Of the intervals, and of the draw of training seeds.

    Returns
    -------
    figures : dict of str to dict
        Run -> ``eer``, also by seed and by test set, and the ``difference`` to its
        reference: each a fraction with its interval.
    """
    by_set = over_seeds(eers, seed)  # (n_runs, n_test_sets, 1 + n_bootstrap)
    means = dict(zip(runs.folders, by_set.mean(axis=1), strict=True))
    figures = {}
    for number, (run, reference) in enumerate(references.items()):
        of_seeds = eers[number, :, :, 0].mean(axis=1).tolist()
        sets = zip(runs.test_sets, by_set[number], strict=True)
        figures[run] = {
            "eer": interval(means[run], confidence),
            "eer_of_seeds": dict(zip(runs.seeds, of_seeds, strict=True)),
            "eer_of_test_sets": {name: interval(d, confidence) for name, d in sets},
            "reference": reference,
            "difference": interval(means[run] - means[reference], confidence),
        }
    return figures


def compare(suite_folder, test_folder, data, reference, n_bootstrap, confidence, seed):
    """Measure all runs of a suite and write ``comparison.json``.

    Parameters
    ----------
    suite_folder, test_folder : str or Path
        Of the runs, and of ``<test_set>/labels.npy``.
    data : str
        What was trained and tested on, for the tables.
    reference : str or None
        As in `find_references`.
    n_bootstrap, confidence, seed : int, float, int
        Of the intervals.

    Raises
    ------
    FileNotFoundError
        If runs or labels are missing.
    ValueError
        If a number is out of range, embeddings and labels do not fit, or there is no
        such reference.
    """
    if n_bootstrap < 1 or not 0 < confidence < 1 or seed < 0:
        raise ValueError(
            "expected n_bootstrap >= 1, 0 < confidence < 1 and seed >= 0, got"
            f" {n_bootstrap}, {confidence} and {seed}"
        )
    runs = find_verified(suite_folder)
    described = {run: describe(f[0]) for run, f in runs.folders.items()}
    references = find_references(described, reference)
    spk_ids = read_speakers(runs, test_folder)
    eers = replicates(runs, spk_ids, n_bootstrap, seed)
    figures = measure(runs, eers, references, confidence, seed)
    content = {
        "data": data,
        "scores": SCORES,
        "seeds": [int(seed) for seed in runs.seeds],
        "test_sets": {name: count_trials(ids) for name, ids in spk_ids.items()},
        "bootstrap": {"n": n_bootstrap, "confidence": confidence, "seed": seed},
        "runs": {run: described[run] | figures[run] for run in described},
    }
    path = Path(suite_folder) / "comparison.json"
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    logger.info("%s: %d runs, seeds %s", path, len(figures), ", ".join(runs.seeds))


def count_trials(spk_ids):
    """Return how many speakers, segments and trials a test set has."""
    trials = all_trials(np.unique(spk_ids, return_inverse=True)[1])
    return {
        "n_speakers": trials.n_speakers,
        "n_segments": len(spk_ids),
        "n_target_trials": len(trials.tar_speakers),
        "n_nontarget_trials": len(trials.non_pairs),
    }


def main():
    """Run `compare` from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("suite_folder")
    parser.add_argument("--test_folder", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--reference", metavar="RUN")
    parser.add_argument("--n_bootstrap", type=int, default=1000)
    parser.add_argument("--confidence", type=float, default=0.95)
    parser.add_argument("--seed", type=int, default=1986)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        compare(**vars(parser.parse_args()))
    except (ValueError, OSError) as error:
        parser.exit(1, f"error: {error}\n")


if __name__ == "__main__":
    main()
