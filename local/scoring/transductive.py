"""Score a gallery with the help of its own segments, without knowing their number.

The embeddings are centred on the gallery, which takes out what all its segments have in
common, the channel first of all. Then the number of segments a speaker has is estimated
without labels: it sets the neighbourhoods of the methods in `local.scoring.reranking`,
as multiples of it. Where each speaker has one segment, the estimate nears 1 and
neighbourhoods shrink to the segment itself.
"""

import numpy as np

from local.scoring.calibration import estimate_p_target
from local.scoring.reranking import (
    diffuse,
    expand_queries,
    k_reciprocal_distances,
    linkage_scores,
)
from local.scoring.similarity import cosine_scores, length_normalize
from local.scoring.sparse import pair_scores


def centre(embeddings):
    """Subtract the gallery's mean direction from every direction.

    Parameters
    ----------
    embeddings : ndarray, (n_segments, emb_dim)
        The gallery.

    Returns
    -------
    centred : ndarray, (n_segments, emb_dim)
        Length-normalised, then centred, float64; not normalised again.
    """
    unit = length_normalize(embeddings).astype(float)
    return unit - unit.mean(axis=0)


def segments_per_speaker(embeddings, calibration, pairs=None):
    """Estimate how many segments the speaker of a segment has, on average.

    Parameters
    ----------
    embeddings : ndarray, (n_segments, emb_dim)
        The gallery.
    calibration : local.scoring.calibration.Calibration
        Fitted to cosines of galleries that were centred too.
    pairs : tuple of ndarray of int, (n_pairs,) each, optional
        Both sides of a sample of all pairs, as from `local.scoring.sparse.draw_pairs`;
        the share is estimated on these. Without it, all pairs are taken.

    Returns
    -------
    n_group : float
        1 + the expected share of same-speaker pairs x the other segments.
    """
    centred = centre(embeddings)
    if pairs is None:
        scores = cosine_scores(centred)[np.triu_indices(len(centred), k=1)]
    else:
        scores = pair_scores("none", centred).score_pairs(pairs)
    return 1 + estimate_p_target(calibration.llr(scores)) * (len(centred) - 1)


def query_expansion(embeddings, n_group, neighborhoods, alpha, linkage_weight):
    """Score by query expansion, mixed with average linkage.

    Parameters
    ----------
    embeddings : ndarray, (n_segments, emb_dim)
        The gallery.
    n_group : float
        Segments a speaker has, as from `segments_per_speaker`.
    neighborhoods : sequence of float
        Of each pass of `expand_queries`, in multiples of ``n_group``.
    alpha : float
        Of `expand_queries`.
    linkage_weight : float
        Share of `linkage_scores`, which need no neighbourhood, 0 to 1.

    Returns
    -------
    scores : ndarray, (n_segments, n_segments)
        Symmetric, in [-1, 1].
    """
    centred = centre(embeddings)
    sizes = [_size(factor, n_group) for factor in neighborhoods]
    expanded = cosine_scores(expand_queries(centred, sizes, alpha))
    linked = linkage_scores(cosine_scores(centred))
    return (1 - linkage_weight) * expanded + linkage_weight * linked


def k_reciprocal(embeddings, n_group, k1, k2, original_weight):
    """Score by k-reciprocal re-ranking.

    Parameters
    ----------
    embeddings : ndarray, (n_segments, emb_dim)
        The gallery.
    n_group : float
        Segments a speaker has, as from `segments_per_speaker`.
    k1 : float
        Of `k_reciprocal_distances`, in multiples of the mates a segment has.
    k2 : float
        The same, in multiples of ``n_group``.
    original_weight : float
        Of `k_reciprocal_distances`.

    Returns
    -------
    scores : ndarray, (n_segments, n_segments)
        Symmetric, in [0, 1].
    """
    distances = (1 - cosine_scores(centre(embeddings))) / 2
    np.fill_diagonal(distances, 0)
    sizes = _size(k1, n_group - 1), _size(k2, n_group)
    return 1 - k_reciprocal_distances(distances, *sizes, original_weight)


def diffusion(embeddings, n_group, neighborhood, damping, exponent, cosine_weight):
    """Score by diffusion on the graph of mutual neighbours.

    Parameters
    ----------
    embeddings : ndarray, (n_segments, emb_dim)
        The gallery.
    n_group : float
        Segments a speaker has, as from `segments_per_speaker`.
    neighborhood : float
        Of `diffuse`, in multiples of ``n_group``.
    damping, exponent : float
        Of `diffuse`.
    cosine_weight : float
        Of the cosines added, which rank the pairs the graph does not connect.

    Returns
    -------
    scores : ndarray, (n_segments, n_segments)
        Symmetric.
    """
    cosines = cosine_scores(centre(embeddings))
    n = _size(neighborhood, n_group)
    return diffuse(cosines, n, damping, exponent) + cosine_weight * cosines


def _size(factor, n_segments):
    """Return a multiple of a number of segments as a neighbourhood of at least 1."""
    return max(1, round(factor * n_segments))
