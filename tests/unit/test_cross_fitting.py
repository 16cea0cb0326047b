"""Posteriors of every item by a classifier that never heard its fold."""

from functools import partial

import numpy as np
import pytest
import torch
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    PredefinedSplit,
    StratifiedGroupKFold,
    cross_val_predict,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from local.models.classifier_networks import Conv1dNetwork
from local.models.cross_fitting import chosen, cross_fit, seconds
from local.models.network_classifier import NetworkClassifier


class Noting(ClassifierMixin, BaseEstimator):
    """Note what every copy is given, in a list that all share."""

    def __init__(self, name="", fails_at=None):
        self.name = name
        self.fails_at = fails_at

    calls = []

    def fit(self, feats, classes, groups=None):
        """Note rows and groups; be killed at one of the fits."""
        if len(Noting.calls) == self.fails_at:
            raise KeyboardInterrupt
        Noting.calls.append((feats, None if groups is None else groups.tolist()))
        self.classes_ = np.unique(classes)
        return self

    def predict_proba(self, feats):
        """Return the same posterior of each class."""
        return np.full((len(feats), len(self.classes_)), 1 / len(self.classes_))


class NotingScaler(StandardScaler):
    """Note the mean of what every copy is fitted on."""

    means = []

    def fit(self, feats, classes=None, sample_weight=None):
        """Note the mean, then fit."""
        NotingScaler.means.append(feats.mean(axis=0))
        return super().fit(feats, classes, sample_weight)


@pytest.fixture(autouse=True)
def nothing_noted():
    """Empty the notes, and keep torch on one thread."""
    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(n_threads)
    Noting.calls.clear()
    NotingScaler.means.clear()


@pytest.fixture
def task(rng):
    """Return feats, labels, groups and folds of 12 speakers by 6 rows, in 3 folds."""
    speakers = np.repeat(np.arange(12), 6)
    labels = speakers % 2
    feats = rng.normal(size=(72, 4)) + labels[:, np.newaxis] + 0.01 * speakers[:, None]
    groups = np.array([f"s{speaker}" for speaker in speakers])
    return feats, labels, groups, speakers // 2 % 3


def search():
    """Return a grid search around scaler and classifier, its cv grouped."""
    model = make_pipeline(NotingScaler(), LogisticRegression())
    grid = {"logisticregression__C": [1e-6, 1.0]}
    cv = StratifiedGroupKFold(2)
    return GridSearchCV(model, grid, scoring="neg_log_loss", cv=cv)


def test_posteriors_are_those_of_scikit_learn(task, tmp_path):
    feats, labels, groups, folds = task
    model = make_pipeline(StandardScaler(), LogisticRegression())
    found = cross_fit(model, feats, labels, groups, folds, tmp_path, "lr")
    cv = PredefinedSplit(folds)
    expected = cross_val_predict(model, feats, labels, cv=cv, method="predict_proba")
    assert found.dtype == np.float32
    assert found == pytest.approx(expected, abs=1e-6)


def test_a_grouped_search_works_in_a_fold(task, tmp_path):
    feats, labels, groups, folds = task
    found = cross_fit(search(), feats, labels, groups, folds, tmp_path, "grid")
    assert (found.argmax(axis=1) == labels).mean() > 0.8
    assert chosen(tmp_path, "grid") == [{"logisticregression__C": 1.0}] * 3


def test_the_scaler_sees_the_training_rows_of_the_fold_alone(task, tmp_path):
    feats, labels, groups, folds = task
    cross_fit(search(), feats, labels, groups, folds, tmp_path, "grid")
    # In each of three folds: two values of C by two inner folds, then all again.
    means = np.reshape(NotingScaler.means, (3, 5, 4))
    for fold, fits in enumerate(means):
        rows = np.flatnonzero(folds != fold)
        assert fits[-1] == pytest.approx(feats[rows].mean(axis=0))
        inner = StratifiedGroupKFold(2).split(rows, labels[rows], groups[rows])
        expected = [feats[rows[train]].mean(axis=0) for train, _ in inner]
        assert fits[:4] == pytest.approx(np.array(expected * 2))


def test_the_classifier_sees_its_rows_and_groups_alone(task, tmp_path):
    feats, labels, groups, folds = task
    classifier = Noting()
    cross_fit(classifier, feats, labels, groups, folds, tmp_path, "noted")
    assert not hasattr(classifier, "classes_")  # a copy was fitted
    assert len(Noting.calls) == 3
    for fold, (rows, told) in enumerate(Noting.calls):
        assert (rows == feats[folds != fold]).all()
        assert told == groups[folds != fold].tolist()


def test_rows_left_out_are_neither_fitted_nor_tested(task, tmp_path):
    feats, labels, groups, folds = task
    feats[:6] = np.nan
    folds[:6] = -1
    found = cross_fit(Noting(), feats, labels, groups, folds, tmp_path, "noted")
    assert np.isnan(found[:6]).all()
    assert np.isfinite(found[6:]).all()
    assert [len(rows) for rows, _ in Noting.calls] == [48, 42, 42]


def test_rows_may_be_tested_alone(task, tmp_path):
    feats, labels, groups, folds = task
    thinned = np.arange(72) % 3 == 0
    found = cross_fit(
        Noting(), feats, labels, groups, folds, tmp_path, "noted", fit_rows=thinned
    )
    assert np.isfinite(found).all()
    assert [len(rows) for rows, _ in Noting.calls] == [16, 16, 16]


