"""From decisions about frames to decisions about chunks and utterances."""

import numpy as np

from local.evaluation.classification import combine


def decide(posteriors, hears, parents, folds):
    """Yield the decisions of a classifier at its own level and at those above.

    What is tested in one fold is combined, so that a decision never rests on two
    classifiers.

    Parameters
    ----------
    posteriors : ndarray, (n, C)
        Of each item; NaN where it was not tested.
    hears : str
        The level of an item.
    parents : dict of str to ndarray of str, (n,)
        Level above to what each item is part of there.
    folds : ndarray of int, (n,)
        In which each item was tested, -1: in none.

    Yields
    ------
    level : str
        Of the decisions.
    rule : {"own", "mean", "vote"}
        How they were made: of items themselves, or by `combine`.
    rows : ndarray of int, (n_decisions,)
        An item of each.
    predicted : ndarray of int, (n_decisions,)
        Class decided upon.

    Examples
    --------
    >>> posteriors = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8]])
    >>> parents = {"utterance": np.array(["a", "a", "b"])}
    >>> for level, rule, rows, said in decide(posteriors, "chunk", parents, [0] * 3):
    ...     print(level, rule, rows.tolist(), said.tolist())
    chunk own [0, 1, 2] [0, 1, 1]
    utterance mean [0, 2] [0, 1]
    utterance vote [0, 2] [0, 1]
    """
    folds = np.asarray(folds)
    tested = np.flatnonzero(folds >= 0)
    posteriors = posteriors[tested]
    yield hears, "own", tested, posteriors.argmax(axis=1)
    for level, names in parents.items():
        parts = np.char.add(names[tested], np.char.mod(" %d", folds[tested]))
        firsts = np.unique(parts, return_index=True)[1]
        for rule in ("mean", "vote"):
            combined = combine(posteriors, parts, rule)[1]
            yield level, rule, tested[firsts], combined.argmax(axis=1)
