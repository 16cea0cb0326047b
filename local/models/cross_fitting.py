"""Posteriors of every item by a classifier that never heard its fold.

scikit-learn's ``cross_val_predict`` does the same in memory; what it lacks is that a
killed run goes on where it was, that features may lie in a file, that some rows may
serve fitting or testing alone, and a refusal of folds that share a group.
"""

import json
import re
import time
import warnings
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.utils.validation import has_fit_parameter
from tqdm import tqdm

from local.files import replacing

# scikit-learn takes many speakers of few chunks for a regression, and says of splitters
# without groups that they were given some.
EXPECTED = (
    "The number of unique classes is greater than 50%",
    "The groups parameter is ignored",
)


def cross_fit(classifier, feats, labels, groups, folds, folder, key, fit_rows=None):
    """Fit a copy of a classifier without each fold in turn and let it name the fold.

    Every fold is written once it is done and read again by a later call.

    Parameters
    ----------
    classifier : object
        Of scikit-learn's form, with ``predict_proba``; it is never fitted itself. A
        search of parameters and a fit with a ``groups`` argument are given the groups
        of the rows that they fit.
    feats : ndarray, (n, ...)
        Held in memory or mapped from a file; float16 is made float32.
    labels : ndarray of int, (n,)
        Classes, 0..C-1.
    groups : sequence of str, (n,)
        What must not be divided between folds: speakers, utterances or so.
    folds : ndarray of int, (n,)
        Fold of each row; -1 for those that are neither fitted nor tested.
    folder : str or Path
        Where the folds are kept.
    key : str
        Names all that decides the posteriors: another classifier, other features,
        labels or folds need another key.
    fit_rows : ndarray of bool, (n,), optional
        Rows that may be fitted; all are tested. By default all.

    Returns
    -------
    posteriors : ndarray of float32, (n, C)
        A column for each class of ``labels``; NaN in rows of fold -1.

    Raises
    ------
    ValueError
        If a group is in two folds, lengths differ, there are fewer than two folds, a
        fold leaves one class to fit, features are NaN or infinite, the classifier has
        no posteriors, or a file of the folder is of other rows.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> feats = np.array([[0.0], [0.1], [1.0], [1.1]] * 2)
    >>> labels, groups = np.array([0, 0, 1, 1] * 2), list("aabbccdd")
    >>> folds, folder = np.repeat([0, 1], 4), getfixture("tmp_path")
    >>> cross_fit(GaussianNB(), feats, labels, groups, folds, folder, "nb").round()[:3]
    array([[1., 0.],
           [1., 0.],
           [0., 1.]], dtype=float32)
    """
    labels, groups, folds = map(np.asarray, (labels, groups, folds))
    used = folds >= 0
    may_fit = used if fit_rows is None else used & np.asarray(fit_rows, dtype=bool)
    _check(classifier, feats, labels, groups, folds)
    posteriors = np.full((len(labels), labels.max() + 1), np.nan, dtype=np.float32)
    for fold in tqdm(np.unique(folds[used]), key, unit="fold", disable=None):
        path = Path(folder) / f"{key}-{fold}.npz"
        tested = np.flatnonzero(folds == fold)
        if not path.is_file():
            fitted = np.flatnonzero(may_fit & (folds != fold))
            found = _fit(classifier, feats, labels, groups, fitted, tested)
            with replacing(path) as temporary:
                np.savez(temporary, rows=tested, **found)
        posteriors[tested] = _read(path, tested, posteriors.shape[1])
    return posteriors


def chosen(folder, key):
    """Return the best parameters that a search found, one dict for each fold in order.

    Empty for a classifier that searches nothing.
    """
    texts = (str(arrays["best_params"]) for arrays in _kept(folder, key))
    return [json.loads(text) for text in texts if text]


def seconds(folder, key):
    """Return how long the fits and predictions of all folds took, whenever they ran."""
    return sum(float(arrays["seconds"]) for arrays in _kept(folder, key))


