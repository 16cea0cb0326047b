"""Measurements of simulated lines, and the traps of their codecs."""

import numpy as np
import pytest

from data_prep.simulated_line import CODECS, NARROW, WIDE, Line, draw_line, send

RATE = 11025
LINES = [
    Line(codec, rate, (300, 3400) if rate == 8000 else None)
    for rate, codecs in (NARROW, WIDE)
    for codec in codecs
]
EACH = pytest.mark.parametrize("line", LINES, ids=lambda x: f"{x.codec}-{x.rate}")


@pytest.fixture
def wav(rng):
    """Return one second of pulses, 100 to 160 a second, as loud as speech."""
    pulses = np.zeros(RATE)
    pulses[np.cumsum(rng.integers(70, 110, 90))] = 1
    return 0.3 * np.convolve(pulses, np.hanning(9), "same") + rng.normal(0, 1e-3, RATE)


def test_every_codec_is_used_by_a_line():
    assert {line.codec for line in LINES} == set(CODECS)


@EACH
def test_a_line_keeps_length_and_time(line, wav):
    received = send(wav, RATE, line)
    assert received.shape == wav.shape
    assert np.isfinite(received).all()
    # The filter of a narrow line delays by less than a millisecond.
    products = np.correlate(received, wav[200:-200])
    assert abs(np.argmax(products) - 200) <= (8 if line.band_hz else 1)


@EACH
def test_a_line_changes_the_voice_but_not_beyond_recognition(line, wav):
    clean = send(wav, RATE, line._replace(codec="mu-law"))
    received = send(wav, RATE, line)
    assert not np.array_equal(received, wav)
    assert np.corrcoef(received, clean)[0, 1] > 0.9


@EACH
def test_the_same_segment_is_received_the_same(line, wav):
    assert np.array_equal(send(wav, RATE, line), send(wav, RATE, line))


@EACH
def test_silence_stays_nearly_silent(line):
    assert np.abs(send(np.zeros(RATE), RATE, line)).max() < 1e-3


def test_no_line_leaves_the_very_same_values(wav):
    assert send(wav, RATE, Line()) is wav


def test_a_narrow_line_passes_its_band_alone(rng):
    noise = 0.1 * rng.normal(size=RATE)
    received = send(noise, RATE, Line("mu-law", 8000, (300, 3400)))
    power = np.abs(np.fft.rfft(received)) ** 2 / np.abs(np.fft.rfft(noise)) ** 2
    gain_db = 10 * np.log10(
        [np.median(power[hz : hz + 100]) for hz in (50, 1000, 4500)]
    )
    assert gain_db[1] == pytest.approx(0, abs=1)
    assert gain_db[0] < -20
    assert gain_db[2] < -40  # of 8000 Hz nothing is left above 4000


def test_shares_of_the_lines_are_as_asked_for(rng):
    lines = [draw_line(0.2, 0.3, rng) for _ in range(2000)]
    rates = np.array([line.rate for line in lines])
    assert (rates == 8000).mean() == pytest.approx(0.2, abs=0.03)
    assert (rates == 16000).mean() == pytest.approx(0.3, abs=0.03)
    assert {line.codec for line in lines} == {*CODECS, "none"}
    assert all((line.band_hz is not None) == (line.rate == 8000) for line in lines)
