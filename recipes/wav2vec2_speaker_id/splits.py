"""Folds of known speakers: what is heard in training, and what is asked in the test.

Every speaker tested is in training too, so a split can only keep *groups* of its chunks
together. From the loosest to the strictest:

- ``chunk``: every chunk by itself, at random. A chunk is tested while those right
  before and after it are trained on: the figures are too good, which it is there to
  show.
- ``block``: the speech of a speaker, in its order, in as many stretches as there are
  folds. Only the ends of a stretch touch what is trained on; but it may be the same
  utterance, and of few chunks a stretch is nothing but ends.
- ``utterance``: no utterance on both sides.
- ``chapter``: no chapter on both sides, which is another session of recording.
"""

import numpy as np

SPLITS = ("chunk", "block", "utterance", "chapter")
LEFT_OUT = -1


def groups_of(chunks, by, n_folds):
    """Name the group of every chunk, whose chunks lie in one fold.

    Parameters
    ----------
    chunks : sequence of Fragment
        Stretches of speech.
    by : str
        One of `SPLITS`.
    n_folds : int
        As many blocks a speaker's speech is cut into; of no matter to other splits.

    Returns
    -------
    groups : ndarray of str, (n_chunks,)
        No two speakers share a group.

    Raises
    ------
    ValueError
        If there is no such split.
    """
    if by not in SPLITS:
        raise ValueError(f"split by {by!r}: expected one of {', '.join(SPLITS)}")
    if by == "chunk":
        names = [chunk.ID for chunk in chunks]
    elif by == "block":
        names = _blocks(chunks, n_folds)
    else:
        names = [getattr(chunk, by) for chunk in chunks]
    return np.array(
        [f"{chunk.spk_id}/{name}" for chunk, name in zip(chunks, names, strict=True)]
    )


def _blocks(chunks, n_blocks):
    """Return the number of the stretch of its speaker's speech that a chunk is in."""
    blocks = np.empty(len(chunks), dtype=int)
    for rows in _rows(chunk.spk_id for chunk in chunks).values():
        rows.sort(key=lambda row: _place(chunks[row]))
        blocks[rows] = np.arange(len(rows)) * n_blocks // len(rows)
    return blocks


def _place(chunk):
    """Return what the speech of a speaker is in order by."""
    return chunk.chapter, chunk.utterance, chunk.start


def _rows(names):
    """Return name -> rows it is found in, in the order of first appearance."""
    found = {}
    for row, name in enumerate(names):
        found.setdefault(name, []).append(row)
    return found


def deal(chunks, by, n_folds, seed):
    """Deal the chunks of every speaker into folds.

    The groups of a speaker are shuffled and dealt one to a fold, going on with the fold
    after the last of the speaker before: folds are as even as groups can make them.

    Parameters
    ----------
    chunks : sequence of Fragment
        Stretches of speech.
    by : str
        One of `SPLITS`.
    n_folds : int
        At least 2.
    seed : int
        The same seed deals the same folds.

    Returns
    -------
    folds : ndarray of int, (n_chunks,)
        The fold that tests a chunk. `LEFT_OUT`: its speaker has only one group, so it
        could not be both trained on and tested. All other speakers are trained on in
        every fold that tests them.

    Raises
    ------
    ValueError
        If there is no such split, fewer than two folds, or fewer than two speakers
        with two groups.

    Examples
    --------
    >>> from data_prep.fragments import Fragment
    >>> chunks = [
    ...     Fragment(f"{spk_id}{n}", 2.0, "a.wav", 0, 32000, spk_id, str(n), f"{n}")
    ...     for spk_id, n in (("19", 0), ("19", 1), ("26", 0), ("26", 1), ("27", 0))
    ... ]
    >>> deal(chunks, "chapter", n_folds=2, seed=0).tolist()
    [1, 0, 1, 0, -1]
    """
    if n_folds < 2:
        raise ValueError(f"n_folds is {n_folds}, expected two or more")
    groups = groups_of(chunks, by, n_folds)
    members = _rows(groups)
    owned = _rows(chunks[rows[0]].spk_id for rows in members.values())
    kept = [numbers for numbers in owned.values() if len(numbers) > 1]
    if len(kept) < 2:
        raise ValueError(_too_few(len(kept), len(owned), by))
    rng = np.random.default_rng(seed)
    folds = np.full(len(chunks), LEFT_OUT)
    fold, rows_of = rng.integers(n_folds), list(members.values())
    for numbers in kept:
        for number in rng.permutation(numbers):
            folds[rows_of[number]] = fold
            fold = (fold + 1) % n_folds
    return folds


def _too_few(n_kept, n_speakers, by):
    """Say why there is no split, and what to do."""
    which = f"all {n_speakers}" if n_kept == 0 else f"all but one of {n_speakers}"
    looser = " or ".join(SPLITS[: SPLITS.index(by)])
    advice = f"split by {looser}, or " if looser else ""
    return (
        f"{which} speakers have one {by}: a split by {by} needs two speakers with two"
        f" or more, one to train on and one to test; {advice}take a corpus with more"
        " speech of each"
    )
