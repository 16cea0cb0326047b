"""The split by speaker: disjoint, complete, seeded, and clear about its limits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_prep.splits import ROLES, assign_speakers, split_speakers

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


POOL = [str(number) for number in range(1, 31)]


@given(
    n_train=st.none() | st.integers(2, 10),
    n_valid=st.integers(2, 10),
    n_test=st.integers(2, 10),
    choose=st.sampled_from(["random", "lowest"]),
    seed=st.integers(0, 99),
)
def test_roles_of_one_pool_never_share_a_speaker(
    n_train, n_valid, n_test, choose, seed
):
    n_speakers = {"train": n_train, "valid": n_valid, "test": n_test}
    roles = assign_speakers(dict.fromkeys(ROLES, POOL), n_speakers, choose, seed)
    chosen = sum(roles.values(), [])
    assert len(set(chosen)) == len(chosen)
    assert set(chosen) <= set(POOL)
    n_train = n_train or len(POOL) - n_valid - n_test
    assert [len(roles[role]) for role in ROLES] == [n_train, n_valid, n_test]


def test_the_test_stays_when_others_grow_and_changes_with_the_seed():
    pools = dict.fromkeys(ROLES, POOL)
    few = {"train": 2, "valid": 2, "test": 5}
    more = {"train": None, "valid": 9, "test": 5}
    one, other = (assign_speakers(pools, n, "random", 1) for n in (few, more))
    assert one["test"] == other["test"]
    assert assign_speakers(pools, few, "random", 2)["test"] != one["test"]


def test_the_lowest_speakers_are_those_of_the_lowest_numbers():
    pools = dict.fromkeys(ROLES, ["100", "20", "9", "30", "1000", "8"])
    n_speakers = {"train": 2, "valid": 2, "test": 2}
    assert assign_speakers(pools, n_speakers, "lowest", 0) == {
        "train": ["8", "9"],
        "valid": ["20", "30"],
        "test": ["100", "1000"],
    }


def test_valid_is_test_gives_both_the_same_speakers():
    n_speakers = {"train": 4, "valid": 9, "test": 5}
    pools = dict.fromkeys(ROLES, POOL)
    roles = assign_speakers(pools, n_speakers, "random", 0, valid_is_test=True)
    assert roles["valid"] == roles["test"]
    assert not set(roles["train"]) & set(roles["test"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"train": 27}, "train is 27, but of its 30 speakers 26 are left by"),
        ({"valid": 27, "train": None}, "train is null, but of its 30 speakers 1 are"),
        ({"valid": 1}, "valid is 1, expected 2 or more, or null"),
        ({"test": "many"}, "test is 'many', expected 2 or more, or null"),
        ({"dev": 2}, "n_speakers must tell of train, valid, test, got train, valid,"),
    ],
)
def test_numbers_of_speakers_that_cannot_be_are_refused(change, message):
    n_speakers = {"train": 2, "valid": 2, "test": 2} | change
    with pytest.raises(ValueError, match=message):
        assign_speakers(dict.fromkeys(ROLES, POOL), n_speakers, "random", 0)


def test_an_unknown_order_is_refused():
    pools, n_speakers = dict.fromkeys(ROLES, POOL), dict.fromkeys(ROLES, 2)
    with pytest.raises(ValueError, match="choose is 'first', expected random or low"):
        assign_speakers(pools, n_speakers, "first", 0)
