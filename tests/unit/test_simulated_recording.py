"""Measurements of simulated devices."""

import numpy as np
import pytest
from scipy import signal

from data_prep.simulated_line import Line
from data_prep.simulated_recording import (
    SEVERITIES,
    Device,
    draw_device,
    equaliser_section,
    record,
)
from data_prep.simulated_room import Room

RATE = 11025
CLOSE = Room(np.array([4.0, 4, 3]), np.full(3, 1.5), np.array([1.5, 1.5, 1.501]), 0.2)
PLAIN = Device(
    room=CLOSE,
    snr_db=90.0,
    hum_snr_db=90.0,
    level_db=-25.0,
    noise_pole=0.5,
    mains_hz=50.0,
    microphone=np.array([[1.0, 0, 0, 1, 0, 0]]),
    line=Line(),
)


def tone(hz=1000, amplitude=0.3):
    return amplitude * np.sin(2 * np.pi * hz * np.arange(RATE) / RATE)


def level_db(wav):
    return 10 * np.log10((np.asarray(wav, float) ** 2).mean())


def through(rng, wav=None, **changes):
    return record(tone() if wav is None else wav, PLAIN._replace(**changes), RATE, rng)


def residual_db(recorded, wav):
    """Return the level of what is not the voice, against the voice."""
    gain = (recorded @ wav) / (wav @ wav)
    return level_db(recorded - gain * wav) - level_db(gain * wav)


@pytest.mark.parametrize("amplitude", [0.001, 0.9])
def test_the_level_is_that_of_the_device_whatever_it_was(rng, amplitude):
    recorded = through(rng, tone(amplitude=amplitude), level_db=-30)
    assert level_db(recorded) == pytest.approx(-30, abs=0.1)


def test_a_plain_device_close_by_changes_nothing_but_the_level(rng):
    assert residual_db(through(rng), tone()) < -40


def test_samples_are_float32_on_the_steps_of_a_16_bit_wav(rng):
    recorded = through(rng)
    assert recorded.dtype == np.float32
    steps = recorded.astype(float) * 32768
    assert np.array_equal(steps, np.round(steps))


def test_too_high_a_level_is_limited_to_full_scale(rng):
    recorded = through(rng, level_db=3)
    assert np.abs(recorded).max() <= 1
    assert (np.abs(recorded) > 0.999).mean() > 0.3


def test_noise_and_hum_have_the_ratios_of_the_device(rng):
    assert residual_db(through(rng, snr_db=15), tone()) == pytest.approx(-15, abs=0.2)
    recorded = through(rng, hum_snr_db=20, mains_hz=60)
    assert residual_db(recorded, tone()) == pytest.approx(-20, abs=0.2)
    spectrum = np.abs(np.fft.rfft(recorded))  # bins of 1 Hz
    assert set(np.argsort(spectrum)[-7:]) == {1000, *range(60, 361, 60)}


def test_the_room_the_microphone_and_the_line_are_heard(rng):
    far = CLOSE._replace(microphone_m=np.array([3.0, 3, 1.5]))
    assert residual_db(through(rng, room=far), tone()) > -25
    low_pass = signal.butter(2, 500, fs=RATE, output="sos")
    voice = tone(100) + tone(2000)
    spectrum = np.abs(np.fft.rfft(through(rng, voice, microphone=low_pass)))
    assert spectrum[100] > 10 * spectrum[2000]
    assert residual_db(through(rng, line=Line("g721", 8000)), tone()) > -40


def test_silence_stays_silence(rng):
    device = draw_device(SEVERITIES["default"], RATE, rng)._replace(line=Line())
    assert np.isfinite(record(np.zeros(RATE), device, RATE, rng)).all()
    assert not record(np.zeros(RATE), PLAIN, RATE, rng).any()


@pytest.mark.parametrize("kind", ["peak", "shelf"])
@pytest.mark.parametrize("gain_db", [-8, 8])
def test_an_equaliser_has_its_gain_where_it_should(kind, gain_db):
    section = equaliser_section(kind, 1000, gain_db, 0.7, RATE)
    _, response = signal.freqz_sos([section], [1, 1000, 5500], fs=RATE)
    expected = [0, gain_db, 0] if kind == "peak" else [0, gain_db / 2, gain_db]
    assert 20 * np.log10(np.abs(response)) == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize("name", SEVERITIES)
def test_what_is_drawn_is_within_the_severity(name):
    severity = SEVERITIES[name]
    rng = np.random.default_rng(1)
    devices = [draw_device(severity, RATE, rng) for _ in range(200)]
    for device in devices:
        for field in ("snr_db", "hum_snr_db", "level_db"):
            low, high = getattr(severity, field)
            assert low <= getattr(device, field) <= high
        assert severity.t60_s[0] <= device.room.t60_s <= severity.t60_s[1]
        assert 0 < device.room.distance_m <= severity.distance_m[1] * 1.001
        assert 3 <= len(device.microphone) <= 5  # two roll-offs, 1 to 3 bands
    distances = [device.room.distance_m for device in devices]
    assert np.median(distances) == pytest.approx(
        np.sqrt(np.prod(severity.distance_m)), rel=0.25
    )


def test_mild_microphones_are_closer_to_each_other_than_default_ones():
    def spread_db(name):
        rng = np.random.default_rng(2)
        hz = np.geomspace(200, 4000, 30)
        gains = []
        for _ in range(60):
            sections = draw_device(SEVERITIES[name], RATE, rng).microphone
            _, response = signal.freqz_sos(sections, hz, fs=RATE)
            gains.append(20 * np.log10(np.abs(response)))
        return np.std(np.array(gains), axis=0).mean()

    assert spread_db("default") > 1.5 * spread_db("mild")
