"""A LibriSpeech folder cut into fragments: readers, roles, errors, doing it again."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from data_prep.fragments import Fragment
from data_prep.librispeech_fragments import prepare_librispeech_fragments
from data_prep.manifest import read_manifest

TRAIN, DEV = "train-clean-100", "dev-clean"
SECONDS = {
    "fragment_seconds": 0.03,
    "hop_seconds": 0.01,
    "test_hop_seconds": 0.03,
    "late_seconds": 0.06,
}


def write_utterance(folder, subset, reader, chapter, n, seconds):
    """Write noise as an utterance of LibriSpeech."""
    path = folder / subset / reader / chapter / f"{reader}-{chapter}-{n:04d}.flac"
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(int(reader) + n)
    soundfile.write(path, rng.uniform(-0.5, 0.5, round(seconds * 16000)), 16000)
    return path


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """Ten readers to train on, 8 with one utterance, and four of dev-clean."""
    folder = tmp_path_factory.mktemp("LibriSpeech")
    for reader in ("9", "19", "26", "100", "103", "200", "201", "202"):
        write_utterance(folder, TRAIN, reader, "198", 0, 0.14)
    for reader in ("7", "300"):
        for chapter, n in (("1", 0), ("1", 1), ("2", 0), ("2", 1)):
            write_utterance(folder, TRAIN, reader, chapter, n, 0.08)
    for reader in ("5", "6", "84", "85"):
        write_utterance(folder, DEV, reader, "4", 0, 0.14)
    return folder


@pytest.fixture
def prepare(tmp_path, corpus):
    """Return a function that prepares the folder and reads the manifests."""

    def run(folder=corpus, **changes):
        settings = {
            "subsets": {"train": TRAIN, "valid": TRAIN, "test": TRAIN},
            "n_speakers": {"train": None, "valid": 2, "test": 3},
            "choose": "random",
            "test_speakers": "any",
            **SECONDS,
            "n_seen_speakers": 2,
            "seed": 0,
        }
        prepared = tmp_path / "prepared"
        prepare_librispeech_fragments(folder, prepared, **{**settings, **changes})
        return {
            path.stem: read_manifest(path, folder, True, Fragment)
            for path in prepared.glob("*.csv")
        }

    return run


@pytest.fixture
def readers_file(tmp_path):
    """Return a function that writes a file of test readers."""

    def write(text):
        path = tmp_path / "readers.txt"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def readers(rows):
    return {row.spk_id for row in rows}


def spans(rows):
    return {(row.utterance, row.start, row.stop) for row in rows}


def test_all_manifests_are_written_with_reader_chapter_and_utterance(prepare):
    rows = prepare()
    names = {"train", "valid", "test", "seen_late", "test_early", "test_late", "map"}
    assert set(rows) == names
    for row in sum(rows.values(), []):
        reader, chapter, _ = row.utterance.split("-")
        assert (row.spk_id, row.chapter) == (reader, chapter)
        name = f"$data_root/{TRAIN}/{reader}/{chapter}/{row.utterance}.flac"
        assert row.wav == name
        assert (row.stop - row.start, row.duration) == (480, 0.03)


@pytest.mark.parametrize("seed", range(5))
def test_roles_share_no_reader_and_leave_none_out(prepare, seed):
    rows = prepare(seed=seed)
    train, valid, test = (readers(rows[role]) for role in ("train", "valid", "test"))
    assert (len(train), len(valid), len(test)) == (5, 2, 3)
    assert len(train | valid | test) == 10
    assert readers(rows["seen_late"]) < train
    assert readers(rows["test_early"]) == readers(rows["test_late"]) == test
    assert readers(rows["map"]) == test


@pytest.mark.parametrize("seed", range(5))
def test_no_early_fragment_overlaps_a_late_one(prepare, seed):
    rows = prepare(seed=seed)
    for early, late in (("train", "seen_late"), ("test_early", "test_late")):
        for one, start, stop in spans(rows[early]):
            for other, late_start, late_stop in spans(rows[late]):
                assert one != other or stop <= late_start or late_stop <= start


def test_the_lowest_readers_are_trained_on(prepare):
    rows = prepare(choose="lowest", n_speakers={"train": 4, "valid": 2, "test": None})
    assert readers(rows["train"]) == {"7", "9", "19", "26"}
    assert readers(rows["valid"]) == {"100", "103"}
    assert readers(rows["seen_late"]) == {"7", "9"}


def test_of_several_utterances_the_late_part_is_the_last(prepare, readers_file):
    rows = prepare(
        test_speakers=readers_file("7\n300\n"),
        n_speakers={"train": None, "valid": 2, "test": None},
    )
    assert {row.utterance for row in rows["test_late"]} == {"7-2-0001", "300-2-0001"}
    assert "7-2-0000" in {row.utterance for row in rows["test_early"]}


def test_listed_readers_are_the_test_whatever_the_seed(prepare, readers_file):
    path = readers_file("# never heard\n200\n19  # a comment\n\n201\n")
    n_speakers = {"train": None, "valid": 2, "test": None}
    for seed in range(3):
        rows = prepare(test_speakers=path, seed=seed, n_speakers=n_speakers)
        assert readers(rows["test"]) == {"19", "200", "201"}
        others = readers(rows["train"]) | readers(rows["valid"])
        assert len(others) == 7
        assert not others & {"19", "200", "201"}


def test_roles_may_come_from_other_subsets(prepare):
    rows = prepare(
        subsets={"train": TRAIN, "valid": TRAIN, "test": DEV},
        n_speakers={"train": 4, "valid": 2, "test": None},
    )
    assert readers(rows["test"]) == {"5", "6", "84", "85"}
    assert rows["test"][0].wav.startswith(f"$data_root/{DEV}/")


def test_valid_is_test_is_the_only_way_to_share_readers(prepare):
    subsets = {"train": TRAIN, "valid": DEV, "test": DEV}
    n_speakers = {"train": None, "valid": 4, "test": 4}
    message = "n_speakers of valid is 4, but of its 4 speakers 0 are left by the other"
    with pytest.raises(ValueError, match=message):
        prepare(subsets=subsets, n_speakers=n_speakers)
    rows = prepare(subsets=subsets, n_speakers=n_speakers, valid_is_test=True)
    assert rows["valid"] == rows["test"]
    assert not readers(rows["train"]) & readers(rows["test"])


def test_a_missing_subset_is_answered_with_what_to_download(prepare):
    subsets = {"train": TRAIN, "valid": TRAIN, "test": "test-clean"}
    message = r"download test-clean.tar.gz \(346 MB, 40 speakers\) from .* unpack it so"
    with pytest.raises(FileNotFoundError, match=message):
        prepare(subsets=subsets)


def test_a_missing_role_is_refused(prepare):
    with pytest.raises(ValueError, match="subsets must tell of train, valid, test"):
        prepare(subsets={"train": TRAIN, "test": TRAIN})
    with pytest.raises(ValueError, match="n_speakers must tell of train, valid, test"):
        prepare(n_speakers={"train": 4})


def test_too_few_readers_for_a_role_are_refused(prepare):
    message = "n_speakers of train is 6, but of its 10 speakers 5 are left"
    with pytest.raises(ValueError, match=message):
        prepare(n_speakers={"train": 6, "valid": 2, "test": 3})


def test_a_missing_file_of_test_readers_is_named(prepare, tmp_path):
    with pytest.raises(FileNotFoundError, match="none.txt: no such list of readers"):
        prepare(test_speakers=tmp_path / "none.txt")


def test_test_readers_that_are_not_in_the_subset_are_named_with_their_line(
    prepare, readers_file
):
    path = readers_file("# two strangers\n19\n8888\n5\n")
    message = r"readers.txt: 2 of 3 readers are not in train-clean-100: 8888 \(line"
    with pytest.raises(ValueError, match=message + r" 3\), 5 \(line 4\); give"):
        prepare(test_speakers=path)


def test_a_file_without_test_readers_is_refused(prepare, readers_file):
    path = readers_file("# 19\n\n")
    with pytest.raises(ValueError, match="readers.txt: no readers, expected one a"):
        prepare(test_speakers=path)
    path.write_bytes(b"\xff\xfe19")
    with pytest.raises(ValueError, match="readers.txt: not a text file in UTF-8"):
        prepare(test_speakers=path)


def test_a_fragment_longer_than_all_utterances_is_refused(prepare):
    with pytest.raises(ValueError, match="is 3, but the longest of 16 .* has 0.14 s"):
        prepare(fragment_seconds=3, test_hop_seconds=3, late_seconds=6)


@pytest.fixture
def copied(corpus, tmp_path):
    """Return a copy of the corpus, to be damaged."""
    return Path(shutil.copytree(corpus, tmp_path / "copy"))


def test_an_unreadable_flac_is_named_and_nothing_is_written(prepare, copied, tmp_path):
    path = copied / TRAIN / "7" / "1" / "7-1-0001.flac"
    path.write_bytes(b"fLaC, half of it")
    with pytest.raises(ValueError, match=r"7-1-0001.flac: .*download the subset again"):
        prepare(copied)
    assert not (tmp_path / "prepared").exists()


def test_the_same_again_does_nothing_and_does_not_open_the_audio(
    prepare, copied, tmp_path
):
    prepare(copied)
    before = (tmp_path / "prepared" / "train.csv").stat()
    path = copied / TRAIN / "7" / "1" / "7-1-0001.flac"
    path.write_bytes(bytes(path.stat().st_size))  # would be refused
    prepare(Path(shutil.move(copied, tmp_path / "moved")))
    assert (tmp_path / "prepared" / "train.csv").stat() == before


@pytest.mark.parametrize(
    "change", [{"seed": 7}, {"hop_seconds": 0.02}, {"n_map_fragments": 4}]
)
def test_another_setting_is_prepared_anew(prepare, change):
    assert prepare() != prepare(**change)


@pytest.mark.parametrize("n", [0, 1])
def test_a_file_of_another_size_or_name_is_prepared_anew(prepare, copied, n):
    before = prepare(copied)
    write_utterance(copied, TRAIN, "9", "198", n, 0.2)
    assert prepare(copied) != before
