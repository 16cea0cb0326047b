"""Tests of local.experiment."""

import ctypes
import itertools
import sys
from collections import Counter
from importlib import import_module

import pytest

from local.experiment import (
    keep_freed_memory,
    load_experiment,
    refuse_other_settings,
    run,
)

YAML_TEXT = """
seed: 1
rate: 0.5
title: null
output_folder: !ref results/x/<seed>
counts: !new:collections.Counter
    a: !ref <seed>
"""


@pytest.fixture
def yaml(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text(YAML_TEXT, encoding="utf-8")
    return str(path)


def test_a_yaml_is_built_as_it_stands(yaml):
    hparams, run_opts, overrides = load_experiment([yaml])
    assert hparams == {
        "seed": 1,
        "rate": 0.5,
        "title": None,
        "output_folder": "results/x/1",
        "counts": Counter(a=1),
    }
    assert overrides == {}
    assert not run_opts["debug"]


def test_overrides_reach_what_refers_to_them(yaml):
    arguments = [yaml, "--seed", "7", "--rate=1e-5", "--title", "a=b c"]
    hparams, _, overrides = load_experiment(arguments)
    assert hparams["output_folder"] == "results/x/7"
    assert hparams["counts"] == Counter(a=7)
    assert hparams["rate"] == 1e-5
    assert hparams["title"] == "a=b c"
    assert overrides == {"seed": 7, "rate": 1e-5, "title": "a=b c"}


@pytest.mark.parametrize(
    ("text", "value"), [("-3", -3), ("-0.5", -0.5), ("-1e-3", -0.001), ("'3'", "3")]
)
def test_a_value_comes_through_argparse_and_yaml(yaml, text, value):
    assert load_experiment([yaml, "--title", text])[0]["title"] == value


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--rate", "fast"], "--rate: expected a number, as 0.5 is, got 'fast'"),
        (["--output_folder", "7"], "as results/x/1 is, got 7"),
    ],
)
def test_a_value_of_another_kind_is_told(yaml, arguments, message):
    with pytest.raises(ValueError, match=message):
        load_experiment([yaml, *arguments])


def test_run_options_mix_with_overrides_in_any_order(yaml):
    groups = ["--seed 3 --precision=bf16", "--device cpu --rate=2", "--debug"]
    for order in itertools.permutations(groups):
        arguments = [yaml, *itertools.chain.from_iterable(map(str.split, order))]
        hparams, run_opts, overrides = load_experiment(arguments)
        assert (hparams["seed"], hparams["rate"]) == (3, 2)
        assert overrides == {"seed": 3, "rate": 2}
        assert run_opts["device"] == "cpu"
        assert run_opts["debug"] is True
        assert run_opts["precision"] == "bf16"
        assert {"device", "debug", "precision"} <= run_opts.overridden_args


def test_an_unknown_key_is_told_the_nearest_and_the_help(yaml):
    with pytest.raises(ValueError, match="--sede: .* mean --seed. --help lists all"):
        load_experiment([yaml, "--sede", "3"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--precision", "fp8"], "--precision: invalid choice: 'fp8'"),
        (["--device"], "--device: expected one argument"),
        (["--debug_epochs", "few"], "--debug_epochs: invalid int value: 'few'"),
        (["--test", "a.npy"], "--test: no such key"),  # argparse: --test_only
        (["--comp", "3"], "--comp: no such key"),  # of which many begin so
    ],
)
def test_a_wrong_run_option_is_told_in_a_line(yaml, arguments, message, capsys):
    with pytest.raises(ValueError, match=message):
        load_experiment([yaml, *arguments])
    assert capsys.readouterr() == ("", "")


def test_a_missing_value_is_refused_after_the_yaml_too(yaml):
    with pytest.raises(ValueError, match="--seed needs a value"):
        load_experiment([yaml, "--seed", "--rate", "1"])


def test_a_key_that_a_script_misses_is_told(yaml):
    hparams, _, _ = load_experiment([yaml])
    with pytest.raises(ValueError, match="no nothing in it, which this script needs"):
        hparams["nothing"]


def test_a_missing_yaml_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.yaml: no such YAML"):
        load_experiment([str(tmp_path / "none.yaml")])


@pytest.mark.parametrize("arguments", [[], ["--seed", "3"]])
def test_no_yaml_is_refused_and_the_usual_one_named(arguments, monkeypatch):
    with pytest.raises(ValueError, match="Give a YAML first; or --help"):
        load_experiment(arguments)
    monkeypatch.setattr(sys.modules["__main__"], "__doc__", "Run a.py hparams/a.yaml.")
    with pytest.raises(ValueError, match="first, e.g. hparams/a.yaml; or --help"):
        load_experiment(arguments)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("bad: [1, 2", "expected ',' or ']'"),
        ("bad: !new:collections.Conter", "no such class as collections.Conter"),
        ("bad: !new:fractions.Fraction\n    sede: 1", "fractions.Fraction.*sede"),
        ("bad: !ref <sede>", '"sede" is not valid'),
        ("bad: !ref <seed> // 0", "division or modulo by zero"),
        ("bad:1\n", r"simple key \(line \d+\), .*a space after the colon"),
        ("bad:\n\t- 1", r"any token \(line \d+\); .*by spaces, not tabs"),
        ("seed: 4", r"duplicate key \"seed\" .*\(line \d+\)"),
        ("n_epochs: many", "n_epochs: expected a whole number, got 'many'"),
    ],
)
def test_a_wrong_yaml_is_a_plain_error(yaml, line, reason):
    with open(yaml, "a", encoding="utf-8") as stream:
        stream.write(line)
    with pytest.raises(ValueError, match=reason) as error:
        load_experiment([yaml])
    assert "\n" not in str(error.value)


