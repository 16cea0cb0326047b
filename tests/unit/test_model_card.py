"""The card shows the figures of this model, and nothing is typed."""

import json
import sys

import pytest

from local.output.model_card import find_metrics, main, write_model_card
from local.scoring.model_folder import read_facts


def figure(value):
    return {"value": value, "low": value - 0.02, "high": value + 0.02}


def made_up_metrics(facts, test_set, eer, n_speakers=40):
    """Return metrics of a model with three systems of ours and chance."""
    systems = {
        name: {
            "r_precision": figure(0.9 - eer - shift),
            "cmc@1": figure(0.95 - eer),
            "cmc@3": figure(0.5),
            "eer": figure(eer + shift),
            "cllr": figure(0.3),
        }
        for name, shift in (("cosine", 0.03), ("as-norm", 0.0), ("x (transductive)", 0))
    }
    trials = {"n_segments": 320, "n_speakers": n_speakers}
    return {
        "test_set": test_set,
        "experiment": facts["experiment"],
        "seed": 1,
        "model": facts,
        "trials": trials | {"n_target_trials": 1, "n_nontarget_trials": 1},
        "bootstrap": {"n": 1000, "confidence": 0.95, "over": "speakers"},
        "systems": systems | {"chance": {"eer": {"value": 0.5}}},
    }


@pytest.fixture
def folder(untrained_model):
    return untrained_model(seed=0)


@pytest.fixture
def results(folder, tmp_path):
    """Return a folder with metrics of three test sets."""
    facts = read_facts(folder)
    for test_set, eer, n_speakers in (
        ("dev_a", 0.05, 40),
        ("dev_b", 0.11, 6),
        ("device_a", 0.31, 40),
    ):
        path = tmp_path / "results" / "1" / test_set / "metrics.json"
        path.parent.mkdir(parents=True)
        metrics = made_up_metrics(facts, test_set, eer, n_speakers)
        path.write_text(json.dumps(metrics), encoding="utf-8")
    return tmp_path / "results"


def write(folder, *metrics):
    return write_model_card(folder, metrics).read_text(encoding="utf-8")


def test_the_card_lies_in_the_folder_and_stays_the_same(folder, results):
    first = write(folder, results)
    assert (folder / "README.md").read_text(encoding="utf-8") == first
    assert write(folder, results) == first
    assert len(first.splitlines()) <= 200
    assert "$" not in first


def test_every_system_of_ours_has_a_row_a_test_set_with_intervals(folder, results):
    card = write(folder, results)
    row = "| dev_a | as-norm | 40 | 320 | 85.00 [83.00, 87.00] | 90.00 [88.00, 92.00]"
    assert f"{row} | 5.00 [3.00, 7.00] | 0.300 [0.280, 0.320] |\n" in card
    for name in ("dev_a", "dev_b", "device_a"):
        assert card.count(f"| {name} | ") == 3
    assert card.index("| dev_b | ") < card.index("simulated room")
    assert card.index("simulated room") < card.index("| device_a | ")
    assert "95 %, 1,000 bootstrap draws" in card
    assert "chance" not in card


def test_the_limits_are_told_in_figures_of_the_inductive_system(folder, results):
    card = " ".join(write(folder, results).split())
    assert "R-precision goes from 79.0 % (dev_b) to 85.0 % (dev_a)" in card
    assert "EER from 5.0 % (dev_a) to 11.0 % (dev_b)." in card
    assert "As recorded the EER is 11.0 % at most, through simulated devices" in card
    assert "Sets of fewer than 10 speakers say little: dev_b (6)." in card


def test_without_simulated_devices_nothing_is_said_of_them(folder, results):
    card = write(folder, *find_metrics(results)[:1])
    assert "simulated room" not in card
    assert "say little" not in card


def test_the_members_and_the_data_are_told(folder, results):
    card = write(folder, results)
    assert "| untrained-0 | StatisticsEncoder | a CPU | 1.00 | 1,000 | 2 | 1 |" in card
    assert "12 segments of 3 speakers" in card
    assert f'folder = "{folder.as_posix()}"' in card
    for corpus in ("LibriSpeech", "Speech Commands", "speechocean762", "DSPSpeech-20"):
        assert corpus in card
    assert card.count("CC BY 4.0") == 4


def test_members_of_a_combination_have_a_row_each(folder, results):
    facts = read_facts(folder)
    members = [facts | {"weight": 0.25}, facts | {"weight": 0.75, "name": "Other"}]
    facts |= {"members": members}
    (folder / "training.json").write_text(json.dumps(facts), encoding="utf-8")
    path = find_metrics(results)[0]
    path.write_text(json.dumps(made_up_metrics(facts, "dev_a", 0.1)), encoding="utf-8")
    card = write(folder, results)
    assert "| StatisticsEncoder | a CPU | 0.25 |" in card
    assert "| Other | a CPU | 0.75 |" in card
    assert "dev_b" not in card  # measured of the model before


def test_figures_of_another_model_are_refused(folder, results):
    for path in find_metrics(results):
        metrics = json.loads(path.read_text(encoding="utf-8"))
        metrics["model"]["n_parameters"] += 1
        path.write_text(json.dumps(metrics), encoding="utf-8")
    with pytest.raises(ValueError, match="none of 3 metrics files is of the model in"):
        write(folder, results)
    assert not (folder / "README.md").exists()


def test_missing_metrics_are_named(folder, tmp_path):
    (tmp_path / "empty").mkdir()
    for name in ("empty", "none.json"):
        with pytest.raises(FileNotFoundError, match=f"{name}: no metrics.json"):
            write(folder, tmp_path / name)


def test_the_command_ends_an_error_in_one_line(folder, tmp_path, monkeypatch, capsys):
    words = ["model_card", str(folder), "--metrics", str(tmp_path / "none")]
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 1
    assert capsys.readouterr().err.startswith("error: ")


def test_the_command_prints_where_the_card_lies(folder, results, monkeypatch, capsys):
    words = ["model_card", str(folder), "--metrics", str(results)]
    monkeypatch.setattr(sys, "argv", words)
    main()
    assert capsys.readouterr().out == f"{folder / 'README.md'}\n"
