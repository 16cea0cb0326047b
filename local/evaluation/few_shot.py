"""Naming a voice among k from n fragments of each: k-way n-shot tasks.

A task has one *query* and, of each of k speakers, n *support* fragments. Class 0 is
the query's speaker, in every task: what a model answers must not depend on it.

Conventions
-----------
Higher scores mean more alike. The *credit* of a task is 1 if the query's class alone
scores best, 0 if another one scores better, and 1 / m if it is one of m classes tied
for the best. So a model that says the same of all fragments gets exactly the 1 / k of
`chance`, whatever k and n.

Two traps of published figures: an argmax gives ties to class 0, so that a saturated
model looks good and a constant one perfect (``ties_to_first`` shows by how much), and
a random answer drawn from 0 to k *inclusive* is right 1 / (k + 1) of the time, which
is no chance level of k classes.
"""

from typing import NamedTuple

import numpy as np

from local.evaluation.bootstrap import bootstrap_intervals
from local.evaluation.error_rates import check_finite
from local.input.partners import find_partners

MAX_ROWS = 2**10  # of embeddings at a time: they stay in the cache of the processor


class Tasks(NamedTuple):
    """Rows of the corpus that make up tasks.

    Attributes
    ----------
    query : ndarray of int, (n_tasks,)
        The fragment to be named.
    support : ndarray of int, (n_tasks, k, n_shots)
        Fragments of each class; class 0 is the query's speaker.
    """

    query: np.ndarray
    support: np.ndarray


def chance(k):
    """Return the accuracy of guessing among k classes, 1 / k."""
    return 1 / k


def draw_tasks(spk_ids, utterances, starts, apart_seconds, k, n_shots, n_tasks, rng):
    """Draw k-way n-shot tasks.

    Parameters
    ----------
    spk_ids, utterances, starts, apart_seconds
        As of `local.input.partners.find_partners`; with ``apart_seconds`` None, query
        and support may share an utterance and overlap, as in the paper.
    k, n_shots : int
        Classes, 2 or more, and support fragments of each.
    n_tasks : int
        How many.
    rng : numpy.random.Generator
        Its state decides the tasks.

    Returns
    -------
    tasks : Tasks
        Query: of the speakers with a fragment that has ``n_shots`` partners, each is
        equally likely, then each such fragment. Its support: distinct partners. The
        other classes: distinct speakers with ``n_shots`` fragments or more, of each
        distinct fragments.

    Raises
    ------
    ValueError
        If there are not so many speakers, or none can be the query's.

    Examples
    --------
    >>> spk_ids, utterances = ["a", "a", "b", "c"], ["1", "2", "3", "4"]
    >>> rng = np.random.default_rng(0)
    >>> draw_tasks(spk_ids, utterances, [0.0] * 4, 3.0, 3, 1, 1, rng).support.shape
    (1, 3, 1)
    """
    partners = find_partners(spk_ids, utterances, starts, apart_seconds)
    first, sizes = np.unique(partners.first, return_counts=True)  # of each speaker
    can_query = np.flatnonzero(partners.n_partners >= n_shots)
    can_support = np.flatnonzero(sizes >= n_shots)
    _check_draw(k, n_shots, can_query, can_support)
    speakers, begin, n_queries = np.unique(
        partners.speakers[can_query], return_index=True, return_counts=True
    )
    chosen = rng.integers(len(speakers), size=n_tasks)
    query = can_query[begin[chosen] + rng.integers(n_queries[chosen])]
    own = _draw_distinct(partners.n_partners[query], n_shots, rng)
    own = partners.partner(query[:, np.newaxis], own)  # (n_tasks, n_shots)
    n_others = np.full(n_tasks, len(can_support) - 1)
    others = _draw_distinct(n_others, k - 1, rng)  # (n_tasks, k - 1)
    asked = np.searchsorted(can_support, speakers[chosen])
    others = can_support[others + (others >= asked[:, np.newaxis])]
    negative = _draw_distinct(sizes[others], n_shots, rng)
    negative += first[others][..., np.newaxis]  # (n_tasks, k - 1, n_shots)
    support = np.concatenate([own[:, np.newaxis], negative], axis=1)
    return Tasks(partners.order[query], partners.order[support])


def nearest(scores, tasks, ties_to_first=False):
    """Name the class of the best support fragment.

    Parameters
    ----------
    scores : ndarray, (n_fragments, n_fragments)
        Of each fragment as the query with each other.
    tasks : Tasks
        The tasks.
    ties_to_first : bool
        The paper's trap: class 0, the right one, wins all ties, so that a constant
        model gets 1.0 at every k. Only to show what it adds.

    Returns
    -------
    credit : ndarray, (n_tasks,)
        In 0..1, see the conventions of the module.

    Raises
    ------
    ValueError
        If scores are NaN or infinite.

    Examples
    --------
    >>> scores = np.array([[9.0, 2.0, 2.0, 1.0]] * 4)
    >>> nearest(scores, Tasks(np.array([0]), np.array([[[1], [2], [3]]])))
    array([0.5])
    """
    query = tasks.query[:, np.newaxis, np.newaxis]
    return _credit(scores[query, tasks.support].max(axis=2), ties_to_first)


