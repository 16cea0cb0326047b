"""Posteriors of a classifier that only ranks the classes."""

import numpy as np
from scipy.special import softmax
from sklearn.base import BaseEstimator, ClassifierMixin, clone


class SoftDecisions(ClassifierMixin, BaseEstimator):
    """Take the softmax of the decision values of a classifier for its posteriors.

    The order of the classes stays as it is. scikit-learn's own ways, Platt's and
    isotonic, hold out part of every class, of which there may be a few items.

    Parameters
    ----------
    classifier : object
        Of scikit-learn's form, with ``decision_function``.

    Examples
    --------
    >>> from sklearn.svm import SVC
    >>> classifier = SoftDecisions(SVC()).fit([[0.0], [1.0], [2.0]] * 2, [0, 1, 2] * 2)
    >>> classifier.predict([[0.1], [1.9]])
    array([0, 2])
    """

    def __init__(self, classifier):
        self.classifier = classifier

    def fit(self, feats, classes):
        """Fit a copy of the classifier to feats (n, dims) and classes (n,)."""
        self.fitted_ = clone(self.classifier).fit(feats, classes)
        self.classes_ = self.fitted_.classes_
        return self

    def predict_proba(self, feats):
        """Return posteriors (n, n_classes) of feats (n, dims)."""
        values = self.fitted_.decision_function(feats)
        if values.ndim == 1:  # of two classes: how far it is the second
            values = np.stack([-values, values], axis=1) / 2
        return softmax(values, axis=1)

    def predict(self, feats):
        """Return the best class of each row of feats (n, dims)."""
        return self.classes_[self.predict_proba(feats).argmax(axis=1)]
