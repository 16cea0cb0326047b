"""Folds of known speakers keep groups together, are even, and repeat by seed."""

from collections import Counter

import numpy as np
import pytest
from made_up_chunks import CHUNK, chunks_of

from recipes.wav2vec2_speaker_id.splits import LEFT_OUT, SPLITS, deal, groups_of

N_FOLDS = 5
every_split = pytest.mark.parametrize("by", SPLITS)


@pytest.fixture
def chunks():
    """Return chunks of twelve speakers; every third one read one chapter only."""
    n_chapters = [1 if n % 3 == 2 else 2 + n % 2 for n in range(12)]
    return [c for n, k in enumerate(n_chapters) for c in chunks_of(f"s{n}", k)]


def column(chunks, name):
    return np.array([getattr(chunk, name) for chunk in chunks])


def share_with_a_trained_neighbour(chunks, folds):
    """Return how many of the tested chunks touch one that is in another fold."""
    fold_of = {(c.utterance, c.start): f for c, f in zip(chunks, folds, strict=True)}
    touching = [
        any(
            fold_of.get((chunk.utterance, chunk.start + step), fold) != fold
            for step in (-CHUNK, CHUNK)
        )
        for chunk, fold in zip(chunks, folds, strict=True)
        if fold != LEFT_OUT
    ]
    return np.mean(touching)


@every_split
def test_no_group_is_on_both_sides(by, chunks):
    folds, groups = deal(chunks, by, N_FOLDS, 0), groups_of(chunks, by, N_FOLDS)
    assert all(len(set(folds[groups == name])) == 1 for name in set(groups))


@pytest.mark.parametrize("by", ["utterance", "chapter"])
def test_no_utterance_or_chapter_is_on_both_sides(by, chunks):
    folds, names = deal(chunks, by, N_FOLDS, 0), column(chunks, by)
    owners = column(chunks, "spk_id")
    for spk_id, name in set(zip(owners, names, strict=True)):
        assert len(set(folds[(owners == spk_id) & (names == name)])) == 1


@every_split
def test_a_speaker_is_in_training_in_every_fold_that_tests_it(by, chunks):
    folds, owners = deal(chunks, by, N_FOLDS, 0), column(chunks, "spk_id")
    for fold in range(N_FOLDS):
        trained = set(owners[(folds != fold) & (folds != LEFT_OUT)])
        assert set(owners[folds == fold]) <= trained


def test_speakers_of_one_chapter_are_left_out_of_the_split_by_chapter_only(chunks):
    owners = column(chunks, "spk_id")
    for by in SPLITS:
        left_out = set(owners[deal(chunks, by, N_FOLDS, 0) == LEFT_OUT])
        assert left_out == ({"s2", "s5", "s8", "s11"} if by == "chapter" else set())


def test_chapters_of_one_name_belong_to_their_speakers(chunks):
    assert len(set(groups_of(chunks, "chapter", N_FOLDS))) == 24


@every_split
def test_folds_are_even(by, chunks):
    folds, groups = deal(chunks, by, N_FOLDS, 0), groups_of(chunks, by, N_FOLDS)
    fold_of = dict(zip(groups, folds.tolist(), strict=True))
    sizes = Counter(fold for fold in fold_of.values() if fold != LEFT_OUT)
    assert set(sizes) == set(range(N_FOLDS))
    assert max(sizes.values()) - min(sizes.values()) <= 1


@every_split
def test_every_speaker_is_spread_evenly(by, chunks):
    folds, groups = deal(chunks, by, N_FOLDS, 0), groups_of(chunks, by, N_FOLDS)
    owners = column(chunks, "spk_id")
    for spk_id in set(owners[folds != LEFT_OUT]):
        mine = owners == spk_id
        fold_of = dict(zip(groups[mine], folds[mine].tolist(), strict=True))
        sizes = Counter(fold_of.values())
        assert max(sizes.values()) - min(sizes[fold] for fold in range(N_FOLDS)) <= 1


@every_split
def test_the_seed_alone_deals(by, chunks):
    first, again, other = (deal(chunks, by, N_FOLDS, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_chunks_at_random_leak_their_neighbours_and_other_splits_do_not(chunks):
    shares = {
        by: share_with_a_trained_neighbour(chunks, deal(chunks, by, N_FOLDS, 0))
        for by in SPLITS
    }
    assert shares["chunk"] > 0.8
    assert shares["block"] < 0.2  # the ends of the blocks
    assert shares["utterance"] == shares["chapter"] == 0


def test_blocks_are_stretches_of_time_whatever_the_order_of_the_rows(rng):
    chunks = chunks_of("a", 2, 2, 5) + chunks_of("b", 2, 2, 5)
    shuffled = [chunks[row] for row in rng.permutation(len(chunks))]
    blocks = dict(zip(shuffled, groups_of(shuffled, "block", 4), strict=True))
    expected = [f"{spk_id}/{n}" for spk_id in "ab" for n in range(4) for _ in range(5)]
    assert [blocks[chunk] for chunk in chunks] == expected


def test_fewer_chunks_than_folds_are_blocks_of_one():
    chunks = chunks_of("a", 1, 1, 3) + chunks_of("b", 1, 1, 3)
    folds = deal(chunks, "block", N_FOLDS, 0)
    assert len(set(folds[:3])) == len(set(folds[3:])) == 3


@pytest.mark.parametrize("by", ["utterance", "chapter"])
def test_a_corpus_of_one_utterance_each_says_what_to_do(by):
    chunks = [chunk for n in range(7) for chunk in chunks_of(f"s{n}", 1, 1)]
    reason = f"all 7 speakers have one {by}: .* two or more.*split by chunk or block"
    with pytest.raises(ValueError, match=reason):
        deal(chunks, by, N_FOLDS, 0)


def test_a_single_speaker_left_is_refused():
    chunks = chunks_of("a", 2) + chunks_of("b", 1)
    with pytest.raises(ValueError, match="all but one of 2 speakers have one chapter"):
        deal(chunks, "chapter", N_FOLDS, 0)


def test_one_fold_or_an_unknown_split_is_refused(chunks):
    with pytest.raises(ValueError, match="n_folds is 1, expected two or more"):
        deal(chunks, "chunk", 1, 0)
    with pytest.raises(ValueError, match="split by 'book': expected one of chunk, bl"):
        deal(chunks, "book", N_FOLDS, 0)
