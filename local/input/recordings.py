"""A recording of any format -> one channel of a given sample rate."""

import math
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import resample_poly

# Hz; below there is little speech, and reaching a higher rate takes much memory.
LOWEST_RATE = 4000
HIGHEST_RATE = 192_000  # of any recorder


def read_recording(path):
    """Read an audio file as one channel.

    Parameters
    ----------
    path : str or Path
        Anything that libsndfile reads; channels are averaged.

    Returns
    -------
    wav : ndarray, (n_samples,)
        float32, full scale is 1.
    sample_rate : int
        Hz.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is no audio, or of too low a sample rate.
    """
    with plain_errors(path):
        channels, rate = soundfile.read(path, dtype="float32", always_2d=True)
    if rate < LOWEST_RATE:
        raise ValueError(f"{path}: {rate} Hz; speech needs {LOWEST_RATE} Hz or more")
    wav = channels.mean(axis=1)
    if not np.isfinite(wav).all():
        raise ValueError(f"{path}: NaN or infinity among its samples")
    return wav, rate


def check_extent(path, longest_s, most_channels):
    """Refuse a recording that takes too much time or memory, before it is read.

    Parameters
    ----------
    path : str or Path
        As in `read_recording`.
    longest_s : float
        Length it may have, seconds.
    most_channels : int
        Channels it may have.

    Returns
    -------
    sample_rate : int
        Hz.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is no audio, too long, or of too many channels or too high a rate.
    """
    with plain_errors(path):
        info = soundfile.info(path)
    if info.duration > longest_s:
        raise ValueError(
            f"{path}: {info.duration:.1f} s of audio; at most {longest_s:g} s are read,"
            " so cut it"
        )
    if info.channels > most_channels:
        raise ValueError(
            f"{path}: {info.channels} channels; at most {most_channels} are read"
        )
    if info.samplerate > HIGHEST_RATE:
        raise ValueError(f"{path}: {info.samplerate} Hz; at most {HIGHEST_RATE} Hz")
    return info.samplerate


@contextmanager
def plain_errors(path):
    """Turn what libsndfile complains of into one line.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the block cannot read it.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f"{path}: no such recording")
    try:
        yield
    except (soundfile.LibsndfileError, TypeError) as error:
        raise ValueError(
            f"{path}: cannot be read ({error}); expected WAV, FLAC, OGG or MP3"
        ) from error


def resample(wav, rate, sample_rate):
    """Bring samples to another rate, those at that rate already as they are.

    Parameters
    ----------
    wav : ndarray, (n_samples,)
        May be empty.
    rate, sample_rate : int
        Hz, as they are and as they shall be.

    Returns
    -------
    wav : ndarray, (ceil(n_samples * sample_rate / rate),)
        Of the same type.

    Examples
    --------
    >>> resample(np.zeros(44101), 44100, 11025).shape
    (11026,)
    """
    # As training data were resampled. torchaudio's kernel grows with the product of
    # the two rates, which are seldom as kind as 44100 and 11025.
    common = math.gcd(rate, sample_rate)
    if len(wav) == 0 or rate == sample_rate:
        return wav
    return resample_poly(wav, sample_rate // common, rate // common)
