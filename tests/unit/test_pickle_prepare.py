"""The prepared folder of a pickle: content, order, findings, errors, command line."""

import json
import pickle
import sys

import numpy as np
import pytest
import soundfile

from data_prep import pickle_prepare
from data_prep.manifest import read_manifest
from data_prep.pickle_prepare import main, prepare_pickle, prepare_test_pickle
from data_prep.sample_scale import segment_digests
from data_prep.trials import read_trials

SMALL = {"n_valid_speakers": 2, "n_valid_trials": 10, "segment_samples": 50}


@pytest.fixture
def task():
    """Six speakers with four segments of 50 samples each, in mixed order."""
    rng = np.random.default_rng(3)
    data = rng.uniform(-0.5, 0.5, (24, 50)).astype(np.float32)
    return data, np.tile([30, 10, 20, 60, 50, 40], 4)


@pytest.fixture
def pickles(tmp_path, task):
    """Pickles of training and test data."""
    paths = tmp_path / "raw_data.pkl", tmp_path / "test_data.pkl"
    test = np.random.default_rng(4).uniform(-0.5, 0.5, (5, 50)).astype(np.float32)
    for path, content in zip(paths, (list(task), [test]), strict=True):
        path.write_bytes(pickle.dumps(content))
    return paths


@pytest.fixture
def folder(tmp_path, pickles):
    """Prepare both pickles."""
    folder = tmp_path / "prepared"
    assert prepare_pickle(pickles[0], folder, pickles[1], **SMALL) == []
    return folder


def manifest(folder, name):
    return read_manifest(folder / name, folder, labelled=name != "test.csv")


def test_every_segment_is_written_at_its_position_with_its_label(folder, task):
    data, labels = task
    rows = manifest(folder, "train.csv") + manifest(folder, "valid.csv")
    assert len(rows) == 24
    for row in rows:
        position = int(row.ID.removeprefix("train-"))
        wav, rate = soundfile.read(folder / f"wav/{row.ID}.wav", dtype="float32")
        np.testing.assert_array_equal(wav, data[position])
        assert row.spk_id == str(labels[position])
        assert row.wav == f"$data_root/wav/{row.ID}.wav"
        assert (row.start, row.stop, rate) == (0, 50, 11025)
        assert row.duration == pytest.approx(50 / 11025, abs=1e-6)


def test_no_speaker_is_on_both_sides(folder):
    sides = [manifest(folder, f"{side}.csv") for side in ("train", "valid")]
    train, valid = ({row.spk_id for row in rows} for rows in sides)
    assert (len(train), len(valid)) == (4, 2)
    assert not train & valid


def test_validation_trials_are_true_and_between_validation_segments(folder):
    spk_ids = {row.ID: row.spk_id for row in manifest(folder, "valid.csv")}
    trials = read_trials(folder / "valid_trials.csv")
    assert len(trials) == 10
    for trial in trials:
        same = spk_ids[trial.enrol_id] == spk_ids[trial.test_id]
        assert trial.label == same


def test_the_test_is_written_in_order_and_without_speakers(folder, pickles):
    (test,) = pickle.loads(pickles[1].read_bytes())
    rows = manifest(folder, "test.csv")
    assert [row.ID for row in rows] == [f"test-{i:06d}" for i in range(5)]
    wavs = [soundfile.read(folder / f"wav/{row.ID}.wav")[0] for row in rows]
    np.testing.assert_array_equal(wavs, test)


def test_the_digests_are_those_of_the_wavs(folder):
    paths = folder.glob("wav/train-*.wav")
    digests = segment_digests(np.array([soundfile.read(path)[0] for path in paths]))
    lines = (folder / "segment_digests.txt").read_text(encoding="utf-8").splitlines()
    assert lines == sorted(digests)


def test_the_same_input_and_settings_give_the_same_manifests(tmp_path, folder, pickles):
    prepare_pickle(pickles[0], tmp_path / "again", pickles[1], **SMALL)
    for name in ("train.csv", "valid.csv", "valid_trials.csv", "segment_digests.txt"):
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes()


def test_a_second_run_does_nothing_even_if_the_pickle_moved(tmp_path, folder, pickles):
    before = (folder / "train.csv").stat()
    moved = pickles[0].rename(tmp_path / "moved.pkl")
    prepare_pickle(moved, folder, pickles[1], **SMALL)
    assert (folder / "train.csv").stat() == before


@pytest.mark.parametrize(
    "change", [{"seed": 7}, {"n_valid_trials": 4}, {"sample_rate": 8000}]
)
def test_another_setting_is_prepared_anew(folder, pickles, change):
    before = (folder / "train.csv").stat()
    prepare_pickle(pickles[0], folder, pickles[1], **{**SMALL, **change})
    assert (folder / "train.csv").stat() != before


