"""Tests of local.input.speed."""

import math

import pytest
import torch

from local.input.speed import SpeedSpeakers

RATE = 11025
SPEEDS = [1.0, 0.9, 1.1]
N_SPEAKERS = 5


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def sines(batch, hz=1000):
    time = torch.arange(RATE, dtype=torch.float64) / RATE
    return torch.sin(2 * math.pi * hz * time).float().repeat(batch, 1)


def play(batch=12, seed=0, speeds=SPEEDS):
    """Return played sines of speaker 3 and the index of the speed of each."""
    spk = torch.full((batch,), 3)
    wavs, classes = SpeedSpeakers(speeds, N_SPEAKERS)(
        sines(batch), spk, generator(seed)
    )
    return wavs, (classes - 3) // N_SPEAKERS


def test_a_class_is_the_speaker_and_the_speed():
    spk = torch.arange(300) % N_SPEAKERS
    speed = SpeedSpeakers(SPEEDS, N_SPEAKERS)
    _, classes = speed(torch.randn(300, 100), spk, generator())
    assert torch.equal(classes % N_SPEAKERS, spk)
    assert speed.n_classes == 15
    assert set(classes.tolist()) == set(range(15))


def test_speeds_are_equally_frequent():
    speed = SpeedSpeakers(SPEEDS, 1)
    _, drawn = speed(torch.randn(900, 20), torch.zeros(900, dtype=int), generator())
    assert (torch.bincount(drawn) / 900 - 1 / 3).abs().max() < 0.05


@pytest.mark.parametrize("speeds", [SPEEDS, [1, 1.05, 0.95], [1.0, 1.9, 0.55]])
def test_pitch_moves_by_the_factor_of_the_class(speeds):
    wavs, drawn = play(speeds=speeds)
    assert set(drawn.tolist()) == {0, 1, 2}
    peaks = torch.fft.rfft(wavs).abs().argmax(dim=1)  # bins of 1 Hz
    for peak, index in zip(peaks.tolist(), drawn.tolist(), strict=True):
        assert peak == pytest.approx(1000 * speeds[index], abs=1)


def test_speed_1_is_untouched():
    wavs, drawn = play()
    assert torch.equal(wavs[drawn == 0], sines(12)[drawn == 0])


def test_length_and_dtype_stay():
    wavs, _ = play()
    assert wavs.shape == (12, RATE)
    assert wavs.dtype == torch.float32


@pytest.mark.parametrize("speeds", [SPEEDS, [1.0, 1.99, 0.51]])
def test_no_silence_is_padded(speeds):
    wavs, _ = play(speeds=speeds)
    frames = wavs[:, : RATE // 105 * 105].unflatten(1, (-1, 105))
    assert frames.square().mean(dim=2).sqrt().min() > 0.5  # a sine has 0.71


def test_a_slower_clip_is_cut_at_a_random_place():
    speed = SpeedSpeakers(SPEEDS, 1)
    rng = generator()
    clips = []
    for _ in range(4):
        wavs, drawn = speed(
            torch.arange(1000.0).repeat(9, 1), torch.zeros(9, dtype=int), rng
        )
        clips.append(wavs[drawn == 1][0])
    starts = {round(float(clip[50]), 3) for clip in clips}
    assert len(starts) == 4
    assert max(starts) - min(starts) < 100  # a tenth of the clip is spare


def test_the_input_stays_as_it_is():
    wavs, spk = sines(6), torch.zeros(6, dtype=int)
    SpeedSpeakers(SPEEDS, 1)(wavs, spk, generator())
    assert torch.equal(wavs, sines(6))
    assert not spk.any()


def test_the_generator_alone_decides():
    first, drawn = play(seed=1)
    torch.manual_seed(5)
    again, drawn_again = play(seed=1)
    assert torch.equal(first, again)
    assert torch.equal(drawn, drawn_again)
    assert not torch.equal(drawn, play(seed=2)[1])


def test_one_speed_returns_the_inputs():
    wavs, spk = sines(2), torch.tensor([1, 0])
    speed = SpeedSpeakers([1.0], 2)
    played, classes = speed(wavs, spk, generator())
    assert played is wavs
    assert classes is spk
    assert speed.n_classes == 2


@pytest.mark.parametrize(
    "speeds",
    [
        [],
        [0.9, 1.0],
        [1.0, 0.5],
        [1.0, 2.0],
        [1.0, -1.0],
        [1.0, 1.0],
        [1.0, 0.9, 0.9001],
    ],
)
def test_bad_speeds_are_refused(speeds):
    with pytest.raises(ValueError, match="speeds must begin with 1.0"):
        SpeedSpeakers(speeds, 10)


def test_speeds_stay_in_float32_under_autocast():
    """Resampling under bfloat16 autocast gave bfloat16 and stopped the training."""
    wavs, spk = torch.randn(8, 1000), torch.zeros(8, dtype=int)
    speed = SpeedSpeakers([1.0, 0.9, 1.1], n_speakers=1)
    with torch.autocast("cpu", torch.bfloat16):
        played, _ = speed(wavs, spk, torch.Generator().manual_seed(0))
    assert played.dtype == torch.float32


def loud_line(wavs, rng):
    return 10 * wavs


def test_a_line_makes_one_more_version_of_every_speaker():
    speed = SpeedSpeakers([1.0], n_speakers=5, line=loud_line)
    wavs, spk = torch.ones(200, 50), torch.full((200,), 3)
    heard, classes = speed(wavs, spk, torch.Generator().manual_seed(0))
    assert speed.n_classes == 10
    assert set(classes.tolist()) == {3, 8}
    assert torch.equal(heard[:, 0] == 10, classes == 8)


def test_a_line_goes_with_speeds():
    speed = SpeedSpeakers([1.0, 0.9], n_speakers=5, line=loud_line)
    wavs, spk = torch.ones(300, 110), torch.zeros(300, dtype=int)
    heard, classes = speed(wavs, spk, torch.Generator().manual_seed(0))
    assert set(classes.tolist()) == {0, 5, 10}
    assert torch.equal((heard == 10).all(dim=1), classes == 10)


def test_segments_that_go_together_keep_one_class():
    speed = SpeedSpeakers(SPEEDS, N_SPEAKERS, n_together=3)
    spk = torch.arange(100).repeat_interleave(3) % N_SPEAKERS
    wavs, classes = speed(sines(300), spk, generator())
    groups = classes.view(100, 3)
    assert (groups == groups[:, :1]).all()
    assert set((classes // N_SPEAKERS).tolist()) == {0, 1, 2}
    peaks = torch.fft.rfft(wavs).abs().argmax(dim=1).view(100, 3)  # bins of 1 Hz
    assert (peaks - peaks[:, :1]).abs().max() <= 1


def test_one_together_draws_what_was_always_drawn():
    _, drawn = play(batch=50, seed=4)
    expected = torch.randint(3, (50,), generator=generator(4))
    assert torch.equal(drawn, expected)


def test_a_batch_of_parts_of_groups_is_refused():
    speed = SpeedSpeakers(SPEEDS, N_SPEAKERS, n_together=3)
    with pytest.raises(ValueError, match="7 segments .* multiple of n_together, 3"):
        speed(sines(7), torch.zeros(7, dtype=int), generator())
    with pytest.raises(ValueError, match="n_together must be 1 or more, got 0"):
        SpeedSpeakers(SPEEDS, N_SPEAKERS, n_together=0)
