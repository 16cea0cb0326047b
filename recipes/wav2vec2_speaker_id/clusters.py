"""Do features fall into groups by themselves, and are these the speakers?

Features are standardised, turned into their principal components, and each chunk's
first components are brought to length one: what is near is what has a small angle.
Clusterings then hear no label but the number of speakers. How well clusters and
speakers agree:

- ARI: of the pairs of chunks put together, how many are of one speaker, and the other
  way round; 1 = the same groups, 0 = as good as chance.
- NMI: how much a cluster tells about the speaker, 1 = all; not corrected for chance.
- Silhouette: how much nearer a chunk is to its own group than to the next, -1 to 1.
- ``matched``: share of the chunks right if each cluster stands for one speaker.
"""

from typing import NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import AgglomerativeClustering, KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import (
    adjusted_rand_score,
    normalized_mutual_info_score,
    silhouette_score,
)
from sklearn.metrics.cluster import contingency_matrix
from sklearn.preprocessing import StandardScaler, normalize

from local.evaluation.bootstrap import bootstrap_intervals

METHODS = ("kmeans", "average", "ward")


class Space(NamedTuple):
    """Chunks by their principal components.

    Attributes
    ----------
    components : ndarray, (n, n_components)
        Of the standardised features, the one of most variance first.
    points : ndarray, (n, n_components)
        The same, of length one.
    explained : ndarray, (dims,)
        Share of the variance that each component holds, of all of them.
    """

    components: np.ndarray
    points: np.ndarray
    explained: np.ndarray


def principal_space(feats, n_components):
    """Standardise features and turn them into principal components.

    Parameters
    ----------
    feats : ndarray, (n, dims)
        Of chunks.
    n_components : int
        As many are kept, at most.

    Returns
    -------
    space : Space
        Of these chunks.

    Raises
    ------
    ValueError
        If a feature is not finite, or all chunks have the same features.
    """
    feats = np.asarray(feats, dtype=np.float64)
    if not np.isfinite(feats).all():
        bad = int((~np.isfinite(feats)).any(axis=1).sum())
        raise ValueError(f"features of {bad} of {len(feats)} chunks are not finite")
    pca = PCA(min(feats.shape), svd_solver="covariance_eigh")
    components = pca.fit_transform(StandardScaler().fit_transform(feats))
    if not pca.explained_variance_.sum() > 0:
        raise ValueError(f"all {len(feats)} chunks have the same features")
    components = components[:, :n_components]
    return Space(components, normalize(components), pca.explained_variance_ratio_)


def find_clusters(points, method, n_clusters, n_starts, seed):
    """Group points, without labels.

    Parameters
    ----------
    points : ndarray, (n, n_components)
        Of length one.
    method : str
        One of `METHODS`: k-means, or agglomerative by average linkage of cosines or
        by Ward's criterion.
    n_clusters : int
        How many to find.
    n_starts : int
        Of k-means, of which the tightest counts; the others always end alike.
    seed : int
        Of the first start.

    Returns
    -------
    runs : list of ndarray of int, (n,)
        The cluster of each point, by each start, the one that counts first.

    Raises
    ------
    ValueError
        If there is no such method.
    """
    if method == "kmeans":
        starts = [
            KMeans(n_clusters, n_init=1, random_state=seed + n).fit(points)
            for n in range(n_starts)
        ]
        starts.sort(key=lambda start: start.inertia_)
        return [start.labels_ for start in starts]
    settings = {
        "average": {"linkage": "average", "metric": "cosine"},
        "ward": {"linkage": "ward"},
    }
    if method not in settings:
        raise ValueError(f"method {method!r}: expected one of {', '.join(METHODS)}")
    model = AgglomerativeClustering(n_clusters, **settings[method])
    return [model.fit_predict(points)]


