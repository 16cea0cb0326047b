"""A network as a classifier of scikit-learn's form."""

from functools import partial

import numpy as np
import pytest
import torch
from hyperpyyaml import load_hyperpyyaml
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import cross_val_score

from local.models.classifier_networks import BiLstm, Conv1dNetwork
from local.models.network_classifier import NetworkClassifier, hold_out

SMALL = partial(Conv1dNetwork, filters=[8], kernel_size=3, dropout=0.1)
YAML = """
classifier: !new:local.models.network_classifier.NetworkClassifier
    network: !name:local.models.classifier_networks.BiLstm
        n_units: 4
        n_layers: 1
        hidden: 4
    n_epochs: 2
    batch_size: 8
    lr: 0.01
    weight_decay: 0.01
    valid_share: 0.25
    patience: 1
    seed: 5
"""


@pytest.fixture(autouse=True)
def one_thread():
    """Keep torch from sharing tiny batches among cores."""
    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(n_threads)


@pytest.fixture
def task(rng):
    """Return feats (96, 3, 12), classes and groups: one channel trembles more in m."""
    classes = np.tile(["f", "m"], 48)
    groups = np.repeat(np.arange(24), 4) * 2 + np.tile([0, 1], 48)
    feats = rng.normal(size=(96, 3, 12))
    feats[:, 1] *= np.where(classes == "m", 3, 1)[:, np.newaxis]
    # Levels and scales as unlike as those of real features.
    return feats * [[5], [0.01], [1]] + [[700], [-3], [0]], classes, groups


def make(**changes):
    settings = {"network": SMALL, "n_epochs": 15, "batch_size": 16, "lr": 0.02}
    settings |= {"weight_decay": 0.01, "valid_share": 0.25, "patience": 15, "seed": 0}
    return NetworkClassifier(**settings | {"device": "cpu"} | changes)


def test_it_learns_what_a_channel_tells(task):
    feats, classes, groups = task
    classifier = make().fit(feats[:64], classes[:64], groups[:64])
    assert classifier.score(feats[64:], classes[64:]) > 0.75
    posteriors = classifier.predict_proba(feats[64:])
    assert posteriors.dtype == np.float32
    assert posteriors.sum(axis=1) == pytest.approx(np.ones(32), abs=1e-6)
    best = classifier.classes_[posteriors.argmax(axis=1)]
    assert (best == classifier.predict(feats[64:])).all()


def test_it_works_in_the_tools_of_scikit_learn(task):
    feats, classes, _ = task
    copied = clone(make(lr=0.03))
    assert copied.get_params()["lr"] == 0.03
    assert not hasattr(copied, "network_")
    assert cross_val_score(make(), feats, classes, cv=2).mean() > 0.8


def test_it_is_made_by_a_yaml(task):
    classifier = clone(load_hyperpyyaml(YAML)["classifier"]).fit(*task)
    assert isinstance(classifier.network_, BiLstm)
    assert classifier.predict_proba(task[0]).shape == (96, 2)


def test_the_seed_decides_the_posteriors(task):
    first, same, other = (
        make(n_epochs=2, seed=seed).fit(*task).predict_proba(task[0])
        for seed in (1, 1, 2)
    )
    assert (first == same).all()
    assert (first != other).any()


def test_the_global_random_state_stays(task):
    torch.manual_seed(7)
    np.random.seed(7)
    expected = torch.rand(3), np.random.rand(3)
    torch.manual_seed(7)
    np.random.seed(7)
    make(n_epochs=1).fit(*task).predict_proba(task[0])
    assert torch.equal(torch.rand(3), expected[0])
    assert (np.random.rand(3) == expected[1]).all()


def test_feats_are_standardized_by_the_fitted_rows_alone(task):
    feats, classes, groups = task
    classifier = make(n_epochs=1).fit(feats, classes, groups)
    codes = (classes == "m").astype(int)
    fitted = feats[~hold_out(codes, groups, 0.25, seed=0)]
    assert len(fitted) == 72
    mean = fitted.mean(axis=(0, 2), keepdims=True)[0]
    std = fitted.std(axis=(0, 2), keepdims=True)[0]
    assert classifier.mean_.numpy() == pytest.approx(mean, rel=1e-5)
    assert classifier.std_.numpy() == pytest.approx(std, rel=1e-4)


def test_a_constant_channel_does_no_harm(task):
    feats, classes, groups = task
    feats[:, 2] = 0.1
    classifier = make(n_epochs=2).fit(feats, classes, groups)
    assert classifier.std_[2] == 1
    assert np.isfinite(classifier.predict_proba(feats)).all()


def test_the_best_epoch_is_kept(task):
    feats, classes, _ = task
    rng = np.random.default_rng(1)
    noise = rng.permutation(classes)  # nothing to learn: held-out loss soon rises
    settings = {"lr": 0.05, "patience": 3, "n_epochs": 40}
    classifier = make(**settings).fit(feats, noise, np.arange(96))
    assert classifier.n_epochs_ == classifier.best_epoch_ + 3 < 40
    again = make(**settings | {"n_epochs": classifier.best_epoch_})
    again.fit(feats, noise, np.arange(96))
    assert (again.predict_proba(feats) == classifier.predict_proba(feats)).all()


