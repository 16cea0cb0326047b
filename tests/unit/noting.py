"""A scaler and a classifier whose copies note together what they are given."""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.preprocessing import StandardScaler


class NotingScaler(StandardScaler):
    """Note what every copy is fitted on, and what it is asked."""

    events = []

    def fit(self, feats, classes=None, sample_weight=None):
        """Note the rows, then fit."""
        NotingScaler.events.append(("fit", np.array(feats)))
        return super().fit(feats, classes, sample_weight)

    def transform(self, feats, copy=None):
        """Note the rows, then transform."""
        NotingScaler.events.append(("asked", np.array(feats)))
        return super().transform(feats, copy)


class Counting(ClassifierMixin, BaseEstimator):
    """Count the fits, and be killed at one of them."""

    fits = []
    killed_at = None

    def __init__(self, setting=1):
        self.setting = setting

    def fit(self, feats, classes):
        """Count, and note the rows."""
        if len(Counting.fits) == Counting.killed_at:
            raise KeyboardInterrupt
        Counting.fits.append(np.array(feats))
        self.classes_ = np.unique(classes)
        return self

    def predict_proba(self, feats):
        """Return the same posterior of each class."""
        return np.full((len(feats), len(self.classes_)), 1 / len(self.classes_))


def forget():
    """Empty the notes."""
    NotingScaler.events.clear()
    Counting.fits.clear()


def fitted_and_asked(n_fits):
    """Yield of each fit the rows fitted, and those asked but not fitted, in order.

    A pipeline transforms what it fitted first.
    """
    events = NotingScaler.events
    assert len(events) == 3 * n_fits
    for n in range(n_fits):
        (first, fitted), (again, same), (last, asked) = events[3 * n : 3 * n + 3]
        assert (first, again, last) == ("fit", "asked", "asked")
        assert (fitted == same).all()
        yield fitted, asked
