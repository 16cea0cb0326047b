"""Tests of recipes.voxceleb.weights."""

import pytest
import torch

from recipes.voxceleb.weights import read_weights


def test_weights_come_as_they_were_saved(tmp_path):
    torch.save({"a": torch.arange(3), "count": 2}, tmp_path / "a.ckpt")
    weights = read_weights(tmp_path / "a.ckpt", "weights")
    assert weights["a"].tolist() == [0, 1, 2]
    assert weights["count"] == 2


@pytest.mark.parametrize("content", [b"", b"garbage", b"PK\x03\x04 cut"])
def test_a_file_of_no_weights_is_named_with_what_was_expected(tmp_path, content):
    (tmp_path / "a.ckpt").write_bytes(content)
    with pytest.raises(ValueError, match=r"a\.ckpt: not .* weights; expected a shoe"):
        read_weights(tmp_path / "a.ckpt", "a shoe")


def test_a_file_of_weights_that_is_missing_is_named(tmp_path):
    with pytest.raises(OSError, match=r"a\.ckpt: no such file; expected a shoe"):
        read_weights(tmp_path / "a.ckpt", "a shoe")
