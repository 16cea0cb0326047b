"""Intervals over resampled speakers."""

import numpy as np
import pytest

from local.evaluation.bootstrap import bootstrap_intervals


def drawn_weights(spk_ids, n_bootstrap=200, seed=0):
    """Return the weights of every replicate."""
    weights = []

    def record(drawn):
        weights.append(drawn)
        return {}

    bootstrap_intervals(record, spk_ids, n_bootstrap, seed=seed)
    return np.array(weights)


def test_quantiles_of_a_hand_worked_case():
    # Replicates give 0, 1, ... 100; the middle 90 % runs from 5 to 95.
    replicate = iter(range(101))
    intervals = bootstrap_intervals(
        lambda weights: {"x": next(replicate)}, list("aab"), 101, confidence=0.9
    )
    assert intervals == {"x": {"low": pytest.approx(5), "high": pytest.approx(95)}}


def test_two_speakers_leave_one_usable_draw():
    # (2, 0) and (0, 2) have no nontarget trials, so only (1, 1) remains.
    assert (drawn_weights(["a", "a", "b", "b"]) == 1).all()


def test_every_replicate_draws_as_many_speakers_as_there_are():
    assert (drawn_weights(list("aabbccdd")).sum(axis=1) == 4).all()


def test_every_replicate_has_both_kinds_of_trials():
    weights = drawn_weights(["a", "a", "b", "c"])  # only a has target trials
    assert (weights[:, 0] > 0).all()
    assert ((weights > 0).sum(axis=1) > 1).all()


def test_speakers_not_segments_are_drawn_evenly():
    spk_ids = ["a"] * 50 + ["b"] * 2 + ["c"] * 2
    mean = drawn_weights(spk_ids, 2000).mean(axis=0)
    assert mean == pytest.approx([1, 1, 1], abs=0.05)


def test_the_interval_of_a_mean_is_the_textbook_one():
    # 400 speakers, values of unit spread: mean +- 1.96 / sqrt(400) = 0.098
    values = np.random.default_rng(0).normal(size=400)
    values = (values - values.mean()) / values.std()
    interval = bootstrap_intervals(
        lambda weights: {"mean": np.average(values, weights=weights)},
        np.repeat(np.arange(400), 2),
    )["mean"]
    assert interval["low"] == pytest.approx(-0.098, abs=0.01)
    assert interval["high"] == pytest.approx(0.098, abs=0.01)


def test_the_seed_decides_the_draws():
    spk_ids = list("aabbccddee")
    first = drawn_weights(spk_ids, seed=1)
    assert (drawn_weights(spk_ids, seed=1) == first).all()
    assert (drawn_weights(spk_ids, seed=2) != first).any()


def test_one_speaker_is_refused():
    with pytest.raises(ValueError, match="needs two speakers.* got 1 speakers"):
        drawn_weights(["a", "a"])


def test_speakers_of_one_segment_are_refused():
    with pytest.raises(ValueError, match="got 3 speakers with at most 1 segments"):
        drawn_weights(["a", "b", "c"])


@pytest.mark.parametrize(("n_bootstrap", "confidence"), [(0, 0.9), (5, 0), (5, 1)])
def test_settings_out_of_range_are_refused(n_bootstrap, confidence):
    with pytest.raises(ValueError, match="n_bootstrap >= 1 and 0 < confidence < 1"):
        bootstrap_intervals(lambda weights: {}, list("aab"), n_bootstrap, confidence)
