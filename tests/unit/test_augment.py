"""Tests of local.input.augment."""

import math

import pytest
import torch
from hyperpyyaml import load_hyperpyyaml

from local.input.augment import (
    Babble,
    Chain,
    ColouredNoise,
    FeatureMasks,
    Gain,
    PerClip,
    Reverb,
    Shift,
    Telephone,
)

RATE = 11025
SNR_DB = [5, 20]
OF_WAVS = {
    "gain": lambda prob: Gain(prob, max_db=6),
    "shift": lambda prob: Shift(prob, max_share=1.0),
    "noise": lambda prob: ColouredNoise(prob, SNR_DB, slope=[0, 2]),
    "babble": lambda prob: Babble(prob, SNR_DB, n_voices=4),
    "reverb": lambda prob: Reverb(prob, RATE, t60_s=[0.1, 0.5], direct_db=[3, 15]),
    "telephone": lambda prob: Telephone(
        prob, RATE, low_hz=[200, 400], high_hz=[3000, 3800], order=6
    ),
}
ALL = {**OF_WAVS, "masks": lambda prob: FeatureMasks(prob, 2, 10, 2, 6)}
EACH = pytest.mark.parametrize("name", ALL)
EACH_OF_WAVS = pytest.mark.parametrize("name", OF_WAVS)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def draw(name, batch=32):
    """Return clips (batch, samples), or features (batch, frames, mels) for masks."""
    shape = (101, 64) if name == "masks" else (2000,)
    return torch.randn((batch, *shape), generator=generator(99))


def changed_clips(before, after):
    return (before != after).flatten(1).any(dim=1)


def level_db(wavs):
    return 10 * wavs.square().mean(dim=1).log10()


def sine(hz):
    time = torch.arange(RATE, dtype=torch.float64) / RATE
    return torch.sin(2 * math.pi * hz * time).float()


# What all of them promise


@EACH
def test_prob_0_leaves_the_very_same_values(name):
    wavs = draw(name)
    assert torch.equal(ALL[name](0.0)(wavs, generator()), wavs)


@EACH
def test_prob_1_changes_every_clip(name):
    wavs = draw(name)
    assert changed_clips(wavs, ALL[name](1.0)(wavs, generator())).all()


@EACH
def test_prob_is_the_share_of_changed_clips(name):
    wavs = draw(name, batch=400)
    share = (
        changed_clips(wavs, ALL[name](0.25)(wavs, generator())).float().mean().item()
    )
    assert share == pytest.approx(0.25, abs=0.06)  # three standard deviations


@EACH
def test_the_input_stays_as_it_is(name):
    wavs = draw(name)
    before = wavs.clone()
    ALL[name](0.5)(wavs, generator())
    assert torch.equal(wavs, before)


@EACH
def test_equal_clips_of_a_batch_come_out_different(name):
    wavs = draw(name, batch=1).repeat(4, *[1] * (draw(name).dim() - 1))
    after = ALL[name](1.0)(wavs, generator())
    for i in range(4):
        for j in range(i):
            assert not torch.equal(after[i], after[j])


@EACH
def test_shape_and_dtype_stay_and_values_are_finite(name):
    wavs = draw(name)
    after = ALL[name](1.0)(wavs, generator())
    assert (after.shape, after.dtype) == (wavs.shape, wavs.dtype)
    assert after.isfinite().all()


@EACH
def test_the_generator_alone_decides(name):
    wavs = draw(name)
    augment = ALL[name](0.5)
    first = augment(wavs, generator(1))
    torch.manual_seed(5)  # the global generator has no say
    assert torch.equal(augment(wavs, generator(1)), first)
    assert not torch.equal(augment(wavs, generator(2)), first)


@EACH_OF_WAVS
def test_silent_clips_stay_finite_and_silent(name):
    wavs = draw(name, batch=4)
    wavs[1] = 0
    after = OF_WAVS[name](1.0)(wavs, generator())
    assert after.isfinite().all()
    assert after[1].abs().max() < 1e-5
    assert OF_WAVS[name](1.0)(torch.zeros(4, 2000), generator()).abs().max() < 1e-5


@EACH_OF_WAVS
def test_an_odd_number_of_samples_is_kept(name):
    wavs = torch.randn((4, 1001), generator=generator())
    assert OF_WAVS[name](1.0)(wavs, generator()).shape == (4, 1001)


