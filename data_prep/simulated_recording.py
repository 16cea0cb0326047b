"""Recordings by simulated devices: room, noise, microphone, level, line.

A `Device` is drawn within the ranges of a `Severity`; `record` lets it record.
"""

from typing import NamedTuple

import numpy as np
from scipy import signal

from data_prep.simulated_line import Line, draw_line, send
from data_prep.simulated_room import Room, draw_room, room_response

HARMONICS = np.arange(1, 7)  # of the mains, each 1/k as strong as the first
NOISE_POLE = (0.5, 0.97)  # rooms sound dull: 0 is white, towards 1 is a rumble
FILTER_HZ = (150, 4500)  # where the microphone has resonances and shelves
FILTER_Q = (0.5, 2.0)


class Severity(NamedTuple):
    """How far devices lie apart: ranges of uniform draws.

    Attributes
    ----------
    t60_s, distance_m : (float, float)
        Reverberation time, and distance of the talker, the latter in equal ratios.
    snr_db, hum_snr_db : (float, float)
        Speech against noise, and against the hum of the mains.
    microphone_db : float
        Each of one to three resonances or shelves is within ± so much.
    bass_hz, treble_hz : (float, float)
        Where the microphone rolls off, 3 dB down.
    level_db : (float, float)
        Root mean square, full scale is 0.
    narrow_share, wide_share : float
        Probabilities of a telephone line and of a codec of full band.
    """

    t60_s: tuple
    distance_m: tuple
    snr_db: tuple
    hum_snr_db: tuple
    microphone_db: float
    bass_hz: tuple
    treble_hz: tuple
    level_db: tuple
    narrow_share: float
    wide_share: float


SEVERITIES = {
    # Another device of the same kind, close by, in a quiet room.
    "mild": Severity(
        t60_s=(0.15, 0.35),
        distance_m=(0.05, 0.4),
        snr_db=(22, 40),
        hum_snr_db=(35, 55),
        microphone_db=3,
        bass_hz=(40, 120),
        treble_hz=(4800, 5400),
        level_db=(-30, -20),
        narrow_share=0.0,
        wide_share=0.4,
    ),
    # Another telephone in another room, held in the hand or lying on the table.
    "default": Severity(
        t60_s=(0.2, 0.6),
        distance_m=(0.05, 0.8),
        snr_db=(15, 35),
        hum_snr_db=(30, 55),
        microphone_db=6,
        bass_hz=(50, 200),
        treble_hz=(4000, 5400),
        level_db=(-35, -18),
        narrow_share=0.2,
        wide_share=0.4,
    ),
}


class Device(NamedTuple):
    """What a segment goes through.

    Attributes
    ----------
    room : Room
        Where it is spoken.
    snr_db, hum_snr_db, level_db : float
        As in `Severity`.
    noise_pole, mains_hz : float
        Colour of the noise, and first harmonic of the hum.
    microphone : ndarray, (n_sections, 6)
        Filter in second-order sections.
    line : Line
        What it is sent over.
    """

    room: Room
    snr_db: float
    hum_snr_db: float
    level_db: float
    noise_pole: float
    mains_hz: float
    microphone: np.ndarray
    line: Line


def draw_device(severity, sample_rate, rng):
    """Draw a device and the room it is in.

    Parameters
    ----------
    severity : Severity
        Such as ``SEVERITIES["default"]``.
    sample_rate : int
        Hz.
    rng : np.random.Generator
        Source of the draw.

    Returns
    -------
    device : Device
        For one segment.
    """
    near, far = severity.distance_m
    distance_m = near * (far / near) ** rng.random()
    return Device(
        room=draw_room(rng.uniform(*severity.t60_s), distance_m, rng),
        snr_db=rng.uniform(*severity.snr_db),
        hum_snr_db=rng.uniform(*severity.hum_snr_db),
        level_db=rng.uniform(*severity.level_db),
        noise_pole=rng.uniform(*NOISE_POLE),
        mains_hz=rng.choice([50.0, 60.0]),
        microphone=_draw_microphone(severity, sample_rate, rng),
        line=draw_line(severity.narrow_share, severity.wide_share, rng),
    )


