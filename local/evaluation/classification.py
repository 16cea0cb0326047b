"""Naming the class of an item: accuracy, precision, recall and F1 with intervals.

Conventions
-----------
Classes are 0..C-1. Precision, recall and F1 are macro averages over the classes that
have a true item: a class of which nothing is true cannot be recalled, and one that is
never predicted has precision 0. All figures are fractions, 0..1.

The items of one speaker stand and fall together, so intervals come from a bootstrap
over speakers: an item counts as often as its speaker was drawn. The folds share most
of their training data, so their t interval is rather too narrow; it is what published
work reports.
"""

import numpy as np
from scipy import stats

from local.evaluation.error_rates import check_finite

CONFIDENCE = 0.95
TIE_BREAK = 1e-6  # of the mean posterior beside a vote: far less than one vote of many


def confusion(true, predicted, n_classes):
    """Count the items of each true class by the class predicted.

    Parameters
    ----------
    true, predicted : ndarray of int, (n,)
        Classes, 0..n_classes-1.
    n_classes : int
        How many classes there are, C.

    Returns
    -------
    counts : ndarray of int, (C, C)
        A row for each true class, a column for each predicted one.

    Raises
    ------
    ValueError
        If the lengths differ, there are no items, or a class is out of range.

    Examples
    --------
    >>> confusion([0, 0, 1], [0, 1, 1], 2).tolist()
    [[1, 1], [0, 1]]
    """
    true, predicted = np.asarray(true), np.asarray(predicted)
    if not len(true) or len(true) != len(predicted):
        raise ValueError(
            "expected as many predicted classes as true ones, one or more; got"
            f" {len(predicted)} and {len(true)}"
        )
    for name, classes in (("true", true), ("predicted", predicted)):
        wrong = (classes < 0) | (classes >= n_classes)
        if wrong.any():
            raise ValueError(
                f"{name} class {classes[wrong][0]} of item {wrong.argmax()} is not in"
                f" 0..{n_classes - 1}"
            )
    return _count(true, predicted, (n_classes, n_classes))


def combine(posteriors, groups, rule):
    """Make one decision of all those of a group, say of the chunks of an utterance.

    Parameters
    ----------
    posteriors : ndarray, (n, C)
        Of each item.
    groups : sequence of str, (n,)
        What each item is part of.
    rule : str
        ``"mean"``: the mean posterior. ``"vote"``: the share of items of which a class
        is the best, classes that tie sharing a vote; of classes with as many votes the
        one with the higher mean posterior is a hair better.

    Returns
    -------
    names : ndarray of str, (g,)
        The groups, sorted.
    posteriors : ndarray, (g, C)
        Of each; rows sum to 1 if those given do.

    Raises
    ------
    ValueError
        If the rule is another, the lengths differ, or a posterior is NaN.

    Examples
    --------
    >>> posteriors = np.array([[0.9, 0.1], [0.4, 0.6], [0.4, 0.6]])
    >>> combine(posteriors, ["a", "a", "a"], "mean")[1].argmax(axis=1)
    array([0])
    >>> combine(posteriors, ["a", "a", "a"], "vote")[1].argmax(axis=1)
    array([1])
    """
    if rule not in ("mean", "vote"):
        raise ValueError(f"rule must be 'mean' or 'vote', not {rule!r}")
    if len(groups) != len(posteriors):
        raise ValueError(
            f"expected a group for each of {len(posteriors)} items, got {len(groups)}"
        )
    check_finite("posteriors", posteriors)
    posteriors = np.asarray(posteriors, dtype=float)
    names, codes = np.unique(groups, return_inverse=True)
    mean = _group_means(posteriors, codes)
    if rule == "mean":
        return names, mean
    best = posteriors == posteriors.max(axis=1, keepdims=True)
    votes = _group_means(best / best.sum(axis=1, keepdims=True), codes)
    return names, (votes + TIE_BREAK * mean) / (1 + TIE_BREAK)


