"""Tests of local.input.speaker_groups."""

import logging
from collections import Counter
from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from local.input.samplers import ShareOfBatches
from local.input.speaker_groups import SpeakerGroupSampler, largest_number_of_batches

COUNTS = st.lists(st.integers(1, 12), min_size=1, max_size=15)
LARGE = [5, 8, 2, 3, 9, 4, 2, 6]  # segments of speakers


def speakers_of(counts):
    """Return the speakers of so many segments each, numbers 3 apart, in no order."""
    spk = torch.tensor(sum(([3 * spk] * n for spk, n in enumerate(counts)), [])).long()
    return spk[torch.randperm(len(spk), generator=torch.Generator().manual_seed(5))]


def make(counts=LARGE, n_speakers=3, n_per_speaker=2, max_per_speaker=6, **options):
    sampler = SpeakerGroupSampler(
        speakers_of(counts),
        n_speakers * n_per_speaker,
        n_per_speaker,
        max_per_speaker,
        **{"seed": 1} | options,
    )
    sampler.set_epoch(4)
    return sampler


def slow_number_of_batches(n_groups, n_speakers):
    """Take the speakers with the most groups left, as long as there are enough."""
    n_groups, n_batches = list(n_groups), 0
    while sum(n > 0 for n in n_groups) >= n_speakers:
        n_groups.sort(reverse=True)
        n_groups[:n_speakers] = [n - 1 for n in n_groups[:n_speakers]]
        n_batches += 1
    return n_batches


