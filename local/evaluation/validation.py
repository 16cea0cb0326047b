"""Figures of a validation set, measured at the geometry of the test.

CMC and R-precision depend on the size of the gallery and on the segments a speaker
has in it. Validation therefore draws many galleries shaped like the test's from its
own, larger pool of speakers, and averages.
"""

import numpy as np

from local.evaluation.detection import eer
from local.evaluation.error_rates import det_curve
from local.evaluation.gallery import split_trials
from local.evaluation.retrieval import per_query_metrics


def draw_gallery(spk_ids, n_speakers, n_segments, rng):
    """Draw a gallery of at most ``n_speakers`` x ``n_segments``.

    Parameters
    ----------
    spk_ids : ndarray, (n,)
        Speaker of each segment; speakers with one segment are never drawn.
    n_speakers, n_segments : int
        Speakers in the gallery, most segments of each.
    rng : numpy.random.Generator
        Source of the draw.

    Returns
    -------
    rows : ndarray, (n_drawn,)
        Positions in ``spk_ids``, ascending.

    Raises
    ------
    ValueError
        If fewer than two speakers have two segments.

    Examples
    --------
    >>> spk_ids = np.array(["a", "a", "a", "b", "b", "c"])
    >>> draw_gallery(spk_ids, 2, 2, np.random.default_rng(0)).size
    4
    """
    names, counts = np.unique(spk_ids, return_counts=True)
    names = names[counts >= 2]
    if len(names) < 2:
        raise ValueError(
            f"validation needs two speakers with two segments each, got {len(names)};"
            " raise n_valid_speakers"
        )
    chosen = rng.permutation(names)[:n_speakers]
    rows = [
        rng.permutation(np.flatnonzero(spk_ids == name))[:n_segments] for name in chosen
    ]
    return np.sort(np.concatenate(rows))


def validation_figures(scores, spk_ids, n_speakers, n_segments, n_draws, seed):
    """Average retrieval and detection figures over drawn galleries.

    Parameters
    ----------
    scores : ndarray, (n, n)
        Similarity of all validation segments.
    spk_ids : sequence of str, (n,)
        Speaker of each segment.
    n_speakers, n_segments : int
        Geometry of a gallery.
    n_draws : int
        Galleries drawn.
    seed : int
        The same seed draws the same galleries, so epochs are compared on one set.

    Returns
    -------
    figures : dict of str to float
        ``r_precision``, ``cmc@1``, ``eer``: means over the galleries, 0 to 1.

    Raises
    ------
    ValueError
        If the geometry is too small, or fewer than two speakers have two segments.
    """
    if n_speakers < 2 or n_segments < 2 or n_draws < 1:
        raise ValueError(
            "validation needs gallery_speakers >= 2, gallery_segments >= 2 and"
            f" n_galleries >= 1, got {n_speakers}, {n_segments} and {n_draws}"
        )
    spk_ids = np.asarray(spk_ids)
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(n_draws):
        rows = draw_gallery(spk_ids, n_speakers, n_segments, rng)
        gallery = scores[np.ix_(rows, rows)]
        queries = per_query_metrics(gallery, spk_ids[rows], ks=(1,))
        tar, non = split_trials(gallery, spk_ids[rows])
        drawn.append(
            {
                "r_precision": queries["r_precision"].mean(),
                "cmc@1": queries["cmc@1"].mean(),
                "eer": eer(det_curve(tar, non)),
            }
        )
    return {key: float(np.mean([draw[key] for draw in drawn])) for key in drawn[0]}
