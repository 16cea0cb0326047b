"""Fragments: stretches of one length, cut from utterances to compare voices by.

An utterance is a `Fragment` too: the one that is all of its file.

The *late part* of a speaker: whole utterances from the end until they hold what is
asked for; of the only utterance of a speaker, its end. No early fragment reaches into
the late part.
"""

import logging
from typing import NamedTuple

import numpy as np

logger = logging.getLogger(__name__)


class Fragment(NamedTuple):
    """One stretch of speech; the field names are the columns of the manifest.

    Attributes
    ----------
    ID : str
        Unique within a manifest; the same stretch has the same ID in all of them.
    duration : float
        In seconds.
    wav : str
        Path of the audio file, which may begin with ``$data_root``.
    start, stop : int
        First sample, and one past the last, at the rate of the file.
    spk_id : str
        The speaker.
    chapter : str
        What was read, which is one session of recording; "" if unknown.
    utterance : str
        Name of the utterance, unique in the corpus.
    """

    ID: str
    duration: float
    wav: str
    start: int
    stop: int
    spk_id: str
    chapter: str
    utterance: str


class Lengths(NamedTuple):
    """How to cut, in samples.

    Attributes
    ----------
    sample_rate : int
        In Hz.
    fragment : int
        Length of a fragment.
    hop, test_hop : int
        From the start of a fragment to that of the next, in training and in tests.
    late : int
        Length of the late part, at least.
    """

    sample_rate: int
    fragment: int
    hop: int
    test_hop: int
    late: int


def count_lengths(
    sample_rate, fragment_seconds, hop_seconds, test_hop_seconds, late_seconds
):
    """Turn seconds into samples, and check that they fit together.

    Parameters
    ----------
    sample_rate : int
        In Hz.
    fragment_seconds, hop_seconds, test_hop_seconds, late_seconds : float
        As the fields of `Lengths`.

    Returns
    -------
    lengths : Lengths
        In samples, rounded; the late part holds two fragments a test hop apart.

    Raises
    ------
    ValueError
        If a length is not positive, or the late part too short for two fragments.

    Examples
    --------
    >>> count_lengths(16000, 3, 0.5, 3, 6)
    Lengths(sample_rate=16000, fragment=48000, hop=8000, test_hop=48000, late=96000)
    """
    seconds = {
        "fragment_seconds": fragment_seconds,
        "hop_seconds": hop_seconds,
        "test_hop_seconds": test_hop_seconds,
        "late_seconds": late_seconds,
    }
    for name, value in seconds.items():
        if not 1 <= value * sample_rate < float("inf"):
            raise ValueError(f"{name} is {value}, expected a sample or more")
    samples = [round(value * sample_rate) for value in seconds.values()]
    two = samples[0] + samples[2]
    if samples[3] < two - 1:  # two lengths may each be rounded up
        raise ValueError(
            f"late_seconds is {late_seconds}, but two fragments test_hop_seconds apart"
            f" take {two / sample_rate:g}; raise it to that"
        )
    return Lengths(sample_rate, *samples[:3], max(samples[3], two))


def whole_utterance(utterance, wav, n_samples, sample_rate, spk_id, chapter):
    """Describe a file as the one stretch it is."""
    seconds = n_samples / sample_rate
    return Fragment(utterance, seconds, wav, 0, n_samples, spk_id, chapter, utterance)


def cut(parts, lengths, hop):
    """Cut stretches into fragments, from the start of each; the rest is left.

    Parameters
    ----------
    parts : sequence of Fragment
        Stretches of any length; one too short gives none.
    lengths : Lengths
        The length of a fragment and the rate.
    hop : int
        Samples from one start to the next.

    Returns
    -------
    fragments : list of Fragment
        In the order of the parts, and of time within each.
    """
    return [
        _piece(part, start, start + lengths.fragment, lengths.sample_rate)
        for part in parts
        for start in range(part.start, part.stop - lengths.fragment + 1, hop)
    ]


def spread(parts, lengths, n):
    """Spread fragments evenly over all places that stretches have for one.

    They overlap where the stretches are short. Only where there are fewer than n
    places, as in segments of just the length of a fragment, there are fewer fragments.

    Parameters
    ----------
    parts : sequence of Fragment
        Stretches of at least the length of a fragment.
    lengths : Lengths
        The length of a fragment and the rate.
    n : int
        Number of fragments.

    Returns
    -------
    fragments : list of Fragment
        In the order of the parts, and of time within each.
    """
    n_places = [part.stop - part.start - lengths.fragment + 1 for part in parts]
    ends = np.cumsum(n_places)
    places = np.unique(np.linspace(0, ends[-1] - 1, n).round().astype(int))
    owners = np.searchsorted(ends, places, side="right")
    fragments = []
    for place, owner in zip(places.tolist(), owners.tolist(), strict=True):
        part = parts[owner]
        start = part.stop - lengths.fragment + 1 - (int(ends[owner]) - place)
        stop = start + lengths.fragment
        fragments.append(_piece(part, start, stop, lengths.sample_rate))
    return fragments


def _piece(part, start, stop, sample_rate):
    return part._replace(
        ID=f"{part.utterance}_{start:07d}",
        duration=(stop - start) / sample_rate,
        start=start,
        stop=stop,
    )


def split_late(utterances, lengths):
    """Split the utterances of a speaker into an early and a late part.

    Parameters
    ----------
    utterances : list of Fragment
        Whole ones, each at least as long as a fragment.
    lengths : Lengths
        The lengths of the late part and of a fragment, and the rate.

    Returns
    -------
    early, late : list of Fragment
        Stretches that do not overlap. The late part is empty, and the early part all
        there is, if not even a fragment would be left of it otherwise.
    """
    if len(utterances) == 1:
        (only,) = utterances
        middle = only.stop - lengths.late
        if middle < lengths.fragment:
            return utterances, []
        rate = lengths.sample_rate
        early = _piece(only, 0, middle, rate)
        return [early], [_piece(only, middle, only.stop, rate)]
    n_samples, first = 0, len(utterances)
    while n_samples < lengths.late and first:
        first -= 1
        n_samples += utterances[first].stop
    return (utterances[:first], utterances[first:]) if first else (utterances, [])


def keep_long(utterances, lengths):
    """Leave out what is too short to cut, and the speakers with too little speech.

    Parameters
    ----------
    utterances : dict of str to list of Fragment
        Speaker to whole utterances.
    lengths : Lengths
        The lengths of a fragment and of a test hop, and the rate.

    Returns
    -------
    kept : dict of str to list of Fragment
        Speakers with two fragments or more a test hop apart, and the utterances that
        are at least as long as a fragment.

    Raises
    ------
    ValueError
        If no utterance is long enough.
    """
    parts = [part for spoken in utterances.values() for part in spoken]
    longest = max(part.stop for part in parts)
    if longest < lengths.fragment:
        wanted, found = (n / lengths.sample_rate for n in (lengths.fragment, longest))
        raise ValueError(
            f"fragment_seconds is {wanted:g}, but the longest of {len(parts)}"
            f" utterances has {found:g} s; lower it"
        )
    kept = {}
    for spk_id, spoken in utterances.items():
        long = [part for part in spoken if part.stop >= lengths.fragment]
        if len(cut(long, lengths, lengths.test_hop)) >= 2:
            kept[spk_id] = long
    n_left_out = len(utterances) - len(kept)
    text = "%d of %d speakers left out: too little speech for two fragments"
    logger.info(text, n_left_out, len(utterances))
    return kept
