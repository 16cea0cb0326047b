"""The readers of a run, their genders, and what classifiers hear of them.

Everywhere in this recipe F is class 0 and M class 1.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from data_prep.fragments import Fragment
from data_prep.librispeech_chunks import read_chunks, recording_paths
from data_prep.librispeech_readers import read_genders, read_list
from local.input.feature_cache import named_features

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
    never_heard : ndarray of bool, (n_chunks,)
        Of readers on whom the model that ships was not trained.
    """

    chunks: list[Fragment]
    speakers: np.ndarray
    utterances: np.ndarray
    given: np.ndarray
    corrected: np.ndarray
    never_heard: np.ndarray

    def parents(self, level, chunks):
        """Return what each unit is part of at the levels above its own.

        Parameters
        ----------
        level : {"frame", "chunk", "utterance"}
            Of the units.
        chunks : ndarray of int, (n_units,)
            Chunk of each unit.

        Returns
        -------
        parents : dict of str to ndarray of str, (n_units,)
            Level to names.
        """
        names = {"utterance": self.utterances[chunks]} if level != "utterance" else {}
        if level == "frame":
            ids = np.array([chunk.ID for chunk in self.chunks])
            names = {"chunk": ids[chunks]} | names
        return names


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
    classes = (
        np.array([GENDERS.index(genders[spk]) for spk in speakers])
        for genders in (given, corrected)
    )
    utterances = np.array([chunk.utterance for chunk in chunks])
    never_heard = np.isin(speakers, read_never_heard(hparams["never_heard"]))
    return Corpus(chunks, speakers, utterances, *classes, never_heard)


def read_never_heard(path):
    """Read the readers that the model that ships was not trained on, a reader a line.

    Parameters
    ----------
    path : str or Path
        Text, ``#`` before a comment; ``"none"``: no list.

    Returns
    -------
    readers : list of str
        Some of whom may be of another corpus.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is no text, or lists nobody.
    """
    return [] if path == "none" else list(read_list(path))


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
        If a correction is neither ``F`` nor ``M``, or these are no corrections.

    Examples
    --------
    >>> correct({"84": "F", "2078": "M"}, {2078: "F", 7976: "F"})
    {'84': 'F', '2078': 'F'}
    """
    if not isinstance(relabelled, dict):
        raise ValueError(f"relabelled: expected {{reader: F or M}}, got {relabelled!r}")
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
    n_per_gender : int, str or None
        At least 9; ``"all"`` or None: everyone.
    seed : int
        Of the draw.

    Returns
    -------
    kept : set of str
        Readers.

    Raises
    ------
    ValueError
        If it is another word or below 9, there are not as many, or all are of one
        gender.
    """
    groups = [[who for who in genders if genders[who] == g] for g in GENDERS]
    if not all(groups):
        raise ValueError(
            f"all {len(genders)} readers are {'M' if groups[1] else 'F'}, expected"
            " women and men; take more readers"
        )
    if n_per_gender in ("all", None):
        return set(genders)
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
    wavs = recording_paths(corpus.chunks, hparams["librispeech_folder"])
    return named_features(
        hparams["prepared_folder"],
        corpus.chunks,
        wavs,
        hparams["representations"],
        name,
        hparams["feature_batch_size"],
    )


def data_facts(hparams, corpus):
    """Return what a run is about, as in its JSON."""
    readers = {}
    for spk, utterance, label in zip(
        corpus.speakers, corpus.utterances, corpus.corrected, strict=True
    ):
        readers.setdefault(str(spk), (GENDERS[label], set()))[1].add(utterance)
    genders = [gender for gender, _ in readers.values()]
    alone = [len(utterances) == 1 for _, utterances in readers.values()]
    never_heard = set(corpus.speakers[corpus.never_heard])
    return {
        "corpus": hparams["corpus"],
        "n_speakers": len(readers),
        "n_female": genders.count("F"),
        "n_male": genders.count("M"),
        "n_never_heard": len(never_heard),
        "n_utterances": len(set(corpus.utterances)),
        "n_chunks": len(corpus.chunks),
        "chunk_seconds": hparams["chunk_seconds"],
        "hours": round(sum(float(chunk.duration) for chunk in corpus.chunks) / 3600, 3),
        "one_utterance_speakers": float(np.mean(alone)),
    }
