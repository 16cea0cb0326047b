"""Lines a voice is sent over: their band and their codec.

The codecs are those of libsndfile, run in memory. A file format pads to whole blocks
at its end; none of those used here moves the voice in time.
"""

import io
from typing import NamedTuple

import numpy as np
import soundfile
from scipy import signal

CODECS = {
    "a-law": ("WAV", "ALAW"),
    "mu-law": ("WAV", "ULAW"),
    "g721": ("WAV", "G721_32"),
    "gsm": ("WAV", "GSM610"),
    "opus": ("OGG", "OPUS"),
    "vorbis": ("OGG", "VORBIS"),
    "mp3": ("MP3", "MPEG_LAYER_III"),
}
NARROW = (8000, ("a-law", "mu-law", "g721", "gsm", "opus"))  # Hz, codecs
WIDE = (16000, ("opus", "vorbis", "mp3"))
BAND_LOW_HZ = (150, 350)  # of a narrow line, as telephones have it
BAND_HIGH_HZ = (3000, 3700)


class Line(NamedTuple):
    """What a voice is sent over.

    Attributes
    ----------
    codec : str
        Key of ``CODECS``, or "none".
    rate : int
        Sample rate of the codec, Hz.
    band_hz : (float, float) or None
        Edges of the band, if it is a narrow one.
    """

    codec: str = "none"
    rate: int = 0
    band_hz: tuple | None = None


def draw_line(narrow_share, wide_share, rng):
    """Draw a narrow line, a wide one, or none.

    Parameters
    ----------
    narrow_share, wide_share : float
        Probabilities of the two; together at most 1.
    rng : np.random.Generator
        Source of the draw.

    Returns
    -------
    line : Line
        With a codec drawn among those of its kind.
    """
    kind = rng.random()
    if kind >= narrow_share + wide_share:
        return Line()
    rate, codecs = NARROW if kind < narrow_share else WIDE
    band_hz = (rng.uniform(*BAND_LOW_HZ), rng.uniform(*BAND_HIGH_HZ))
    return Line(str(rng.choice(codecs)), rate, band_hz if rate == NARROW[0] else None)


def send(wav, sample_rate, line):
    """Send a segment over a line.

    Parameters
    ----------
    wav : ndarray, (n_samples,)
        Samples in -1..1.
    sample_rate : int
        Hz.
    line : Line
        As from `draw_line`.

    Returns
    -------
    received : ndarray, (n_samples,)
        At the sample rate it had.
    """
    if line.codec == "none":
        return wav
    sent = signal.resample_poly(wav, line.rate, sample_rate)
    if line.band_hz:
        sos = signal.butter(3, line.band_hz, "bandpass", fs=line.rate, output="sos")
        sent = signal.sosfilt(sos, sent)
    container, subtype = CODECS[line.codec]
    with io.BytesIO() as file:
        soundfile.write(file, np.clip(sent, -1, 1), line.rate, subtype, None, container)
        file.seek(0)
        received, _ = soundfile.read(file)
    received = signal.resample_poly(received[: len(sent)], sample_rate, line.rate)
    return received[: len(wav)]
