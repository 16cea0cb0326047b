"""Re-ranking: scores of a pair that use the whole gallery (transductive scoring).

The gallery is closed: all its segments are there before the first pair is scored. If
two segments have the same neighbours, they are likely of one speaker, however far one
bad second of speech has pushed them apart. Each function here is one way to let the
neighbours speak; none knows a label. They take and give whole matrices, and permuting
the segments permutes the results: segments that tie for the last place of a
neighbourhood are all in it.

How large a neighbourhood should be is told by `local.scoring.transductive`.
"""

import numpy as np
from scipy.cluster.hierarchy import cophenet, linkage
from scipy.spatial.distance import squareform

from local.scoring.similarity import cosine_scores, length_normalize


def expand_queries(embeddings, n_neighbors, alpha=3.0):
    """Replace every segment by a weighted mean of its neighbours, in passes.

    In each pass, x_i <- the sum over the n segments most like x_i, itself among them,
    of max(cos(x_i, x_j), 0)^alpha x_j, scaled to length one.

    Parameters
    ----------
    embeddings : ndarray, (n_segments, emb_dim)
        The gallery, best centred, so that unlike segments have cosines around 0.
    n_neighbors : sequence of int
        Neighbourhood of each pass, the segment itself included; clamped to the
        gallery. 1 changes nothing.
    alpha : float
        How much less a distant neighbour weighs, >= 0.

    Returns
    -------
    expanded : ndarray, (n_segments, emb_dim)
        Rows of length one, float64.

    Raises
    ------
    ValueError
        If a neighbourhood is smaller than 1, or a row is zero or not finite.

    References
    ----------
    Radenovic et al. (2019). Fine-tuning CNN image retrieval with no human annotation.
    IEEE TPAMI 41(7), section 3.4. doi:10.1109/TPAMI.2018.2846566

    Examples
    --------
    >>> expand_queries(np.array([[1.0, 0.0], [0.8, 0.6], [0.0, -1.0]]), [2]).round(2)
    array([[ 0.98,  0.21],
           [ 0.91,  0.42],
           [ 0.  , -1.  ]])
    """
    expanded = length_normalize(embeddings).astype(float)
    for n in n_neighbors:
        cosines = cosine_scores(expanded)
        weights = np.maximum(cosines, 0) ** alpha * _nearest(-cosines, n)
        expanded = length_normalize(weights @ expanded)
    return expanded


def k_reciprocal_distances(distances, k1, k2, original_weight=0.3):
    """Compare the neighbourhoods of two segments instead of the segments.

    A segment is encoded by the weights exp(-distance) of its k1-reciprocal neighbours
    (each among the k1 nearest of the other), joined by those that its neighbours at
    half k1 agree on, and averaged over its k2 nearest. The Jaccard distance of two
    encodings is mixed with the original distance.

    Parameters
    ----------
    distances : ndarray, (n_segments, n_segments)
        Symmetric, >= 0, 0 on the diagonal, best in [0, 1].
    k1 : int
        Neighbours besides the segment itself, about as many as it has mates.
    k2 : int
        Encodings averaged, the segment's own included, fewer than ``k1``.
    original_weight : float
        Share of the original distance (lambda in the paper), 0 to 1.

    Returns
    -------
    distances : ndarray, (n_segments, n_segments)
        Symmetric, in [0, 1] if the original is; the diagonal is 0.

    Raises
    ------
    ValueError
        If k1 or k2 is smaller than 1.

    References
    ----------
    Zhong et al. (2017). Re-ranking person re-identification with k-reciprocal
    encoding. CVPR. doi:10.1109/CVPR.2017.389

    Examples
    --------
    >>> distances = np.array([[0.0, 0.1, 0.8], [0.1, 0.0, 0.9], [0.8, 0.9, 0.0]])
    >>> k_reciprocal_distances(distances, k1=1, k2=1).round(2)
    array([[0.  , 0.1 , 0.94],
           [0.1 , 0.  , 0.97],
           [0.94, 0.97, 0.  ]])
    """
    near = _reciprocal(distances, k1 + 1)  # R(p, k1)
    core = _reciprocal(distances, round(k1 / 2) + 1).astype(float)  # R(q, k1 / 2)
    shared = near @ core  # (p, q): neighbours that p and q's core have in common
    trusted = near & (shared >= 2 / 3 * core.sum(axis=1))  # eq. 5
    encoded = near | (trusted @ core > 0)
    weights = np.where(encoded, np.exp(-distances), 0)  # eq. 7
    weights /= weights.sum(axis=1, keepdims=True)
    averaged = _nearest(distances, k2).astype(float)
    weights = averaged / averaged.sum(axis=1, keepdims=True) @ weights  # eq. 11
    mixed = (1 - original_weight) * _jaccard(weights) + original_weight * distances
    mixed = (mixed + mixed.T) / 2
    np.fill_diagonal(mixed, 0)
    return mixed