def pair_ari(table, weights):
    """Compute the adjusted Rand index of weighted speakers.

    A pair of chunks of speaker s counts w_s times, one of speakers a and b w_a * w_b
    times, as in `local.evaluation.bootstrap`: by the index of the copies of a speaker
    drawn twice, even perfect clusters would mix two speakers.

    Parameters
    ----------
    table : ndarray, (n_speakers, n_clusters)
        Chunks by speaker and cluster.
    weights : ndarray, (n_speakers,)
        All 1: the index as it is known.

    Returns
    -------
    ari : float
        1 = the same groups, 0 = chance.

    References
    ----------
    Hubert and Arabie (1985). Comparing partitions. Journal of Classification 2.

    Examples
    --------
    >>> table = np.array([[2, 0], [0, 2], [1, 1]])
    >>> round(pair_ari(table, np.ones(3)), 4)
    0.2222
    >>> float(pair_ari(table, np.array([2, 3, 0])))
    1.0
    """
    table = np.asarray(table, dtype=float)
    squared = weights**2

    def across(counts):
        """Count the pairs of two speakers in a column."""
        return ((weights @ counts) ** 2 - squared @ counts**2).sum() / 2

    def within(counts):
        """Count the pairs of one speaker in a column."""
        return (weights @ (counts * (counts - 1))).sum() / 2

    sizes = table.sum(axis=1, keepdims=True)
    both, same_speaker = within(table), within(sizes)
    same_cluster = both + across(table)
    by_chance = same_speaker * same_cluster / (same_speaker + across(sizes))
    return (both - by_chance) / ((same_speaker + same_cluster) / 2 - by_chance)


def agreement(spk_ids, labels, points, n_bootstrap, confidence, seed):
    """Measure how well clusters and speakers agree.

    Parameters
    ----------
    spk_ids : ndarray of str, (n,)
        Speaker of each chunk.
    labels : ndarray of int, (n,)
        Its cluster.
    points : ndarray, (n, n_components)
        Where it lies, for the silhouette.
    n_bootstrap : int
        Replicates of the interval.
    confidence : float
        Its probability mass.
    seed : int
        Of the replicates.

    Returns
    -------
    figures : dict
        ``ari`` with ``mean``, ``low`` and ``high`` over resampled speakers; ``nmi``,
        ``silhouette`` and ``matched``; ``largest``, the share of all chunks that lies
        in the largest cluster.
    """
    table = contingency_matrix(spk_ids, labels)
    interval = bootstrap_intervals(
        lambda weights: {"ari": pair_ari(table, weights)},
        spk_ids,
        n_bootstrap,
        confidence,
        seed,
    )
    rows, columns = linear_sum_assignment(table, maximize=True)
    return {
        "ari": {"mean": float(adjusted_rand_score(spk_ids, labels)), **interval["ari"]},
        "nmi": float(normalized_mutual_info_score(spk_ids, labels)),
        "silhouette": silhouette(points, labels),
        "matched": float(table[rows, columns].sum() / table.sum()),
        "largest": float(table.sum(axis=0).max() / table.sum()),
    }


def silhouette(points, labels):
    """Return the mean silhouette by cosine distance."""
    return float(silhouette_score(points, labels, metric="cosine"))


def matched_table(spk_ids, labels):
    """Lay out chunks by speaker and cluster, the best matches down the diagonal.

    Parameters
    ----------
    spk_ids : ndarray of str, (n,)
        Speaker of each chunk.
    labels : ndarray of int, (n,)
        Its cluster, of as many clusters as speakers.

    Returns
    -------
    table : ndarray of int, (n_speakers, n_clusters)
        Speakers from the best matched to the worst; the cluster that stands for a
        speaker is in its column.
    names : ndarray of str, (n_speakers,)
        Of the rows.
    """
    table = contingency_matrix(spk_ids, labels)
    rows, columns = linear_sum_assignment(table, maximize=True)
    order = np.argsort(-table[rows, columns] / table[rows].sum(axis=1), kind="stable")
    return table[rows[order]][:, columns[order]], np.unique(spk_ids)[rows[order]]
