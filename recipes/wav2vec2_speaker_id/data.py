"""The chunks of a run, and what classifiers hear of them."""

from data_prep.librispeech_chunks import read_chunks, recording_paths
from local.input.feature_cache import named_features


def load_chunks(hparams):
    """Return the chunks of the prepared folder, list of Fragment."""
    return read_chunks(hparams["prepared_folder"], hparams["librispeech_folder"])


def chunk_features(hparams, chunks, name):
    """Return the features of chunks, computing them where that was not done.

    Parameters
    ----------
    hparams : dict
        The constructed YAML.
    chunks : list of Fragment
        As from `load_chunks`.
    name : str
        Key of ``representations``.

    Returns
    -------
    feats : ndarray, (n_chunks, ...)
        On disk, read as it is used.
    """
    wavs = recording_paths(chunks, hparams["librispeech_folder"])
    return named_features(
        hparams["prepared_folder"],
        chunks,
        wavs,
        hparams["representations"],
        name,
        hparams["feature_batch_size"],
    )


def data_facts(hparams, chunks):
    """Return what a run is about, as in its JSON."""
    utterances = {}
    for chunk in chunks:
        utterances.setdefault(chunk.spk_id, set()).add(chunk.utterance)
    alone = [len(found) == 1 for found in utterances.values()]
    return {
        "corpus": hparams["corpus"],
        "n_speakers": len(utterances),
        "n_utterances": sum(map(len, utterances.values())),
        "n_chunks": len(chunks),
        "chunk_seconds": hparams["chunk_seconds"],
        "hours": round(sum(float(chunk.duration) for chunk in chunks) / 3600, 3),
        "one_utterance_speakers": sum(alone) / len(alone),
    }
