"""Features of other settings never pass for those of these."""

import os

import pytest
import torch

from data_prep.fragments import Fragment
from local.input.feature_cache import cache_key, cached_features, named_features
from local.input.representations import Mfcc

ROWS = [Fragment("a_0", 1.0, "$data_root/a.wav", 0, 8000, "19", "1", "a")]


class Half(torch.nn.Module):
    """A representation of a representation."""

    dtype = "float32"

    def __init__(self, inner):
        super().__init__()
        self.sample_rate = inner.sample_rate
        self.inner = inner


def key(tmp_path, representation, rows=ROWS):
    wav = tmp_path / "a.wav"
    wav.touch()
    os.utime(wav, ns=(1, 1))
    return cache_key(rows, [wav] * len(rows), representation)


def test_the_settings_of_an_inner_representation_count(tmp_path):
    keys = [key(tmp_path, Half(Mfcc(8000, n))) for n in (13, 13, 20)]
    assert keys[0] == keys[1] != keys[2]


def test_every_field_of_a_row_counts(tmp_path):
    others = [ROWS[0]._replace(start=1), ROWS[0]._replace(wav="$data_root/b.wav")]
    keys = {key(tmp_path, Mfcc(8000), [row]) for row in [*ROWS, *others]}
    assert len(keys) == 3


def test_the_size_of_a_recording_counts(tmp_path):
    first = key(tmp_path, Mfcc(8000))
    (tmp_path / "a.wav").write_text("longer")
    assert key(tmp_path, Mfcc(8000)) != first


def test_features_that_a_yaml_has_not_are_refused():
    with pytest.raises(
        ValueError, match="'mfc' is not .*: expected one of mfcc, pitch"
    ):
        named_features("", ROWS, [], {"mfcc": 0, "pitch": 0}, "mfc", 1)


def test_a_damaged_file_of_features_is_named(tmp_path):
    path = tmp_path / f"{key(tmp_path, Mfcc(8000))}.npy"
    path.write_bytes(b"")
    told = tmp_path, ROWS, [tmp_path / "a.wav"], Mfcc(8000), 1
    with pytest.raises(ValueError, match=rf"{path.name}: damaged; remove it"):
        cached_features(*told)
