"""Tests of recipes.suite.plan."""

import sys
from pathlib import Path

import pytest

from local.overrides import parse_overrides
from recipes.suite.plan import Run, find_test_sets, plan, read_suite

SCRIPT, TRAIN = "recipes.baselines.pair_mlp", "train_speaker_embeddings.py"


@pytest.fixture
def yaml(tmp_path):
    path = tmp_path / "net.yaml"
    keys = "seed: 1\ndata_pickle: a\nprepared_folder: b\noutput_folder: !ref x/<seed>\n"
    path.write_text(keys, encoding="utf-8")
    return str(path)


@pytest.fixture
def settings(tmp_path):
    return {
        "data_pickle": "raw/data.pkl",
        "test_folder": "sets",
        "results_folder": str(tmp_path / "results"),
    }


@pytest.fixture
def test_sets(tmp_path):
    for name in ("dev_a", "dev_b"):
        (tmp_path / "sets" / name).mkdir(parents=True)
        for file in ("test_data.pkl", "labels.npy"):
            (tmp_path / "sets" / name / file).touch()
    return find_test_sets(tmp_path / "sets")


def done(settings, *path):
    """Leave a file of a finished step of run net, seed 7."""
    path = Path(settings["results_folder"], "net", "7", *path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


def options(words):
    """Return the overrides of a command line, and the words before them."""
    start = next(i for i, word in enumerate(words) if word.startswith("--"))
    return parse_overrides(words[start:]), words[:start]


def test_a_run_is_trained_and_verified_on_every_test_set(yaml, settings, test_sets):
    steps = plan(Run("net", 7, yaml, {"lr": 0.1}), settings, test_sets)
    assert list(steps) == ["train", "dev_a", "dev_b"]
    changes, words = options(steps["train"])
    folder = f"{settings['results_folder']}/net/7"
    assert words == [sys.executable, TRAIN, yaml]
    assert changes == {
        "data_pickle": "raw/data.pkl",
        "prepared_folder": f"{settings['results_folder']}/prepared/data-7",
        "output_folder": folder,
        "seed": 7,
        "lr": 0.1,
    }
    changes, words = options(steps["dev_b"])
    assert words == [sys.executable, "verify.py", "hparams/verify.yaml"]
    assert changes == {
        "model": folder,
        "test_data": str(test_sets[1] / "test_data.pkl"),
        "test_labels": str(test_sets[1] / "labels.npy"),
        "output_folder": f"{folder}/dev_b",
    }


def test_a_run_may_ask_for_some_test_sets(yaml, settings, test_sets):
    run = Run("net", 7, yaml, {}, test_sets=["dev_b"])
    assert list(plan(run, settings, test_sets)) == ["train", "dev_b"]
    done(settings, "dev_b", "metrics.json")
    assert plan(run, settings, test_sets) == {}


def test_a_test_set_that_is_not_there_is_told(yaml, settings, test_sets):
    run = Run("net", 7, yaml, {}, test_sets=["dev_b", "dev_c"])
    with pytest.raises(ValueError, match=r"net: no test set \['dev_c'\].*'dev_a'"):
        plan(run, settings, test_sets)


def test_what_is_done_is_not_done_again(yaml, settings, test_sets):
    run = Run("net", 7, yaml, {})
    done(settings, "model", "training.json")
    assert list(plan(run, settings, test_sets)) == ["dev_a", "dev_b"]
    done(settings, "dev_a", "metrics.json")
    assert list(plan(run, settings, test_sets)) == ["dev_b"]
    done(settings, "dev_b", "metrics.json")
    assert plan(run, settings, test_sets) == {}


def test_a_killed_training_is_started_again(yaml, settings, test_sets):
    done(settings, "save", "CKPT+1", "CKPT.yaml")
    assert "train" in plan(Run("net", 7, yaml, {}), settings, test_sets)


def test_a_corpus_is_left_out_once(yaml, settings, test_sets, tmp_path):
    run = Run("net", 7, yaml, {}, leave_out="ls")
    steps = plan(run, settings, test_sets)
    assert list(steps) == ["leave out", "train", "dev_a", "dev_b"]
    part = f"{settings['results_folder']}/prepared/without_ls.pkl"
    changes, words = options(steps["leave out"])
    assert words == [sys.executable, "-m", "data_prep.leave_out"]
    assert changes["speakers"] == "raw/speakers.csv"
    assert changes["output"] == part
    changes, _ = options(steps["train"])
    assert changes["data_pickle"] == part
    assert changes["prepared_folder"].endswith("prepared/without_ls-7")
    (tmp_path / "results/prepared").mkdir(parents=True)
    (tmp_path / "results/prepared/without_ls.pkl").touch()
    assert "leave out" not in plan(run, settings, test_sets)


def test_a_script_of_its_own_trains_and_tests_in_one(yaml, settings, test_sets):
    steps = plan(Run("net", 7, yaml, {}, script=SCRIPT), settings, test_sets)
    assert list(steps) == ["run"]
    assert steps["run"][1:4] == ["-m", SCRIPT, yaml]


def test_nested_overrides_reach_the_script_as_they_are(yaml, settings, test_sets):
    overrides = {"model": {"channels": [8, 8], "name": None}, "precision": "bf16"}
    overrides |= {"flag": True, "lr": 1e-8}
    steps = plan(Run("net", 7, yaml, overrides), settings, test_sets)
    changes, _ = options(steps["train"])
    assert {key: changes[key] for key in overrides} == overrides


def test_a_suite_has_a_run_a_seed(yaml, tmp_path):
    suite = tmp_path / "suite.yaml"
    text = f"test_folder: t\nruns:\n  a: {{yaml: {yaml}, seeds: [1, 2]}}\n"
    suite.write_text(text + f"  b: {{yaml: {yaml}, leave_out: ls}}\n", encoding="utf-8")
    settings, runs = read_suite(suite)
    assert settings == {"test_folder": "t"}
    assert runs == [
        Run("a", 1, yaml, {}),
        Run("a", 2, yaml, {}),
        Run("b", 1986, yaml, {}, leave_out="ls"),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: {}", "expected runs"),
        ("runs: [a]", "expected runs"),
        ("runs: {a: {overrides: {}}}", "yaml"),
        ("runs: {a: {yaml: x.yaml, seed: 3}}", "seed"),
        ("runs: {a: {yaml: no/such.yaml}}", "no such YAML: no/such.yaml"),
        ("runs: {a: [", "expected runs"),
    ],
)
def test_another_suite_is_refused(text, message, tmp_path):
    suite = tmp_path / "suite.yaml"
    suite.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        read_suite(suite)