@EACH
@pytest.mark.parametrize("prob", [-0.1, 1.1, math.nan])
def test_a_prob_outside_0_to_1_is_refused(name, prob):
    with pytest.raises(ValueError, match=r": prob must be in 0\.\.1, got"):
        ALL[name](prob)


def test_the_refusal_names_the_augmentation():
    with pytest.raises(ValueError, match="Telephone: prob"):
        OF_WAVS["telephone"](2)


# Gain and shift


def test_gain_scales_each_clip_by_one_factor_within_max_db():
    wavs = draw("gain", batch=200)
    ratio = Gain(1.0, max_db=6)(wavs, generator()) / wavs
    assert torch.allclose(ratio, ratio[:, :1].expand_as(ratio), rtol=1e-5)
    gain_db = 20 * ratio[:, 0].log10()
    assert -6.001 < gain_db.min() < -5  # 200 draws come near both ends
    assert 5 < gain_db.max() < 6.001


@pytest.mark.parametrize("max_share", [1.0, 0.25])
def test_shift_rotates_by_at_most_max_share(max_share):
    wavs = torch.arange(100.0).repeat(300, 1)
    after = Shift(1.0, max_share)(wavs, generator())
    offsets = after[:, 0].int().tolist()
    for clip, offset in zip(after, offsets, strict=True):
        assert torch.equal(clip, wavs[0].roll(-offset))
    assert min(offsets) < 5
    assert max_share * 100 - 5 < max(offsets) < max_share * 100


# Noise and babble


@pytest.mark.parametrize("name", ["noise", "babble"])
def test_snr_is_what_was_asked_for(name):
    wavs = draw(name) * torch.logspace(-3, 0, 32)[:, None]  # levels 60 dB apart
    augment = OF_WAVS[name](1.0)
    added = augment(wavs, generator()) - wavs
    snr_db = level_db(wavs) - level_db(added)
    assert snr_db.min() > 5 - 0.01
    assert snr_db.max() < 20 + 0.01
    assert snr_db.max() - snr_db.min() > 10  # a draw per clip
    augment.snr_db = [12, 12]
    added = augment(wavs, generator()) - wavs
    assert (level_db(wavs) - level_db(added)).sub(12).abs().max() < 0.01


def fitted_slopes(wavs):
    """Return a of 1/f^a per clip, by least squares on log power from 50 to 5000 Hz."""
    hz = torch.arange(50, 5000)
    power = torch.fft.rfft(wavs.double())[:, hz].abs().square().log10()
    position = hz.double().log10()
    position = position - position.mean()
    return -(power @ position) / position.square().sum()


@pytest.mark.parametrize("slope", [0, 1, 2])
def test_power_of_noise_falls_with_the_slope(slope):
    wavs = torch.ones(20, RATE)
    noise = ColouredNoise(1.0, [0, 0], [slope, slope])(wavs, generator()) - wavs
    assert fitted_slopes(noise).mean().item() == pytest.approx(slope, abs=0.02)


def test_slope_of_noise_is_drawn_per_clip():
    wavs = torch.ones(50, RATE)
    slopes = fitted_slopes(ColouredNoise(1.0, [0, 0], [0, 2])(wavs, generator()) - wavs)
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
    wavs = draw("babble", batch=1)
    assert torch.equal(OF_WAVS["babble"](1.0)(wavs, generator()), wavs)


# Reverb and telephone


def room_responses(t60_s, direct_db, batch=50):
    impulse = torch.zeros(batch, RATE)
    impulse[:, 0] = 1
    return Reverb(1.0, RATE, t60_s, direct_db)(impulse, generator())


def test_reverb_keeps_the_level():
    wavs = draw("reverb") * torch.logspace(-3, 0, 32)[:, None]
    after = OF_WAVS["reverb"](1.0)(wavs, generator())
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
    after = OF_WAVS["reverb"](1.0)(wavs, generator())
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
    after = OF_WAVS["telephone"](1.0)(wavs, generator())
    assert torch.allclose(after, wavs, atol=1e-3)


