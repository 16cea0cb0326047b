"""A search goes on where it was interrupted and tells its trials, the best first."""

import json
import sys

import optuna
import pytest

from recipes.siamese import search

SPACE = {"lr": optuna.distributions.FloatDistribution(0.1, 1.0)}


@pytest.fixture
def hparams(tmp_path):
    """Return a search of a made-up experiment."""
    return {
        "output_folder": str(tmp_path / "search"),
        "experiment": "mfcc.yaml",
        "seed": 1,
        "n_trials": 3,
        "minutes": 1,
        "common": {
            "n_epochs": 2,
            "librispeech_folder": "/here",
            "n_speakers": {"train": None},
        },
        "space": SPACE,
    }


@pytest.fixture
def trained(hparams, monkeypatch):
    """Return the arguments of all trainings, whose accuracy is their learning rate."""
    seen = []

    def train(arguments):
        given = dict(zip(arguments[1::2], arguments[2::2], strict=True))
        seen.append(given)
        log = search.Path(given["--output_folder"]) / "train_log.txt"
        log.parent.mkdir(parents=True)
        accuracy = float(given["--lr"])
        log.write_text(
            f"epoch: 1 - train loss: 1 - valid accuracy: {accuracy / 2}\n"
            f"epoch: 2 - train loss: 1 - valid accuracy: {accuracy}\n"
        )

    hparams["train"] = train
    monkeypatch.setattr(search, "load_experiment", lambda *_: (hparams, None, None))
    return seen


def found(hparams):
    path = search.Path(hparams["output_folder"]) / "search.json"
    return json.loads(path.read_text())["trials"]


def test_trials_are_listed_by_the_best_accuracy_of_each(hparams, trained):
    search.main([])
    accuracies = [trial["accuracy"] for trial in found(hparams)]
    assert accuracies == sorted(accuracies, reverse=True)
    assert accuracies == pytest.approx([trial["lr"] for trial in found(hparams)])
    assert len(accuracies) == 3
    assert len({given["--output_folder"] for given in trained}) == 3


def test_where_the_corpus_lies_is_not_told(hparams, trained):
    search.main([])
    path = search.Path(hparams["output_folder"]) / "search.json"
    assert "/here" in trained[0].values()
    assert "/here" not in path.read_text()


def test_settings_reach_the_training_as_yaml(hparams, trained):
    search.main([])
    assert trained[0]["--n_speakers"] == '{"train": null}'


def test_a_second_start_adds_no_trials_but_those_asked_for(hparams, trained):
    search.main([])
    search.main([])
    assert len(trained) == 3
    hparams["n_trials"] = 4
    search.main([])
    assert len(trained) == len(found(hparams)) == 4


def test_an_interrupted_trial_is_gone_on_with(hparams, trained):
    study = search.open_study(hparams["output_folder"], seed=1)
    number, params = search.next_trial(study, SPACE)
    search.main([])
    assert float(trained[0]["--lr"]) == params["lr"]
    assert trained[0]["--output_folder"].endswith(f"trial_{number:03d}")


def test_no_trial_begins_when_time_is_up(hparams, trained):
    hparams["minutes"] = 0
    with pytest.raises(ValueError, match="minutes"):
        search.main([])
    assert not trained


def test_optuna_is_asked_for_in_one_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(ValueError, match="requirements-siamese.txt"):
        search.main(["recipes/siamese/hparams/search.yaml"])
