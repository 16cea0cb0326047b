"""Speaker-disjoint split into training and validation, by seed alone."""

import numpy as np


def split_speakers(spk_ids, n_valid_speakers, seed, min_segments=2):
    """Choose validation speakers and split the segments by speaker.

    The choice depends on the speakers and the seed, not on the order of segments.

    Parameters
    ----------
    spk_ids : sequence of str, (n_segments,)
        The speaker of each segment.
    n_valid_speakers : int
        Number of speakers held out, at least 2 (one gives no nontarget trials).
    seed : int
        Seed of the draw.
    min_segments : int
        Fewest segments of a validation speaker; one alone gives no target trial.

    Returns
    -------
    train, valid : tuple of ndarray
        Positions of the segments of each side, ascending; no speaker is on both.

    Raises
    ------
    ValueError
        If fewer than 2 speakers would be in validation or in training, or too few
        have ``min_segments`` segments.

    Examples
    --------
    >>> train, valid = split_speakers(list("aabbccdd"), n_valid_speakers=2, seed=0)
    >>> len(train), len(valid)
    (4, 4)
    """
    spk_ids = np.asarray(spk_ids)
    names, counts = np.unique(spk_ids, return_counts=True)
    eligible = names[counts >= min_segments]
    most = min(len(eligible), len(names) - 2)
    if not 2 <= n_valid_speakers <= most:
        remedy = "at least 2 for validation and 2 for training are needed; add speakers"
        if most >= 2:
            remedy = f"set n_valid_speakers to 2..{most}"
        raise ValueError(
            f"n_valid_speakers is {n_valid_speakers}, but there are {len(names)}"
            f" speakers, {len(eligible)} of them with {min_segments} segments or more;"
            f" {remedy}"
        )
    rng = np.random.default_rng(seed)
    chosen = rng.choice(eligible, n_valid_speakers, replace=False)
    is_valid = np.isin(spk_ids, chosen)
    return np.flatnonzero(~is_valid), np.flatnonzero(is_valid)
