"""Tests of recipes.siamese.features."""

import csv
import os

import numpy as np
import pytest
import soundfile
import torch

from data_prep.fragments import Fragment
from local.input import feature_cache
from local.input.representations import Mfcc, RawWave
from recipes.siamese.features import (
    load_fragments,
    recordings,
)

RATE = 8000
COLUMNS = "ID,duration,wav,start,stop,spk_id,chapter,utterance".split(",")


@pytest.fixture
def prepared(tmp_path, rng):
    """Return a prepared folder: two speakers, two fragments of an utterance each."""
    folder = tmp_path / "prepared"
    folder.mkdir()
    rows = []
    for spk_id in ("19", "26"):
        wav = rng.uniform(-1, 1, 2 * RATE).astype(np.float32)
        soundfile.write(folder / f"{spk_id}.wav", wav, RATE, subtype="FLOAT")
        for start in (0, 4000):
            where = [f"$data_root/{spk_id}.wav", start, start + RATE]
            name = f"{spk_id}-1-0_{start:07d}"
            rows.append([name, "1.000000", *where, spk_id, "1", f"{spk_id}-1-0"])
    with open(folder / "train.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([COLUMNS, *rows])
    return folder


def load(folder, representation=None, role="train"):
    return load_fragments(folder, role, folder, representation or RawWave(RATE), 3)


def cached(folder):
    return sorted(folder.with_name("prepared_features").glob("*.npy"))


def test_fragments_are_those_of_the_manifest(prepared):
    found = load(prepared)
    assert found.ids.tolist()[:2] == ["19-1-0_0000000", "19-1-0_0004000"]
    assert found.spk_ids.tolist() == ["19", "19", "26", "26"]
    assert found.utterances.tolist() == ["19-1-0"] * 2 + ["26-1-0"] * 2
    assert found.starts.tolist() == [0, 0.5, 0, 0.5]
    assert found.feats.shape == (4, RATE)
    wav, _ = soundfile.read(prepared / "26.wav", dtype="float32")
    np.testing.assert_array_equal(found.feats[3], wav[4000:12000])


def test_features_are_read_from_disk_not_into_memory(prepared):
    assert isinstance(load(prepared).feats, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        load(prepared).feats[0] = 0


def test_features_are_computed_once(prepared, monkeypatch):
    first = load(prepared)
    monkeypatch.setattr(feature_cache, "compute_features", None)
    np.testing.assert_array_equal(load(prepared).feats, first.feats)
    assert len(cached(prepared)) == 1


def test_a_moved_folder_keeps_its_features(prepared, monkeypatch):
    load(prepared)
    place = prepared.parent / "elsewhere"
    place.mkdir()
    for name in ("prepared", "prepared_features"):
        (prepared.parent / name).rename(place / name)
    monkeypatch.setattr(feature_cache, "compute_features", None)
    assert load(place / "prepared").feats.shape == (4, RATE)


@pytest.mark.parametrize("other", [RawWave(4000), Mfcc(RATE), Mfcc(RATE, n_mfcc=20)])
def test_other_settings_are_other_features(prepared, other):
    load(prepared)
    load(prepared, Mfcc(RATE, pad_mode="reflect"))
    load(prepared, other)
    assert len(cached(prepared)) == 3


def test_other_weights_are_other_features(prepared):
    class Scaled(RawWave):
        def __init__(self, scale):
            super().__init__(RATE)
            self.register_buffer("scale", torch.tensor(scale))

        def forward(self, wavs):
            return wavs * self.scale

    once, twice = (load(prepared, Scaled(scale)).feats for scale in (1.0, 2.0))
    np.testing.assert_array_equal(2 * once, twice)


def test_another_manifest_is_other_features(prepared):
    load(prepared)
    lines = (prepared / "train.csv").read_text(encoding="utf-8").splitlines()
    text = "\n".join(lines[:3]) + "\n"
    (prepared / "valid.csv").write_text(text, encoding="utf-8")
    assert load(prepared, role="valid").feats.shape == (2, RATE)
    assert len(cached(prepared)) == 2


def test_audio_written_anew_under_the_same_manifest_is_other_features(prepared):
    first = np.array(load(prepared).feats)
    soundfile.write(prepared / "19.wav", np.zeros(2 * RATE), RATE, subtype="FLOAT")
    os.utime(prepared / "19.wav", ns=(1, 1))  # whatever the clock's resolution
    again = load(prepared).feats
    assert (again[:2] == 0).all()
    np.testing.assert_array_equal(again[2:], first[2:])


def test_a_role_that_is_not_there_is_named(prepared):
    with pytest.raises(FileNotFoundError, match=r"seen\.csv: no such file; prepare"):
        load(prepared, role="seen")


def fragment(spk_id, chapter, utterance):
    return Fragment("id", 1.0, "a.wav", 0, 1, spk_id, chapter, utterance)


def test_recordings_are_utterances_or_chapters_where_there_are_several():
    rows = [
        fragment("a", "1", "a-1-0"),
        fragment("a", "2", "a-2-0"),
        fragment("b", "3", "b-3-0"),
        fragment("b", "3", "b-3-1"),
    ]
    assert recordings(rows, "utterance").tolist() == [row.utterance for row in rows]
    assert recordings(rows, "chapter").tolist() == ["1", "2", "b-3-0", "b-3-1"]
    with pytest.raises(ValueError, match="expected utterance or chapter, got 'book'"):
        recordings(rows, "book")
