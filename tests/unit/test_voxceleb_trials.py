"""The trial lists of VoxCeleb1: checked, counted, and written as a CSV."""

import logging
import sys

import pytest
from made_up_voxceleb import make_voxceleb

from data_prep.trials import read_trials
from data_prep.voxceleb_trials import LISTS, main, prepare_trials, read_official

A, B, C = (f"id1027{n}/video-0/00001.wav" for n in range(3))
LINES = [f"1 {A} {B}", f"0 {A} {C}", f"0 {B} {C}"]


@pytest.fixture
def root(tmp_path):
    speakers = [f"id1027{n}" for n in range(3)]
    return make_voxceleb(tmp_path / "wav", speakers, n_videos=1, n_each=1)


def write(tmp_path, lines, name="veri_test.txt"):
    path = tmp_path / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_list_becomes_a_csv_of_trials_in_its_order(root, tmp_path):
    output = tmp_path / "made" / "trials.csv"
    prepare_trials(write(tmp_path, LINES), root, output)
    assert read_trials(output) == [(A, B, 1), (A, C, 0), (B, C, 0)]


def test_a_list_of_wav_files_does_for_m4a_files(root, tmp_path):
    (root / A).rename((root / A).with_suffix(".m4a"))
    assert len(read_official(write(tmp_path, LINES), root)) == 3


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (f"2 {A} {B}", "1 of 4 lines are not '0|1 path other_path': line 4;"),
        (f"1 {A}", "line 4;"),
        (f"1 {A} {B} {C}", "line 4;"),
        (f"1 {A} {A}", "line 4;"),
        (f"0 {A} {B}", "line 4: an earlier line gives this trial another label"),
    ],
)
def test_a_wrong_line_is_numbered(line, message, root, tmp_path):
    path = write(tmp_path, [*LINES, line])
    with pytest.raises(ValueError, match=message):
        read_official(path, root)


def test_files_that_are_not_there_are_named(root, tmp_path):
    path = write(tmp_path, [*LINES, f"0 {A} id10309/v/00001.wav"])
    with pytest.raises(FileNotFoundError, match=r"1 of 4 files .*00001.wav \(line 4\)"):
        read_official(path, root)


def test_a_repeated_line_is_left_out_and_told(root, tmp_path, caplog):
    with caplog.at_level(logging.INFO):
        trials = read_official(write(tmp_path, [*LINES, LINES[0]]), root)
    assert trials == [(A, B, 1), (A, C, 0), (B, C, 0)]
    assert "1 lines repeat others and are left out" in caplog.messages[-1]


def test_counts_are_told_beside_the_published_ones(root, tmp_path, caplog, monkeypatch):
    with caplog.at_level(logging.INFO):
        read_official(write(tmp_path, LINES), root)
        monkeypatch.setitem(LISTS, "veri_test.txt", ("VoxCeleb1-O", 1, 2))
        read_official(write(tmp_path, LINES), root)
        read_official(write(tmp_path, LINES, "own.txt"), root)
    count, differs, _, agrees, _, own = caplog.messages
    assert count.endswith("1 target and 2 nontarget trials of 3 files of 3 speakers")
    assert "VoxCeleb1-O has 18,860 target and 18,860 nontarget trials; get" in differs
    assert agrees.endswith("as many as in VoxCeleb1-O")
    assert own.endswith("no published list has this name")
    assert [r.levelname for r in caplog.records].count("WARNING") == 1


def test_the_list_of_a_surrogate_is_not_taken_for_a_published_one(
    root, tmp_path, caplog
):
    (tmp_path / "surrogate.json").write_text('{"label": "surrogate: noise"}')
    with caplog.at_level(logging.INFO):
        read_official(write(tmp_path, LINES), root)
    assert caplog.messages[-1].endswith("no published list; surrogate: noise")
    assert "WARNING" not in {record.levelname for record in caplog.records}


def test_the_published_counts_add_up():
    # O: 37,720, E: 581,480, H: 552,536 trials; cleaned 37,611, 579,818, 550,894
    totals = {name: tar + non for name, (_, tar, non) in LISTS.items()}
    assert totals == {
        "veri_test.txt": 37720,
        "veri_test2.txt": 37611,
        "list_test_all.txt": 581480,
        "list_test_all2.txt": 579818,
        "list_test_hard.txt": 552536,
        "list_test_hard2.txt": 550894,
    }


def test_an_error_ends_in_one_line(tmp_path, monkeypatch, capsys):
    words = ["voxceleb_trials", "--trial_list", "no.txt", "--voxceleb_folder", "no"]
    monkeypatch.setattr(sys, "argv", [*words, "--output", str(tmp_path / "o.csv")])
    with pytest.raises(SystemExit, match="1"):
        main()
    assert capsys.readouterr().err.startswith("error: no.txt: no such list")
