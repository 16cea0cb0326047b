"""A segment for ear and eye in a page: FLAC, wave and spectrogram as text."""

import base64
from io import BytesIO

import numpy as np
import soundfile
import torch
from PIL import Image
from speechbrain.lobes.features import Fbank

N_COLUMNS = 160  # of the drawn wave
N_BANDS = 64
RANGE_DB = 60  # below the loudest of the segment: white
N_GREYS = 32  # a picture of half the bytes, and nobody sees it


def describe_clip(wav, sample_rate):
    """Turn a segment into what a page needs to play and draw it.

    Parameters
    ----------
    wav : Tensor, (samples,)
        In -1..1.
    sample_rate : int
        Hz.

    Returns
    -------
    clip : dict of str to str
        ``audio`` and ``spectrogram`` as data URLs, ``wave`` as an SVG path in a box of
        `N_COLUMNS` x 100.
    """
    return {
        "audio": data_url("audio/flac", encode_flac(wav.numpy(), sample_rate)),
        "wave": draw_wave(wav.numpy()),
        "spectrogram": data_url("image/png", draw_spectrogram(wav, sample_rate)),
    }


def data_url(kind, content):
    """Return bytes as a URL that holds them.

    Examples
    --------
    >>> data_url("text/plain", b"voice")
    'data:text/plain;base64,dm9pY2U='
    """
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def encode_flac(wav, sample_rate):
    """Return a wave as FLAC, which every browser plays: 16 bits a sample, all kept.

    Parameters
    ----------
    wav : ndarray, (samples,)
        In -1..1; what lies beyond is cut off.
    sample_rate : int
        Hz.
    """
    stream = BytesIO()
    # FLAC has no float, and libsndfile does not clip in all its versions.
    loudest = 1 - 2**-15
    clipped = np.clip(wav, -1, loudest)
    soundfile.write(stream, clipped, sample_rate, format="FLAC", subtype="PCM_16")
    return stream.getvalue()


def draw_wave(wav):
    """Return the outline of a wave, scaled to its peak, as SVG: a stroke a column.

    Examples
    --------
    >>> draw_wave(np.tile([0.0, 0.1, -0.2], N_COLUMNS))[:20]
    'M0 25V100M1 25V100M2'
    """
    peak = np.abs(wav).max() or 1.0  # of silence, any
    columns = np.array_split(wav / peak, N_COLUMNS)
    top = [round(50 - 50 * column.max()) for column in columns]
    bottom = [round(50 - 50 * column.min()) for column in columns]
    # A stroke of no length is not drawn.
    strokes = enumerate(zip(top, bottom, strict=True))
    return "".join(f"M{x} {high}V{max(low, high + 1)}" for x, (high, low) in strokes)


def draw_spectrogram(wav, sample_rate):
    """Return the mel spectrogram of a segment as PNG, dark where it is loud.

    Parameters
    ----------
    wav : Tensor, (samples,)
        The segment.
    sample_rate : int
        Hz.

    Returns
    -------
    png : bytes
        A pixel a band, low ones at the bottom, and a frame of 10 ms.
    """
    fbank = Fbank(sample_rate=sample_rate, n_mels=N_BANDS, n_fft=512)
    with torch.inference_mode():
        levels = fbank(wav.unsqueeze(0))[0].numpy()  # dB, (frames, bands)
    grey = np.clip((levels.max() - levels) / RANGE_DB, 0, 1) * (N_GREYS - 1)
    pixels = np.rint(grey).astype(np.uint8) * (255 // (N_GREYS - 1))
    stream = BytesIO()
    Image.fromarray(pixels.T[::-1]).save(stream, "PNG", optimize=True)
    return stream.getvalue()
