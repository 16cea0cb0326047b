"""Figures of classification, worked by hand, by scikit-learn and by slow loops."""

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics

from local.evaluation.classification import combine, confusion, figures

NAMES = ("accuracy", "precision", "recall", "f1")


def draw_decisions(rng, n=300, n_classes=4, n_speakers=12):
    """Return true and predicted classes, speakers and folds; class 3 is never true."""
    true = rng.integers(n_classes - 1, size=n)
    guesses = rng.integers(n_classes, size=n)
    predicted = np.where(rng.random(n) < 0.6, true, guesses)
    speakers = np.array([f"s{s}" for s in rng.integers(n_speakers, size=n)])
    return true, predicted, speakers, rng.integers(5, size=n)


def slow_figures(true, predicted):
    """Return the four figures by scikit-learn."""
    told = {"labels": np.unique(true), "average": "macro", "zero_division": 0}
    ratios = ("precision", "recall", "f1")
    scores = [getattr(metrics, f"{name}_score") for name in ratios]
    accuracy = metrics.accuracy_score(true, predicted)
    return [accuracy, *(score(true, predicted, **told) for score in scores)]


def test_confusion_is_that_of_scikit_learn(rng):
    true, predicted, *_ = draw_decisions(rng)
    expected = metrics.confusion_matrix(true, predicted, labels=range(4))
    assert (confusion(true, predicted, 4) == expected).all()


def test_a_hand_worked_case():
    # F F F M as F F M M: F has precision 2/2, recall 2/3; M 1/2 and 1/1.
    found = figures([0, 0, 0, 1], [0, 0, 1, 1], 2, list("abcd"), [0, 0, 1, 1], 10, 0)
    expected = [3 / 4, (1 + 1 / 2) / 2, (2 / 3 + 1) / 2, (4 / 5 + 2 / 3) / 2]
    assert [found[name]["mean"] for name in NAMES] == pytest.approx(expected)
    assert found["n"] == 4


def test_figures_are_those_of_scikit_learn(rng):
    true, predicted, speakers, folds = draw_decisions(rng)
    found = figures(true, predicted, 4, speakers, folds, 10, seed=0)
    means = [found[name]["mean"] for name in NAMES]
    assert means == pytest.approx(slow_figures(true, predicted))


def test_a_class_that_is_never_predicted_has_precision_zero():
    found = figures([0, 1], [0, 0], 2, ["a", "b"], [0, 0], 10, seed=0)
    assert found["precision"]["mean"] == pytest.approx((1 / 2 + 0) / 2)


def test_intervals_are_those_of_a_slow_loop_over_drawn_speakers(rng):
    true, predicted, speakers, folds = draw_decisions(rng)
    found = figures(true, predicted, 4, speakers, folds, 50, seed=3)
    drawn = np.random.default_rng(3).multinomial(12, np.full(12, 1 / 12), 50)
    codes = np.unique(speakers, return_inverse=True)[1]
    replicates = []
    for weights in drawn:
        rows = np.repeat(np.arange(len(true)), weights[codes])
        replicates.append(slow_figures(true[rows], predicted[rows]))
    low, high = np.quantile(replicates, [0.025, 0.975], axis=0)
    assert [found[name]["low"] for name in NAMES] == pytest.approx(low.tolist())
    assert [found[name]["high"] for name in NAMES] == pytest.approx(high.tolist())


def test_a_named_speaker_drawn_twice_counts_twice(rng):
    true = rng.integers(5, size=100)
    predicted = np.where(rng.random(100) < 0.7, true, rng.integers(5, size=100))
    speakers = np.array(list("abcde"))[true]
    found = figures(true, predicted, 5, speakers, true, 40, 1, True)
    ratios = metrics.precision_recall_fscore_support(true, predicted)[:3]
    drawn = np.random.default_rng(1).multinomial(5, np.full(5, 0.2), 40)
    for name, each in zip(NAMES[1:], ratios, strict=True):
        replicates = [np.average(each, weights=weights) for weights in drawn]
        low, high = np.quantile(replicates, [0.025, 0.975])
        told = [each.mean(), low, high]
        assert list(found[name].values()) == pytest.approx(told)


def test_intervals_of_named_speakers_surround_their_figures(rng):
    # Weighting the items of a class drawn twice would put F1 below its interval.
    true = np.repeat(np.arange(100), 10)
    predicted = np.where(rng.random(1000) < 0.5, true, rng.integers(100, size=1000))
    found = figures(true, predicted, 100, true.astype(str), true, 300, 1, True)
    for name in NAMES:
        figure = found[name]
        place = (figure["mean"] - figure["low"]) / (figure["high"] - figure["low"])
        assert 0.4 < place < 0.6


