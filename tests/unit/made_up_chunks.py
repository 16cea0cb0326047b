"""Chunks of made-up speakers, and what is heard of those of real files."""

from itertools import product

import numpy as np
import soundfile
import torch

from data_prep.fragments import Fragment
from recipes.gender.data import GENDERS, Corpus

CHUNK = 32000


def chunks_of(spk_id, n_chapters, n_utterances=4, n_chunks=6):
    """Return the chunks of a speaker who read some chapters, in the order of time."""
    return [
        Fragment(
            f"{spk_id}-{chapter}-{utterance}_{n}",
            2.0,
            "a.wav",
            n * CHUNK,
            (n + 1) * CHUNK,
            spk_id,
            str(chapter),
            f"{spk_id}-{chapter}-{utterance}",
        )
        for chapter, utterance, n in product(
            range(n_chapters), range(n_utterances), range(n_chunks)
        )
    ]


def make_corpus(readers, relabelled=(), never_heard=()):
    """Return a corpus of readers, (name, gender, n_utterances, n_chunks of each).

    The gender is the corrected one; of who is relabelled the other was given.
    """
    chunks = [
        chunk
        for name, _, n_utterances, n_chunks in readers
        for chunk in chunks_of(name, 1, n_utterances, n_chunks)
    ]
    classes = {name: GENDERS.index(gender) for name, gender, *_ in readers}
    speakers = np.array([chunk.spk_id for chunk in chunks])
    corrected = np.array([classes[speaker] for speaker in speakers])
    return Corpus(
        chunks,
        speakers,
        np.array([chunk.utterance for chunk in chunks]),
        np.where(np.isin(speakers, list(relabelled)), 1 - corrected, corrected),
        corrected,
        np.isin(speakers, list(never_heard)),
    )


class Power(torch.nn.Module):
    """The simplest of representations: the mean square of the samples."""

    sample_rate = 16000
    dtype = "float32"

    def forward(self, wavs):
        """Return (batch, 1) of wavs (batch, samples)."""
        return wavs.square().mean(dim=1, keepdim=True)


def powers(chunks, settings):
    """Return the same (n, 1) of the files of chunks."""
    root = str(settings["librispeech_folder"])
    wavs = [
        soundfile.read(
            chunk.wav.replace("$data_root", root), start=chunk.start, stop=chunk.stop
        )[0]
        for chunk in chunks
    ]
    return np.array([[np.mean(wav**2)] for wav in wavs])