def test_test_sets_have_labels(test_sets):
    (test_sets[0] / "labels.npy").unlink()
    folder = test_sets[0].parent
    assert [path.name for path in find_test_sets(folder)] == ["dev_b"]
    with pytest.raises(FileNotFoundError, match="no <test_set>/test_data.pkl"):
        find_test_sets(folder / "dev_b")


def test_a_run_of_members_combines_them(settings, test_sets):
    run = Run("both", 7, "hparams/combine.yaml", {}, members=["net", "other"])
    steps = plan(run, settings, test_sets)
    assert list(steps) == ["combine", "dev_a", "dev_b"]
    changes, words = options(steps["combine"])
    results = settings["results_folder"]
    assert words[1:] == ["combine_models.py", "hparams/combine.yaml"]
    assert changes["folders"] == [f"{results}/net/7", f"{results}/other/7"]
    assert changes["output_folder"] == f"{results}/both/7"


def test_a_yaml_of_shares_is_told_where_the_whole_is_prepared(
    yaml, settings, test_sets
):
    path = Path(yaml)
    text = path.read_text(encoding="utf-8").replace(
        "prepared_folder: b", "whole_folder: b\nprepared_folder: !ref <whole_folder>-1"
    )
    path.write_text(text, encoding="utf-8")
    changes, _ = options(plan(Run("net", 7, yaml, {}), settings, test_sets)["train"])
    assert changes["whole_folder"] == f"{settings['results_folder']}/prepared/data-7"
    assert "prepared_folder" not in changes