def test_a_line_that_was_deleted_is_named(yaml):
    hparams, _, _ = load_experiment([yaml])
    with pytest.raises(ValueError, match=r"x\.yaml: no loss in it.* put back"):
        hparams["loss"]


# The memory


class FakeLibc:
    """Records the options set."""

    def __init__(self):
        self.options = {}

    def mallopt(self, option, value):
        self.options[option] = value


def test_freed_memory_is_kept_up_to_a_gigabyte(monkeypatch):
    libc = FakeLibc()
    monkeypatch.setattr(ctypes, "CDLL", lambda name: libc)
    keep_freed_memory()
    assert libc.options == {-1: 2**30, -3: 2**30}  # M_TRIM_ and M_MMAP_THRESHOLD


def test_a_system_without_glibc_is_left_alone(monkeypatch):
    def missing(name):
        raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr(ctypes, "CDLL", missing)
    keep_freed_memory()
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())  # without mallopt
    keep_freed_memory()


# The way out


@pytest.fixture
def command_line(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["script.py", "x.yaml", "--seed", "3"])


def fail_with(error):
    def main(arguments):
        raise error

    return main


def test_run_passes_the_command_line(command_line):
    calls = []
    run(calls.append)
    assert calls == [["x.yaml", "--seed", "3"]]


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_run_prints_the_help_of_the_script_instead(flag, yaml, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["verify.py", yaml, flag])
    run(import_module("verify").main)
    page, log = capsys.readouterr()
    assert page.startswith("Tell how likely") and "--rate 0.5" in page
    assert not log


def test_the_help_of_a_yaml_that_is_not_there_is_an_error(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["verify.py", "none.yaml", "--help"])
    with pytest.raises(SystemExit, match="error: none.yaml: no such YAML"):
        run(import_module("verify").main)


@pytest.mark.parametrize(
    "error", [ValueError("batch_size: 0"), FileNotFoundError("a.pkl"), OSError("full")]
)
def test_run_ends_a_user_error_in_one_line(command_line, error, capsys):
    with pytest.raises(SystemExit) as end:
        run(fail_with(error))
    assert end.value.code == f"error: {error}"  # printed by Python, exit status 1
    assert capsys.readouterr() == ("", "")


def test_run_tells_that_an_interrupted_run_goes_on(command_line):
    with pytest.raises(SystemExit, match="interrupted; the same command goes on"):
        run(fail_with(KeyboardInterrupt()))


def test_run_does_not_hide_a_bug(command_line):
    for bug in (KeyError("lr"), RuntimeError("shapes cannot be multiplied")):
        with pytest.raises(type(bug)):
            run(fail_with(bug))


def test_run_ends_in_one_line_when_another_process_has(command_line, monkeypatch):
    monkeypatch.setattr("local.experiment.lost_a_process", lambda error: True)
    with pytest.raises(SystemExit, match="error: another process of this job has"):
        run(fail_with(RuntimeError("[pair.cc:534] Connection closed by peer")))


@pytest.mark.parametrize(
    ("before", "now", "differs"),
    [
        ("!new:a.B", "!new:a.B", False),  # once unequal to itself
        ("!new:a.B", "!new:a.C", True),
        ("!new:a.B {c: 1}", "!new:a.B {c: 1} # said why", False),
        ("!new:a.B {c: 1}", "!new:a.D {c: 1}", True),  # once equal
        ("\n- !new:a.B\n  c: 1", "\n- !new:a.B\n  c: 1", False),
        ("\n- !new:a.B\n  c: 1", "\n- !new:a.D\n  c: 1", True),
        ("1.50", "1.5", False),
    ],
)
def test_settings_are_compared_with_the_classes_they_name(
    before, now, differs, tmp_path
):
    (tmp_path / "hyperparams.yaml").write_text(f"x: {before}\n", encoding="utf-8")
    path = tmp_path / "now.yaml"
    path.write_text(f"x: {now}\n", encoding="utf-8")
    if not differs:
        refuse_other_settings(tmp_path, path, {})
        return
    with pytest.raises(ValueError, match="other settings of x;"):
        refuse_other_settings(tmp_path, path, {})


@pytest.mark.parametrize(
    "script",
    [
        "train_speaker_embeddings",
        "verify",
        "combine_models",
        "recipes.baselines.pair_mlp",
        "recipes.baselines.nearest_neighbour",
        "recipes.voxceleb.adopt",
    ],
)
def test_the_yaml_of_another_script_is_told_by_what_it_lacks(script):
    evaluation = "recipes/voxceleb/hparams/evaluate.yaml"
    with pytest.raises(ValueError, match=f"{evaluation}: no .* which this script need"):
        import_module(script).main([evaluation])
