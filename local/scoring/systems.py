"""The systems that score a gallery: what they are called and how they are made.

A system is a function from embeddings (n_segments, emb_dim) to symmetric scores
(n_segments, n_segments). It can score any gallery, the test's as well as one of
validation speakers, so that its scores can be calibrated.
"""

from functools import partial

from local.scoring.normalization import normalize_scores
from local.scoring.transductive import segments_per_speaker

# Of one gallery, z- and t-norm are averaged with their transposes: that is s-norm.
SYSTEM_NAMES = {
    "none": "cosine",
    "z": "s-norm",
    "t": "s-norm",
    "s": "s-norm",
    "as": "as-norm",
}


def inductive_systems(normalization, cohort, top_n):
    """Return the systems that see one pair at a time: cosine, then normalised.

    Parameters
    ----------
    normalization : {"none", "z", "t", "s", "as"}
        As in `normalize_scores`.
    cohort : ndarray, (n_cohort, emb_dim)
        Embeddings of other speakers.
    top_n : int
        As in `normalize_scores`.

    Returns
    -------
    systems : dict of str to callable
        By name, the cosine first.

    Raises
    ------
    ValueError
        If there is no such normalization.
    """
    if normalization not in SYSTEM_NAMES:
        raise ValueError(
            f"normalization must be one of {list(SYSTEM_NAMES)}, got {normalization!r}"
        )
    return {
        SYSTEM_NAMES[method]: partial(
            normalize_scores, method, cohort=cohort, top_n=top_n
        )
        for method in dict.fromkeys(["none", normalization])
    }


def transductive_system(rerank, rerankers, calibration):
    """Return the system that sees the whole gallery, if one is asked for.

    Parameters
    ----------
    rerank : str
        Which of the ``rerankers``, or "none".
    rerankers : dict of str to callable
        Functions of embeddings and of the segments a speaker has, as in
        `local.scoring.transductive`, their other arguments bound.
    calibration : local.scoring.calibration.Calibration
        As for `segments_per_speaker`.

    Returns
    -------
    systems : dict of str to callable
        One system by name, or none.

    Raises
    ------
    ValueError
        If there is no such re-ranking.
    """
    if rerank == "none":
        return {}
    if rerank not in rerankers:
        raise ValueError(
            f"rerank must be one of {['none', *rerankers]}, got {rerank!r}"
        )

    def score(embeddings):
        n_group = segments_per_speaker(embeddings, calibration)
        return rerankers[rerank](embeddings, n_group)

    return {f"{rerank.replace('_', ' ')} (transductive)": score}
