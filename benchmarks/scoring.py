"""AS-norm of a whole gallery, beside its lower bound and beside a loop over trials."""

import numpy as np
import torch

from benchmarks.timing import Ratio, Result, median_seconds
from local.scoring.normalization import normalize_scores

FULL = {"n_segments": 1000, "n_cohort": 5000, "top_n": 300, "emb_dim": 192}
QUICK = {"n_segments": 40, "n_cohort": 100, "top_n": 10, "emb_dim": 16}
TOLERANCE = 1e-4


def run(quick=False):
    """Time AS-norm of all pairs of a gallery of random embeddings.

    Parameters
    ----------
    quick : bool
        Tiny sizes, to see that it runs.

    Returns
    -------
    result : Result
        The loop is timed on a sample of the trials; its time for all of them follows.

    Raises
    ------
    ValueError
        If loop and matrix differ by more than `TOLERANCE`.
    """
    sizes = QUICK if quick else FULL
    n_segments, n_cohort, top_n, emb_dim = sizes.values()
    rng = np.random.default_rng(0)
    gallery = rng.standard_normal((n_segments, emb_dim), dtype=np.float32)
    cohort = rng.standard_normal((n_cohort, emb_dim), dtype=np.float32)
    enrol, test = np.triu_indices(n_segments, k=1)
    sample = rng.choice(len(enrol), 10 if quick else 200, replace=False)
    enrol, test, n_trials = enrol[sample], test[sample], len(enrol)
    tensors = torch.from_numpy(gallery), torch.from_numpy(cohort)
    loop = score_trials(*tensors, top_n, enrol, test)
    scores = normalize_scores("as", gallery, cohort, top_n)[enrol, test]
    difference = float(np.abs(scores - loop).max())
    if difference > TOLERANCE:
        raise ValueError(f"loop and matrix differ by {difference}, over {TOLERANCE}")
    seconds = median_seconds(
        {
            "this project": lambda: normalize_scores("as", gallery, cohort, top_n),
            "products and top-k alone": lambda: bare_products(*tensors, top_n),
            "loop": lambda: score_trials(*tensors, top_n, enrol, test),
        }
    )
    seconds["loop over all trials"] = seconds.pop("loop") * n_trials / len(sample)
    ours, bare, looped = seconds.values()
    return Result(
        title="AS-norm of all pairs of a gallery",
        sizes={**sizes, "n_trials": n_trials, "n_loop_trials": len(sample)},
        seconds=seconds,
        ratios={
            "this project / products and top-k alone": Ratio(ours / bare, "at most 3"),
            "loop over all trials / this project": Ratio(
                looped / ours, "at least 1,000"
            ),
        },
    )


def bare_products(gallery, cohort, top_n):
    """Do what no way around is known to: both products and the selection."""
    gallery = torch.nn.functional.normalize(gallery)
    cohort = torch.nn.functional.normalize(cohort)
    return gallery @ gallery.T, (gallery @ cohort.T).topk(top_n).values


def score_trials(gallery, cohort, top_n, enrol, test):
    """Score one trial after the other, each with its own cohort statistics.

    This is what ``get_verification_scores`` of SpeechBrain's VoxCeleb recipe does.
    """
    similarity = torch.nn.CosineSimilarity(dim=-1)
    cohort = cohort.unsqueeze(1)  # (n_cohort, 1, emb_dim)

    def z_score(score, side):
        scores = similarity(side.repeat(len(cohort), 1, 1), cohort)  # (n_cohort, 1)
        top = scores.topk(top_n, dim=0).values
        return (score - top.mean(dim=0)) / top.std(dim=0)

    normed = []
    for e, t in zip(enrol, test, strict=True):
        sides = gallery[e : e + 1], gallery[t : t + 1]  # (1, emb_dim) each
        score = similarity(*sides)
        normed.append(sum(z_score(score, side) for side in sides) / 2)
    return torch.cat(normed).numpy()
