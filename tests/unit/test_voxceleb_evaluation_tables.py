"""The tables show what the files hold, headed by what the data are."""

import json

import pytest
from made_up import cells

from recipes.voxceleb.evaluation_tables import evaluation_tables, read_evaluation

DOOR = {"p_target": 0.9, "c_miss": 1, "c_fa": 5}


def figure(value):
    return {"value": value, "low": value - 0.01, "high": value + 0.01}


def counts(n):
    return {
        "n_segments": n,
        "n_speakers": 40,
        "n_target_trials": 10 * n,
        "n_nontarget_trials": 100 * n,
    }


def made_up_evaluation(experiment="resnet", seed=1, eer=0.0752, label="VoxCeleb"):
    dev = {"eer": figure(0.08), "auc": figure(0.97), "min_dcf@0.01": figure(0.5)}
    decided = {"p_miss": figure(0.09), "p_fa": figure(0.0584)}
    cost = {"cost": figure(0.213), "min_cost": 0.196}
    return {
        "data": {"dev": label, "test": label},
        "list": "O",
        "experiment": experiment,
        "seed": seed,
        "model": {},
        "digests": {"model": "abc", "test": "def"},
        "scenarios": {"door lock": DOOR},
        "trials": {"dev": counts(79), "test": counts(83)},
        "systems": {
            "cosine": {
                "decisions": {
                    "equal errors": {"threshold": 0.619, **decided},
                    "door lock": {"threshold": None, **decided, **cost},
                },
                "dev": dev,
                "test": dev | {"eer": figure(eer)},
            }
        },
    }


def written(folder, found):
    folder.mkdir(parents=True)
    (folder / "evaluation.json").write_text(json.dumps(found))
    return folder


def test_systems_and_decisions_have_a_table_each(tmp_path):
    systems, decisions = evaluation_tables(
        [written(tmp_path / "O", made_up_evaluation())]
    )
    assert systems.startswith("### VoxCeleb: O\n\ndev: 790 target and 7,900 nontarget")
    assert "830 target and 8,300 nontarget trials of 83 utterances" in systems
    row = ["resnet", "cosine", "8.00", "7.52 [6.52, 8.52]", "0.500 [0.490, 0.510]"]
    assert [*row, "0.970 [0.960, 0.980]"] in cells(systems)
    assert decisions.startswith("### VoxCeleb: O\n\n")
    assert "a false alarm 5." in decisions and "900 of 1,000" in decisions
    errors = ["9.00 [8.00, 10.00]", "5.84 [4.84, 6.84]"]
    row = ["resnet", "cosine", "door lock", "–", *errors]
    assert [*row, "0.213 [0.203, 0.223]", "0.196"] in cells(decisions)
    assert ["resnet", "cosine", "equal errors", "0.619", *errors, "–", "–"] in cells(
        decisions
    )


def test_lists_and_data_are_kept_apart_and_seeds_told(tmp_path):
    runs = [
        made_up_evaluation(seed=1),
        made_up_evaluation(seed=2, eer=0.06),
        made_up_evaluation("xvector"),
        made_up_evaluation(label="surrogate: LibriSpeech"),
    ]
    folders = [written(tmp_path / str(n), run) for n, run in enumerate(runs)]
    systems, _, surrogate, _ = evaluation_tables(folders)
    assert surrogate.startswith("### surrogate: LibriSpeech: O")
    names = [row[0] for row in cells(systems)]
    assert names[-3:] == ["resnet, seed 1", "resnet, seed 2", "xvector"]


def test_without_a_test_the_figures_are_called_those_of_dev(tmp_path):
    found = made_up_evaluation()
    found["digests"]["test"] = None
    for part in (found["data"], found["trials"], found["systems"]["cosine"]):
        del part["test"]
    systems, decisions = evaluation_tables([written(tmp_path / "O", found)])
    assert "dev EER %" in systems and "test" not in systems
    assert ["resnet", "cosine", "door lock", "–"] in cells(decisions)
    assert "Misses" not in decisions


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"list": 7}, "list: expected a text, got 7"),
        ({"trials": {"dev": {}}}, "trials.dev: expected an object with n_segments"),
        ({"systems": {"cosine": {"dev": {}}}}, "cosine: expected an object with dev"),
    ],
)
def test_a_file_of_another_form_is_refused(tmp_path, change, message):
    folder = written(tmp_path / "O", made_up_evaluation() | change)
    with pytest.raises(ValueError, match=f"{message}.*; evaluate again"):
        read_evaluation(folder / "evaluation.json")
