"""All figures of a gallery too large for its N x N scores, from its nearest segments.

Conventions
-----------
Retrieval is measured on the k nearest segments of each query, ties at their expected
value as in `local.evaluation.retrieval`; a tie that the end of the list cuts counts as
it is listed. CMC is there up to rank k, R-precision if no speaker has more than k other
segments. ``map_top@k`` is the mean of the average precision within the first k
ranks, divided by min(R, k), so that 1 is perfect; with k = N - 1 it is mAP.

Trials are all pairs of one speaker and a sample of the pairs of two, scored each for
itself: rates of misses are those of the whole gallery, rates of false alarms estimates
without bias. If there are no more pairs than are to be drawn, all are taken, and all
figures are those of `local.evaluation.gallery`.
"""

import logging

import numpy as np

from local.evaluation.gallery import evaluate_trials
from local.evaluation.ranking import ranked_metrics
from local.evaluation.retrieval import has_answer
from local.evaluation.speaker_trials import some_trials

logger = logging.getLogger(__name__)


def evaluate_nearest(
    nearest, spk_ids, trials, p_targets, ks, llrs=None, **bootstrap_options
):
    """Measure a gallery by the nearest segments of each and a sample of the trials.

    Parameters
    ----------
    nearest : local.scoring.search.Nearest
        The lists, and what scores any pair.
    spk_ids : sequence of str or int, (n_segments,)
        Speaker of each segment.
    trials : pair of tuple of ndarray of int
        As from `draw_trials`.
    p_targets, ks
        As of `local.evaluation.gallery.evaluate_gallery`; ranks above k are left out.
    llrs : callable, optional
        From scores to log-likelihood ratios.
    **bootstrap_options
        ``n_bootstrap``, ``confidence``, ``seed`` as there.

    Returns
    -------
    results : dict
        As there, without ``r_precision`` if a speaker has more than k other segments,
        and with ``map_top@k`` in place of ``map``.
    """
    per_query = list_metrics(nearest.neighbors, nearest.scores, spk_ids, ks)
    scores = [nearest.pairs.score_pairs(side) for side in trials]
    llr_trials = None if llrs is None else [llrs(side) for side in scores]
    codes = np.unique(spk_ids, return_inverse=True)[1]
    trials = some_trials(codes, *trials)
    return evaluate_trials(
        codes, per_query, trials, scores, p_targets, llr_trials, **bootstrap_options
    )


def list_metrics(neighbors, scores, spk_ids, ks):
    """Compute the retrieval figures of every query from its list.

    Parameters
    ----------
    neighbors : ndarray of int, (n_segments, k)
        Rows of the gallery, the best first, without the query.
    scores : ndarray, (n_segments, k)
        Their scores, falling.
    spk_ids : sequence of str or int, (n_segments,)
        Speaker of each segment.
    ks : sequence of int
        Ranks of the CMC; those above k are left out.

    Returns
    -------
    metrics : dict of str to ndarray, (n_queries,)
        ``cmc@...``, ``map_top@k`` and, where there is one, ``r_precision`` of each
        query that has an answer.

    Raises
    ------
    ValueError
        If there is not one speaker a list, or no query has an answer.

    Examples
    --------
    >>> neighbors, scores = [[1], [0], [0]], [[0.9], [0.9], [0.3]]
    >>> metrics = list_metrics(neighbors, scores, ["a", "a", "b"], ks=[1, 3])
    >>> list(metrics), metrics["cmc@1"]
    (['r_precision', 'map_top@1', 'cmc@1'], array([1., 1.]))
    """
    neighbors, scores = np.asarray(neighbors), np.asarray(scores)
    codes, counts = np.unique(spk_ids, return_inverse=True, return_counts=True)[1:]
    if neighbors.shape != scores.shape or len(neighbors) != len(codes):
        raise ValueError(
            f"expected a list of neighbours and of scores for each of {len(codes)}"
            f" spk_ids, got {neighbors.shape} and {scores.shape}"
        )
    queries = np.flatnonzero(has_answer(spk_ids))
    if not queries.size:
        raise ValueError(f"none of {len(codes)} segments has another of its speaker")
    k, n_hits = neighbors.shape[1], counts[codes[queries]] - 1
    hits = codes[neighbors[queries]] == codes[queries, None]
    ks = [rank for rank in ks if rank <= k]
    metrics = ranked_metrics(-scores[queries], hits, n_hits, ks)
    precision = metrics.pop("average_precision") * n_hits / np.minimum(n_hits, k)
    found = {"r_precision": metrics.pop("r_precision"), f"map_top@{k}": precision}
    if n_hits.max() > k:
        logger.warning(
            "no R-precision: a speaker has %d other segments, lists have %d; give a"
            " larger top_k for it",
            n_hits.max(),
            k,
        )
        del found["r_precision"]
    return found | metrics


def draw_trials(spk_ids, n_nontargets, seed):
    """List all target trials of a gallery and draw nontarget trials.

    Parameters
    ----------
    spk_ids : sequence of str or int, (n_segments,)
        Speaker of each segment.
    n_nontargets : int
        Nontarget trials drawn, with replacement, each as likely as any other; if there
        are no more, all are taken once.
    seed : int
        The same seed draws the same trials.

    Returns
    -------
    tar_pairs, non_pairs : tuple of ndarray of int
        Both sides of each trial.

    Raises
    ------
    ValueError
        If ``n_nontargets`` is smaller than 1, or all segments are of one speaker.

    Examples
    --------
    >>> tar_pairs, non_pairs = draw_trials(["a", "b", "a"], 10, seed=0)
    >>> tar_pairs, non_pairs
    ((array([0]), array([2])), (array([0, 1]), array([1, 2])))
    """
    codes, counts = np.unique(spk_ids, return_inverse=True, return_counts=True)[1:]
    n = len(codes)
    n_all = (n * n - (counts**2).sum()) // 2
    if n_nontargets < 1 or n_all < 1:
        raise ValueError(
            f"expected n_nontarget_trials >= 1 and two speakers, got {n_nontargets} and"
            f" {len(counts)}"
        )
    if n_all <= n_nontargets:
        non_pairs = [np.empty((2, 0), dtype=int)]
        for row in range(n - 1):
            others = row + 1 + np.flatnonzero(codes[row + 1 :] != codes[row])
            non_pairs.append(np.stack([np.full_like(others, row), others]))
        return _target_pairs(codes), tuple(np.concatenate(non_pairs, axis=1))
    rng = np.random.default_rng(seed)
    drawn = np.empty((2, 0), dtype=int)
    while drawn.shape[1] < n_nontargets:
        more = rng.integers(n, size=(2, n_nontargets))
        more = more[:, codes[more[0]] != codes[more[1]]]
        drawn = np.concatenate([drawn, more], axis=1)
    logger.info("nontarget trials: %d drawn of %d", n_nontargets, n_all)
    return _target_pairs(codes), tuple(drawn[:, :n_nontargets])


def _target_pairs(codes):
    """Return both sides of all pairs of one speaker, each pair in gallery order."""
    order = np.argsort(codes, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(codes[order])) + 1)
    pairs = [group[np.stack(np.triu_indices(len(group), k=1))] for group in groups]
    return tuple(np.concatenate(pairs, axis=1))
