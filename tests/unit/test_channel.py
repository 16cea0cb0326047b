"""Measurements of the rooms, microphones, levels and lines of local.input.channel."""

import pytest
import torch
from signals import RATE, draw, generator, level_db, sine

from local.input.channel import (
    Clipping,
    MicrophoneResponse,
    MuLaw,
    Reverb,
    Telephone,
)

REVERB = Reverb(1.0, RATE, t60_s=[0.1, 0.5], direct_db=[3, 15])
TELEPHONE = Telephone(1.0, RATE, low_hz=[200, 400], high_hz=[3000, 3800], order=6)

# Rooms


def room_responses(t60_s, direct_db, batch=50):
    impulse = torch.zeros(batch, RATE)
    impulse[:, 0] = 1
    return Reverb(1.0, RATE, t60_s, direct_db)(impulse, generator())


def test_reverb_keeps_the_level():
    wavs = draw()
    after = REVERB(wavs, generator())
    assert torch.allclose(level_db(after), level_db(wavs), atol=1e-3)


@pytest.mark.parametrize("t60", [0.2, 0.4])
def test_reverb_decays_by_60_db_in_t60(t60):
    tail = room_responses([t60, t60], [0, 0])[:, 1:]
    frames = tail[:, : int(t60 * RATE) // 100 * 100].unflatten(1, (-1, 100))
    db = 10 * frames.square().mean(dim=(0, 2)).log10()
    time = torch.arange(len(db)) * 100 / RATE
    time = time - time.mean()
    db_per_s = (db @ time / time.square().sum()).item()
    assert db_per_s * t60 == pytest.approx(-60, abs=1)


def test_reverb_time_is_drawn_per_clip():
    tails = room_responses([0.1, 0.5], [3, 3])[:, 1:]
    energy = tails.square()
    early = energy[:, : RATE // 20].sum(dim=1) / energy.sum(dim=1)  # in 50 ms
    assert early.max() > 0.99  # of t60 = 0.1 s: 1 - 10^-3
    assert early.min() < 0.8  # of t60 = 0.5 s: 1 - 10^-0.6 = 0.75


def test_rooms_of_the_same_t60_differ():
    first, second = room_responses([0.3, 0.3], [3, 3], batch=2)
    assert not torch.allclose(first, second, atol=1e-3)


@pytest.mark.parametrize("direct_db", [0, 12])
def test_reverb_has_the_direct_to_reverberant_ratio(direct_db):
    room = room_responses([0.3, 0.3], [direct_db, direct_db])
    tail_energy = room[:, 1:].square().sum(dim=1)
    ratio_db = 10 * (room[:, 0].square() / tail_energy).log10()
    assert ratio_db.sub(direct_db).abs().max() < 0.01


def test_reverb_comes_after_the_sound_and_does_not_wrap_around():
    wavs = torch.zeros(4, RATE)
    wavs[:, 8000] = 1
    after = REVERB(wavs, generator())
    assert after[:, :8000].abs().max() < 1e-5
    assert (after.argmax(dim=1) == 8000).all()
    assert (after[:, 8001:8100].abs().max(dim=1).values > 1e-3).all()


# Lines


@pytest.mark.parametrize(
    ("hz", "gain_db"),
    [
        (100, -57.3),  # (300 / 100)^12 = 531441
        (300, -3.01),
        (1000, 0.0),
        (3400, -3.01),
        (5000, -20.1),  # 1 + (5000 / 3400)^12 = 103.3
    ],
)
def test_telephone_passes_its_band_alone(hz, gain_db):
    wavs = sine(hz)[None]
    after = Telephone(1.0, RATE, [300, 300], [3400, 3400], 6)(wavs, generator())
    gain = level_db(after) - level_db(wavs)
    assert gain.item() == pytest.approx(gain_db, abs=0.1)


def test_telephone_keeps_the_phase():
    wavs = sine(1000)[None]
    after = TELEPHONE(wavs, generator())
    assert torch.allclose(after, wavs, atol=1e-3)


@pytest.mark.parametrize("hz", [300, 3400])
def test_telephone_draws_both_edges_per_clip(hz):
    wavs = sine(hz).repeat(50, 1)
    loss_db = level_db(wavs) - level_db(TELEPHONE(wavs, generator()))
    assert loss_db.min() < 1.5  # 300 Hz: 0.03 to 15 dB, 3400 Hz: 1.0 to 7.4 dB
    assert loss_db.max() > 6


def test_telephone_without_a_low_cut_keeps_the_bass():
    wavs = torch.stack([torch.ones(RATE), sine(50), sine(4000)])
    telephone = Telephone(1.0, RATE, [0, 0], [2500, 2500], 6)
    loss_db = level_db(wavs) - level_db(telephone(wavs, generator()))
    assert loss_db[:2].abs().max() < 0.01
    assert loss_db[2] > 20


@pytest.mark.parametrize(("bits", "snr_db"), [(8, 38), (7, 32), (6, 26), (5, 20)])
def test_bits_of_mu_law_set_the_ratio_of_speech_to_noise(bits, snr_db):
    wavs = draw()
    noise = MuLaw(1.0, [bits, bits])(wavs, generator()) - wavs
    measured = level_db(wavs) - level_db(noise)
    assert measured.mean().item() == pytest.approx(snr_db, abs=1)
    assert measured.std() < 1  # whatever the level


def test_noise_of_mu_law_follows_the_voice():
    wavs = draw(batch=1)
    wavs[:, :1000] *= 0.1
    noise = MuLaw(1.0, [6, 6])(wavs, generator()) - wavs
    quieter = level_db(noise[:, 1000:]) - level_db(noise[:, :1000])
    assert quieter.item() > 12  # of 20 dB


def test_bits_of_mu_law_are_drawn_per_clip():
    wavs = draw(batch=1).repeat(50, 1)
    noise = MuLaw(1.0, [4, 8])(wavs, generator()) - wavs
    snr_db = level_db(wavs) - level_db(noise)
    assert snr_db.max() - snr_db.min() > 20  # of 25 dB


# Microphones


def responses_db(spread_db, n_knots, batch=60):
    """Return gains in dB against their mean, (batch, bins of 1 Hz)."""
    impulse = torch.zeros(batch, RATE)
    impulse[:, 0] = 1
    microphone = MicrophoneResponse(1.0, RATE, spread_db, n_knots)
    gain_db = 20 * torch.fft.rfft(microphone(impulse, generator())).abs().log10()
    return gain_db - gain_db.mean(dim=1, keepdim=True)


def test_microphone_keeps_the_level():
    wavs = draw()
    after = MicrophoneResponse(1.0, RATE, 6, 8)(wavs, generator())
    assert torch.allclose(level_db(after), level_db(wavs), atol=1e-3)


def test_gain_of_the_microphone_has_the_spread_it_was_given():
    twice = responses_db(6, 8).std(), responses_db(3, 8).std()
    assert twice[0].item() == pytest.approx(2 * twice[1].item(), rel=1e-3)
    # Between two knots the variance is halved, and each clip loses its own mean.
    assert 3.5 < twice[0] < 6


def test_response_of_the_microphone_is_smooth():
    gain_db = responses_db(6, 8)[:, 100:]
    assert gain_db.diff(dim=1).abs().max() < 0.3  # dB per Hz


def test_more_knots_make_a_finer_response():
    few, many = (responses_db(6, n)[:, 100:].diff(dim=1).abs().mean() for n in (4, 16))
    assert many > 2 * few


def test_one_knot_is_a_level_and_changes_nothing():
    wavs = draw()
    after = MicrophoneResponse(1.0, RATE, 6, 1)(wavs, generator())
    assert torch.allclose(after, wavs, rtol=1e-3, atol=1e-5)


# Levels


def test_clipping_cuts_the_largest_samples_alone():
    wavs = draw()
    after = Clipping(1.0, max_share=0.1)(wavs, generator())
    cut = after != wavs
    level = after.abs().amax(dim=1, keepdim=True)
    assert torch.equal(after[cut], (level * wavs.sign())[cut])
    assert (wavs.abs()[cut] > level.expand_as(wavs)[cut]).all()


def test_share_of_clipped_samples_is_drawn_up_to_the_largest():
    wavs = torch.randn((300, 2000), generator=generator(99))
    after = Clipping(1.0, max_share=0.1)(wavs, generator())
    n_cut = (after != wavs).sum(dim=1)
    assert n_cut.min() >= 1
    assert n_cut.max() <= 200
    assert n_cut.float().mean().item() == pytest.approx(100, abs=10)
