"""Draws from a VoxCeleb folder: whom to hold out, and what to train on."""

from collections import Counter
from itertools import islice

import numpy as np
from tqdm import tqdm

from data_prep.splits import split_speakers
from data_prep.voxceleb import measure_seconds


def hold_out(found, n_speakers, seed):
    """Draw speakers to validate on, and one utterance of each of their videos.

    Parameters
    ----------
    found : dict of str to list of Path
        Speaker -> files, from `data_prep.voxceleb.find_utterances`.
    n_speakers : int
        At least 2; only speakers of two videos or more are drawn.
    seed : int
        Seed of the draw.

    Returns
    -------
    dev : dict of str to list of Path
        Speaker -> the first file of each video.

    Raises
    ------
    ValueError
        If there are too few speakers.
    """
    firsts = [
        (spk, path)
        for spk, paths in found.items()
        for path in {path.parent: path for path in reversed(paths)}.values()
    ]
    spk_ids = [spk for spk, _ in firsts]
    try:
        _, held_out = split_speakers(spk_ids, n_speakers, seed)
    except ValueError as error:
        told = str(error).replace("n_valid_speakers", "n_dev_speakers")
        raise ValueError(f"{told} (a segment: a video of a speaker)") from error
    dev = {}
    for i in held_out:
        dev.setdefault(firsts[i][0], []).append(firsts[i][1])
    return {spk: sorted(paths) for spk, paths in dev.items()}


def thin(found, every):
    """Keep the first utterance of all, and every n-th after it.

    Parameters
    ----------
    found : dict of str to list of Path
        Speaker -> files.
    every : int
        1 keeps all.

    Returns
    -------
    kept : dict of str to list of Path
        The speakers of whom there is something left.

    Examples
    --------
    >>> thin({"a": [1, 2, 3], "b": [4], "c": [5]}, every=2)
    {'a': [1, 3], 'c': [5]}
    """
    kept = {}
    spoken = ((spk, path) for spk, paths in found.items() for path in paths)
    for spk, path in islice(spoken, 0, None, every):
        kept.setdefault(spk, []).append(path)
    return kept


def draw_utterances(found, hours, n_speakers, max_utterances, seed):
    """Draw utterances in random order, up to the limits.

    Parameters
    ----------
    found : dict of str to list of Path
        Speaker -> files.
    hours, n_speakers, max_utterances : float, int and int, or None
        Limits, the speakers being those drawn from.
    seed : int
        Seed of the draw.

    Returns
    -------
    drawn : dict of str to list of Path
        Speaker -> files, both in the order of their names; a speaker of whom none was
        drawn before the hours were full is not in it.
    seconds : float
        Length of all.

    Raises
    ------
    ValueError
        If there are fewer speakers, or less speech, than asked for.
    """
    # Both orders are of all there is, so that a smaller draw is part of a larger one.
    rng = np.random.default_rng([seed, 1])
    speakers = set(rng.permutation(sorted(found))[:n_speakers].tolist())
    spoken = [(spk, path) for spk in sorted(found) for path in found[spk]]
    if len(speakers) < (n_speakers or 0):
        raise ValueError(
            f"n_speakers is {n_speakers}, but without those held out there are"
            f" {len(speakers)}; ask for fewer"
        )
    drawn, seconds, wanted = {}, 0.0, (hours or np.inf) * 3600
    order = rng.permutation(len(spoken))
    for i in tqdm(order, "draw", unit=" utterances", disable=None):
        spk, path = spoken[i]
        full = max_utterances and len(drawn.get(spk, ())) == max_utterances
        if spk in speakers and not full:
            drawn.setdefault(spk, []).append(path)
            seconds += measure_seconds(path)
            if seconds >= wanted:
                break
    if hours and seconds < wanted:
        there = describe(map(len, drawn.values()), seconds)
        raise ValueError(
            f"hours is {hours:g}, but there are {there};"
            " ask for less, or limit the speakers and utterances less"
        )
    return {spk: sorted(drawn[spk]) for spk in sorted(drawn)}, seconds


def describe(n_utterances, seconds):
    """Word how much speech there is, and how evenly it is spread over the speakers.

    Parameters
    ----------
    n_utterances : sequence of int
        Of each speaker, at least 1.
    seconds : float
        Length of all.

    Returns
    -------
    text : str
        Hours, speakers, utterances, and how many speakers have how many: each number
        for itself up to 5, in doubling ranges above.

    Examples
    --------
    >>> describe([1, 1, 2, 7, 12], 5400)
    '1.50 h, 5 speakers, 23 utterances; speakers with 1/2/6-10/11-20 of them: 2/1/1/1'
    """
    n_utterances = list(n_utterances)
    shares = Counter(map(_range_of, n_utterances))
    ranges = sorted(shares)
    names = [str(low) if low == high else f"{low}-{high}" for low, high in ranges]
    return (
        f"{seconds / 3600:,.2f} h, {len(n_utterances):,} speakers,"
        f" {sum(n_utterances):,} utterances; speakers with {'/'.join(names)} of them:"
        f" {'/'.join(str(shares[bounds]) for bounds in ranges)}"
    )


def _range_of(n):
    """Return the first and the last number of the range that a number is told in."""
    high = 5
    if n <= high:
        return n, n
    while n > high:
        high *= 2
    return high // 2 + 1, high
