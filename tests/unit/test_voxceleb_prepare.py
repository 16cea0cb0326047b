"""Utterances in the form of training: whole segments, each where it can be read."""

import csv
import logging
import sys
import tarfile

import numpy as np
import pytest
import soundfile
from made_up_voxceleb import RATE

from data_prep import voxceleb_prepare
from data_prep.manifest import read_manifest
from data_prep.sample_scale import segment_digests
from data_prep.voxceleb_prepare import main, prepare_voxceleb
from local.input.datasets import SegmentDataset

SEGMENT = RATE // 10
# Utterance -> seconds; 0.35 s: three segments and a rest.
TRAIN = {
    "id10001/a/00001.wav": 0.35,
    "id10001/b/00001.wav": 0.2,
    "id10002/a/00001.wav": 0.06,
}
VALID = {"id10003/a/00001.wav": 0.1, "id10004/a/00001.wav": 0.11}


def ramp(seconds, first):
    """Return samples of which no two stretches are alike."""
    return (first + np.arange(round(seconds * RATE))).astype(np.int16)


@pytest.fixture
def root(tmp_path):
    """Return a folder of a VoxCeleb, its lists beside it."""
    lists = tmp_path / "lists"
    lists.mkdir()
    for name, spoken in (("train", TRAIN), ("dev", VALID)):
        lines = [f"{path.split('/')[0]} {path}\n" for path in spoken]
        (lists / f"{name}_list.txt").write_text("".join(lines), encoding="utf-8")
        for number, (path, seconds) in enumerate(spoken.items()):
            file = tmp_path / "wav" / path
            file.parent.mkdir(parents=True)
            first = 9000 * number + 4500 * (name == "dev")
            soundfile.write(file, ramp(seconds, first), RATE)
    return tmp_path / "wav"


def prepare(root, **changes):
    """Prepare, and return the folder."""
    folder = root.parent / "prepared"
    settings = {"segment_samples": SEGMENT} | changes
    prepare_voxceleb(root, root.parent / "lists", folder, **settings)
    return folder


def rows(folder, side="train"):
    return read_manifest(folder / f"{side}.csv", folder, labelled=True)


def read(folder, side="train", rate=RATE):
    """Return the segments as training reads them."""
    data = SegmentDataset(folder / f"{side}.csv", folder, rate)
    return data.__getitems__(range(len(data))).sig.numpy()


def test_segments_follow_each_other_and_a_rest_is_left(root):
    folder = prepare(root)
    expected = ramp(0.35, 0)[: 3 * SEGMENT].reshape(3, SEGMENT)
    np.testing.assert_array_equal(read(folder)[:3] * 2**15, expected)
    assert [row.spk_id for row in rows(folder)] == ["id10001"] * 5 + ["id10002"]


def test_a_wav_at_the_rate_stays_where_it_lies_and_no_other_does(root):
    folder = prepare(root)
    assert rows(folder)[0].wav == str(root / "id10001/a/00001.wav")
    written = [path.relative_to(folder) for path in folder.rglob("*.wav")]
    assert [str(path) for path in written] == ["wav/id10002/a/00001.wav"]


def test_what_is_shorter_is_repeated_up_to_a_segment(root):
    samples = read(prepare(root))[-1] * 2**15
    whole = ramp(0.06, 18000)
    assert np.abs(samples - np.concatenate([whole, whole])[:SEGMENT]).max() <= 1


def test_another_rate_is_resampled_and_a_tone_stays_what_it_was(root):
    tone = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE)
    soundfile.write(root / "id10001/a/00001.wav", tone, RATE)
    folder = prepare(root, sample_rate=11025, segment_samples=11025)
    first = rows(folder)[0]
    assert (first.wav, first.stop) == ("$data_root/wav/id10001/a/00001.wav", 11025)
    spectrum = np.abs(np.fft.rfft(read(folder, rate=11025)[0]))
    assert spectrum.argmax() == 1000  # bins of 1 Hz
    assert spectrum[1000] == pytest.approx(0.5 * 11025 / 2, rel=0.01)


def test_an_m4a_is_decoded_into_a_wav(root, monkeypatch):
    path = root / "id10001/a/00001.wav"
    wav, _ = soundfile.read(path, dtype="float32")
    path.rename(path.with_suffix(".m4a"))
    known = voxceleb_prepare.read_utterance
    monkeypatch.setattr(
        voxceleb_prepare,
        "read_utterance",
        lambda path: wav if path.suffix == ".m4a" else known(path),
    )
    folder = prepare(root)
    assert rows(folder)[0].wav == "$data_root/wav/id10001/a/00001.wav"
    assert np.abs(read(folder)[:3].ravel() - wav[: 3 * SEGMENT]).max() < 2**-15