def record(wav, device, sample_rate, rng):
    """Record a segment by a device.

    Parameters
    ----------
    wav : ndarray, (n_samples,)
        The voice, at any level; silence stays silence.
    device : Device
        As from `draw_device`.
    sample_rate : int
        Hz.
    rng : np.random.Generator
        Draws the noise and the tail of the room.

    Returns
    -------
    recorded : ndarray of float32, (n_samples,)
        In -1..1, on the steps of a 16-bit WAV.
    """
    response = room_response(device.room, sample_rate, rng)
    wav = signal.fftconvolve(wav, response)[: len(wav)]
    noise = signal.lfilter([1], [1, -device.noise_pole], rng.normal(size=len(wav)))
    phases = 2 * np.pi * rng.random(len(HARMONICS))
    time_s = np.arange(len(wav))[:, None] / sample_rate
    waves = np.sin(2 * np.pi * device.mains_hz * HARMONICS * time_s + phases)
    hum = waves @ (1 / HARMONICS)
    speech = _rms(wav)
    wav = wav + _scaled(noise, speech, -device.snr_db)
    wav = wav + _scaled(hum, speech, -device.hum_snr_db)
    wav = signal.sosfilt(device.microphone, wav)
    wav = np.clip(_scaled(wav, 1.0, device.level_db), -1, 1)
    wav = np.clip(send(wav, sample_rate, device.line), -1, 1)
    return (np.round(wav * 32767) / 32768).astype(np.float32)


def equaliser_section(kind, hz, gain_db, q, sample_rate):
    """Compute one band of an equaliser.

    Parameters
    ----------
    kind : {"peak", "shelf"}
        Whether the sound around a frequency gets the gain, or all sound above; the
        latter is, but for the level, a shelf of the bass as well.
    hz, gain_db, q : float
        Where the peak is, or the middle of the slope; the gain; how narrow or steep.
    sample_rate : int
        Hz.

    Returns
    -------
    section : ndarray, (6,)
        Second-order section.

    References
    ----------
    Bristow-Johnson, Cookbook formulae for audio equalizer biquad filter coefficients.

    Examples
    --------
    >>> section = equaliser_section("shelf", 1000, 6, 0.7, 11025)
    >>> _, response = signal.freqz_sos([section], [1, 1000, 5500], fs=11025)
    >>> (20 * np.log10(np.abs(response))).round(1) + 0
    array([0., 3., 6.])
    """
    w = 2 * sample_rate * np.tan(np.pi * hz / sample_rate)
    amplitude = 10 ** (gain_db / 40)
    if kind == "peak":
        b = [1, amplitude * w / q, w**2]
        a = [1, w / (amplitude * q), w**2]
    else:
        middle = np.sqrt(amplitude) * w / q
        b = [amplitude**2, amplitude * middle, amplitude * w**2]
        a = [1, middle, amplitude * w**2]
    return np.concatenate(signal.bilinear(b, a, sample_rate))


def _draw_microphone(severity, sample_rate, rng):
    """Draw resonances and shelves, and where bass and treble end."""
    bass, treble = (rng.uniform(*hz) for hz in (severity.bass_hz, severity.treble_hz))
    sections = [
        *signal.butter(1, bass, "highpass", fs=sample_rate, output="sos"),
        *signal.butter(2, treble, "lowpass", fs=sample_rate, output="sos"),
    ]
    low, high = np.log(FILTER_HZ)
    for _ in range(rng.integers(1, 4)):
        kind, hz = rng.choice(["peak", "shelf"]), np.exp(rng.uniform(low, high))
        gain_db = rng.uniform(-severity.microphone_db, severity.microphone_db)
        q = rng.uniform(*FILTER_Q)
        sections.append(equaliser_section(kind, hz, gain_db, q, sample_rate))
    return np.array(sections)


def _rms(wav):
    """Return the root mean square, never zero."""
    return np.sqrt((wav**2).mean()) + 1e-12


def _scaled(wav, reference, level_db):
    """Scale to so many decibels against a root mean square."""
    return wav * (reference / _rms(wav) * 10 ** (level_db / 20))
