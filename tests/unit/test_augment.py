"""What every augmentation of local.input promises, and the simple ones."""

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
    Shift,
)
from local.input.channel import (
    Clipping,
    MicrophoneResponse,
    MuLaw,
    Reverb,
    Telephone,
)

RATE = 11025
SNR_DB = [5, 20]
OF_WAVS = {
    "gain": lambda prob: Gain(prob, max_db=6),
    "shift": lambda prob: Shift(prob, max_share=1.0),
    "noise": lambda prob: ColouredNoise(prob, RATE, SNR_DB, slope=[0, 2], low_hz=50),
    "babble": lambda prob: Babble(prob, SNR_DB, n_voices=4),
    "reverb": lambda prob: Reverb(prob, RATE, t60_s=[0.1, 0.5], direct_db=[3, 15]),
    "telephone": lambda prob: Telephone(
        prob, RATE, low_hz=[200, 400], high_hz=[3000, 3800], order=6
    ),
    "microphone": lambda prob: MicrophoneResponse(prob, RATE, spread_db=5, n_knots=8),
    "clipping": lambda prob: Clipping(prob, max_share=0.05),
    "mu-law": lambda prob: MuLaw(prob, bits=[4, 8]),
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
    changed = changed_clips(wavs, ALL[name](0.25)(wavs, generator()))
    assert changed.float().mean().item() == pytest.approx(
        0.25, abs=0.06
    )  # three standard deviations


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
    torch.rand(len(wavs), generator=rng)  # which clips go through the chain: all
    expected = ALL["noise"](0.5)(ALL["gain"](0.5)(wavs, rng), rng)
    chain = Chain([ALL["gain"](0.5), ALL["noise"](0.5)])
    assert torch.equal(chain(wavs, generator(4)), expected)


def test_chain_leaves_the_other_clips_alone():
    wavs = torch.ones(400, 3)
    changed = (Chain([Add(1.0)], prob=0.5)(wavs, generator()) == 2).all(dim=1)
    untouched = (Chain([Add(1.0)], prob=0.5)(wavs, generator()) == 1).all(dim=1)
    assert (changed ^ untouched).all()
    assert 120 < changed.sum() < 280


def test_chain_of_nothing_changes_nothing():
    wavs = draw("gain")
    assert torch.equal(Chain([])(wavs, generator()), wavs)


def test_a_yaml_builds_the_chain():
    text = """
chain: !new:local.input.augment.Chain
    steps:
        - !new:local.input.channel.Telephone
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
