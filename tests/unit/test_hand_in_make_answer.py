"""The hand-in's own script runs its steps and compares what comes out."""

import json

import pytest

from local.output.hand_in.make_answer import main

COPY = "import shutil, sys\nshutil.copy(sys.argv[1].split('=')[1], 'made.txt')\n"


@pytest.fixture
def hand_in(tmp_path):
    """Return a folder whose answer is made by copying the test data."""
    (tmp_path / "copy.py").write_text(COPY)
    words = ["copy.py", "--test_data={test_data}"]
    plan = {"steps": [{"words": words, "threads": 1}], "answer": "made.txt"}
    (tmp_path / "steps.json").write_text(json.dumps(plan))
    for name in ("raw.pkl", "test.pkl", "answer.txt"):
        (tmp_path / name).write_text("0;0.5\n0.5;0\n")
    return tmp_path


def make(folder):
    """Run the script on the two pickles."""
    main([str(folder / "raw.pkl"), str(folder / "test.pkl")], folder)


def test_the_same_bytes_are_told(hand_in, capsys):
    make(hand_in)
    assert "the very bytes" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("test.pkl", "0;0.7\n0.7;0\n", "by 0.2 at most"),
        ("test.pkl", "0;0;0\n" * 3, "3 clips, but 2 were handed in"),
        ("copy.py", "raise SystemExit(1)", "failed, see above"),
        ("raw.pkl", None, "raw.pkl"),
        ("answer.txt", None, "answer.txt: missing; unpack the zip again"),
        ("steps.json", None, "steps.json: missing; unpack the zip again"),
        ("steps.json", "[]", "unpack the zip again"),
    ],
)
def test_what_goes_wrong_ends_in_one_line(name, text, message, hand_in, capsys):
    if text is None:
        (hand_in / name).unlink()
    else:
        (hand_in / name).write_text(text)
    with pytest.raises(SystemExit) as ended:
        make(hand_in)
    assert ended.value.code == 1
    assert message in capsys.readouterr().err
