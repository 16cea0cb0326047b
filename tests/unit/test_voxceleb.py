"""A VoxCeleb folder: what is found in it, and how its files are read."""

import logging
import re

import numpy as np
import pytest
import soundfile
from made_up_voxceleb import RATE, m4a_bytes, make_voxceleb

from data_prep import voxceleb
from data_prep.voxceleb import (
    PARTS,
    data_label,
    find_utterances,
    locate,
    measure_seconds,
    read_utterance,
)

SPEAKERS = ["id10269", "id10270", "id10309", "id10310", "id00012"]


def test_a_part_is_told_by_its_speakers(tmp_path):
    make_voxceleb(tmp_path, SPEAKERS, n_videos=1, n_each=1)
    found = {part: list(find_utterances(tmp_path, part)) for part in PARTS}
    assert found == {
        "voxceleb1_dev": ["id10269", "id10310"],
        "voxceleb1_test": ["id10270", "id10309"],
        "voxceleb2_dev": ["id00012"],
    }


def test_the_parts_of_voxceleb1_share_no_speaker_and_the_test_has_its_forty():
    everyone = [f"id1{n:04d}" for n in range(1, 1252)]  # id10001 to id11251
    parts = {
        part: {spk for spk in everyone if re.fullmatch(PARTS[part].spk_ids, spk)}
        for part in PARTS
    }
    assert len(parts["voxceleb1_test"]) == PARTS["voxceleb1_test"].n_speakers
    assert len(parts["voxceleb1_dev"]) == PARTS["voxceleb1_dev"].n_speakers
    assert parts["voxceleb1_test"].isdisjoint(parts["voxceleb1_dev"])
    assert not parts["voxceleb2_dev"]


def test_files_are_in_the_order_of_their_names_and_others_are_left_out(tmp_path):
    make_voxceleb(tmp_path, ["id00012"])
    folder = tmp_path / "id00012" / "video-0"
    for name in ("._00001.wav", "00003.txt"):
        (folder / name).touch()
    (tmp_path / "id00013").mkdir()  # an unpacking that was broken off
    found = find_utterances(tmp_path, "voxceleb2_dev")
    names = [path.relative_to(tmp_path).as_posix() for path in found.pop("id00012")]
    assert names == [f"id00012/video-{v}/0000{n}.wav" for v in (0, 1) for n in (1, 2)]
    assert not found


def test_an_utterance_converted_to_wav_is_listed_once(tmp_path):
    make_voxceleb(tmp_path, ["id00012"], n_videos=1)
    folder = tmp_path / "id00012" / "video-0"
    for number in (1, 9):
        (folder / f"{number:05d}.m4a").write_bytes(m4a_bytes(1000, 900))
    names = [
        path.name for path in find_utterances(tmp_path, "voxceleb2_dev")["id00012"]
    ]
    assert names == ["00001.wav", "00002.wav", "00009.m4a"]


def test_what_is_there_is_told_beside_what_was_published(tmp_path, caplog, monkeypatch):
    make_voxceleb(tmp_path, ["id00012"])
    with caplog.at_level(logging.INFO):
        find_utterances(tmp_path, "voxceleb2_dev")
        small = PARTS["voxceleb2_dev"]._replace(n_speakers=1, n_utterances=4)
        monkeypatch.setitem(voxceleb.PARTS, "voxceleb2_dev", small)
        find_utterances(tmp_path, "voxceleb2_dev")
    assert caplog.messages[0].endswith(
        "1 speakers, 4 utterances (all would be 5,994 speakers, 1,092,009 utterances)"
    )
    assert caplog.messages[1].endswith("1 speakers, 4 utterances (all)")


def test_a_missing_part_is_told_how_to_get_in_one_line(tmp_path):
    with pytest.raises(
        FileNotFoundError,
        match=r"get vox1_test_wav.zip \(11 h, 40 speakers, 4,874 utterances\) by"
        r" https://www.robots.ox.ac.uk/~vgg/data/voxceleb/ and unpack .*<video>",
    ) as caught:
        find_utterances(tmp_path, "voxceleb1_test")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("inner", ["wav", "dev/aac"])
def test_the_folder_above_is_told_the_right_one(inner, tmp_path):
    make_voxceleb(tmp_path / inner, ["id00012"], n_videos=1)
    with pytest.raises(FileNotFoundError, match=f"{inner}: give that one"):
        find_utterances(tmp_path, "voxceleb2_dev")


def test_another_part_is_refused(tmp_path):
    with pytest.raises(ValueError, match="part is 'vox3', expected one of voxceleb1_"):
        find_utterances(tmp_path, "vox3")


def test_a_listed_file_is_found_by_whatever_suffix_it_has(tmp_path):
    root = make_voxceleb(tmp_path, ["id00012"], n_videos=1, n_each=1)
    path = root / "id00012" / "video-0" / "00001.wav"
    assert locate(root, "id00012/video-0/00001.wav") == path
    path.rename(path.with_suffix(".m4a"))
    assert locate(root, "id00012/video-0/00001.wav") == path.with_suffix(".m4a")
    assert locate(root, "id00012/video-0/00002.wav") is None


def test_a_wav_is_read_as_it_was_written(tmp_path):
    wav = np.linspace(-0.5, 0.5, 12000, dtype="float32")
    soundfile.write(tmp_path / "1.wav", wav, RATE, subtype="FLOAT")
    np.testing.assert_array_equal(read_utterance(tmp_path / "1.wav"), wav)
    assert measure_seconds(tmp_path / "1.wav") == 0.75


def test_an_m4a_that_libsndfile_cannot_read_goes_to_ffmpeg(tmp_path, monkeypatch):
    path = tmp_path / "1.m4a"
    path.write_bytes(m4a_bytes(1000, 1500))
    monkeypatch.setattr(voxceleb, "read_m4a", lambda path, rate: (path, rate))
    assert read_utterance(path) == (path, RATE)
    assert measure_seconds(path) == 1.5


def test_an_m4a_that_libsndfile_can_read_does_not(tmp_path):
    soundfile.write(tmp_path / "1.m4a", np.zeros(800), RATE, format="FLAC")
    assert len(read_utterance(tmp_path / "1.m4a")) == 800
    assert measure_seconds(tmp_path / "1.m4a") == 0.05


@pytest.mark.parametrize("read", [read_utterance, measure_seconds])
def test_a_file_of_another_form_is_named(read, tmp_path):
    path = tmp_path / "1.wav"
    with pytest.raises(FileNotFoundError, match="1.wav: no such utterance"):
        read(path)
    path.write_bytes(b"RIFF, half of it")
    with pytest.raises(ValueError, match="1.wav: .*unpack the archive again"):
        read(path)
    soundfile.write(path, np.zeros((90, 2)), 8000)
    with pytest.raises(ValueError, match="got 8000 Hz and 2 channels"):
        read(path)


def test_data_are_voxceleb_unless_they_say_otherwise(tmp_path):
    assert data_label(tmp_path) == "VoxCeleb"
    (tmp_path / "surrogate.json").write_text('{"label": "surrogate: noise"}')
    assert data_label(tmp_path) == "surrogate: noise"
    (tmp_path / "surrogate.json").write_text("{}")
    with pytest.raises(ValueError, match="no label in it .* build it anew"):
        data_label(tmp_path)
