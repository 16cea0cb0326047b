"""An evaluation from the command line: figures, files, and the test heard once."""

import json
from functools import partial

import numpy as np
import pytest
from made_up_utterances import make_trials

from recipes.voxceleb import evaluate as module
from recipes.voxceleb.evaluate import main
from recipes.voxceleb.trial_lists import read_trial_list

YAML = "recipes/voxceleb/hparams/evaluate.yaml"
TINY = {
    "n_crops": 2,
    "crop_seconds": 0.25,
    "n_bootstrap": 5,
    "systems": "[cosine]",
    "train_plda": "{n_dims: 2, n_iterations: 2}",
    "device": "cpu",
}


@pytest.fixture
def evaluate(tmp_path, untrained_model, monkeypatch):
    """Return what evaluates an untrained model, with changes, into ``out/<name>``."""
    make_trials(tmp_path)
    models = {seed: untrained_model(seed) for seed in (1, 2)}

    def run(name="O", test="test", seed=1, pictures=False, **changes):
        if not pictures:  # which take the time
            monkeypatch.setattr(module, "draw", lambda *_: None)
        given = {
            "model": models[seed],
            "voxceleb_folder": tmp_path / "wav",
            "dev_trials": tmp_path / "dev.csv",
            "output_folder": tmp_path / "out" / name,
            **({"test_trials": tmp_path / f"{test}.csv"} if test else {}),
        }
        options = (given | TINY | changes).items()
        main(
            [
                YAML,
                *(word for key, value in options for word in (f"--{key}", f"{value}")),
            ]
        )
        return json.loads((tmp_path / "out" / name / "evaluation.json").read_text())

    return run


def test_an_evaluation_leaves_figures_scores_and_pictures(evaluate, tmp_path, capsys):
    (tmp_path / "wav" / "surrogate.json").write_text('{"label": "surrogate: noise"}')
    systems = ["crop distances", "cosine", "as-norm", "PLDA"]
    found = evaluate(systems=f"[{', '.join(systems)}]", pictures=True)
    assert found["data"] == dict.fromkeys(("dev", "test"), "surrogate: noise")
    assert (found["list"], found["experiment"], found["seed"]) == (
        "O",
        "untrained-1",
        1,
    )
    assert list(found["systems"]) == systems
    folder = tmp_path / "out" / "O"
    with np.load(folder / "scores.npz") as scores:
        for part in ("dev", "test"):
            trials = read_trial_list(tmp_path / f"{part}.csv", tmp_path / "wav")
            assert (scores[f"{part}/label"] == trials.is_target).all()
            assert all(len(scores[f"{part}/{name}"]) == 66 for name in systems)
    stems = {path.stem for path in folder.glob("*.png")}
    assert {"det", "errors_PLDA", "scores_crop_distances", "training"} <= stems
    printed = capsys.readouterr().out
    assert "### surrogate: noise: O" in printed and "| PLDA | door lock |" in printed


def test_a_threshold_is_that_of_dev_whatever_the_test_says(evaluate):
    thresholds = [
        {
            name: [decision["threshold"] for decision in system["decisions"].values()]
            for name, system in evaluate(name, test)["systems"].items()
        }
        for name, test in (("O", "test"), ("dev", None))
    ]
    assert thresholds[0] == thresholds[1]


def test_a_test_is_heard_once_by_a_model(evaluate, capsys, monkeypatch):
    first = evaluate()
    capsys.readouterr()
    monkeypatch.setattr(module, "score_lists", partial(pytest.fail, "heard again"))
    assert evaluate(n_bootstrap=7) == first
    assert "has heard this test" in capsys.readouterr().out
    with pytest.raises(ValueError, match="another model or test"):
        evaluate(seed=2)
    with pytest.raises(ValueError, match="another model or test"):
        evaluate(test=None)


def test_the_same_trials_in_another_order_are_the_same_test(evaluate, tmp_path):
    evaluate()
    head, *lines = (tmp_path / "test.csv").read_text().splitlines()
    (tmp_path / "turned.csv").write_text("\n".join([head, *reversed(lines)]) + "\n")
    evaluate(test="turned")


def test_dev_alone_can_be_measured_again_and_then_the_test(evaluate):
    dev = evaluate(test=None)
    assert evaluate(test=None, n_bootstrap=6)["trials"].keys() == {"dev"}
    both = evaluate()
    assert both["trials"]["dev"] == dev["trials"]["dev"]
    assert both["systems"]["cosine"]["dev"] == dev["systems"]["cosine"]["dev"]


def test_speakers_of_both_lists_are_refused(evaluate):
    with pytest.raises(
        ValueError, match="3 speakers of the test trials are in the dev"
    ):
        evaluate(test="dev")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"n_crops": 0}, "n_crops is 0 and crop_seconds 0.25, expected 1 or more"),
        ({"crop_seconds": -4}, "crop_seconds -4, expected .* 0.1 or more"),
        ({"scenarios": "{door: {p_target: 0.9}}"}, "'door': expected p_target, c_miss"),
        (
            {"scenarios": "{door: {p_target: 2, c_miss: 1, c_fa: 1}}"},
            "expected 0 < p_target < 1 .* got p_target=2",
        ),
        ({"p_targets": "[0]"}, "expected 0 < p_target < 1 .* got p_target=0"),
        ({"n_bootstrap": 0}, "got n_bootstrap=0"),
        ({"confidence": 95}, "confidence=95"),
    ],
)
def test_settings_out_of_range_are_told_before_anything_is_heard(
    changes, message, evaluate, monkeypatch
):
    monkeypatch.setattr(module, "read_lists", partial(pytest.fail, "too late"))
    with pytest.raises(ValueError, match=message):
        evaluate(**changes)
