"""A ranking becomes posteriors and stays the ranking it was."""

import numpy as np
from sklearn.svm import SVC

from local.models.soft_decisions import SoftDecisions


def test_posteriors_rank_as_the_decision_values_do(rng):
    feats, classes = rng.normal(size=(60, 4)), np.arange(60) % 5
    feats[:, 0] += classes
    found = SoftDecisions(SVC()).fit(feats, classes)
    values = SVC().fit(feats, classes).decision_function(feats)
    posteriors = found.predict_proba(feats)
    np.testing.assert_array_equal(posteriors.argsort(axis=1), values.argsort(axis=1))
    np.testing.assert_allclose(posteriors.sum(axis=1), 1)
    np.testing.assert_array_equal(found.predict(feats), values.argmax(axis=1))


def test_the_only_value_of_two_classes_is_the_log_odds_of_the_second(rng):
    feats = rng.normal(size=(20, 3))
    found = SoftDecisions(SVC()).fit(feats, np.arange(20) % 2)
    values = found.fitted_.decision_function(feats)
    posteriors = found.predict_proba(feats)
    np.testing.assert_allclose(np.log(posteriors[:, 1] / posteriors[:, 0]), values)
