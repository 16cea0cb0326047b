"""Posteriors of a classifier that only ranks the classes."""

from scipy.special import softmax
from sklearn.base import BaseEstimator, ClassifierMixin, clone


class SoftDecisions(ClassifierMixin, BaseEstimator):
    """Take the softmax of the decision values of a classifier for its posteriors.

    The order of the classes stays as it is. scikit-learn's own ways, Platt's and
    isotonic, hold out part of every class, of which there may be a few items.

    Parameters
    ----------
    classifier : object
        Of scikit-learn's form, with ``decision_function``, for three classes or more.

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
        """Return posteriors (n, n_classes) of feats (n, dims).

        Raises
        ------
        ValueError
            If there are two classes, whose only decision value is no pair.
        """
        if len(self.classes_) < 3:
            raise ValueError("SoftDecisions needs three classes or more, got two")
        return softmax(self.fitted_.decision_function(feats), axis=1)

    def predict(self, feats):
        """Return the best class of each row of feats (n, dims)."""
        return self.classes_[self.predict_proba(feats).argmax(axis=1)]
