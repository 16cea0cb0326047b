"""Who is tested when: folds that no reader crosses, and folds that leak."""

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

SPLITS = ("speaker", "random")


def check_splits(splits):
    """Refuse splits that are not known, or that lack the one to be judged by.

    Parameters
    ----------
    splits : sequence of str
        ``"speaker"``, and ``"random"`` to show what the leak is worth.

    Raises
    ------
    ValueError
        If there is another, or none by speaker.

    Examples
    --------
    >>> check_splits(["speaker"])
    """
    if "speaker" not in splits or not set(splits) <= set(SPLITS):
        raise ValueError(f"splits: expected speaker, and random or not, got {splits}")


def split_groups(corpus, split, hears):
    """Return what stays together in a split.

    Parameters
    ----------
    corpus : recipes.gender.data.Corpus
        The readers.
    split : {"speaker", "random"}
        Readers stay whole; or only utterances do, and of a reader with one utterance
        only chunks. The second is the leak: a reader is then in training and in test.
    hears : {"frame", "chunk", "utterance"}
        What is decided upon: a whole utterance is not divided.

    Returns
    -------
    groups : ndarray of str, (n_chunks,)
        Names.
    """
    if split == "speaker":
        return corpus.speakers
    if hears == "utterance":
        return corpus.utterances
    pairs = np.unique(np.stack([corpus.speakers, corpus.utterances]), axis=1)
    readers, n_utterances = np.unique(pairs[0], return_counts=True)
    alone = np.isin(corpus.speakers, readers[n_utterances == 1])
    ids = np.array([chunk.ID for chunk in corpus.chunks])
    return np.where(alone, ids, corpus.utterances)


def divides_readers(corpus, groups):
    """Tell whether a reader can be in several folds: without that, nothing leaks."""
    return len(np.unique(groups)) > len(np.unique(corpus.speakers))


def deal(groups, labels, n_folds, seed):
    """Deal groups out to folds, each with both genders in about their share.

    Parameters
    ----------
    groups : ndarray of str, (n,)
        As from `split_groups`.
    labels : ndarray of int, (n,)
        Classes.
    n_folds : int
        At least 2.
    seed : int
        Of the draw.

    Returns
    -------
    folds : ndarray of int, (n,)
        From 0.

    Raises
    ------
    ValueError
        If there are fewer than two folds, or a class has fewer groups than folds.
    """
    for label in np.unique(labels):
        n_groups = len(np.unique(groups[labels == label]))
        if not 2 <= n_folds <= n_groups:
            raise ValueError(
                f"n_folds is {n_folds}, expected 2 or more, and no more than the"
                f" {n_groups} groups of class {label}; change it, or take more readers"
            )
    # Its own shuffle, up to scikit-learn 1.7, takes one group's labels for another's.
    names, codes = np.unique(groups, return_inverse=True)
    shuffled = np.random.default_rng(seed).permutation(len(names))[codes]
    folds = np.empty(len(groups), dtype=int)
    dealer = StratifiedGroupKFold(n_folds)
    for number, (_, rows) in enumerate(dealer.split(groups, labels, shuffled)):
        folds[rows] = number
    return folds
