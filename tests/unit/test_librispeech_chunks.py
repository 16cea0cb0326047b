"""Chunks are consecutive, of one length, and of the readers asked for."""

import pytest

from data_prep.fragments import Fragment
from data_prep.librispeech_chunks import cut_all, prepare_librispeech_chunks
from data_prep.manifest import read_manifest


def prepare(librispeech_folder, folder, **changes):
    """Prepare and return the chunks."""
    arguments = {
        "subsets": ["train-clean-100", "dev-clean"],
        "readers": "any",
        "chunk_seconds": 1,
    }
    prepare_librispeech_chunks(librispeech_folder, folder, **arguments | changes)
    path = folder / "chunks.csv"
    return read_manifest(path, librispeech_folder, True, Fragment)


def test_chunks_follow_each_other_and_none_is_shorter(librispeech_folder, tmp_path):
    chunks = prepare(librispeech_folder, tmp_path / "chunks")
    assert {chunk.stop - chunk.start for chunk in chunks} == {16000}
    places = {}
    for chunk in chunks:
        places.setdefault(chunk.utterance, []).append(chunk.start)
    assert len(places) == 12 + 2 * 4  # every utterance of 4.8 s
    assert set(map(tuple, places.values())) == {(0, 16000, 32000, 48000)}
    assert {chunk.spk_id for chunk in chunks} == {str(n) for n in range(1, 17)}


def test_only_listed_readers_are_cut(librispeech_folder, tmp_path):
    readers = tmp_path / "readers.txt"
    readers.write_text("3 # a comment\n14\n")
    chunks = prepare(librispeech_folder, tmp_path / "chunks", readers=readers)
    assert {chunk.spk_id for chunk in chunks} == {"3", "14"}


def test_a_listed_reader_of_elsewhere_is_named(librispeech_folder, tmp_path):
    readers = tmp_path / "readers.txt"
    readers.write_text("3\n99\n")
    with pytest.raises(ValueError, match=r"1 of 2 readers are not in .*: 99 \(line 2"):
        prepare(librispeech_folder, tmp_path / "chunks", readers=readers)


def test_another_length_is_another_manifest(librispeech_folder, tmp_path):
    one = prepare(librispeech_folder, tmp_path / "chunks")
    two = prepare(librispeech_folder, tmp_path / "chunks", chunk_seconds=2)
    assert len(one) == 2 * len(two)


@pytest.mark.parametrize("seconds", [0, -1, float("inf")])
def test_a_length_of_no_sample_is_refused(librispeech_folder, tmp_path, seconds):
    with pytest.raises(ValueError, match="expected a sample or more"):
        prepare(librispeech_folder, tmp_path / "chunks", chunk_seconds=seconds)


def test_chunks_longer_than_all_utterances_are_refused(librispeech_folder, tmp_path):
    with pytest.raises(ValueError, match=r"the longest of 20 utterances has 4\.8"):
        prepare(librispeech_folder, tmp_path / "chunks", chunk_seconds=9)


def test_a_missing_subset_says_what_to_download(librispeech_folder, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"test-clean.tar.gz \(346 MB, 40"):
        prepare(librispeech_folder, tmp_path / "chunks", subsets=["test-clean"])


def test_short_utterances_are_counted(caplog):
    parts = [
        Fragment(name, seconds, "a.wav", 0, 16000 * seconds, "1", "8", name)
        for name, seconds in (("long", 3), ("short", 1))
    ]
    caplog.set_level("INFO")
    assert len(cut_all(parts, 2)) == 1
    assert "1 of 2 utterances are shorter" in caplog.text