def figures(
    true,
    predicted,
    n_classes,
    speakers,
    folds,
    n_bootstrap,
    seed,
    classes_are_speakers=False,
):
    """Compute the figures of decisions, and how far they move with other speakers.

    Parameters
    ----------
    true, predicted : ndarray of int, (n,)
        Classes, 0..n_classes-1.
    n_classes : int
        How many classes there are, C.
    speakers : sequence of str, (n,)
        Speaker of each item.
    folds : ndarray of int, (n,)
        Fold in which each item was tested.
    n_bootstrap : int
        Replicates, >= 1.
    seed : int
        The same seed draws the same replicates.
    classes_are_speakers : bool
        Whether the speaker is what is named: then a class drawn twice counts twice in
        the macro averages, and its precision, recall and F1 are those among all the
        speakers, who are part of the task and stay.

    Returns
    -------
    figures : dict
        ``"n"``; ``"accuracy"``, ``"precision"``, ``"recall"`` and ``"f1"``, each with
        the figure itself as ``"mean"`` and the ends of its 95 % interval, ``"low"`` and
        ``"high"``; and ``"folds"``, the accuracy of ``"each"`` fold in their order,
        with mean and Student-t interval (None of fewer than three).

    Raises
    ------
    ValueError
        If the lengths differ, a class is out of range, there are fewer than two
        speakers, or ``n_bootstrap`` is below 1.

    Examples
    --------
    >>> true, predicted = np.array([0, 0, 1, 1]), np.array([0, 0, 1, 0])
    >>> found = figures(true, predicted, 2, list("abcd"), [0, 1, 0, 1], 100, seed=0)
    >>> found["accuracy"]["mean"], found["recall"]["mean"], found["folds"]["each"]
    (0.75, 0.75, [1.0, 0.5])
    """
    true, predicted, folds = map(np.asarray, (true, predicted, folds))
    confusion(true, predicted, n_classes)  # refuses what is out of range
    names, codes = np.unique(speakers, return_inverse=True)
    if not len(true) == len(codes) == len(folds):
        raise ValueError(
            f"expected a speaker and a fold for each of {len(true)} items, got"
            f" {len(codes)} and {len(folds)}"
        )
    if len(names) < 2 or n_bootstrap < 1:
        raise ValueError(
            "the bootstrap needs two speakers and n_bootstrap >= 1, got"
            f" {len(names)} and {n_bootstrap}"
        )
    right = true == predicted
    shape = (len(names), n_classes)
    counts = (
        _count(codes[right], true[right], shape),
        _count(codes, true, shape),
        _count(codes, predicted, shape),
    )
    chances = np.full(len(names), 1 / len(names))
    drawn = np.random.default_rng(seed).multinomial(len(names), chances, n_bootstrap)
    point = _figures(np.ones((1, len(names))), *counts, classes_are_speakers)
    replicates = _figures(drawn, *counts, classes_are_speakers)
    tails = [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2]
    found = {"n": len(true)}
    for name, values in replicates.items():
        low, high = np.quantile(values, tails).tolist()
        found[name] = {"mean": float(point[name][0]), "low": low, "high": high}
    return found | {"folds": _fold_figures(right, folds)}


def _count(rows, columns, shape):
    """Return how often each pair of row and column occurs."""
    cells = np.bincount(rows * shape[1] + columns, minlength=shape[0] * shape[1])
    return cells.reshape(shape)


def _group_means(values, codes):
    """Return the mean of the rows of each group, (n, C) -> (g, C)."""
    order = np.argsort(codes, kind="stable")
    sizes = np.bincount(codes)
    sums = np.add.reduceat(values[order], np.cumsum(sizes) - sizes, axis=0)
    return sums / sizes[:, np.newaxis]


def _figures(weights, right, true, predicted, classes_are_speakers):
    """Return the figures of every replicate, as a dict of (replicates,).

    ``weights`` (replicates, speakers) tell how often a speaker counts; ``right``,
    ``true`` and ``predicted`` (speakers, classes) are counts of items.
    """
    weights = weights.astype(float)  # products of floats are much the faster ones
    hits, n_true, n_predicted = (weights @ part for part in (right, true, predicted))
    accuracy = hits.sum(axis=1) / n_true.sum(axis=1)
    share = (n_true > 0).astype(float)
    if classes_are_speakers:
        # The ratios stay: with its own items twice, but the false alarms of others
        # once, a class drawn twice would look more precise than it is.
        share = weights @ (true > 0)
        hits, n_true, n_predicted = (part.sum(0) for part in (right, true, predicted))
    share /= share.sum(axis=1, keepdims=True)
    ratios = {
        "precision": hits / np.maximum(n_predicted, 1),
        "recall": hits / np.maximum(n_true, 1),
        "f1": 2 * hits / np.maximum(n_true + n_predicted, 1),
    }
    macro = {name: (ratio * share).sum(axis=1) for name, ratio in ratios.items()}
    return {"accuracy": accuracy, **macro}


def _fold_figures(right, folds):
    """Return the accuracy of each fold, their mean and its Student-t interval."""
    codes = np.unique(folds, return_inverse=True)[1]
    each = np.bincount(codes, right) / np.bincount(codes)
    low = high = None
    if len(each) > 2:  # of two it would be wider than all there is
        error = each.std(ddof=1) / len(each) ** 0.5
        reach = stats.t.ppf((1 + CONFIDENCE) / 2, len(each) - 1) * error
        low, high = float(each.mean() - reach), float(each.mean() + reach)
    mean = float(each.mean())
    return {"mean": mean, "low": low, "high": high, "each": each.tolist()}