def _check(classifier, feats, labels, groups, folds):
    """Refuse what cannot be cross-fitted."""
    sizes = {len(feats), len(labels), len(groups), len(folds)}
    if len(sizes) > 1:
        raise ValueError(
            "expected a label, a group and a fold for each row of feats, got"
            f" {len(labels)}, {len(groups)} and {len(folds)} for {len(feats)}"
        )
    if not np.issubdtype(labels.dtype, np.integer) or (labels < 0).any():
        raise ValueError(f"labels: expected integers 0..C-1, got {labels[:5].tolist()}")
    if not hasattr(classifier, "predict_proba"):
        raise ValueError(
            f"{type(classifier).__name__} has no predict_proba, which tells posteriors;"
            " an SVC needs probability=True"
        )
    used = folds >= 0
    if len(np.unique(folds[used])) < 2:
        raise ValueError(
            f"folds: expected two or more, got {np.unique(folds[used]).tolist()}"
        )
    names, codes = np.unique(groups[used], return_inverse=True)
    first, last = np.full(len(names), folds.max()), np.zeros(len(names), dtype=int)
    np.minimum.at(first, codes, folds[used])
    np.maximum.at(last, codes, folds[used])
    divided = np.flatnonzero(first < last)
    if divided.size:
        name, low, high = (part[divided[0]] for part in (names, first, last))
        raise ValueError(
            f"group {name} is in folds {low} and {high}: rows of it would be fitted"
            f" and tested at once ({divided.size} such groups); deal whole groups"
        )


def _fit(classifier, feats, labels, groups, fitted, tested):
    """Return the arrays that are kept of a fold, but for its rows."""
    started = time.monotonic()
    if len(np.unique(labels[fitted])) < 2:
        raise ValueError(
            f"folds: {len(fitted)} rows of {len(np.unique(labels[fitted]))} classes are"
            " left to fit, expected rows of two or more classes; make fewer folds"
        )
    model = clone(classifier)
    grouped = isinstance(model, (GridSearchCV, RandomizedSearchCV))  # takes **params
    grouped = grouped or has_fit_parameter(model, "groups")
    told = {"groups": groups[fitted]} if grouped else {}
    with warnings.catch_warnings():
        for message in EXPECTED:
            warnings.filterwarnings("ignore", message)
        model.fit(_load(feats, fitted), labels[fitted], **told)
    posteriors = np.zeros((len(tested), labels.max() + 1), dtype=np.float32)
    posteriors[:, model.classes_] = model.predict_proba(_load(feats, tested))
    best = getattr(model, "best_params_", None)
    return {
        "posteriors": posteriors,
        "best_params": "" if best is None else json.dumps(best, default=str),
        "seconds": time.monotonic() - started,
    }


def _load(feats, rows):
    """Return rows of feats in memory, of a precision fit for sums over them."""
    loaded = feats[rows]
    loaded = loaded.astype(np.promote_types(loaded.dtype, np.float32), copy=False)
    finite = np.isfinite(loaded.reshape(len(loaded), -1)).all(axis=1)
    if not finite.all():
        raise ValueError(
            f"feats of {np.count_nonzero(~finite)} rows are NaN or infinite, first row"
            f" {rows[finite.argmin()]}; extract them again"
        )
    return loaded


def _read(path, tested, n_classes):
    """Return the posteriors of a fold as they were kept."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            rows, posteriors = arrays["rows"], arrays["posteriors"]
    except (ValueError, KeyError, EOFError, BadZipFile) as error:
        raise ValueError(f"{path}: not a fold ({error}); remove it") from error
    if not np.array_equal(rows, tested) or posteriors.shape[1] != n_classes:
        raise ValueError(
            f"{path} holds {len(rows)} rows of {posteriors.shape[1]} classes that are"
            f" not the {len(tested)} of {n_classes} to be tested; remove it"
        )
    return posteriors


def _kept(folder, key):
    """Yield what is kept of each fold, in order."""
    found = {
        int(match[1]): path
        for path in Path(folder).glob("*.npz")
        if (match := re.fullmatch(rf"{re.escape(key)}-(\d+)", path.stem))
    }
    for fold in sorted(found):
        with np.load(found[fold], allow_pickle=False) as arrays:
            yield dict(arrays)
