"""Tests of local.evaluation.validation."""

import numpy as np
import pytest

from local.evaluation.gallery import split_trials
from local.evaluation.retrieval import per_query_metrics
from local.evaluation.validation import draw_gallery, validation_figures

# 12 speakers with 5 segments and 3 with a single one
SPK_IDS = np.array([f"s{i // 5}" for i in range(60)] + ["x", "y", "z"])
GEOMETRY = {"n_speakers": 4, "n_segments": 3, "n_draws": 10, "seed": 7}


def random_scores(seed=0):
    scores = np.random.default_rng(seed).normal(size=(63, 63))
    return scores + scores.T


def figures(scores, spk_ids=SPK_IDS, **changes):
    return validation_figures(scores, spk_ids, **{**GEOMETRY, **changes})


# The gallery


def test_a_gallery_has_its_geometry(rng):
    rows = draw_gallery(SPK_IDS, 4, 3, rng)
    _, counts = np.unique(SPK_IDS[rows], return_counts=True)
    assert counts.tolist() == [3, 3, 3, 3]
    assert (np.diff(rows) > 0).all()  # ascending, none twice


def test_a_gallery_takes_what_there_is_where_more_is_asked_for(rng):
    assert draw_gallery(SPK_IDS, 99, 99, rng).tolist() == list(range(60))


def test_a_speaker_with_one_segment_is_never_drawn(rng):
    spk_ids = np.array(["a", "a", "b", "b", "x"])
    drawn = {spk_ids[draw_gallery(spk_ids, 2, 2, rng)][i] for i in range(4)}
    assert drawn == {"a", "b"}
    for _ in range(20):
        assert not set(SPK_IDS[draw_gallery(SPK_IDS, 4, 3, rng)]) & {"x", "y", "z"}


def test_every_speaker_and_segment_has_its_turn(rng):
    seen = [draw_gallery(SPK_IDS, 4, 3, rng) for _ in range(60)]
    assert set(np.concatenate(seen)) == set(range(60))


def test_a_gallery_depends_on_the_generator_alone():
    first, again, other = (
        draw_gallery(SPK_IDS, 4, 3, np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    assert first.tolist() == again.tolist()
    assert first.tolist() != other.tolist()


# The figures


def test_perfect_separation():
    scores = (SPK_IDS[:, None] == SPK_IDS).astype(float)
    assert figures(scores) == {"r_precision": 1.0, "cmc@1": 1.0, "eer": 0.0}


def test_equal_scores_are_chance():
    found = figures(np.zeros((63, 63)))
    assert found["r_precision"] == pytest.approx(2 / 11)  # 2 of the other 11
    assert found["cmc@1"] == pytest.approx(2 / 11)
    assert found["eer"] == pytest.approx(0.5)


def test_scores_the_wrong_way_round_are_worst():
    scores = -(SPK_IDS[:, None] == SPK_IDS).astype(float)
    assert figures(scores) == {"r_precision": 0.0, "cmc@1": 0.0, "eer": 1.0}


def test_figures_are_the_means_over_the_galleries():
    rng = np.random.default_rng(7)
    scores = random_scores() + 2 * (SPK_IDS[:, None] == SPK_IDS)
    r_precision, cmc = [], []
    for _ in range(10):
        rows = draw_gallery(SPK_IDS, 4, 3, rng)
        gallery = scores[rows][:, rows]
        queries = per_query_metrics(gallery, SPK_IDS[rows], ks=(1,))
        r_precision.append(queries["r_precision"].mean())
        cmc.append(queries["cmc@1"].mean())
    found = figures(scores)
    assert found["r_precision"] == pytest.approx(np.mean(r_precision))
    assert found["cmc@1"] == pytest.approx(np.mean(cmc))


def test_eer_is_that_of_the_pairs_of_a_gallery():
    """With two targets and two nontargets on either side of 2.5, half goes wrong."""
    spk_ids = ["a", "a", "b", "b"]
    scores = np.array([[9, 4, 3, 1], [4, 9, 1, 1], [3, 1, 9, 2], [1, 1, 2, 9]])
    tar, non = split_trials(scores, spk_ids)
    assert (sorted(tar), sorted(non)) == ([2, 4], [1, 1, 1, 3])
    found = figures(scores, spk_ids, n_speakers=2, n_draws=1)
    # p_miss rises from 0 to 1/2 at 2 while p_fa stays at 1/4
    assert found["eer"] == pytest.approx(0.25)


def test_the_same_seed_draws_the_same_galleries():
    scores = random_scores()
    assert figures(scores) == figures(scores)
    assert figures(scores, seed=8) != figures(scores)


def test_speakers_may_be_a_list():
    scores = random_scores()
    assert figures(scores, SPK_IDS.tolist()) == figures(scores)


def test_figures_are_plain_floats():
    assert {type(value) for value in figures(random_scores()).values()} == {float}


@pytest.mark.parametrize("spk_ids", [["a", "b", "c"], ["a", "a", "b"]])
def test_too_few_speakers_are_refused(spk_ids):
    message = "two speakers with two segments each, got [01]; raise n_valid_speakers"
    with pytest.raises(ValueError, match=message):
        figures(np.zeros((3, 3)), spk_ids)


@pytest.mark.parametrize(
    "change", [{"n_speakers": 1}, {"n_segments": 1}, {"n_draws": 0}]
)
def test_too_small_a_geometry_is_refused(change):
    with pytest.raises(
        ValueError, match="gallery_speakers >= 2, gallery_segments >= 2"
    ):
        figures(random_scores(), **change)
