"""What is kept of folds is found again by the same run, and by no other."""

from functools import partial

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from local.models.classifier_networks import Conv1dNetwork
from local.models.fold_keys import fold_key
from local.models.network_classifier import NetworkClassifier

ARRAYS = (np.arange(6.0).reshape(3, 2), np.array([0, 1, 0]), np.array(["a", "b", "c"]))


def search(c=1.0, grid=(0.1, 1), scaler=StandardScaler, n_splits=4):
    """Return a search as the YAMLs have them."""
    return GridSearchCV(
        make_pipeline(scaler(), LogisticRegression(C=c)),
        {"logisticregression__C": list(grid)},
        cv=StratifiedGroupKFold(n_splits),
    )


def network(filters=(4, 8), seed=1):
    """Return a network as the YAMLs have them."""
    made = partial(Conv1dNetwork, filters=list(filters), kernel_size=3, dropout=0.1)
    return NetworkClassifier(made, 3, 8, 0.03, 0.01, 0.25, 3, seed)


@pytest.mark.parametrize("made", [search, network])
def test_the_same_made_again_has_the_same_name(made):
    first, second = made(), made()
    assert fold_key("x", first, *ARRAYS) == fold_key("x", second, *ARRAYS)
    # Places in memory differ from process to process.
    assert " at 0x" not in str(first.get_params())


@pytest.mark.parametrize("changes", [{"c": 2}, {"grid": [1]}, {"n_splits": 3}])
def test_a_setting_anywhere_in_a_search_counts(changes):
    assert fold_key("x", search(), *ARRAYS) != fold_key("x", search(**changes), *ARRAYS)


def test_what_is_in_a_search_or_network_counts():
    keys = {
        fold_key("x", classifier, *ARRAYS)
        for classifier in (
            search(),
            search(scaler=MinMaxScaler),
            network(),
            network(filters=(4, 4)),
            network(seed=2),
        )
    }
    assert len(keys) == 5


def test_classifiers_of_the_same_settings_are_told_apart():
    forest = RandomForestClassifier()
    trees = ExtraTreesClassifier(**forest.get_params())
    assert forest.get_params() == trees.get_params()
    assert fold_key("x", forest, *ARRAYS) != fold_key("x", trees, *ARRAYS)


@pytest.mark.parametrize("which", range(len(ARRAYS)))
def test_every_array_counts(which):
    changed = [array.copy() for array in ARRAYS]
    changed[which][-1] = changed[which][0] + changed[which][1]
    assert fold_key("x", search(), *changed) != fold_key("x", search(), *ARRAYS)


def test_type_and_shape_count_beside_the_bytes():
    classifier, array = LogisticRegression(), np.zeros(4, dtype=np.int32)
    others = (array.reshape(2, 2), array.astype(np.int64)[:2], array.view(np.float32))
    keys = {fold_key("x", classifier, other) for other in (array, *others)}
    assert len(keys) == 4


def test_the_layout_in_memory_or_a_file_does_not_count(tmp_path):
    feats, classifier = ARRAYS[0], clone(LogisticRegression())
    np.save(tmp_path / "feats.npy", feats)
    mapped = np.load(tmp_path / "feats.npy", mmap_mode="r")
    keys = {
        fold_key("x", classifier, array)
        for array in (feats, mapped, np.asfortranarray(feats))
    }
    assert len(keys) == 1


def test_it_begins_with_the_name():
    assert fold_key("svm-speaker", search(), *ARRAYS).startswith("svm-speaker-")
