"""Tests of local.scoring.transductive."""

from functools import partial

import numpy as np
import pytest

from local.scoring.calibration import fit_calibration
from local.scoring.similarity import cosine_scores
from local.scoring.sparse import draw_pairs
from local.scoring.transductive import (
    centre,
    diffusion,
    k_reciprocal,
    query_expansion,
    segments_per_speaker,
)

RERANKERS = {
    "query expansion": partial(
        query_expansion, neighborhoods=[0.75] * 3, alpha=3.0, linkage_weight=0.5
    ),
    "k-reciprocal": partial(k_reciprocal, k1=1.2, k2=0.5, original_weight=0.3),
    "diffusion": partial(
        diffusion, neighborhood=1.0, damping=0.8, exponent=3.0, cosine_weight=0.01
    ),
}
each_reranker = pytest.mark.parametrize("rerank", RERANKERS.values(), ids=RERANKERS)


def draw(counts, seed=0, spread=0.9):
    """Return embeddings and speakers of a gallery: one channel, counts of segments."""
    rng = np.random.default_rng(seed)
    spk_ids = np.repeat(np.arange(len(counts)), counts)
    speakers = rng.normal(size=(len(counts), 24))[spk_ids]
    channel = 3 * rng.normal(size=24)
    return channel + speakers + spread * rng.normal(size=speakers.shape), spk_ids


def trials(scores, spk_ids):
    pairs = np.triu_indices(len(scores), k=1)
    same = np.equal.outer(spk_ids, spk_ids)[pairs]
    return scores[pairs][same], scores[pairs][~same]


def precision(scores, spk_ids):
    """Return the share of mates among the nearest, of segments that have mates."""
    same = np.equal.outer(spk_ids, spk_ids)
    np.fill_diagonal(scores := scores.copy(), -np.inf)
    order = scores.argsort(axis=1)[:, ::-1]
    hits = np.take_along_axis(same, order, axis=1)
    mates = same.sum(axis=1) - 1
    return np.mean([row[:n].mean() for row, n in zip(hits, mates, strict=True) if n])


@pytest.fixture(scope="module")
def counting():
    """Return a calibration of centred cosines, from other speakers."""
    embeddings, spk_ids = draw([6] * 50, seed=9)
    return fit_calibration(*trials(cosine_scores(centre(embeddings)), spk_ids))


def test_centring_takes_the_common_direction_out():
    embeddings, _ = draw([4] * 10)
    centred = centre(embeddings)
    assert centred.mean(axis=0) == pytest.approx(0)
    assert np.abs(cosine_scores(embeddings)).mean() > 0.5
    assert np.abs(cosine_scores(centred)).mean() < 0.3


@pytest.mark.parametrize(
    "counts", [[2] * 60, [4] * 40, [8] * 30, [16] * 20, [2, 4, 8, 16] * 8], ids=str
)
def test_segments_per_speaker_are_found_within_a_third(counts, counting):
    embeddings, _ = draw(counts)
    expected = np.square(counts).sum() / np.sum(counts)  # mean over the segments
    found = segments_per_speaker(embeddings, counting)
    assert expected / 1.34 < found < 1.34 * expected


def test_segments_per_speaker_by_all_pairs_or_a_sample_of_them(counting):
    embeddings, _ = draw([8] * 30)
    whole = segments_per_speaker(embeddings, counting)
    every, some = (
        segments_per_speaker(embeddings, counting, draw_pairs(240, n, seed=0))
        for n in (28680, 10000)
    )
    assert every == pytest.approx(whole, rel=1e-6)
    assert some == pytest.approx(whole, rel=0.1)


def test_speakers_with_one_segment_each_are_noticed(counting):
    embeddings, _ = draw([1] * 100)
    assert 1 < segments_per_speaker(embeddings, counting) < 1.5


@each_reranker
def test_reranking_helps_a_gallery_of_many_segments_a_speaker(rerank, counting):
    embeddings, spk_ids = draw([8] * 30)
    scores = rerank(embeddings, segments_per_speaker(embeddings, counting))
    raw = precision(cosine_scores(embeddings), spk_ids)
    assert precision(scores, spk_ids) > raw + 0.05


@each_reranker
def test_reranking_does_no_harm_where_nearly_all_are_singletons(rerank, counting):
    embeddings, spk_ids = draw([2] * 10 + [1] * 90, spread=0.7)
    scores = rerank(embeddings, segments_per_speaker(embeddings, counting))
    raw = precision(cosine_scores(embeddings), spk_ids)
    assert raw > 0.8
    assert precision(scores, spk_ids) > raw - 0.11  # two of the 20 queries


@each_reranker
@pytest.mark.parametrize("counts", [[1, 1], [2, 2], [3, 1, 1]], ids=str)
def test_the_smallest_galleries_get_finite_symmetric_scores(rerank, counts, counting):
    embeddings, _ = draw(counts)
    scores = rerank(embeddings, segments_per_speaker(embeddings, counting))
    assert np.isfinite(scores).all()
    assert (scores == scores.T).all()


@each_reranker
def test_groups_larger_than_the_gallery_are_cut(rerank):
    embeddings, _ = draw([3, 3])
    assert np.isfinite(rerank(embeddings, 1000.0)).all()


def test_a_gallery_of_one_repeated_segment_is_refused():
    with pytest.raises(ValueError, match="2 of 2 rows are zero"):
        cosine_scores(centre(np.ones((2, 4))))
