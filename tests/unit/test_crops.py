"""Trials scored by crops: against loops, and against the lab's own steps."""

import numpy as np
import pytest

from local.scoring import crops
from local.scoring.crops import crop_scores, evenly_spaced_crops, mean_cosine_scores


def slow_crops(wav, n_crops, crop_samples):
    """Do as voxceleb_trainer says: pad by wrapping, cut at whole samples."""
    if len(wav) <= crop_samples:
        wav = np.pad(wav, (0, crop_samples - len(wav) + 1), "wrap")
    starts = np.linspace(0, len(wav) - crop_samples, n_crops)
    return [wav[int(start) : int(start) + crop_samples] for start in starts]


def slow_score(left, right):
    distances = [
        np.linalg.norm(a / np.linalg.norm(a) - b / np.linalg.norm(b))
        for a in left
        for b in right
    ]
    return -sum(distances) / len(distances)


def slow_cosine(left, right):
    a, b = (
        np.mean([crop / np.linalg.norm(crop) for crop in side], axis=0)
        for side in (left, right)
    )
    return a @ b / np.sqrt((a @ a) * (b @ b))


def draw(n, n_crops=4, seed=0, dtype=float):
    return np.random.default_rng(seed).normal(size=(n, n_crops, 6)).astype(dtype)


@pytest.mark.parametrize("n_samples", [1, 7, 31, 32, 33, 40, 64, 65, 500])
@pytest.mark.parametrize("n_crops", [1, 2, 10])
def test_crops_are_those_of_the_lab(n_samples, n_crops, rng):
    wav = rng.normal(size=n_samples).astype("float32")
    found = evenly_spaced_crops(wav, n_crops, 32)
    np.testing.assert_array_equal(found, slow_crops(wav, n_crops, 32))
    assert found.dtype == wav.dtype


def test_crops_are_the_callers_to_change(rng):
    wav = rng.normal(size=50)
    before = wav.copy()
    evenly_spaced_crops(wav, 5, 32)[:] = 0
    np.testing.assert_array_equal(wav, before)


@pytest.mark.parametrize(
    ("wav", "n_crops", "n_samples"),
    [([], 2, 3), ([[1.0, 2.0]], 2, 3), ([1.0], 0, 3), ([1.0], 2, 0)],
)
def test_crops_of_nothing_are_refused(wav, n_crops, n_samples):
    with pytest.raises(ValueError, match="expected samples"):
        evenly_spaced_crops(wav, n_crops, n_samples)


@pytest.mark.parametrize(
    ("fast", "slow"), [(crop_scores, slow_score), (mean_cosine_scores, slow_cosine)]
)
class TestScores:
    def test_equal_a_loop(self, fast, slow, monkeypatch):
        monkeypatch.setattr(crops, "BLOCK", 5)
        left, right = draw(12), draw(12, seed=1)
        wanted = [slow(a, b) for a, b in zip(left, right, strict=True)]
        np.testing.assert_allclose(fast(left, right), wanted, rtol=1e-12)

    def test_of_a_list_of_trials_equal_a_loop(self, fast, slow, rng, monkeypatch):
        monkeypatch.setattr(crops, "BLOCK", 3)
        left, right = draw(5), draw(7, seed=1)
        trials = np.column_stack([rng.integers(5, size=20), rng.integers(7, size=20)])
        wanted = [slow(left[i], right[j]) for i, j in trials]
        np.testing.assert_allclose(fast(left, right, trials), wanted, rtol=1e-12)

    def test_do_not_depend_on_the_length_of_embeddings(self, fast, slow):
        left, right = draw(3), draw(3, seed=1)
        sizes = np.array([1e-3, 1, 7, 1e3])[:, None]
        np.testing.assert_allclose(
            fast(sizes * left, right), fast(left, right), rtol=1e-9
        )

    def test_keep_the_precision_of_the_finer_side(self, fast, slow):
        single, double = draw(3, dtype=np.float32), draw(3)
        assert fast(single, single).dtype == np.float32
        assert fast(single, double).dtype == np.float64

    def test_need_sides_that_fit(self, fast, slow):
        with pytest.raises(ValueError, match="do not fit"):
            fast(draw(3), draw(4))
        with pytest.raises(ValueError, match="do not fit"):
            fast(draw(3), draw(3)[:, :, :4])
        with pytest.raises(ValueError, match=r"got shape \(4, 6\)"):
            fast(draw(3)[0], draw(3))
        with pytest.raises(ValueError, match=r"trials .n_trials, 2., got shape \(2,\)"):
            fast(draw(3), draw(3), [0, 1])
        with pytest.raises(ValueError, match="1 of 12 rows are zero"):
            fast(draw(3) * (np.arange(12) != 5).reshape(3, 4, 1), draw(3))


def test_float32_scores_are_those_of_float64():
    left, right = draw(200, 10), draw(200, 10, seed=1)
    single = crop_scores(left.astype("float32"), right.astype("float32"))
    np.testing.assert_allclose(single, crop_scores(left, right), atol=1e-6)


def test_an_utterance_of_one_embedding_is_at_no_distance_from_itself():
    side = np.repeat(draw(50, 1, dtype=np.float32), 10, axis=1)
    scores = crop_scores(side, side)
    assert scores.max() <= 0
    assert scores.min() > -1e-3


def test_one_crop_ranks_as_its_cosine_does():
    left, right = draw(40, 1), draw(40, 1, seed=1)
    distances, cosines = crop_scores(left, right), mean_cosine_scores(left, right)
    np.testing.assert_allclose(distances, -np.sqrt(2 - 2 * cosines), rtol=1e-9)
