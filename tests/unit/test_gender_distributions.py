"""Coefficients that tell gender are told from those that do not."""

import numpy as np
import pytest
from made_up_readers import make_readers
from scipy.stats import false_discovery_control, kurtosis, skew

from recipes.gender.distributions import correlation_intervals, describe, holm
from recipes.gender.utterances import by_speaker

BOOTSTRAP = {"n_bootstrap": 300, "confidence": 0.95, "seed": 0}


def describe_made_up(readers):
    return describe(readers.means, readers.genders, readers.speakers, **BOOTSTRAP)


def test_a_coefficient_that_is_gender_has_r_near_one():
    readers = make_readers(apart=50)
    first, *others = describe_made_up(readers)
    assert first["r"]["mean"] > 0.99
    assert first["r"]["low"] > 0.98
    assert first["p_adjusted"] < 1e-6
    assert all(row["r"]["low"] < 0.35 and row["p_adjusted"] > 0.01 for row in others)


def test_women_and_men_are_not_confused():
    readers = make_readers(apart=-50)
    row = describe_made_up(readers)[0]
    assert row["r"]["mean"] < -0.99
    assert row["mean_f"] - row["mean_m"] == pytest.approx(50, abs=1)


def test_utterances_of_a_reader_do_not_make_certain():
    """A reader's utterances are copies: as many readers, as wide an interval."""
    once, ten = (make_readers(n_each=n) for n in (1, 10))
    ten = ten._replace(means=np.repeat(once.means, 10, axis=0))
    for alone, copied in zip(
        describe_made_up(once), describe_made_up(ten), strict=True
    ):
        assert alone["r"] == pytest.approx(copied["r"])
        assert alone["p_adjusted"] == pytest.approx(copied["p_adjusted"])


def test_shape_is_that_of_scipy():
    readers = make_readers()
    for column, row in zip(readers.means.T, describe_made_up(readers), strict=True):
        assert row["skew"] == pytest.approx(skew(column))
        assert row["kurtosis"] == pytest.approx(kurtosis(column))
        assert row["sd"] == pytest.approx(column.std(ddof=1))


def test_normal_is_about_the_mean_of_the_gender():
    """Two humps far apart are no sign against it; an exponential is."""
    readers = make_readers(n_readers=200, n_each=1, apart=30)
    readers.means[:, 1] = np.exp(1.5 * readers.means[:, 1])
    humps, skewed, *_ = describe_made_up(readers)
    assert humps["p_normal"] > 0.01
    assert skewed["p_normal"] < 1e-6


def test_normality_of_few_readers_is_left_open():
    rows = describe_made_up(make_readers(n_readers=10))
    assert [row["p_normal"] for row in rows] == [None] * 6


def test_intervals_are_those_of_drawn_readers(rng):
    """The slow way, from the same draws."""
    readers = make_readers(n_readers=12)
    sex = by_speaker(readers.genders, readers.speakers)
    values = by_speaker(readers.means, readers.speakers)
    counts = np.random.default_rng(5).multinomial(12, np.full(12, 1 / 12), size=50)
    slow = []
    for count in counts:
        drawn = np.repeat(np.arange(12), count)
        slow.append([np.corrcoef(x, sex[drawn])[0, 1] for x in values[drawn].T])
    low, high = correlation_intervals(values, sex, 50, 0.9, seed=5)
    expected = np.quantile(slow, [0.05, 0.95], axis=0)
    np.testing.assert_allclose([low, high], expected, atol=1e-9)


def test_holm_is_between_none_and_bonferroni(rng):
    p = rng.random(20) ** 3
    adjusted = holm(p)
    assert (adjusted >= p).all()
    assert (adjusted <= np.minimum(20 * p, 1) + 1e-12).all()
    assert (adjusted >= false_discovery_control(p) - 1e-12).all()
    assert adjusted[p.argmin()] == pytest.approx(20 * p.min())


def test_one_gender_alone_is_refused():
    readers = make_readers()
    with pytest.raises(ValueError, match="60 women and 0 men"):
        describe_made_up(readers._replace(genders=0 * readers.genders))


def test_a_constant_coefficient_is_refused():
    readers = make_readers()
    readers.means[:, 2] = 7
    with pytest.raises(ValueError, match="coefficient 2 is the same in all 180"):
        describe_made_up(readers)