def diffuse(scores, n_neighbors, damping=0.8, exponent=3.0):
    """Let similarity flow along the mutual nearest-neighbour graph.

    With S = D^-1/2 W D^-1/2 of the graph's weights W, the result (I - damping S)^-1
    sums over all walks between two segments, long ones damped.

    Parameters
    ----------
    scores : ndarray, (n_segments, n_segments)
        Symmetric cosines; an edge weighs max(score, 0)^exponent.
    n_neighbors : int
        Neighbourhood, the segment itself included; an edge needs both to agree.
    damping : float
        Share that flows on at each step (alpha in the paper), in [0, 1).
    exponent : float
        Sharpens the weights.

    Returns
    -------
    diffused : ndarray, (n_segments, n_segments)
        Symmetric, >= 0 up to rounding; 0 between parts of the graph not connected.

    Raises
    ------
    ValueError
        If the damping is outside [0, 1), or the neighbourhood smaller than 1.

    References
    ----------
    Zhou et al. (2004). Ranking on data manifolds. NIPS 16.
    Iscen et al. (2017). Efficient diffusion on region manifolds. CVPR.
    doi:10.1109/CVPR.2017.105

    Examples
    --------
    >>> scores = np.array([[1, 0.5, 0], [0.5, 1, 0], [0, 0, 1]])
    >>> diffuse(scores, n_neighbors=2, damping=0.5).round(2)
    array([[1.33, 0.67, 0.  ],
           [0.67, 1.33, 0.  ],
           [0.  , 0.  , 1.  ]])
    """
    if not 0 <= damping < 1:
        raise ValueError(f"damping must be in [0, 1) for the sum to end, got {damping}")
    distances = -np.asarray(scores, dtype=float)
    np.fill_diagonal(distances, -np.inf)  # a segment is nearest to itself
    edges = _reciprocal(distances, n_neighbors)
    np.fill_diagonal(edges, False)
    weights = np.where(edges, np.maximum(scores, 0) ** exponent, 0)
    degrees = weights.sum(axis=1)
    roots = np.sqrt(np.where(degrees > 0, degrees, 1))
    flow = weights / roots[:, None] / roots
    diffused = np.linalg.inv(np.eye(len(flow)) - damping * flow)
    return (diffused + diffused.T) / 2


def linkage_scores(scores):
    """Score a pair by the average-linkage cluster in which it meets.

    Parameters
    ----------
    scores : ndarray, (n_segments, n_segments)
        Symmetric, higher = more alike.

    Returns
    -------
    scores : ndarray, (n_segments, n_segments)
        Mean score between the two clusters whose merger first joins the pair; 1 on
        the diagonal. Tied for all pairs that meet in the same merger.

    References
    ----------
    Sokal & Rohlf (1962). The comparison of dendrograms by objective methods. Taxon 11
    (the cophenetic value). doi:10.2307/1217208

    Examples
    --------
    >>> linkage_scores(np.array([[1, 0.8, 0.2], [0.8, 1, 0.4], [0.2, 0.4, 1]]))
    array([[1. , 0.8, 0.3],
           [0.8, 1. , 0.3],
           [0.3, 0.3, 1. ]])
    """
    distances = 1 - np.asarray(scores, dtype=float)
    tree = linkage(squareform(distances, checks=False), method="average")
    return 1 - squareform(cophenet(tree))


def _nearest(distances, n):
    """Mark in each row the n smallest distances, and all that tie with the last."""
    if n < 1:
        raise ValueError(f"a neighbourhood has at least 1 segment, itself, got {n}")
    n = min(n, len(distances))
    limits = np.partition(distances, n - 1, axis=1)[:, n - 1]
    return distances <= limits[:, None]


def _reciprocal(distances, n):
    """Mark the pairs in which each is among the n nearest of the other."""
    near = _nearest(distances, n)
    return near & near.T


def _jaccard(weights):
    """Return the Jaccard distances of rows that each sum to one (eq. 10)."""
    shared = np.empty((len(weights), len(weights)))
    columns = np.ascontiguousarray(weights.T)
    for row, own in enumerate(weights):
        used = np.flatnonzero(own)  # a few: elsewhere the minimum is 0
        shared[row] = np.minimum(columns[used], own[used, None]).sum(axis=0)
    return 1 - shared / (2 - shared)
