"""Tests of recipes.siamese.verification."""

import numpy as np
import pytest
from test_partners import APART, CORPUS, all_rows, allowed, columns

from local.evaluation.detection import auc, det_curve, eer
from local.output.plots import plot_roc
from recipes.siamese.verification import (
    evaluate_verification,
    rates_at,
    roc_points,
    score_pairs,
    sigma_threshold,
)


def symmetric(rng, spk_ids, strength):
    scores = rng.normal(size=(len(spk_ids),) * 2)
    return (scores + scores.T) / 2 + strength * (spk_ids[:, None] == spk_ids)


def made_pairs(seed, strength=1.5, n_max=None):
    """Return scored pairs of 8 speakers with 6 utterances each."""
    spk_ids = np.repeat(np.arange(8), 6)
    scores = symmetric(np.random.default_rng(seed), spk_ids, strength)
    return score_pairs(scores, spk_ids, np.arange(48), np.zeros(48), APART, n_max, 0)


def test_all_allowed_pairs_are_scored_each_once(rng):
    scores = symmetric(rng, columns()[0], 1)
    pairs = score_pairs(scores, *columns(), APART, None, seed=0)
    tar = [scores[pair] for pair in all_rows() if allowed(*pair)]
    assert sorted(pairs.tar) == sorted(tar)
    paired = [n for n, row in enumerate(CORPUS) if row[0] in "abc"]
    non = [
        scores[first, second]
        for first, second in all_rows()
        if first in paired and second in paired
        if CORPUS[first][0] != CORPUS[second][0]
    ]
    assert sorted(pairs.non) == sorted(non)


def test_a_sample_is_seeded_and_of_the_size_asked_for(rng):
    scores = symmetric(rng, columns()[0], 1)
    first, again, other = (
        score_pairs(scores, *columns(), APART, 5, seed) for seed in (1, 1, 2)
    )
    assert len(first.tar) == len(first.non) == 5
    assert (first.non == again.non).all()
    assert (first.non != other.non).any()


def test_pairs_know_their_speakers():
    """Each score names both speakers: their sum, and 100 times the smaller."""
    spk_ids = np.repeat(np.arange(8), 6)
    scores = np.add.outer(spk_ids, spk_ids) + 100.0 * np.minimum.outer(spk_ids, spk_ids)
    pairs = score_pairs(scores, spk_ids, np.arange(48), np.zeros(48), APART, None, 0)
    trials = pairs.speakers
    assert (pairs.tar == 102 * trials.tar_speakers).all()
    a, b = trials.pairs[:, trials.non_pairs]
    assert (pairs.non == a + b + 100 * np.minimum(a, b)).all()


def test_figures_are_those_of_the_pairs_with_intervals_around():
    test = made_pairs(1)
    found = evaluate_verification(made_pairs(2), test, 3, None, n_bootstrap=50)
    curve = det_curve(test.tar, test.non)
    for name, figure in (("eer", eer(curve)), ("auc", auc(curve))):
        assert found[name]["mean"] == pytest.approx(figure, abs=1e-12)
        assert found[name]["low"] < figure < found[name]["high"]
    assert found["n_targets"] == 8 * 15
    assert found["n_nontargets"] == 28 * 36
    again = evaluate_verification(made_pairs(2), test, 3, None, n_bootstrap=50)
    assert found == again


def test_speakers_without_a_pair_disturb_no_bootstrap(rng):
    """Of 5 speakers, two have no targets: a draw of these alone has no curve."""
    pairs = score_pairs(symmetric(rng, columns()[0], 1), *columns(), APART, None, 0)
    found = evaluate_verification(pairs, pairs, 3, None, n_bootstrap=500)
    assert 0 <= found["eer"]["low"] <= found["eer"]["high"] <= 1


