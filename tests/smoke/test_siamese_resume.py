"""A Siamese training goes on as if never interrupted, and refuses what is in vain."""

import json
from pathlib import Path

import pytest

from recipes.siamese import evaluate, train

YAML = "recipes/siamese/hparams/mfcc.yaml"
TINY = {
    "n_speakers": "{valid: 2, test: 4}",
    "test_speakers": "any",
    "n_seen_speakers": "2",
    "fragment_seconds": "1",
    "hop_seconds": "0.5",
    "late_seconds": "2",
    "filters": "[2, 2]",
    "emb_dim": "4",
    "valid_ways": "2",
    "batch_size": "4",
    "steps_per_epoch": "2",
    "n_epochs": "3",
    "protocol": "{max_ways: 3, shots_ways: [2], class_ways: [2], n_tasks: 20}",
}


@pytest.fixture
def arguments(tmp_path, librispeech_folder):
    """Return a function that tells how to train into a folder."""

    def make(name):
        settings = TINY | {
            "librispeech_folder": str(librispeech_folder),
            "prepared_folder": str(tmp_path / "prepared"),
            "output_folder": str(tmp_path / name / "1"),
        }
        return [YAML] + [word for k, v in settings.items() for word in (f"--{k}", v)]

    return make


def log_of(folder):
    """Return the log of a training without what depends on the clock."""
    lines = (folder / "train_log.txt").read_text().splitlines()
    return [line.split(" - ", 1)[1] for line in lines]


def test_an_interrupted_training_ends_like_a_whole_one(
    arguments, tmp_path, monkeypatch
):
    train.train(arguments("whole"))
    judge = train.SiameseBrain.compute_objectives
    steps = []

    def interrupted(brain, *inputs):
        """Stop in the second epoch, after a step that no checkpoint holds."""
        steps.append(1)
        if len(steps) == 4:
            raise KeyboardInterrupt
        return judge(brain, *inputs)

    with monkeypatch.context() as patch:
        patch.setattr(train.SiameseBrain, "compute_objectives", interrupted)
        with pytest.raises(KeyboardInterrupt):
            train.train(arguments("stopped"))
    train.train(arguments("stopped"))
    whole, stopped = tmp_path / "whole/1", tmp_path / "stopped/1"
    assert log_of(whole) == log_of(stopped)
    assert (whole / "steps.csv").read_text() == (stopped / "steps.csv").read_text()


def test_fine_tuning_leaves_the_network_as_it_is(arguments, tmp_path):
    hparams, device = train.train(arguments("tuned"))
    train.measure(hparams, device)
    first = json.loads((tmp_path / "tuned/1/one_shot.json").read_text())
    train.measure(hparams, device)
    again = json.loads((tmp_path / "tuned/1/one_shot.json").read_text())
    assert first == again
    assert set(first["classes"]) == {"unseen", "seen", "fine_tuned"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("--batch_size", "0"), "batch_size must be at least 1, got 0"),
        (("--valid_ways", "3"), "valid_ways: 3 speakers to choose from, .* has 2"),
        (
            ("--protocol", "{max_ways: 9, shots_ways: [2], class_ways: [2]}"),
            "max_ways .*: 9 speakers .*test.csv has 4",
        ),
        (("--filters", "[2, 2, 2, 2, 2, 2]"), r"cannot take features \(32, 32\) "),
        (("--start_from", "nowhere"), "start_from: nowhere/save: no checkpoint"),
    ],
)
def test_what_would_fail_later_is_refused_before_the_first_step(
    arguments, tmp_path, change, message
):
    with pytest.raises((ValueError, OSError), match=message):
        train.train([*arguments("vain"), *change])
    assert not (tmp_path / "vain/1/steps.csv").exists()
    assert not Path("nowhere").exists()


def test_a_training_is_measured_with_its_own_settings_and_no_others(arguments):
    mine = [*arguments("mine"), "--n_epochs", "1"]
    train.train(mine)
    for key, value in (("--seed", "7"), ("--filters", "[3, 3]")):
        with pytest.raises(ValueError, match=f"other settings of .*{key[2:]}"):
            evaluate.main([*mine, key, value])


def test_a_yaml_of_another_script_is_refused():
    with pytest.raises(ValueError, match="knn.yaml: no save_folder in it, which this"):
        train.train(["recipes/siamese/hparams/knn.yaml"])
