"""The split by speaker: disjoint, complete, seeded, and clear about its limits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_prep.splits import split_speakers

SPK_IDS = np.array(list("abcdefgh" * 4 + "xyz"))  # x, y, z have one segment


@given(
    order=st.permutations(range(len(SPK_IDS))),
    n_valid_speakers=st.integers(2, 8),
    seed=st.integers(0, 2**32),
)
def test_sides_share_no_speaker_and_miss_no_segment(order, n_valid_speakers, seed):
    spk_ids = SPK_IDS[order]
    train, valid = split_speakers(spk_ids, n_valid_speakers, seed)
    assert len(set(spk_ids[valid])) == n_valid_speakers
    assert not set(spk_ids[train]) & set(spk_ids[valid])
    assert sorted([*train, *valid]) == list(range(len(spk_ids)))
    assert not set(spk_ids[valid]) & set("xyz")


def test_the_seed_alone_decides_whatever_the_order():
    def chosen(spk_ids, seed):
        return set(np.asarray(spk_ids)[split_speakers(spk_ids, 3, seed)[1]])

    assert chosen(SPK_IDS, 1) == chosen(SPK_IDS[::-1].tolist(), 1)
    assert len({frozenset(chosen(SPK_IDS, seed)) for seed in range(20)}) > 5


def test_min_segments_keeps_small_speakers_in_training():
    spk_ids = list("aaabbbccdd")
    for seed in range(5):
        train, _ = split_speakers(spk_ids, 2, seed, min_segments=3)
        assert {spk_ids[i] for i in train} == {"c", "d"}


@pytest.mark.parametrize(
    ("spk_ids", "n_valid", "message"),
    [
        (SPK_IDS, 9, "is 9, but there are 11 speakers, 8 of them with 2 segments"),
        (SPK_IDS, 9, r"set n_valid_speakers to 2\.\.8"),
        (SPK_IDS, 1, r"set n_valid_speakers to 2\.\.8"),
        (list("aabbccdd"), 3, r"set n_valid_speakers to 2\.\.2"),
        (list("aabbcc"), 2, "at least 2 for validation and 2 for training.*add speak"),
        (list("abcdefgh"), 2, "8 speakers, 0 of them with 2 segments or more"),
    ],
)
def test_too_few_speakers_are_counted_and_the_remedy_named(spk_ids, n_valid, message):
    with pytest.raises(ValueError, match=message):
        split_speakers(spk_ids, n_valid, seed=0)
