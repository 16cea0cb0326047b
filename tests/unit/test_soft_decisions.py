"""A ranking becomes posteriors and stays the ranking it was."""

import numpy as np
import pytest
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


def test_two_classes_are_refused():
    found = SoftDecisions(SVC()).fit([[0.0], [1.0]] * 2, [0, 1] * 2)
    with pytest.raises(ValueError, match="needs three classes or more, got two"):
        found.predict_proba([[0.0]])
