"""Cut a LibriSpeech folder into chunks: consecutive stretches of one length.

`data_prep.librispeech` says where the corpus comes from and how its folder must look.
The prepared folder holds ``chunks.csv`` alone, whose columns are the fields of
`data_prep.fragments.Fragment`; ``$data_root`` in it is the LibriSpeech folder. What is
left at the end of an utterance, shorter than a chunk, is not in it.
"""

import logging
from pathlib import Path

from data_prep.fragments import Fragment, Lengths, cut
from data_prep.librispeech import CORPUS_RATE, find_utterances
from data_prep.librispeech_fragments import list_files, measure_utterances
from data_prep.librispeech_readers import read_listed
from data_prep.manifest import DATA_ROOT, read_manifest, write_manifest
from data_prep.prepared_folder import digest_files, replacing_folder

VERSION = 1  # raise it whenever the same input and settings give other output

logger = logging.getLogger(__name__)


def prepare_librispeech_chunks(
    librispeech_folder, prepared_folder, subsets, readers, chunk_seconds
):
    """Write the chunks of a LibriSpeech folder, unless they are there already.

    Parameters
    ----------
    librispeech_folder : str or Path
        Folder that holds the subsets.
    prepared_folder : str or Path
        Folder for the manifest; made, or replaced if this function made it.
    subsets : list of str
        Names of the subsets.
    readers : str or Path
        Text file with a reader a line, ``#`` before a comment: all others are left out.
        ``"any"``: there is no list.
    chunk_seconds : float
        Length of a chunk.

    Raises
    ------
    ValueError
        If a setting, a file of the corpus or the prepared folder is not as expected.
    FileNotFoundError
        If a subset or the list of readers is missing.
    """
    if not 1 <= chunk_seconds * CORPUS_RATE < float("inf"):
        raise ValueError(f"chunk_seconds is {chunk_seconds}, expected a sample or more")
    found = {name: find_utterances(librispeech_folder, [name]) for name in subsets}
    everyone = {reader for spoken in found.values() for reader in spoken}
    listed = read_listed(readers, everyone, " + ".join(subsets))
    fingerprint = {
        "kind": "LibriSpeech chunks",
        "version": VERSION,
        "files_sha256": digest_files(librispeech_folder, list_files(found)),
        "subsets": list(subsets),
        "readers": listed,
        "chunk_seconds": chunk_seconds,
    }
    with replacing_folder(prepared_folder, fingerprint) as staging:
        if staging:
            utterances = measure_utterances(librispeech_folder, found)
            chosen = sorted(listed or everyone)
            spoken = [part for reader in chosen for part in utterances[reader]]
            chunks = cut_all(spoken, chunk_seconds)
            path = staging / "chunks.csv"
            write_manifest(path, chunks, librispeech_folder, labelled=True)


def cut_all(utterances, chunk_seconds):
    """Cut utterances into consecutive chunks, and say how many gave none.

    Parameters
    ----------
    utterances : list of Fragment
        Whole ones.
    chunk_seconds : float
        Length of a chunk.

    Returns
    -------
    chunks : list of Fragment
        In the order of the utterances, and of time within each.

    Raises
    ------
    ValueError
        If no utterance is long enough.
    """
    n_samples = round(chunk_seconds * CORPUS_RATE)
    lengths = Lengths(CORPUS_RATE, n_samples, n_samples, n_samples, n_samples)
    chunks = cut(utterances, lengths, n_samples)
    if not chunks:
        longest = max(part.duration for part in utterances)
        raise ValueError(
            f"chunk_seconds is {chunk_seconds}, but the longest of {len(utterances)}"
            f" utterances has {longest:g} s; lower it"
        )
    short = len(utterances) - len({chunk.utterance for chunk in chunks})
    logger.info(
        "%d chunks of %d speakers; %d of %d utterances are shorter than a chunk",
        *(len(chunks), len({chunk.spk_id for chunk in chunks}), short),
        len(utterances),
    )
    return chunks


def read_chunks(prepared_folder, librispeech_folder):
    """Read the chunks of a prepared folder.

    Parameters
    ----------
    prepared_folder, librispeech_folder : str or Path
        As of `prepare_librispeech_chunks`.

    Returns
    -------
    chunks : list of Fragment
        In the order of speakers, of their utterances, and of time.

    Raises
    ------
    FileNotFoundError
        If nothing was prepared there.
    ValueError
        If the manifest, or a recording it names, is not as it was prepared.
    """
    path = Path(prepared_folder) / "chunks.csv"
    return read_manifest(path, librispeech_folder, True, Fragment)


def recording_paths(chunks, librispeech_folder):
    """Return the recording of each chunk, list of Path."""
    root = str(librispeech_folder)
    return [Path(chunk.wav.replace(DATA_ROOT, root)) for chunk in chunks]
