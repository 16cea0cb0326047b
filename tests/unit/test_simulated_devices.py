"""The test whose every segment has a device of its own: files and draws."""

import csv
import pickle
import sys

import numpy as np
import pytest

from data_prep import simulated_devices as module
from data_prep.safe_pickle import load_pickle
from data_prep.simulated_devices import main, simulate_devices


@pytest.fixture(scope="module")
def source(task_folder, tmp_path_factory):
    """Return a test of six segments, with its labels beside it."""
    folder = tmp_path_factory.mktemp("source")
    (data,) = load_pickle(task_folder / "test_data.pkl")
    write_pickle(folder / "test_data.pkl", [data[:6]])
    np.save(folder / "labels.npy", np.array(list("aabbcc")))
    return folder / "test_data.pkl"


def write_pickle(path, content):
    path.write_bytes(pickle.dumps(content))
    return path


def read(path):
    (data,) = load_pickle(path)
    return data


@pytest.fixture(scope="module")
def output(source, tmp_path_factory):
    path = tmp_path_factory.mktemp("made") / "devices" / "test_data.pkl"
    simulate_devices(source, path, seed=7)
    return path


def test_segments_keep_shape_and_order_and_all_are_changed(source, output):
    before, after = read(source), read(output)
    assert after.shape == before.shape
    assert after.dtype == np.float32
    assert not (before == after).all(axis=1).any()
    assert (after.std(axis=1) > 0.01).all()


def test_labels_beside_the_test_come_along(source, output):
    names = {path.name for path in output.parent.iterdir()}
    assert names == {"test_data.pkl", "labels.npy", "devices.csv"}
    labels = np.load(source.parent / "labels.npy")
    assert np.array_equal(np.load(output.parent / "labels.npy"), labels)


def test_the_table_has_a_row_for_each_segment(output):
    with open(output.parent / "devices.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["segment"] for row in rows] == list("012345")
    assert len({row["t60_s"] for row in rows}) == 6
    assert all(15 <= float(row["snr_db"]) <= 35 for row in rows)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(
    source, output, tmp_path
):
    for seed in (7, 8):
        simulate_devices(source, tmp_path / str(seed) / "test_data.pkl", seed=seed)
    again, other = (tmp_path / seed / "test_data.pkl" for seed in ("7", "8"))
    assert again.read_bytes() == output.read_bytes()
    assert not (read(other) == read(output)).all(axis=1).any()


def test_a_segment_depends_on_the_seed_and_its_position_alone(source, output, tmp_path):
    first = write_pickle(tmp_path / "first.pkl", [read(source)[:2]])
    simulate_devices(first, tmp_path / "out" / "test_data.pkl", seed=7)
    assert np.array_equal(read(tmp_path / "out" / "test_data.pkl"), read(output)[:2])


def test_equal_segments_have_different_devices(source, tmp_path):
    twice = write_pickle(tmp_path / "twice.pkl", [read(source)[[0, 0]]])
    simulate_devices(twice, tmp_path / "out" / "test_data.pkl")
    first, second = read(tmp_path / "out" / "test_data.pkl")
    assert not np.array_equal(first, second)


def test_a_mild_severity_draws_otherwise(source, output, tmp_path):
    simulate_devices(source, tmp_path / "test_data.pkl", severity="mild", seed=7)
    assert not np.array_equal(read(tmp_path / "test_data.pkl"), read(output))


def test_integers_are_read_in_their_scale(source, output, tmp_path):
    whole = np.round(read(source)[:1] * 32768).astype(np.int16)
    simulate_devices(write_pickle(tmp_path / "int.pkl", [whole]), tmp_path / "o.pkl")
    as_float = write_pickle(tmp_path / "f.pkl", [(whole / 32768).astype(np.float32)])
    simulate_devices(as_float, tmp_path / "p.pkl")
    assert np.array_equal(read(tmp_path / "o.pkl"), read(tmp_path / "p.pkl"))


@pytest.mark.parametrize("name", ["test_data.pkl", "labels.npy", "devices.csv"])
def test_files_of_another_origin_are_not_overwritten(source, tmp_path, name):
    (tmp_path / name).write_bytes(b"mine")
    with pytest.raises(FileExistsError, match=f"{name} not written by this program"):
        simulate_devices(source, tmp_path / "test_data.pkl")
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_bytes() == b"mine"


def test_the_input_itself_is_not_overwritten(source):
    before = source.read_bytes()
    with pytest.raises(FileExistsError, match="choose another folder"):
        simulate_devices(source, source)
    assert source.read_bytes() == before


def test_own_files_are_replaced_and_labels_of_an_earlier_test_go(source, tmp_path):
    output = tmp_path / "out" / "test_data.pkl"
    simulate_devices(source, output)
    bare = write_pickle(tmp_path / "bare.pkl", [read(source)[:1]])
    simulate_devices(bare, output)
    assert len(read(output)) == 1
    assert not (output.parent / "labels.npy").exists()


def test_nothing_appears_if_it_fails_halfway(source, tmp_path, monkeypatch):
    calls = iter(range(3))

    def fail(wav, *_):
        if next(calls) == 2:
            raise RuntimeError("halfway")
        return wav

    monkeypatch.setattr(module, "record", fail)
    with pytest.raises(RuntimeError, match="halfway"):
        simulate_devices(source, tmp_path / "out" / "test_data.pkl")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("settings", [{"severity": "cruel"}, {"seed": -1}])
def test_settings_that_make_no_sense_are_refused(source, tmp_path, settings):
    with pytest.raises(ValueError, match="expected a severity of mild, default and"):
        simulate_devices(source, tmp_path / "test_data.pkl", **settings)


def test_the_command_line_ends_in_one_line_on_bad_input(monkeypatch, tmp_path, capsys):
    command = ["x", "--test_data", "nowhere.pkl", "--output", str(tmp_path / "o.pkl")]
    monkeypatch.setattr(sys, "argv", command)
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("error: nowhere.pkl: no such file; say where yours lies")