def test_without_a_share_held_out_all_epochs_are_trained_on_all_rows(task):
    classifier = make(valid_share=0, n_epochs=7, patience=1).fit(*task)
    assert classifier.n_epochs_ == classifier.best_epoch_ == 7
    assert classifier.mean_.numpy() == pytest.approx(
        task[0].mean(axis=(0, 2), keepdims=True)[0], rel=1e-5
    )


def test_a_last_batch_of_one_row_does_no_harm(task):
    # Batch normalisation refuses a single row of a single frame.
    feats, classes = task[0][:5, :, :1], task[1][:5]
    network = make(batch_size=4, valid_share=0, n_epochs=1)
    assert np.isfinite(network.fit(feats, classes).predict_proba(feats)).all()


@pytest.mark.parametrize("n_groups", [2, 4, 9])
@pytest.mark.parametrize("n_classes", [2, 40])
def test_every_class_keeps_groups_and_the_share_is_met(n_groups, n_classes):
    codes = np.repeat(np.arange(n_classes), 3 * n_groups)
    groups = np.repeat(np.arange(n_classes * n_groups), 3)
    held_out = hold_out(codes, groups, 0.25, seed=1)
    lost = np.bincount(codes, held_out) / 3
    assert held_out.reshape(-1, 3).all(axis=1).sum() * 3 == held_out.sum()
    assert lost.sum() == pytest.approx(0.25 * n_classes * n_groups, abs=0.5)
    assert lost.max() - lost.min() <= 1
    assert lost.max() < n_groups


def test_a_class_of_one_group_stays_in_training():
    codes, groups = np.array([0, 0, 0, 0, 1, 1]), list("abcdee")
    assert not hold_out(codes, groups, 0.5, seed=0)[4:].any()


def test_a_large_share_leaves_a_group_of_each_class():
    codes = np.repeat([0, 1, 2], 2)
    held_out = hold_out(codes, np.arange(6), 0.9, seed=0)
    assert np.bincount(codes, held_out).tolist() == [1, 1, 1]


def test_groups_of_several_classes_are_held_out_whole():
    codes, groups = np.tile([0, 1], 20), np.repeat(np.arange(10), 4)
    held_out = hold_out(codes, groups, 0.3, seed=0).reshape(10, 4)
    assert (held_out.any(axis=1) == held_out.all(axis=1)).all()
    assert held_out[:, 0].sum() == 3


def test_the_seed_decides_what_is_held_out():
    codes, groups = np.tile([0, 1], 20), np.arange(40)
    first, same, other = (hold_out(codes, groups, 0.3, seed) for seed in (1, 1, 2))
    assert (first == same).all()
    assert (first != other).any()


@pytest.mark.parametrize(
    ("codes", "groups", "share"),
    [
        ([0, 0, 1, 1], list("aabb"), 0.5),  # one group a class
        ([0, 0, 0, 1, 1, 1], list("abcdef"), 0.05),  # a share of less than one group
        ([0, 1, 0, 0], list("aabc"), 0.9),  # the only group with class 1 goes
    ],
)
def test_holding_out_what_is_not_there_is_refused(codes, groups, share):
    with pytest.raises(ValueError, match="holds out none, or all of a class; set"):
        hold_out(np.array(codes), groups, share, seed=0)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"n_epochs": 0}, "expected n_epochs >= 1, got n_epochs=0"),
        ({"batch_size": 1}, "expected batch_size >= 2, got batch_size=1"),
        ({"lr": 0}, "expected lr > 0, got lr=0"),
        ({"weight_decay": -1}, "expected weight_decay >= 0, got weight_decay=-1"),
        ({"valid_share": 1}, "expected 0 <= valid_share < 1, got valid_share=1"),
        ({"patience": 0}, "expected patience >= 1, got patience=0"),
        ({"lr": 1e30}, "the loss is (nan|inf) in epoch 1; lower lr"),
    ],
)
def test_a_wrong_setting_ends_in_one_line(task, changes, message):
    with pytest.raises(ValueError, match=message) as error:
        make(**changes).fit(*task)
    assert "\n" not in str(error.value)


def test_wrong_shapes_end_in_one_line(task):
    feats, classes, _ = task
    with pytest.raises(ValueError, match=r"feats \(n, channels, frames\), n >= 1; got"):
        make().fit(feats[:, 0], classes)
    with pytest.raises(ValueError, match="each of 96 rows, .* got 95 of 2 classes"):
        make().fit(feats, classes[1:])
    with pytest.raises(ValueError, match="got 96 of 1 classes"):
        make().fit(feats, ["f"] * 96)
    with pytest.raises(NotFittedError, match="is not fitted yet"):
        make().predict_proba(feats)
