"""The readers of a run, their genders, and what classifiers hear of them.

Everywhere in this recipe F is class 0 and M class 1.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from data_prep.fragments import Fragment
from data_prep.librispeech import read_genders
from data_prep.librispeech_chunks import read_chunks, recording_paths
from local.input.feature_cache import cached_features

GENDERS = ("F", "M")


class Corpus(NamedTuple):
    """Chunks of speech and the genders of their readers.

    Attributes
    ----------
    chunks : list of Fragment
        In the order of speakers, utterances and time.
    speakers, utterances : ndarray of str, (n_chunks,)
        Of each chunk.
    given, corrected : ndarray of int, (n_chunks,)
        Classes as in ``SPEAKERS.TXT``, and with the corrections of the YAML.
    """

    chunks: list[Fragment]
    speakers: np.ndarray
    utterances: np.ndarray
    given: np.ndarray
    corrected: np.ndarray


def load_corpus(hparams):
    """Read the chunks of the readers of a run, and their genders.

    Parameters
    ----------
    hparams : dict
        The constructed YAML.

    Returns
    -------
    corpus : Corpus
        All readers, or as many of each gender as the YAML asks for.

    Raises
    ------
    FileNotFoundError
        If there is no ``SPEAKERS.TXT``, or nothing was prepared.
    ValueError
        If a correction is not one, or there are too few readers of a gender.
    """
    folder = hparams["librispeech_folder"]
    chunks = read_chunks(hparams["prepared_folder"], folder)
    readers = sorted({chunk.spk_id for chunk in chunks})
    given = read_genders(Path(folder, "SPEAKERS.TXT"), readers)
    corrected = correct(given, hparams["relabelled"])
    kept = choose_readers(corrected, hparams["n_per_gender"], hparams["seed"])
    chunks = [chunk for chunk in chunks if chunk.spk_id in kept]
    speakers = np.array([chunk.spk_id for chunk in chunks])
    return Corpus(
        chunks,
        speakers,
        np.array([chunk.utterance for chunk in chunks]),
        *(
            np.array([GENDERS.index(genders[spk]) for spk in speakers])
            for genders in (given, corrected)
        ),
    )


def correct(given, relabelled):
    """Return genders with corrections; those of readers of elsewhere do nothing.

    Parameters
    ----------
    given : dict of str to str
        Reader to ``F`` or ``M``.
    relabelled : dict of str or int to str
        Reader to the right one.

    Returns
    -------
    corrected : dict of str to str
        As given, but for these.

    Raises
    ------
    ValueError
        If a correction is neither ``F`` nor ``M``.

    Examples
    --------
    >>> correct({"84": "F", "2078": "M"}, {2078: "F", 7976: "F"})
    {'84': 'F', '2078': 'F'}
    """
    relabelled = {str(reader): gender for reader, gender in relabelled.items()}
    for reader, gender in relabelled.items():
        if gender not in GENDERS:
            raise ValueError(
                f"relabelled: reader {reader} is {gender!r}, expected F or M"
            )
    return {reader: relabelled.get(reader, given[reader]) for reader in given}


def choose_readers(genders, n_per_gender, seed):
    """Draw as many readers of each gender.

    Parameters
    ----------
    genders : dict of str to str
        Reader to ``F`` or ``M``.
    n_per_gender : int or str
        At least 9; ``"all"``: everyone.
    seed : int
        Of the draw.

    Returns
    -------
    kept : set of str
        Readers.

    Raises
    ------
    ValueError
        If it is another word or below 9, or there are not as many.
    """
    if n_per_gender == "all":
        return set(genders)
    groups = [[who for who in genders if genders[who] == g] for g in GENDERS]
    fewest = min(map(len, groups))
    if not isinstance(n_per_gender, int) or not 9 <= n_per_gender <= fewest:
        raise ValueError(
            f"n_per_gender is {n_per_gender!r}, expected 9 to {fewest}, or all: there"
            f" are {len(groups[0])} women and {len(groups[1])} men"
        )
    rng = np.random.default_rng(seed)
    return {
        str(reader)
        for group in groups
        for reader in rng.choice(sorted(group), n_per_gender, replace=False)
    }


def corpus_features(hparams, corpus, name):
    """Return the features of the chunks, computing them where that was not done.

    Parameters
    ----------
    hparams : dict
        The constructed YAML.
    corpus : Corpus
        As from `load_corpus`.
    name : str
        Key of ``representations``.

    Returns
    -------
    feats : ndarray, (n_chunks, ...)
        On disk, read as it is used.
    """
    folder = Path(hparams["prepared_folder"])
    return cached_features(
        folder.with_name(f"{folder.name}_features"),
        corpus.chunks,
        recording_paths(corpus.chunks, hparams["librispeech_folder"]),
        hparams["representations"][name],
        hparams["feature_batch_size"],
    )
