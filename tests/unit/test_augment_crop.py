"""A random stretch of every clip: whole, of its clip, and anywhere in it."""

import pytest
import torch

from local.input.augment import Gain, RandomCrop


@pytest.fixture
def generator():
    return torch.Generator().manual_seed(0)


def clips(n, samples):
    """Return clips whose samples tell which they are: 1000 * clip + place."""
    return 1000.0 * torch.arange(n).unsqueeze(1) + torch.arange(samples)


def test_each_stretch_is_in_a_row_and_of_its_own_clip(generator):
    stretches = RandomCrop(n_samples=7)(clips(50, 20), generator)
    assert stretches.shape == (50, 7)
    assert (stretches.diff(dim=1) == 1).all()
    assert (stretches // 1000 == torch.arange(50).unsqueeze(1)).all()


def test_every_place_is_drawn_as_often_and_each_clip_has_its_own(generator):
    starts = RandomCrop(n_samples=8)(clips(6000, 10), generator)[:, 0] % 1000
    shares = torch.bincount(starts.long()) / 6000
    assert shares.tolist() == pytest.approx([1 / 3] * 3, abs=0.02)


def test_the_whole_clip_is_the_clip(generator):
    wavs = clips(3, 5)
    assert torch.equal(RandomCrop(n_samples=5)(wavs, generator), wavs)


def test_the_seed_decides():
    crop, wavs = RandomCrop(n_samples=10), clips(20, 90)
    one, again, other = (
        crop(wavs, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2)
    )
    assert torch.equal(one, again)
    assert not torch.equal(one, other)


def test_what_is_to_follow_goes_on_with_the_stretches(generator):
    crop = RandomCrop(n_samples=4, then=Gain(prob=1.0, max_db=6))
    wavs = torch.ones(30, 9)
    stretches = crop(wavs, generator)
    assert stretches.shape == (30, 4)
    assert stretches.std(dim=1).max() < 1e-6  # one gain a clip
    assert len(stretches[:, 0].unique()) == 30


@pytest.mark.parametrize("n_samples", [0, 6, -1])
def test_a_length_that_clips_do_not_have_is_refused(n_samples, generator):
    with pytest.raises(
        ValueError, match=f"n_samples is {n_samples}, .* set it to 1..5"
    ):
        RandomCrop(n_samples)(clips(2, 5), generator)
