"""Folders that appear complete, stay if nothing changed and replace only themselves."""

import json
import threading

import pytest

from data_prep.prepared_folder import file_sha256, replacing_folder


def make(folder, setting=1, kind="training"):
    """Make a folder with one file; tell whether there was anything to do."""
    with replacing_folder(folder, {"kind": kind, "setting": setting}) as staging:
        if staging:
            (staging / "result.txt").write_text(str(setting), encoding="utf-8")
    return staging is not None


@pytest.fixture
def folder(tmp_path):
    """Make a folder, inside a parent that did not exist."""
    folder = tmp_path / "new" / "prepared"
    assert make(folder)
    return folder


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_folder_holds_the_files_and_what_they_were_made_from(folder):
    assert names(folder) == ["prepared.json", "result.txt"]
    assert names(folder.parent) == [".prepared.lock", "prepared"]
    stored = json.loads((folder / "prepared.json").read_text(encoding="utf-8"))
    assert stored["setting"] == 1


def test_the_same_again_does_nothing(folder):
    before = (folder / "result.txt").stat()
    assert not make(folder)
    assert (folder / "result.txt").stat() == before


def test_another_setting_makes_it_anew(folder):
    assert make(folder, setting=2)
    assert (folder / "result.txt").read_text(encoding="utf-8") == "2"
    assert names(folder.parent) == [".prepared.lock", "prepared"]


def test_a_lost_file_makes_it_anew(folder):
    (folder / "result.txt").unlink()
    assert make(folder)
    assert not make(folder)


def test_an_empty_folder_is_used(tmp_path):
    (tmp_path / "prepared").mkdir()
    assert make(tmp_path / "prepared")


@pytest.mark.parametrize("name", ["prepared", "prepared.partial", "prepared.old"])
def test_a_foreign_folder_is_left_alone(tmp_path, name):
    (tmp_path / name).mkdir()
    (tmp_path / name / "thesis.txt").touch()
    with pytest.raises(ValueError, match=f"{name} holds something else"):
        make(tmp_path / "prepared")
    assert names(tmp_path / name) == ["thesis.txt"]


def test_a_file_of_that_name_is_left_alone(tmp_path):
    (tmp_path / "prepared").write_text("mine", encoding="utf-8")
    with pytest.raises(ValueError, match="holds something else"):
        make(tmp_path / "prepared")


def test_a_file_put_into_the_folder_is_not_removed(folder):
    (folder / "thesis.txt").touch()
    assert not make(folder)
    with pytest.raises(ValueError, match="also holds thesis.txt; move them away"):
        make(folder, setting=2)
    assert names(folder) == ["prepared.json", "result.txt", "thesis.txt"]


def test_another_kind_of_data_is_left_alone(folder):
    with pytest.raises(ValueError, match="holds training data, not test data"):
        make(folder, kind="test")


def test_an_unreadable_fingerprint_is_left_alone(folder):
    for text in ("{", "[1]", "{}"):
        (folder / "prepared.json").write_text(text, encoding="utf-8")
        with pytest.raises(ValueError, match="prepared.json: unreadable; remove"):
            make(folder)


def test_an_error_leaves_the_old_folder_and_no_rest(folder):
    with pytest.raises(RuntimeError):
        with replacing_folder(folder, {"kind": "training", "setting": 2}):
            raise RuntimeError
    assert names(folder.parent) == [".prepared.lock", "prepared"]
    assert not make(folder)


def test_a_kill_between_the_renames_loses_nothing(folder):
    folder.rename(folder.with_name("prepared.old"))
    assert not make(folder)
    assert names(folder.parent) == [".prepared.lock", "prepared"]


def test_rests_of_killed_runs_are_cleared_up(folder):
    for rest in ("prepared.partial", "prepared.old"):
        folder.with_name(rest).mkdir()
        (folder.with_name(rest) / "prepared.json").touch()
        (folder.with_name(rest) / "half.wav").touch()
    assert make(folder, setting=2)
    assert names(folder.parent) == [".prepared.lock", "prepared"]


def begin(folder, setting=1, resume=True):
    """Write one file, and fail; return what was there before."""
    fingerprint = {"kind": "training", "setting": setting}
    with (
        pytest.raises(RuntimeError),
        replacing_folder(folder, fingerprint, resume) as s,
    ):
        found = names(s)
        (s / "half.txt").touch()
        raise RuntimeError
    return found


def test_a_run_that_may_go_on_finds_what_the_last_one_wrote(tmp_path):
    folder = tmp_path / "prepared"
    assert begin(folder) == ["prepared.json"]
    assert begin(folder) == ["half.txt", "prepared.json"]
    assert begin(folder, setting=2) == ["prepared.json"]
    with replacing_folder(folder, {"kind": "training", "setting": 2}, True):
        pass
    assert names(folder) == ["half.txt", "prepared.json"]
    assert names(tmp_path) == [".prepared.lock", "prepared"]


def test_a_run_that_may_not_go_on_begins_anew(tmp_path):
    folder = tmp_path / "prepared"
    begin(folder)
    (tmp_path / "prepared.partial" / "prepared.json").write_text("{", encoding="utf-8")
    assert begin(folder) == ["prepared.json"]
    assert begin(folder, resume=False) == ["prepared.json"]
    assert names(tmp_path) == [".prepared.lock"]


def test_a_link_to_a_folder_stays_a_link(tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "prepared").symlink_to(tmp_path / "disk")
    assert make(tmp_path / "prepared")
    assert (tmp_path / "prepared").is_symlink()
    assert names(tmp_path / "disk") == ["prepared.json", "result.txt"]


def test_a_second_run_waits_and_then_finds_the_work_done(tmp_path):
    folder, done = tmp_path / "prepared", []
    second = threading.Thread(target=lambda: done.append(make(folder)))
    with replacing_folder(folder, {"kind": "training", "setting": 1}) as staging:
        second.start()
        second.join(timeout=0.1)
        assert second.is_alive()
        (staging / "result.txt").touch()
    second.join(timeout=5)
    assert done == [False]


def test_file_sha256_is_that_of_the_bytes(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    assert file_sha256(tmp_path / "a").startswith("ba7816bf8f01cfea414140de5dae2223")
    with pytest.raises(FileNotFoundError, match="/b: no such file"):
        file_sha256(tmp_path / "b")
