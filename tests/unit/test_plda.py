"""PLDA: against likelihoods written out, SpeechBrain's scores, and known speakers."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from speechbrain.processing.PLDA_LDA import Ndx, StatObject_SB, fast_PLDA_scoring

from local.scoring import plda as module
from local.scoring.embeddings import Embeddings
from local.scoring.plda import Plda, train_plda

N_DIMS = 4


def made_up_plda(rng):
    """Return a PLDA without LDA, and both covariances it stands for."""
    root, other = rng.normal(size=(2, N_DIMS, N_DIMS))
    within, between = root @ root.T + np.eye(N_DIMS), other @ other.T
    variances, basis = module.eigh(between, within)
    mean = rng.normal(size=N_DIMS)
    parts = np.zeros(N_DIMS), np.eye(N_DIMS), mean, basis, variances.clip(min=0)
    return Plda(*parts), within, between


def draw_pairs_of(n, rng, n_pairs=20):
    return tuple(rng.integers(n, size=(2, n_pairs)))


def cohort_of(rng, n_speakers=60, n_each=8, spread=0.3, emb_dim=12):
    speakers = rng.normal(size=(n_speakers, emb_dim))
    noise = rng.normal(size=(n_speakers, n_each, emb_dim))
    noise[..., : emb_dim // 2] *= 8  # half of the dimensions tell little
    matrix = (speakers[:, None] + spread * noise).reshape(-1, emb_dim)
    spk_ids = np.repeat([f"s{n}" for n in range(n_speakers)], n_each)
    return Embeddings(np.arange(len(matrix)).astype(str), spk_ids, matrix)


def test_plda_scores_are_the_ratios_of_the_likelihoods_written_out(rng):
    plda, within, between = made_up_plda(rng)
    embeddings = rng.normal(size=(9, N_DIMS))
    points = embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
    total, zero = within + between, np.zeros_like(within)
    mean = np.tile(plda.mean, 2)
    same = multivariate_normal(mean, np.block([[total, between], [between, total]]))
    apart = multivariate_normal(mean, np.block([[total, zero], [zero, total]]))
    pairs = draw_pairs_of(9, rng)
    both = np.hstack([points[side] for side in pairs])
    expected = same.logpdf(both) - apart.logpdf(both)
    np.testing.assert_allclose(plda.score_pairs(embeddings, pairs), expected)


def test_plda_scores_are_those_of_speechbrain(rng):
    plda, within, between = made_up_plda(rng)
    embeddings = rng.normal(size=(9, N_DIMS))
    points = embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
    ids = np.array([f"u{n}" for n in range(9)], dtype=object)
    none, ones = np.full(9, None), np.ones((9, 1))
    side = StatObject_SB(ids, ids, none, none, ones, points)
    factors = np.linalg.cholesky(between)
    model = plda.mean, factors, within
    expected = fast_PLDA_scoring(side, side, Ndx(models=ids, testsegs=ids), *model)
    pairs = np.triu_indices(9, k=1)
    np.testing.assert_allclose(
        plda.score_pairs(embeddings, pairs), expected.scoremat[pairs], atol=1e-9
    )


def test_plda_scores_do_not_depend_on_the_blocks(rng, monkeypatch):
    plda = made_up_plda(rng)[0]
    embeddings, pairs = rng.normal(size=(9, N_DIMS)), draw_pairs_of(9, rng)
    whole = plda.score_pairs(embeddings, pairs)
    monkeypatch.setattr(module, "BLOCK", 3)
    np.testing.assert_allclose(plda.score_pairs(embeddings, pairs), whole)


def test_plda_tells_new_speakers_better_than_the_cosine(rng):
    train, test = cohort_of(rng), cohort_of(rng, n_speakers=30, n_each=2)
    plda = train_plda(train, n_dims=6, shrinkage=0.1, n_iterations=10)
    targets = np.arange(0, 60, 2), np.arange(1, 60, 2)
    others = targets[0], np.roll(targets[1], 1)
    unit = test.matrix / np.linalg.norm(test.matrix, axis=1, keepdims=True)

    def share_right(score):
        return (score(targets)[:, None] > score(others)).mean()

    by_cosine = share_right(lambda pairs: (unit[pairs[0]] * unit[pairs[1]]).sum(axis=1))
    by_plda = share_right(lambda pairs: plda.score_pairs(test.matrix, pairs))
    assert by_plda > 0.97 > 0.8 > by_cosine


def test_plda_finds_the_variances_that_made_the_vectors(rng):
    n_speakers, variances = 2000, np.array([0.1, 0.5, 2.0])
    counts = rng.integers(1, 9, n_speakers)
    classes = np.repeat(np.arange(n_speakers), counts)
    speakers = rng.normal(size=(n_speakers, 3)) * np.sqrt(variances)
    vectors = 5 + speakers[classes] + rng.normal(size=(len(classes), 3))
    mean, basis, between = module._fit(vectors, classes, 20)
    np.testing.assert_allclose(between, variances, rtol=0.15)
    np.testing.assert_allclose(mean, 5, atol=0.1)
    assert np.abs(np.abs(basis) - np.eye(3)).max() < 0.1


def test_dimensions_are_no_more_than_the_speakers_can_tell(rng):
    cohort = cohort_of(rng, n_speakers=4)
    assert train_plda(cohort, 150, 0.1, 5).between.shape == (3,)


@pytest.mark.parametrize(
    ("n_speakers", "n_each", "shrinkage", "message"),
    [(5, 1, 0.1, "made compact"), (1, 5, 0.1, "two speakers"), (5, 5, 2, "0..1")],
)
def test_a_cohort_that_cannot_teach_plda_is_refused(
    rng, n_speakers, n_each, shrinkage, message
):
    with pytest.raises(ValueError, match=message):
        train_plda(cohort_of(rng, n_speakers, n_each), 2, shrinkage, 5)