def test_columns_are_those_of_all_classes(task, tmp_path):
    feats, labels, groups, folds = task
    labels = np.where(groups == "s2", 3, labels)  # heard in fold 1 alone
    found = cross_fit(GaussianNB(), feats, labels, groups, folds, tmp_path, "nb")
    assert found.shape == (72, 4)
    assert (found[:, 2] == 0).all()
    assert (found[folds == 1, 3] == 0).all()
    assert (found[folds != 1, 3] > 0).any()
    assert found.sum(axis=1) == pytest.approx(np.ones(72))


def test_feats_may_lie_in_a_file_and_have_many_axes(task, tmp_path, rng):
    _, labels, groups, folds = task
    feats = rng.normal(size=(72, 3, 10)).astype(np.float16)
    np.save(tmp_path / "feats.npy", feats)
    mapped = np.load(tmp_path / "feats.npy", mmap_mode="r")
    cross_fit(Noting(), mapped, labels, groups, folds, tmp_path, "noted")
    rows, _ = Noting.calls[0]
    assert rows.dtype == np.float32
    assert (rows == feats[folds != 0]).all()


def test_a_second_call_fits_nothing(task, tmp_path):
    told = (*task, tmp_path, "grid")
    first = cross_fit(search(), *told)
    n_fits = len(NotingScaler.means)
    assert (cross_fit(search(), *told) == first).all()
    assert len(NotingScaler.means) == n_fits


def test_a_killed_run_goes_on_with_the_fold_it_was_in(task, tmp_path):
    told = (*task, tmp_path, "noted")
    with pytest.raises(KeyboardInterrupt):
        cross_fit(Noting(fails_at=2), *told)
    names = [f"noted-{fold}.npz" for fold in range(3)]
    assert sorted(path.name for path in tmp_path.iterdir()) == names[:2]
    cross_fit(Noting(), *told)
    assert len(Noting.calls) == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == names


def test_another_key_is_another_run(task, tmp_path):
    for key in ("a", "a-1", "a"):
        cross_fit(Noting(), *task, tmp_path, key)
    assert len(Noting.calls) == 6
    assert chosen(tmp_path, "a") == []
    assert 0 < seconds(tmp_path, "a") < 5
    assert seconds(tmp_path, "b") == 0


def test_a_network_gives_the_same_posteriors_again(task, tmp_path):
    _, labels, groups, folds = task
    feats = np.random.default_rng(0).normal(size=(72, 2, 8)) + labels[:, None, None]
    network = partial(Conv1dNetwork, filters=[4], kernel_size=3, dropout=0.1)
    classifier = NetworkClassifier(
        *(network, 3, 8, 0.03, 0.01, 0.25, 3), seed=1, device="cpu"
    )
    told = (classifier, feats, labels, groups, folds, tmp_path)
    first, second = cross_fit(*told, "first"), cross_fit(*told, "second")
    assert (first == second).all()
    assert (first.argmax(axis=1) == labels).mean() > 0.8


def refused(task, folder, classifier=None, **changes):
    """Return the one line in which a call ends; nothing may have been written."""
    told = dict(zip(("feats", "labels", "groups", "folds"), task, strict=True))
    told |= {"classifier": classifier or GaussianNB(), "folder": folder, "key": "key"}
    with pytest.raises(ValueError) as error:
        cross_fit(**told | changes)
    assert not list(folder.iterdir())
    assert "\n" not in str(error.value)
    return str(error.value)


def test_a_group_in_two_folds_is_refused(task, tmp_path):
    folds = task[3].copy()
    folds[0] = 2
    message = refused(task, tmp_path, folds=folds)
    assert message.startswith("group s0 is in folds 0 and 2: rows of it would be")


def test_rows_left_out_do_not_divide_a_group(task, tmp_path):
    folds = task[3].copy()
    folds[0] = -1
    cross_fit(GaussianNB(), *task[:3], folds, tmp_path, "key")


def test_what_cannot_be_fitted_is_refused(task, tmp_path):
    feats, labels, groups, folds = task
    assert "two or more, got [0]" in refused(task, tmp_path, folds=folds * 0)
    assert "got 71, 72 and 72 for 72" in refused(task, tmp_path, labels=labels[1:])
    assert "integers 0..C-1, got [-1" in refused(task, tmp_path, labels=labels - 1)
    assert "integers 0..C-1, got ['s0'" in refused(task, tmp_path, labels=groups)
    assert "48 rows of 1 classes are left" in refused(task, tmp_path, labels=labels * 0)
    assert "SVC has no predict_proba" in refused(task, tmp_path, SVC())
    feats[20] = np.inf
    assert "feats of 1 rows are NaN or infinite, first row 20" in refused(
        (feats, *task[1:]), tmp_path
    )


def test_a_file_of_other_rows_or_damaged_is_refused(task, tmp_path):
    feats, labels, groups, folds = task
    told = (tmp_path, "key")
    cross_fit(GaussianNB(), feats, labels, groups, folds, *told)
    with pytest.raises(ValueError, match="key-0.npz holds 24 rows of 2 classes that"):
        cross_fit(GaussianNB(), feats, labels, groups, (folds + 1) % 3, *told)
    with np.load(tmp_path / "key-1.npz") as arrays:
        np.savez(tmp_path / "key-0.npz", rows=1, posteriors=arrays["posteriors"])
    with pytest.raises(ValueError, match=r"not a fold \(.*best_params.*\); remove it"):
        cross_fit(GaussianNB(), feats, labels, groups, folds, *told)
    (tmp_path / "key-0.npz").write_bytes(b"PK" + bytes(50))
    with pytest.raises(ValueError, match=r"key-0.npz: not a fold \(.*\); remove it"):
        cross_fit(GaussianNB(), feats, labels, groups, folds, *told)
