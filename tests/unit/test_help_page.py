"""Tests of local.help_page."""

import subprocess
import sys
from pathlib import Path

import pytest

from local import help_page as module
from local.help_page import format_value, help_page, usual_yaml
from local.output.terminal_session import record
from local.settings import read_values

ROOT = Path(__file__).parents[2]
ABOUT = """Do it.

    python do.py hparams/usual.yaml --seed 3 \\
        --rate 2

``--seed`` is a number, and this is a long paragraph that goes beyond eighty columns.
"""
USUAL = """# What is done. And more.

# Numbers
seed: 1 # of all that is drawn
__made: 3
rate: 0.5
batch_size: 8 # segments a step

# Objects
# of all kinds
parts: !new:collections.Counter # counted
    a: !ref <seed>
"""
OTHER = """# What else is done

# Numbers
seed: 2
batch_size: 9 # published: 10
other: null # only here
"""


@pytest.fixture
def page(tmp_path, monkeypatch):
    """Return a function that gives the lines of the help."""
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    (tmp_path / "hparams").mkdir()
    (tmp_path / "hparams" / "usual.yaml").write_text(USUAL, encoding="utf-8")
    (tmp_path / "other.yaml").write_text(OTHER, encoding="utf-8")
    return lambda *arguments: help_page(ABOUT, arguments).splitlines()


def test_a_page_of_the_usual_yaml(page):
    assert page("--help") == [
        *["Do it.", ""],
        *["    python do.py hparams/usual.yaml --seed 3 \\", "        --rate 2", ""],
        "--seed is a number, and this is a long paragraph that goes beyond eighty"
        " columns.",
        *["", "hparams/usual.yaml: What is done"],
        "--key value changes a key, --key '{part: value}' parts of one.",
        *["", "Numbers"],
        "  --seed 1         of all that is drawn",
        "  --rate 0.5",
        "  --batch_size 8   segments a step",
        *["", "Objects of all kinds"],
        "  --parts Counter  counted",
        *["", "SpeechBrain's run options, where a network runs"],
        "  --device         cpu, cuda, cuda:1; left out: the GPU if there is one",
        "  --precision      fp32, bf16 or fp16, where clips are embedded",
    ]


def test_another_yaml_is_explained_by_itself_then_by_the_usual_one(page, tmp_path):
    lines = page(str(tmp_path / "other.yaml"), "--help")
    assert f"{tmp_path}/other.yaml: What else is done" in " ".join(lines)
    assert "  --seed 2        of all that is drawn" in lines
    assert "  --batch_size 9  segments a step; published: 10" in lines
    assert "  --other null    only here" in lines
    assert not [line for line in lines if "--parts" in line]


def test_run_options_of_a_training_are_told_where_one_is_trained(page, tmp_path):
    assert not [line for line in page("-h") if "--debug" in line]
    yaml = tmp_path / "training.yaml"
    yaml.write_text("modules: {}\nprecision: bf16 # of the training\n")
    lines = page(str(yaml), "-h")
    assert [line for line in lines if line.startswith("  --debug ")]
    assert len([line for line in lines if "--precision" in line]) == 1


@pytest.mark.parametrize("columns", [20, 60, 80, 133])
def test_no_line_is_wider_than_the_terminal(page, tmp_path, monkeypatch, columns):
    yaml = tmp_path / "wide.yaml"
    yaml.write_text(
        f"# {'word ' * 40}\n\n# {'word ' * 40}\na: {'x' * 99} # {'y' * 150}"
    )
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = page(str(yaml), "--help")
    assert max(map(len, lines)) <= max(columns, 60)
    [line] = [line for line in lines if line.startswith("  --a ")]
    assert line.endswith("y...") and "x...  y" in line


@pytest.mark.parametrize("odd", ["z: &z {b: 2}\n<<: *z", "7: 2", "null: 2"])
def test_what_cannot_be_changed_by_its_name_is_left_out(page, tmp_path, odd):
    (tmp_path / "odd.yaml").write_text(f"a: 1\n{odd}\n")
    lines = page(str(tmp_path / "odd.yaml"), "--help")
    assert not {"--<<", "--7", "--null"} & {(line.split() or [""])[0] for line in lines}


def test_a_missing_yaml_is_named(page):
    with pytest.raises(FileNotFoundError, match=r"none\.yaml: no such YAML"):
        page("none.yaml", "--help")


@pytest.mark.parametrize("text", ["a: [1", "a: !ref <b>", "- 1", "", "a: 1\na: 2"])
def test_a_wrong_yaml_is_a_plain_error(page, tmp_path, text):
    (tmp_path / "wrong.yaml").write_text(text)
    with pytest.raises(ValueError):
        page(str(tmp_path / "wrong.yaml"), "--help")


@pytest.mark.parametrize("about", [None, "", "Do it."])
def test_a_docstring_without_a_yaml_is_told(about):
    assert usual_yaml(about) is None
    with pytest.raises(ValueError, match="names no YAML"):
        help_page(about, ["--help"])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("True", "True"),
        ("null", "null"),
        ("1.50", "1.5"),
        ("[a, 1]", "[a, 1]"),
        ("{a: [], b: null}", "{a: [], b: null}"),
        ("!new:collections.Counter", "Counter"),
        ("!name:collections.Counter {a: 1}", "Counter"),
        ("\n    - !new:collections.Counter\n    - 1", "[Counter, 1]"),
    ],
)
def test_values_in_a_few_words(tmp_path, text, shown):
    path = tmp_path / "x.yaml"
    path.write_text(f"x: {text}\n", encoding="utf-8")
    assert format_value(read_values(path)["x"]) == shown


# As a user sees it


def test_help_that_is_not_read_to_its_end_complains_of_nothing():
    words = [sys.executable, str(ROOT / "combine_models.py"), "--help"]
    pipes = dict.fromkeys(("stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen(words, **pipes) as process:
        process.stdout.close()  # before anything is written
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_the_help_is_as_wide_as_the_terminal_and_100_columns_in_a_pipe(monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    words = [sys.executable, str(ROOT / "combine_models.py"), "--help"]
    piped = subprocess.run(words, stdout=subprocess.PIPE, check=True).stdout
    assert 90 < max(map(len, piped.decode().splitlines())) <= 100
    shown = b"".join(chunk for _, chunk in record(words, columns=72, rows=24))
    assert 60 < max(map(len, shown.decode().splitlines())) <= 72