def prototype(score_of, embeddings, tasks, ties_to_first=False):
    """Name the class whose mean support embedding scores best.

    Parameters
    ----------
    score_of : callable
        From two ndarrays (n, emb_dim), queries and prototypes, to scores (n,).
    embeddings : ndarray, (n_fragments, emb_dim)
        Of all fragments.
    tasks, ties_to_first
        As of `nearest`.

    Returns
    -------
    credit : ndarray, (n_tasks,)
        In 0..1, see the conventions of the module.

    Raises
    ------
    ValueError
        If scores are NaN or infinite.

    References
    ----------
    Snell et al. (2017). Prototypical networks for few-shot learning. NeurIPS.

    Examples
    --------
    >>> tasks = Tasks(np.array([0]), np.array([[[0, 1], [2, 3]]]))
    >>> embeddings = np.array([[1.0], [3.0], [4.0], [6.0]])
    >>> prototype(lambda left, right: -abs(left - right)[:, 0], embeddings, tasks)
    array([1.])
    """
    n_tasks, k, n_shots = tasks.support.shape
    step = max(1, MAX_ROWS // (k * n_shots))
    scores = np.empty((n_tasks, k))
    for start in range(0, n_tasks, step):
        part = slice(start, start + step)
        means = embeddings[tasks.support[part]].mean(axis=2)  # (tasks, k, emb_dim)
        queries = np.repeat(embeddings[tasks.query[part]], k, axis=0)
        found = score_of(queries, means.reshape(len(queries), -1))
        scores[part] = np.reshape(found, (-1, k))
    return _credit(scores, ties_to_first)


def few_shot_accuracy(credit, query_spk_ids, n_bootstrap=1000, confidence=0.95, seed=0):
    """Compute the accuracy, and how far it would move with other query speakers.

    Parameters
    ----------
    credit : ndarray, (n_tasks,)
        As from `nearest` or `prototype`.
    query_spk_ids : sequence of str or int, (n_tasks,)
        Speaker of each query: the tasks of one stand and fall together.
    n_bootstrap, confidence, seed : int, float, int
        See `local.evaluation.bootstrap.bootstrap_intervals`.

    Returns
    -------
    accuracy : dict of str to float
        ``mean``, and the ends of its interval, ``low`` and ``high``.

    Raises
    ------
    ValueError
        If the lengths differ, or there are fewer than two query speakers.

    Examples
    --------
    >>> few_shot_accuracy(np.array([0.5, 0.5, 0.5]), ["a", "a", "b"])
    {'mean': 0.5, 'low': 0.5, 'high': 0.5}
    """
    if len(credit) != len(query_spk_ids):
        raise ValueError(
            f"expected a speaker for each of {len(credit)} queries, got"
            f" {len(query_spk_ids)}"
        )
    codes = np.unique(query_spk_ids, return_inverse=True)[1]
    sums, counts = np.bincount(codes, credit), np.bincount(codes)

    def mean(weights):
        """Return the accuracy, of speakers as often as they weigh."""
        return {"mean": float(weights @ sums / (weights @ counts))}

    interval = bootstrap_intervals(mean, codes, n_bootstrap, confidence, seed)
    return mean(np.ones(len(counts))) | interval["mean"]


def _check_draw(k, n_shots, can_query, can_support):
    """Refuse tasks for which the fragments do not suffice."""
    if n_shots < 1 or k < 2:
        raise ValueError(
            f"tasks: expected n_shots >= 1 and k >= 2, got n_shots={n_shots}, k={k}"
        )
    if k > len(can_support):
        raise ValueError(
            f"tasks: {k} speakers to choose from, but {len(can_support)} have {n_shots}"
            " fragments; lower the ways or shots, or take more speakers"
        )
    if not can_query.size:
        raise ValueError(
            f"tasks: no fragment has n_shots={n_shots} partners, which are of another"
            " utterance or apart_seconds away; lower n_shots or apart_seconds"
        )


def _draw_distinct(sizes, n, rng):
    """Draw n distinct numbers below each size, (..., n), all sets equally likely.

    Floyd's algorithm (Bentley & Floyd 1987, Programming pearls), for all sizes at once.
    """
    drawn = np.empty((*sizes.shape, n), dtype=int)
    for i in range(n):
        top = sizes - n + i
        number = rng.integers(top + 1)
        taken = (drawn[..., :i] == number[..., np.newaxis]).any(axis=-1)
        drawn[..., i] = np.where(taken, top, number)
    return drawn


def _credit(class_scores, ties_to_first):
    """Return what the answer to each task is worth, from scores (n_tasks, k)."""
    check_finite("scores of the classes", class_scores)
    best = class_scores == class_scores.max(axis=1, keepdims=True)
    if ties_to_first:
        return best[:, 0].astype(float)
    return best[:, 0] / best.sum(axis=1)