def test_other_content_or_code_is_prepared_anew(folder, pickles, task, monkeypatch):
    prepare_pickle(pickles[0], folder, **SMALL)
    assert not (folder / "test.csv").exists()
    pickles[0].write_bytes(pickle.dumps([-task[0], task[1]]))
    prepare_pickle(pickles[0], folder, **SMALL)
    wav, _ = soundfile.read(folder / "wav/train-000000.wav")
    np.testing.assert_array_equal(wav, -task[0][0])
    monkeypatch.setattr(pickle_prepare, "VERSION", 1000)
    prepare_pickle(pickles[0], folder, **SMALL)
    assert json.loads((folder / "prepared.json").read_text("utf-8"))["version"] == 1000


def test_a_leak_into_the_test_is_found_with_and_without_the_training(
    tmp_path, folder, pickles, task, caplog
):
    pickles[1].write_bytes(pickle.dumps([task[0][[9, 2]].astype(np.float64)]))
    (finding,) = prepare_pickle(pickles[0], folder, pickles[1], **SMALL)
    assert (finding.kind, finding.indices) == ("leak", (0, 1))
    (again,) = prepare_test_pickle(
        pickles[1],
        tmp_path / "alone",
        train_digests=folder / "segment_digests.txt",
        segment_samples=50,
    )
    assert again == finding
    assert caplog.text.count("test_data.pkl: 2 of 2 segments, at 0, 1, are in the") == 2


def test_a_test_alone_is_written_without_its_labels(tmp_path, pickles, caplog):
    caplog.set_level("INFO")
    assert prepare_test_pickle(pickles[0], tmp_path / "t", segment_samples=50) == []
    assert {row.spk_id for row in manifest(tmp_path / "t", "test.csv")} == {""}
    assert "raw_data.pkl: its labels are not used" in caplog.text
    files = sorted(path.name for path in (tmp_path / "t").iterdir())
    assert files == ["prepared.json", "test.csv", "wav"]


def test_a_test_does_not_replace_a_training(folder, pickles):
    with pytest.raises(ValueError, match="holds training data, not test data"):
        prepare_test_pickle(pickles[1], folder, segment_samples=50)
    assert (folder / "train.csv").is_file()


def test_a_file_that_holds_no_digests_is_refused(tmp_path, folder, pickles):
    with pytest.raises(ValueError, match="train.csv: expected one SHA-256 a line"):
        prepare_test_pickle(
            pickles[1], tmp_path / "t", folder / "train.csv", segment_samples=50
        )


def test_a_foreign_folder_is_refused(tmp_path, pickles):
    with pytest.raises(ValueError, match="holds something else than prepared data"):
        prepare_pickle(pickles[0], tmp_path, **SMALL)
    assert pickles[0].is_file()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_valid_speakers": 60}, r"set n_valid_speakers to 2\.\.4"),
        ({"n_valid_trials": 1}, "n_trials of 2 or more"),
        ({"segment_samples": 11025}, "raw_data.pkl: 24 of 24 segments, .* have 50"),
        ({"sample_rate": 0}, "sample_rate is 0"),
        ({"on_wrong_length": "crop"}, "expected error or pad_crop"),
    ],
)
def test_wrong_settings_write_nothing(tmp_path, pickles, settings, message):
    with pytest.raises(ValueError, match=message):
        prepare_pickle(pickles[0], tmp_path / "p", **{**SMALL, **settings})
    assert not [path for path in tmp_path.glob("p*") if path.is_dir()]


def test_the_summary_counts_what_was_written(tmp_path, pickles, caplog):
    caplog.set_level("INFO")
    prepare_pickle(pickles[0], tmp_path / "p", **SMALL)
    summary = "24 segments of 6 speakers (4/4/4 segments each, min/median/max), 0.00 h"
    assert summary in caplog.text


def run_main(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["pickle_prepare", *map(str, arguments)])
    main()


def test_the_command_line_prepares(tmp_path, pickles, monkeypatch):
    options = [f"--{name}={value}" for name, value in SMALL.items()]
    paths = [f"--data_pickle={pickles[0]}", f"--test_pickle={pickles[1]}"]
    run_main(monkeypatch, *paths, f"--prepared_folder={tmp_path / 'p'}", *options)
    assert len(manifest(tmp_path / "p", "test.csv")) == 5


def test_the_command_line_says_an_error_in_one_line(tmp_path, monkeypatch, capsys):
    (tmp_path / "bad.pkl").write_bytes(b"no pickle")
    for name in ("bad.pkl", "none.pkl"):
        with pytest.raises(SystemExit) as stop:
            run_main(
                monkeypatch,
                f"--data_pickle={tmp_path / name}",
                f"--prepared_folder={tmp_path / 'p'}",
            )
        assert stop.value.code == 1
        error = capsys.readouterr().err
        assert error.startswith(f"error: {tmp_path / name}: ")
        assert error.count("\n") == 1