def test_there_is_a_digest_of_each_segment_read(root):
    folder = prepare(root)
    lines = (folder / "segment_digests.txt").read_text(encoding="utf-8").split()
    expected = segment_digests(np.concatenate([read(folder), read(folder, "valid")]))
    assert lines == sorted(expected)
    assert len(lines) == 8


def test_a_speaker_has_so_many_segments_at_most(root):
    folder = prepare(root, max_per_speaker=2)
    spk_ids = [row.spk_id for row in rows(folder)]
    assert spk_ids == ["id10001"] * 2 + ["id10002"]
    assert len((folder / "segment_digests.txt").read_text().split()) == 5


def test_no_more_is_read_than_a_speaker_may_have(root, monkeypatch):
    known, heard = voxceleb_prepare.read_utterance, []
    monkeypatch.setattr(
        voxceleb_prepare, "read_utterance", lambda p: heard.append(p) or known(p)
    )
    prepare(root, max_per_speaker=1)
    assert len(heard) == 4  # of 5: the other one of id10001


def test_the_same_again_does_nothing_and_another_list_makes_it_anew(root):
    folder = prepare(root)
    before = (folder / "train.csv").stat().st_mtime_ns
    prepare(root)
    assert (folder / "train.csv").stat().st_mtime_ns == before
    path = root.parent / "lists" / "train_list.txt"
    path.write_text("id10001 id10001/a/00001.wav\n", encoding="utf-8")
    prepare(root)
    assert len(rows(folder)) == 3


def test_a_killed_run_goes_on_with_the_next_wav_to_the_same_end(root, monkeypatch):
    settings = {"sample_rate": 8000, "segment_samples": 800}
    known, heard = voxceleb_prepare.read_utterance, []

    def kill_at(n):
        def read_utterance(path):
            heard.append(path)
            if len(heard) == n:
                raise KeyboardInterrupt
            return known(path)

        monkeypatch.setattr(voxceleb_prepare, "read_utterance", read_utterance)

    kill_at(3)
    with pytest.raises(KeyboardInterrupt):
        prepare(root, **settings)
    kill_at(0)
    folder = prepare(root, **settings)
    assert len(heard) == 5 + 1  # the third twice
    resumed = {path.name: path.read_bytes() for path in folder.glob("*.*")}
    for path in (*folder.rglob("*.wav"), *folder.glob("*.*")):
        path.unlink()
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir()
    prepare(root, **settings)
    assert resumed == {path.name: path.read_bytes() for path in folder.glob("*.*")}


def test_shards_hold_the_segments_too(root):
    folder = prepare(root, shards=2)
    found = []
    for path in sorted(root.parent.glob("prepared_shards/*.tar")):
        with tarfile.open(path) as tar:
            files = [tar.extractfile(member) for member in tar.getmembers()]
            found += [soundfile.read(file, dtype="float32")[0] for file in files]
    assert sorted(segment_digests(np.stack(found))) == sorted(
        segment_digests(read(folder))
    )


def test_a_speaker_in_both_lists_is_refused_and_nothing_written(root):
    with open(root.parent / "lists" / "dev_list.txt", "a", encoding="utf-8") as file:
        file.write("id10001 id10001/b/00001.wav\n")
    with pytest.raises(ValueError, match="1 speakers stand in both .* first id10001;"):
        prepare(root)
    assert not (root.parent / "prepared").exists()


@pytest.mark.parametrize("name", ["sample_rate", "segment_samples", "max_per_speaker"])
def test_a_setting_below_1_is_refused(name, root):
    with pytest.raises(ValueError, match=f"{name} is 0, expected 1 or more"):
        prepare(root, **{name: 0})


def test_a_file_without_samples_is_refused_and_the_next_run_goes_on(root):
    path = root / "id10002/a/00001.wav"
    soundfile.write(path, np.zeros(0, np.int16), RATE)
    with pytest.raises(ValueError, match=r"00001.wav: holds no samples; unpack"):
        prepare(root)
    soundfile.write(path, ramp(0.1, 0), RATE)
    assert len(rows(prepare(root))) == 6


def test_the_counts_are_told(root, caplog):
    with caplog.at_level(logging.INFO):
        prepare(root)
    train = "train: 2 speakers, 6 segments (1/3/5 each, min/median/max), 0.00 h"
    assert train in caplog.messages


def test_the_command_line_prepares_and_an_error_ends_in_one_line(
    root, monkeypatch, capsys
):
    words = ["voxceleb_prepare", "--voxceleb_folder", str(root)]
    words += ["--lists_folder", str(root.parent / "lists"), "--segment_samples", "1600"]
    words += ["--prepared_folder", str(root.parent / "prepared")]
    monkeypatch.setattr(sys, "argv", words)
    main()
    with open(root.parent / "prepared/train.csv", encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == 6
    (root / "id10001/a/00001.wav").unlink()
    with pytest.raises(SystemExit, match="1"):
        main()
    said = capsys.readouterr().err
    assert "error: " in said and "1 of 3 files are not in" in said