def test_thresholds_are_chosen_on_validation_and_judged_on_test():
    valid, test = made_pairs(1), made_pairs(2)
    found = evaluate_verification(valid, test, 3, None, n_bootstrap=5)["thresholds"]
    assert list(found) == ["eer_point", "mean_plus_3_sigma"]
    own = evaluate_verification(valid, valid, 3, None, n_bootstrap=5)["thresholds"]
    for name, rates in found.items():
        assert rates["threshold"] == own[name]["threshold"]
        assert rates == rates_at(rates["threshold"], test.tar, test.non)
    at_eer = own["eer_point"]
    assert at_eer["p_miss"] == pytest.approx(at_eer["p_fa"], abs=0.01)
    assert found["mean_plus_3_sigma"]["p_miss"] < 0.01  # 3 sigma miss 0.1 %


def test_rates_of_a_hand_worked_case():
    # from 0.5 on: 2 of 4 targets rejected, 1 of 2 nontargets accepted; equality accepts
    rates = rates_at(0.5, np.array([0.1, 0.4, 0.5, 0.9]), np.array([0.2, 0.7]))
    assert rates == {"threshold": 0.5, "accuracy": 0.5, "p_miss": 0.5, "p_fa": 0.5}


def test_accuracy_does_not_depend_on_how_many_pairs_are_different():
    tar, non = np.array([0.1, 0.9]), np.array([0.2, 0.7, 0.1, 0.3])
    many = np.tile(non, 1000)
    assert rates_at(0.5, tar, non) == rates_at(0.5, tar, many)
    assert rates_at(0.5, tar, non)["accuracy"] == 1 - (1 / 2 + 1 / 4) / 2


def test_sigma_of_pairs_is_hand_worked(rng):
    # distances 1, 2, 3: mean 2, sigma sqrt(2 / 3); accepted up to mean + 3 sigma
    tar = -np.array([1.0, 2.0, 3.0])
    limit = 2 + 3 * np.sqrt(2 / 3)
    assert sigma_threshold(tar, 3, None, rng) == pytest.approx(-limit)


def test_sigma_of_batch_means_is_smaller_by_the_root_of_the_batch(rng):
    tar = rng.normal(size=64_000)
    of_pairs = sigma_threshold(tar, 3, None, rng) - tar.mean()
    of_batches = sigma_threshold(tar, 3, 16, rng) - tar.mean()
    assert of_pairs / of_batches == pytest.approx(np.sqrt(16), rel=0.05)
    assert sigma_threshold(tar, 3, 1, rng) == pytest.approx(of_pairs + tar.mean())


def test_too_few_pairs_for_sigma_are_refused(rng):
    with pytest.raises(ValueError, match="2 x 4 target pairs or more, got 7; lower"):
        sigma_threshold(np.ones(7), 3, 4, rng)
    with pytest.raises(ValueError, match="1 of 2 values of tar are NaN"):
        sigma_threshold(np.array([1.0, np.nan]), 3, None, rng)


def test_a_matrix_that_does_not_fit_is_refused(rng):
    with pytest.raises(ValueError, match=r"expected 15 x 15, .* got \(3, 3\)"):
        score_pairs(np.ones((3, 3)), *columns(), APART, None, 0)
    with pytest.raises(ValueError, match="got 1 of 5; take more speakers"):
        score_pairs(np.ones((15, 15)), *columns(), 60.0, None, 0)


def test_the_drawn_curve_has_few_points_and_the_area_of_all(rng, tmp_path):
    pairs = made_pairs(1)._replace(
        tar=rng.normal(1.5, size=50_000), non=rng.normal(size=50_000)
    )
    curve, whole = roc_points(pairs, 500), det_curve(pairs.tar, pairs.non)
    assert len(curve.p_miss) <= 1002 < len(whole.p_miss)
    assert auc(curve) == pytest.approx(auc(whole), abs=1e-4)
    assert [curve.p_miss[0], curve.p_miss[-1]] == [0, 1]
    assert [curve.p_fa[0], curve.p_fa[-1]] == [1, 0]
    at = np.searchsorted(whole.thresholds, curve.thresholds)
    assert (whole.p_fa[at] == curve.p_fa).all()
    plot_roc({"made up": curve}, tmp_path / "roc")
    assert (tmp_path / "roc.svg").stat().st_size > 0
