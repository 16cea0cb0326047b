"""The systems that score a gallery: what they are called and how they are made.

A system is a function from embeddings (n_segments, emb_dim) to symmetric scores
(n_segments, n_segments). It can score any gallery, the test's as well as one of
validation speakers, so that its scores can be calibrated. Inductive systems can score
chosen pairs alone, too.
"""

from functools import partial
from typing import NamedTuple

import numpy as np

from local.scoring.normalization import normalize_scores
from local.scoring.sparse import pair_scores
from local.scoring.transductive import segments_per_speaker

# Of one gallery, z- and t-norm are averaged with their transposes: that is s-norm.
SYSTEM_NAMES = {
    "none": "cosine",
    "z": "s-norm",
    "t": "s-norm",
    "s": "s-norm",
    "as": "as-norm",
}


class InductiveSystem(NamedTuple):
    """Scores that see one pair at a time.

    Attributes
    ----------
    method, cohort, top_n
        As in `normalize_scores`.
    """

    method: str
    cohort: np.ndarray
    top_n: int

    def __call__(self, embeddings):
        """Return the scores of all pairs of a gallery."""
        return normalize_scores(self.method, embeddings, self.cohort, self.top_n)

    def pairs(self, embeddings):
        """Return what scores chosen pairs: `local.scoring.sparse.PairScores`."""
        return pair_scores(self.method, embeddings, self.cohort, self.top_n)


def inductive_systems(normalizations, cohort, top_n):
    """Return the systems that see one pair at a time: cosine, then normalised.

    Parameters
    ----------
    normalizations : list of {"none", "z", "t", "s", "as"}
        As in `normalize_scores`.
    cohort : ndarray, (n_cohort, emb_dim)
        Embeddings of other speakers.
    top_n : int
        As in `normalize_scores`.

    Returns
    -------
    systems : dict of str to InductiveSystem
        By name, the cosine first.

    Raises
    ------
    ValueError
        If there is no such normalization.
    """
    _check_known("normalization", normalizations, SYSTEM_NAMES)
    return {
        SYSTEM_NAMES[method]: InductiveSystem(method, cohort, top_n)
        for method in ["none", *normalizations]
    }


def transductive_systems(chosen, rerankers, calibration):
    """Return the systems that see the whole gallery.

    Parameters
    ----------
    chosen : list of str
        Which of the ``rerankers``.
    rerankers : dict of str to callable
        Functions of embeddings and of the segments a speaker has, as in
        `local.scoring.transductive`, their other arguments bound.
    calibration : local.scoring.calibration.Calibration
        As for `segments_per_speaker`.

    Returns
    -------
    systems : dict of str to callable
        By name, in the order chosen.

    Raises
    ------
    ValueError
        If there is no such re-ranking.
    """
    _check_known("rerank", chosen, rerankers)

    def score(embeddings, rerank):
        return rerank(embeddings, segments_per_speaker(embeddings, calibration))

    return {
        f"{name.replace('_', ' ')} (transductive)": partial(
            score, rerank=rerankers[name]
        )
        for name in chosen
    }


def _check_known(key, names, known):
    """Refuse a name that is not among those known."""
    for name in names:
        if name not in known:
            raise ValueError(f"{key} must be of {list(known)}, got {name!r}")