@settings(deadline=None)  # a busy machine takes its time
@given(
    counts=COUNTS,
    n_speakers=st.integers(1, 4),
    n_per_speaker=st.integers(1, 4),
    spare=st.integers(0, 6),
    seed=st.integers(0, 2**32),
    repeat=st.booleans(),
)
def test_batches_are_as_promised(
    counts, n_speakers, n_per_speaker, spare, seed, repeat
):
    most = n_per_speaker + spare
    kept = [n for n in counts if repeat or n >= n_per_speaker]
    settings = counts, n_speakers, n_per_speaker, most
    if len(kept) < n_speakers:
        with pytest.raises(ValueError, match=f"of {len(kept)} only; lower"):
            make(*settings, seed=seed, repeat_segments=repeat)
        return
    sampler = make(*settings, seed=seed, repeat_segments=repeat)
    batches, spk = list(sampler), speakers_of(counts)
    n_groups = [max(min(n, most) // n_per_speaker, 1) for n in kept]
    assert len(batches) == len(sampler) == slow_number_of_batches(n_groups, n_speakers)
    groups = [
        batch[start : start + n_per_speaker]
        for batch in batches
        for start in range(0, n_speakers * n_per_speaker, n_per_speaker)
    ]
    for batch in batches:
        assert len(batch) == sampler.batch_size == n_speakers * n_per_speaker
        assert len(set(spk[batch].tolist())) == n_speakers  # none twice
    for group in groups:
        n_own = counts[int(spk[group[0]]) // 3]
        assert len(set(spk[group].tolist())) == 1
        assert len(set(group)) == min(n_own, n_per_speaker)
    drawn = Counter(row for group in groups for row in set(group))
    assert set(drawn.values()) == {1}  # once an epoch
    assert max(Counter(spk[sum(groups, [])].tolist()).values()) <= most
    assert {int(s) // 3 for s in spk[sum(groups, [])]} <= {
        number for number, n in enumerate(counts) if repeat or n >= n_per_speaker
    }


@settings(deadline=None)  # a busy machine takes its time
@given(n_groups=st.lists(st.integers(0, 9), max_size=9), n_speakers=st.integers(1, 5))
def test_no_other_way_makes_more_batches(n_groups, n_speakers):
    found = largest_number_of_batches(np.array(n_groups, dtype=int), n_speakers)
    assert found == slow_number_of_batches(n_groups, n_speakers)


@settings(deadline=None)  # a busy machine takes its time
@given(counts=COUNTS, seed=st.integers(0, 2**32), epoch=st.integers(0, 10**6))
def test_an_epoch_depends_on_its_number_and_the_seed_alone(counts, seed, epoch):
    first, second = (make([*counts, 2, 2, 2], seed=seed) for _ in range(2))
    first.set_epoch(epoch)
    second.set_epoch(epoch + 1)
    list(second)
    second.set_epoch(epoch)
    assert list(first) == list(second) == list(second)


def test_epochs_and_seeds_differ_and_other_generators_have_no_say():
    sampler = make()
    batches = list(sampler)
    torch.manual_seed(9)
    np.random.seed(9)
    assert list(sampler) == batches
    assert list(make(seed=2)) != batches
    sampler.set_epoch(5)
    assert list(sampler) != batches


def test_batches_are_lists_of_plain_integers():
    for batch in make():
        assert isinstance(batch, list)
        assert {type(row) for row in batch} == {int}


def test_every_segment_and_every_pair_of_speakers_is_drawn_in_time():
    sampler, spk = make(), speakers_of(LARGE)
    rows, meetings = set(), set()
    for epoch in range(60):
        sampler.set_epoch(epoch)
        for batch in sampler:
            rows |= set(batch)
            meetings |= set(product(spk[batch].tolist(), repeat=2))
    assert rows == set(range(sum(LARGE)))
    assert len(meetings) == len(LARGE) ** 2


def test_equal_speakers_are_drawn_equally_often():
    sampler, spk = make([4] * 7), speakers_of([4] * 7)  # 14 groups, 4 batches of 3
    drawn = []
    for epoch in range(400):
        sampler.set_epoch(epoch)
        drawn += sum(sampler, [])
    per_segment = torch.bincount(torch.tensor(drawn)) / 400
    assert per_segment.tolist() == pytest.approx([24 / 28] * 28, abs=0.08)
    per_speaker = torch.bincount(spk[drawn])[::3] / 400
    assert per_speaker.tolist() == pytest.approx([24 / 7] * 7, abs=0.15)


def test_speakers_with_too_few_segments_are_left_out_and_counted(caplog):
    with caplog.at_level(logging.WARNING):
        sampler = make([1, 1, 1, 5, 4, 4])
    assert "3 of 6 speakers, with fewer than 2 segments, are left out" in caplog.text
    drawn = speakers_of([1, 1, 1, 5, 4, 4])[sum(sampler, [])]
    assert set(drawn.tolist()) == {9, 12, 15}


def test_or_their_segments_are_repeated(caplog):
    counts = [1, 1, 1]
    with caplog.at_level(logging.WARNING):
        batches = list(make(counts, repeat_segments=True))
    assert "3 of 3 speakers, with fewer than 2 segments, have segments repeated" in (
        caplog.text
    )
    assert [sorted(batch) for batch in batches] == [[0, 0, 1, 1, 2, 2]]


@pytest.mark.parametrize("repeat", [False, True])
def test_nothing_is_logged_where_nobody_has_too_few(repeat, caplog):
    with caplog.at_level(logging.WARNING):
        make(repeat_segments=repeat)
    assert not caplog.text


def test_processes_share_whole_speakers():
    whole, spk = make(n_speakers=4), speakers_of(LARGE)
    shares = [list(ShareOfBatches(whole, rank, 2)) for rank in (0, 1)]
    assert [a + b for a, b in zip(*shares, strict=True)] == list(whole)
    for batch in sum(shares, []):
        assert sorted(Counter(spk[batch].tolist()).values()) == [2, 2]


@pytest.mark.parametrize(
    "settings",
    [
        {"n_speakers": 0},
        {"n_per_speaker": 0},
        {"n_per_speaker": 4, "max_per_speaker": 3},
    ],
)
def test_numbers_too_small_are_refused(settings):
    with pytest.raises(ValueError, match=r"at least 1, .*; got n_per_speaker"):
        make(**settings)


def test_a_batch_that_is_not_of_whole_groups_is_refused():
    with pytest.raises(ValueError, match="multiple of n_per_speaker, 2, got 7"):
        SpeakerGroupSampler(speakers_of(LARGE), 7, 2, max_per_speaker=6, seed=1)


def test_too_few_speakers_are_refused():
    with pytest.raises(ValueError, match="takes 9 speakers, but 2 .* of 8 only"):
        make(n_speakers=9)
    with pytest.raises(ValueError, match="takes 3 speakers, but 2 .* of 0 only"):
        make([])
