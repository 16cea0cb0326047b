"""A LibriSpeech folder: who speaks in which file, and the seconds of speech in it.

LibriSpeech (Panayotov et al., 2015) is read English from audio books, 16 kHz
FLAC, CC BY 4.0, https://www.openslr.org/12. The folder must look as unpacked::

    LibriSpeech/SPEAKERS.TXT
    LibriSpeech/train-clean-100/<speaker>/<chapter>/<speaker>-<chapter>-<n>.flac
"""

import contextlib
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import resample_poly

# Download size and number of readers of each subset.
SUBSETS = {
    "dev-clean": ("337 MB", 40),
    "test-clean": ("346 MB", 40),
    "dev-other": ("314 MB", 33),
    "test-other": ("328 MB", 33),
    "train-clean-100": ("6.3 GB", 251),
    "train-clean-360": ("23 GB", 921),
    "train-other-500": ("30 GB", 1166),
}
CORPUS_RATE = 16000  # Hz
NO_LENGTH = 2**63 - 1  # what libsndfile says of a FLAC written as a stream
UP, DOWN = 441, 640  # 16000 Hz * 441 / 640 = 11025 Hz
SEGMENT = 11025  # samples: one second at 11025 Hz
FRAME = 105  # samples, 9.5 ms
N_FRAMES = SEGMENT // FRAME  # exactly 105 frames a segment
RANGE_DB = 25  # a frame this far below the utterance's loud frames is a pause
FLOOR_DB = -60  # and so is any frame below this level, re full scale
MIN_SPEECH = 0.6  # share of a segment's frames that must be speech


def find_utterances(librispeech_folder, subsets):
    """List the FLAC files of every speaker.

    Parameters
    ----------
    librispeech_folder : str or Path
        Folder that holds the subsets.
    subsets : sequence of str
        Names of the subsets.

    Returns
    -------
    utterances : dict of str to list of Path
        Speaker -> files, both in the order of their names.

    Raises
    ------
    FileNotFoundError
        If a subset is missing or holds no utterance.
    """
    utterances = {}
    for subset in subsets:
        # The digits keep out the "._*.flac" twins that macOS leaves behind.
        pattern = "[0-9]*/[0-9]*/[0-9]*.flac"
        paths = sorted(Path(librispeech_folder, subset).glob(pattern))
        if not paths:
            raise FileNotFoundError(_how_to_get(librispeech_folder, subset))
        for path in paths:
            utterances.setdefault(path.parent.parent.name, []).append(path)
    return dict(sorted(utterances.items()))


def _how_to_get(librispeech_folder, subset):
    """Say what to download, from where, and where to unpack it."""
    missing = f"no <speaker>/<chapter>/*.flac in {Path(librispeech_folder, subset)}"
    if subset not in SUBSETS:
        return f"{missing}; the subsets of LibriSpeech are {', '.join(SUBSETS)}"
    size, n_speakers = SUBSETS[subset]
    return (
        f"{missing}: download {subset}.tar.gz ({size}, {n_speakers} speakers) from"
        f" https://www.openslr.org/12 and unpack it so that {Path(librispeech_folder)}"
        f" holds SPEAKERS.TXT and {subset}"
    )


def read_utterance(path):
    """Read a LibriSpeech file and resample it to 11025 Hz.

    Parameters
    ----------
    path : Path
        Mono FLAC at 16 kHz.

    Returns
    -------
    wav : ndarray, (n_samples,)
        float32 in [-1, 1] at 11025 Hz.

    Raises
    ------
    ValueError
        If the file cannot be read, or is not mono at 16 kHz.
    """
    wav = read_recording(path, "float32")
    # The filter overshoots where the recording is at full scale.
    return resample_poly(wav, UP, DOWN).clip(-1, 1) if len(wav) else wav


def read_recording(path, dtype):
    """Read a LibriSpeech file as it was recorded.

    Parameters
    ----------
    path : Path
        Mono FLAC at 16 kHz.
    dtype : {"int16", "float32"}
        Of the samples; as float32 they are in [-1, 1].

    Returns
    -------
    wav : ndarray, (n_samples,)
        At 16 kHz.

    Raises
    ------
    ValueError
        If the file cannot be read, or is not mono at 16 kHz.
    """
    with _naming(path):
        wav, rate = soundfile.read(path, dtype=dtype)
    _refuse_other_form(path, rate, 1 if wav.ndim == 1 else wav.shape[1])
    return wav


def count_samples(path):
    """Count the samples of a LibriSpeech file by its header, without decoding it.

    Parameters
    ----------
    path : Path
        Mono FLAC at 16 kHz.

    Returns
    -------
    n_samples : int
        At 16 kHz.

    Raises
    ------
    ValueError
        If the header cannot be read, tells no length, or is not of mono at 16 kHz.
    """
    with _naming(path):
        info = soundfile.info(path)
    _refuse_other_form(path, info.samplerate, info.channels)
    if info.frames == NO_LENGTH:
        raise ValueError(
            f"{path}: its header tells no length; is this LibriSpeech as downloaded?"
        )
    return info.frames


@contextlib.contextmanager
def _naming(path):
    try:
        yield
    except soundfile.LibsndfileError as error:
        raise ValueError(f"{path}: {error}; download the subset again") from error


def _refuse_other_form(path, rate, n_channels):
    if (rate, n_channels) != (CORPUS_RATE, 1):
        raise ValueError(
            f"{path}: expected mono at {CORPUS_RATE} Hz, got {rate} Hz and"
            f" {n_channels} channels; is this LibriSpeech as downloaded?"
        )


def speech_segments(wav):
    """Cut the non-overlapping one-second segments of speech from an utterance.

    A frame is speech if it is less than 25 dB below the loud frames (95th
    percentile) of the utterance. A segment starts with speech and is speech for
    at least 60 % of its frames. Taking each as early as possible gives the most.

    Parameters
    ----------
    wav : ndarray, (n_samples,)
        Waveform in [-1, 1] at 11025 Hz.

    Returns
    -------
    segments : ndarray, (n_found, 11025)
        In the order of time.
    """
    frames = wav[: len(wav) // FRAME * FRAME].reshape(-1, FRAME)
    segments, free = [], 0
    if len(frames) >= N_FRAMES:
        # Variance, not mean square: some readers have a large constant offset.
        level_db = 10 * np.log10(frames.var(axis=1) + 1e-10)
        speech = level_db > max(np.percentile(level_db, 95) - RANGE_DB, FLOOR_DB)
        n_speech = np.convolve(speech, np.ones(N_FRAMES), "valid")  # per start frame
        full = n_speech >= MIN_SPEECH * N_FRAMES
        for start in np.flatnonzero(speech[: len(full)] & full):
            if start >= free:
                segments.append(wav[start * FRAME :][:SEGMENT])
                free = start + N_FRAMES
    return np.array(segments).reshape(-1, SEGMENT)
