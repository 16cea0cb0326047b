"""Who is tested when: folds that no reader crosses, and folds that leak."""

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

SPLITS = ("speaker", "random")


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

    Raises
    ------
    ValueError
        If there is no such split.
    """
    if split not in SPLITS:
        raise ValueError(f"splits: expected some of {SPLITS}, got {split!r}")
    if split == "speaker":
        return corpus.speakers
    if hears == "utterance":
        return corpus.utterances
    pairs = np.unique(np.stack([corpus.speakers, corpus.utterances]), axis=1)
    readers, n_utterances = np.unique(pairs[0], return_counts=True)
    alone = np.isin(corpus.speakers, readers[n_utterances == 1])
    ids = np.array([chunk.ID for chunk in corpus.chunks])
    return np.where(alone, ids, corpus.utterances)


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
        If a class has fewer groups than there are folds.
    """
    for label in np.unique(labels):
        n_groups = len(np.unique(groups[labels == label]))
        if not 2 <= n_folds <= n_groups:
            raise ValueError(
                f"n_folds is {n_folds}, but class {label} has {n_groups} groups to be"
                " dealt out; lower it, or take more readers"
            )
    folds = np.empty(len(groups), dtype=int)
    dealer = StratifiedGroupKFold(n_folds, shuffle=True, random_state=seed)
    for number, (_, rows) in enumerate(dealer.split(groups, labels, groups)):
        folds[rows] = number
    return folds
