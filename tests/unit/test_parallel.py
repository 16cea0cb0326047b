"""Tests of recipes.baselines.parallel."""

import pytest
import torch
from speechbrain.augment.time_domain import DropChunk, DropFreq

from recipes.baselines.parallel import OfSpeechBrain, Parallel, Stretch

RATE = 11025


@pytest.fixture
def rng():
    return torch.Generator().manual_seed(0)


def tone(hz):
    return torch.sin(2 * torch.pi * hz * torch.arange(RATE) / RATE).unsqueeze(0)


def peak_hz(wavs):
    return int(torch.fft.rfft(wavs[0]).abs().argmax()) * RATE / wavs.shape[1]


def test_each_copy_is_one_step_on_the_clean_batch(rng):
    steps = [lambda wavs, rng: wavs + 1, lambda wavs, rng: wavs * 3]
    parallel = Parallel(steps, n_speakers=5)
    wavs, classes = parallel(torch.tensor([[1.0], [2.0]]), torch.tensor([4, 0]), rng)
    assert wavs.flatten().tolist() == [1, 2, 2, 3, 3, 6]
    assert classes.tolist() == [4, 0] * 3
    assert parallel.n_classes == 5


def test_dropped_chunks_are_zeros_and_torch_draws_them(rng):
    step = OfSpeechBrain(DropChunk(100, 200, 1, 1), takes_lengths=True)
    torch.manual_seed(3)
    once = step(torch.ones(2, 1000), rng)
    torch.manual_seed(3)
    assert (step(torch.ones(2, 1000), rng) == once).all()
    assert all(100 <= int(n) <= 200 for n in (once == 0).sum(dim=1))


def test_dropped_bands_keep_the_shape(rng):
    wavs = torch.randn(2, RATE, generator=rng)
    dropped = OfSpeechBrain(DropFreq())(wavs, rng)
    assert dropped.shape == wavs.shape
    assert dropped.square().sum() < wavs.square().sum()


@pytest.mark.parametrize("rate", [0.8, 1.2])
def test_stretch_keeps_pitch_and_length(rate, rng):
    wavs = Stretch(rate, n_fft=2048, hop_length=512)(tone(440), rng)
    assert wavs.shape == (1, RATE)
    assert peak_hz(wavs) == pytest.approx(440, abs=2)


def test_a_faster_clip_ends_in_silence_and_a_slower_one_does_not(rng):
    def last_tenth(rate):
        return Stretch(rate, 2048, 512)(tone(440), rng)[0, -RATE // 10 :].abs().max()

    assert last_tenth(1.2) == 0
    assert last_tenth(0.8) > 0.1