def test_items_of_one_speaker_widen_the_interval():
    right = np.repeat([0, 1, 1, 1] * 10, 10)  # of 40 speakers, whole ones are wrong
    shared = figures(right * 0 + 1, right, 2, np.arange(400) // 10, right, 500, 0)
    alone = figures(right * 0 + 1, right, 2, np.arange(400), right, 500, 0)
    widths = [f["accuracy"]["high"] - f["accuracy"]["low"] for f in (shared, alone)]
    assert widths[0] / widths[1] == pytest.approx(10**0.5, rel=0.2)


def test_folds_have_the_textbook_interval(rng):
    true, predicted, speakers, folds = draw_decisions(rng)
    found = figures(true, predicted, 4, speakers, folds, 10, seed=0)["folds"]
    each = [(true == predicted)[folds == fold].mean() for fold in range(5)]
    low, high = stats.t.interval(0.95, 4, np.mean(each), stats.sem(each))
    assert found["each"] == pytest.approx(each)
    assert [found["mean"], found["low"], found["high"]] == pytest.approx(
        [np.mean(each), low, high]
    )


@pytest.mark.parametrize("folds", [[3, 3], [0, 1]])
def test_one_or_two_folds_have_no_interval(folds):
    found = figures([0, 1], [0, 1], 2, ["a", "b"], folds, 10, seed=0)["folds"]
    each = [1.0] * len(set(folds))
    assert found == {"mean": 1.0, "low": None, "high": None, "each": each}


def test_the_seed_decides_the_intervals(rng):
    decisions = draw_decisions(rng)
    told = (*decisions[:2], 4, *decisions[2:], 20)
    assert figures(*told, seed=1) == figures(*told, seed=1)
    assert figures(*told, seed=1) != figures(*told, seed=2)


@pytest.mark.parametrize("rule", ["mean", "vote"])
def test_combined_posteriors_are_those_of_a_slow_loop(rng, rule):
    posteriors = rng.dirichlet(np.ones(3), size=60)
    groups = rng.integers(7, size=60).astype(str)
    names, found = combine(posteriors, groups, rule)
    assert names.tolist() == sorted(set(groups))
    for name, row in zip(names, found, strict=True):
        part = posteriors[groups == name]
        votes = np.bincount(part.argmax(axis=1), minlength=3) / len(part)
        expected = part.mean(axis=0) if rule == "mean" else votes
        assert row == pytest.approx(expected, abs=1e-5)
    assert found.sum(axis=1) == pytest.approx(np.ones(len(names)))


def test_a_tied_vote_goes_to_the_higher_mean():
    posteriors = [[0.6, 0.4], [0.1, 0.9], [0.9, 0.1], [0.4, 0.6]]
    found = combine(posteriors, ["a", "a", "b", "b"], "vote")[1]
    assert found.argmax(axis=1).tolist() == [1, 0]


def test_more_votes_beat_a_higher_mean():
    posteriors = [[0.51, 0.49]] * 501 + [[0.0, 1.0]] * 500
    assert combine(posteriors, ["a"] * 1001, "vote")[1].argmax() == 0


def test_classes_that_tie_share_the_vote():
    # Undecided chunks must not all speak for class 0.
    found = combine([[0.5, 0.5], [0.5, 0.5], [0.3, 0.7]], ["a"] * 3, "vote")[1]
    assert found[0] == pytest.approx([1 / 3, 2 / 3], abs=1e-5)


def test_float32_posteriors_are_combined_in_double_precision(rng):
    posteriors = rng.random((50, 2)).astype(np.float32)
    found = combine(posteriors, ["a"] * 50, "mean")[1]
    assert found[0] == pytest.approx(posteriors.astype(float).mean(axis=0), abs=1e-12)


@pytest.mark.parametrize(
    ("posteriors", "groups", "rule", "message"),
    [
        ([[0.5, 0.5]], ["a"], "median", "rule must be 'mean' or 'vote', not 'median'"),
        ([[0.5, 0.5]], ["a", "b"], "mean", "a group for each of 1 items, got 2"),
        ([[np.nan, 0.5]], ["a"], "mean", "1 of 2 values of posteriors are NaN"),
    ],
)
def test_combine_refuses(posteriors, groups, rule, message):
    with pytest.raises(ValueError, match=message):
        combine(np.array(posteriors), groups, rule)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"predicted": [0, 2]}, r"predicted class 2 of item 1 is not in 0\.\.1"),
        ({"true": [-1, 0]}, "true class -1 of item 0"),
        ({"true": [], "predicted": []}, "one or more; got 0 and 0"),
        ({"predicted": [0]}, "got 1 and 2"),
        ({"speakers": ["a"]}, "each of 2 items, got 1 and 2"),
        ({"folds": [0]}, "each of 2 items, got 2 and 1"),
        ({"speakers": ["a", "a"]}, "two speakers and n_bootstrap >= 1, got 1 and 10"),
        ({"n_bootstrap": 0}, "got 2 and 0"),
    ],
)
def test_figures_refuse(changes, message):
    told = {"true": [0, 1], "predicted": [0, 1], "n_classes": 2, "n_bootstrap": 10}
    told |= {"speakers": ["a", "b"], "folds": [0, 1], "seed": 0}
    with pytest.raises(ValueError, match=message):
        figures(**told | changes)