@pytest.mark.parametrize("hz", [300, 3400])
def test_telephone_draws_both_edges_per_clip(hz):
    wavs = sine(hz).repeat(50, 1)
    loss_db = level_db(wavs) - level_db(OF_WAVS["telephone"](1.0)(wavs, generator()))
    assert loss_db.min() < 1.5  # 300 Hz: 0.03 to 15 dB, 3400 Hz: 1.0 to 7.4 dB
    assert loss_db.max() > 6


# Masks of features


def hidden(feats):
    """Return the hidden frames (batch, frames) and bands (batch, mels) of ones."""
    return (feats == 0).all(dim=2), (feats == 0).all(dim=1)


def test_masks_hide_whole_frames_and_whole_bands_and_nothing_else():
    after = FeatureMasks(1.0, 2, 10, 2, 6)(torch.ones(300, 101, 64), generator())
    frames, bands = hidden(after)
    shown = ~frames[:, :, None] & ~bands[:, None, :]
    assert torch.equal(after, shown.float())
    assert shown.any(dim=(1, 2)).all()  # never everything
    assert frames.sum(dim=1).max() <= 2 * 10
    assert bands.sum(dim=1).max() <= 2 * 6


@pytest.mark.parametrize("axis", ["time", "freq"])
def test_one_mask_is_one_run_of_0_to_max_width_anywhere(axis):
    sizes = (1, 5, 0, 0) if axis == "time" else (0, 0, 1, 5)
    after = FeatureMasks(1.0, *sizes)(torch.ones(3000, 30, 20), generator())
    frames, bands = hidden(after)
    masks, others = (frames, bands) if axis == "time" else (bands, frames)
    assert not others.any()
    assert set(masks.sum(dim=1).tolist()) == {0, 1, 2, 3, 4, 5}
    edges = masks.int().diff(dim=1, prepend=torch.zeros(3000, 1, dtype=torch.int))
    assert (edges == 1).sum(dim=1).max() == 1
    often = masks.float().mean(dim=0)
    # Only the start 0 hides the first place: (5 / 6) / (size - 2); so with the last.
    share = (5 / 6) / (masks.shape[1] - 2)
    assert often[0].item() == pytest.approx(share, abs=0.015)
    assert often[-1].item() == pytest.approx(share, abs=0.015)
    assert often.min() > share / 2


def test_masks_are_drawn_once_for_each_of_n():
    after = FeatureMasks(1.0, 3, 4, 0, 0)(torch.ones(600, 101, 4), generator())
    assert hidden(after)[0].sum(dim=1).max() == 3 * 4


def test_masks_refuse_features_they_could_hide_completely():
    masks = FeatureMasks(1.0, 2, 10, 2, 6)
    with pytest.raises(ValueError, match="2 masks of up to 10 could hide all 20"):
        masks(torch.ones(1, 20, 64), generator())
    with pytest.raises(ValueError, match="2 masks of up to 6 could hide all 12"):
        masks(torch.ones(1, 101, 12), generator())
    masks(torch.ones(1, 21, 13), generator())


# The chain


class Add(PerClip):
    def change(self, wavs, rng):
        return wavs + 1


class Double(PerClip):
    def change(self, wavs, rng):
        return wavs * 2


def test_chain_goes_in_order():
    chain = Chain([Add(1.0), Double(1.0)])
    assert torch.equal(chain(torch.ones(2, 3), generator()), torch.full((2, 3), 4.0))


def test_chain_draws_from_one_generator_step_by_step():
    wavs = draw("gain")
    rng = generator(4)
    expected = ALL["noise"](0.5)(ALL["gain"](0.5)(wavs, rng), rng)
    chain = Chain([ALL["gain"](0.5), ALL["noise"](0.5)])
    assert torch.equal(chain(wavs, generator(4)), expected)


def test_chain_of_nothing_changes_nothing():
    wavs = draw("gain")
    assert torch.equal(Chain([])(wavs, generator()), wavs)


def test_a_yaml_builds_the_chain():
    text = """
chain: !new:local.input.augment.Chain
    steps:
        - !new:local.input.augment.Telephone
            prob: 1.0
            sample_rate: 11025
            low_hz: [200, 400]
            high_hz: [3000, 3800]
            order: 6
        - !new:local.input.augment.Gain
            prob: 0
            max_db: 3
"""
    wavs = sine(1000).repeat(2, 1)
    chain = load_hyperpyyaml(text)["chain"]
    assert torch.allclose(chain(wavs, generator()), wavs, atol=1e-3)
