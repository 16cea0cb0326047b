"""Measurements of the noise, voices, rooms and lines of local.input.augment."""

import math

import pytest
import torch

from local.input.augment import Babble, ColouredNoise, Reverb, Telephone

RATE = 11025
REVERB = Reverb(1.0, RATE, t60_s=[0.1, 0.5], direct_db=[3, 15])
TELEPHONE = Telephone(1.0, RATE, low_hz=[200, 400], high_hz=[3000, 3800], order=6)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def draw(batch=32):
    """Return noise of the same length with levels 60 dB apart, (batch, samples)."""
    wavs = torch.randn((batch, 2000), generator=generator(99))
    return wavs * torch.logspace(-3, 0, batch)[:, None]


def level_db(wavs):
    return 10 * wavs.square().mean(dim=1).log10()


def sine(hz):
    time = torch.arange(RATE, dtype=torch.float64) / RATE
    return torch.sin(2 * math.pi * hz * time).float()


@pytest.mark.parametrize(
    "make",
    [
        lambda snr_db: ColouredNoise(1.0, RATE, snr_db, slope=[0, 2], low_hz=50),
        lambda snr_db: Babble(1.0, snr_db, n_voices=4),
    ],
    ids=["noise", "babble"],
)
def test_snr_is_what_was_asked_for(make):
    wavs = draw()
    added = make([5, 20])(wavs, generator()) - wavs
    snr_db = level_db(wavs) - level_db(added)
    assert snr_db.min() > 5 - 0.01
    assert snr_db.max() < 20 + 0.01
    assert snr_db.max() - snr_db.min() > 10  # a draw per clip
    added = make([12, 12])(wavs, generator()) - wavs
    assert (level_db(wavs) - level_db(added)).sub(12).abs().max() < 0.01


def fitted_slopes(wavs):
    """Return a of 1/f^a per clip, by least squares on log power from 50 to 5000 Hz."""
    hz = torch.arange(50, 5000)
    power = torch.fft.rfft(wavs.double())[:, hz].abs().square().log10()
    position = hz.double().log10()
    position = position - position.mean()
    return -(power @ position) / position.square().sum()


def noise_alone(slope, low_hz, n_clips):
    wavs = torch.ones(n_clips, RATE)
    return ColouredNoise(1.0, RATE, [0, 0], slope, low_hz)(wavs, generator()) - wavs


def test_noise_is_flat_below_low_hz():
    noise = noise_alone(slope=[2, 2], low_hz=400, n_clips=50)
    power = torch.fft.rfft(noise).abs().square().mean(dim=0)
    assert power[20:60].mean() / power[300:400].mean() == pytest.approx(1, abs=0.2)
    assert power[800:840].mean() / power[300:400].mean() == pytest.approx(0.24, abs=0.1)


@pytest.mark.parametrize("slope", [0, 1, 2])
def test_power_of_noise_falls_with_the_slope(slope):
    noise = noise_alone(slope=[slope, slope], low_hz=1, n_clips=20)
    assert fitted_slopes(noise).mean().item() == pytest.approx(slope, abs=0.02)


def test_slope_of_noise_is_drawn_per_clip():
    slopes = fitted_slopes(noise_alone(slope=[0, 2], low_hz=50, n_clips=50))
    assert -0.1 < slopes.min() < 0.3
    assert 1.7 < slopes.max() < 2.1


def background_shares(n_clips, n_voices, seed, levels=1.0):
    """Return how much of clip j is in the background of clip i, (i, j)."""
    wavs = torch.stack([sine(100 + hz) for hz in range(n_clips)])  # orthogonal
    wavs = wavs * torch.as_tensor(levels).reshape(-1, 1)
    after = Babble(1.0, [0, 0], n_voices)(wavs, generator(seed))
    return (after - wavs) @ (wavs / wavs.square().sum(dim=1, keepdim=True)).T


@pytest.mark.parametrize("n_clips", [2, 3, 8])
def test_babble_is_made_of_other_clips_and_never_of_the_clip_itself(n_clips):
    for seed in range(10):
        shares = background_shares(n_clips, n_voices=3, seed=seed)
        assert shares.diagonal().abs().max() < 1e-3
        assert (shares.max(dim=1).values > 0.1).all()


@pytest.mark.parametrize("n_voices", [1, 4])
def test_babble_has_n_voices(n_voices):
    heard = (background_shares(30, n_voices, seed=0) > 0.01).sum(dim=1)
    assert heard.max() == n_voices
    assert heard.float().mean() > 0.9 * n_voices  # the same neighbour twice is rare


def test_voices_of_babble_are_equally_loud_however_they_were_recorded():
    levels = torch.tensor([1.0, 0.01, 1.0])
    for seed in range(10):
        first = background_shares(3, 2, seed, levels)[0] * levels
        if (first.abs() > 1e-3).sum() == 2:
            assert first[1].item() == pytest.approx(first[2].item(), rel=1e-3)
            return
    pytest.fail("no draw with two different voices")


def test_babble_leaves_a_lone_clip_alone():
    wavs = draw(batch=1)
    assert torch.equal(Babble(1.0, [5, 20], n_voices=4)(wavs, generator()), wavs)


# Reverb and telephone


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
