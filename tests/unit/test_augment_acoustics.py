"""Measurements of the noise and voices of local.input.augment."""

import pytest
import torch
from signals import RATE, draw, generator, level_db, sine

from local.input.augment import Babble, ColouredNoise


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
