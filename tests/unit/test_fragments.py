"""Cutting utterances: where fragments lie, and what is kept for later."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_prep.fragments import (
    Lengths,
    count_lengths,
    cut,
    keep_long,
    split_late,
    spread,
    whole_utterance,
)

LENGTHS = Lengths(sample_rate=10, fragment=30, hop=5, test_hop=30, late=60)


def spoken(*n_samples, spk_id="19"):
    """Return utterances of one speaker."""
    return [
        whole_utterance(f"{spk_id}-{i}", f"{i}.flac", n, 10, spk_id, "198")
        for i, n in enumerate(n_samples)
    ]


def spans(fragments):
    return [(row.utterance, row.start, row.stop) for row in fragments]


def test_an_utterance_is_all_of_its_file():
    (row,) = spoken(145)
    assert (row.start, row.stop, row.duration) == (0, 145, 14.5)
    assert (row.ID, row.utterance, row.chapter) == ("19-0", "19-0", "198")


def test_seconds_are_rounded_to_samples():
    lengths = count_lengths(11025, 0.64, 0.5, 0.64, 3)
    assert lengths == (11025, 7056, 5512, 7056, 33075)


def test_the_late_part_holds_two_fragments_however_seconds_are_rounded():
    # 1.6 + 1.6 samples are rounded to 4, 3.2 to 3
    assert count_lengths(1, 1.6, 1, 1.6, 3.2).late == 4


def test_a_late_part_too_short_for_two_fragments_is_refused():
    with pytest.raises(ValueError, match="late_seconds is 6, but .* take 7; raise it"):
        count_lengths(16000, 4, 1, 3, 6)


@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf")])
def test_a_length_of_nothing_is_refused(value):
    with pytest.raises(ValueError, match=f"hop_seconds is {value}, expected a sample"):
        count_lengths(16000, 3, value, 3, 6)


def test_fragments_start_every_hop_and_the_rest_is_left():
    rows = cut(spoken(71, 29, 30), LENGTHS, hop=20)
    assert spans(rows) == [
        ("19-0", 0, 30),
        ("19-0", 20, 50),
        ("19-0", 40, 70),
        ("19-2", 0, 30),
    ]
    assert rows[1].ID == "19-0_0000020"
    assert {row.duration for row in rows} == {3.0}
    assert rows[3].wav == "2.flac"


def test_fragments_of_a_part_keep_their_place_in_the_file():
    part = spoken(100)[0]._replace(start=35, stop=100)
    assert spans(cut([part], LENGTHS, hop=30)) == [("19-0", 35, 65), ("19-0", 65, 95)]


def test_the_late_part_of_an_only_utterance_is_its_end():
    early, late = split_late(spoken(145), LENGTHS)
    assert spans(early) == [("19-0", 0, 85)]
    assert spans(late) == [("19-0", 85, 145)]


def test_the_late_part_of_several_utterances_is_whole_ones_from_the_end():
    utterances = spoken(90, 90, 35, 30)
    early, late = split_late(utterances, LENGTHS)
    assert early == utterances[:2]
    assert late == utterances[2:]  # 65 samples; the last alone would be 30


@pytest.mark.parametrize("n_samples", [(89,), (35, 40), (300, 59)])
def test_without_a_fragment_before_it_there_is_no_late_part(n_samples):
    utterances = spoken(*n_samples)
    assert split_late(utterances, LENGTHS) == (utterances, [])


@given(st.lists(st.integers(30, 400), min_size=1, max_size=6), st.integers(1, 40))
def test_early_fragments_never_reach_into_the_late_part(n_samples, hop):
    early, late = split_late(spoken(*n_samples), LENGTHS)
    early, late = cut(early, LENGTHS, hop), cut(late, LENGTHS, LENGTHS.test_hop)
    assert early
    assert len(late) != 1
    for one in early:
        for other in late:
            apart = one.stop <= other.start
            assert one.utterance != other.utterance or apart


@given(st.lists(st.integers(30, 400), min_size=1, max_size=6), st.integers(1, 12))
def test_spread_fragments_are_distinct_and_inside_their_utterances(n_samples, n):
    utterances = spoken(*n_samples)
    rows = spread(utterances, LENGTHS, n)
    n_places = sum(row.stop - 29 for row in utterances)
    assert len(set(rows)) == len(rows) == min(n, n_places)
    ends = {row.utterance: row.stop for row in utterances}
    assert all(0 <= row.start == row.stop - 30 for row in rows)
    assert all(row.stop <= ends[row.utterance] for row in rows)


def test_spread_fragments_reach_from_the_start_to_the_end():
    starts = [row.start for row in spread(spoken(130), LENGTHS, 5)]
    assert starts == [0, 25, 50, 75, 100]


def test_segments_as_long_as_a_fragment_are_spread_as_they_are():
    segments = spoken(*[30] * 7)
    assert spans(spread(segments, LENGTHS, 3)) == [
        ("19-0", 0, 30),
        ("19-3", 0, 30),
        ("19-6", 0, 30),
    ]
    assert len(spread(segments, LENGTHS, 10)) == 7


def test_speakers_without_two_fragments_are_left_out_and_counted(caplog):
    caplog.set_level("INFO")
    readers = {"1": spoken(59, 29), "2": spoken(60), "3": spoken(29, 30, 31)}
    kept = keep_long(readers, LENGTHS)
    assert {spk: len(rows) for spk, rows in kept.items()} == {"2": 1, "3": 2}
    assert "1 of 3 speakers left out: too little speech for two" in caplog.text


def test_a_fragment_longer_than_all_utterances_is_refused():
    readers = {"1": spoken(29), "2": spoken(20, 28)}
    message = "fragment_seconds is 3, but the longest of 3 utterances has 2.9 s"
    with pytest.raises(ValueError, match=message):
        keep_long(readers, LENGTHS)
