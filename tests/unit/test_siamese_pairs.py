"""Tests of recipes.siamese.pairs on an uneven corpus, against all pairs listed."""

import logging
import time
import tracemalloc
from collections import Counter

import numpy as np
import pytest
from scipy.stats import chisquare
from test_partners import APART, CORPUS, all_rows, allowed, columns

from recipes.siamese.pairs import PairSampler, PaperPairSampler

N = 20_000
PAIRED = "abc"  # A and d have no two partners


@pytest.fixture
def sampler():
    return PairSampler(*columns(), APART)


def same_pairs():
    return [pair for pair in all_rows() if allowed(*pair)]


def different_pairs():
    return [
        (first, second)
        for first, second in all_rows()
        if CORPUS[first][0] != CORPUS[second][0]
        and CORPUS[first][0] in PAIRED
        and CORPUS[second][0] in PAIRED
    ]


def assert_uniform(drawn, expected):
    """Each of the expected is drawn, nothing else, and none too often (p > 1 %)."""
    counts = Counter(drawn)
    assert set(counts) == set(expected)
    assert chisquare([counts[each] for each in expected]).pvalue > 0.01


def sorted_rows(rows):
    return [tuple(sorted(row)) for row in rows.tolist()]


def test_pairs_are_uniform_over_all_that_are_allowed(sampler, rng):
    rows, same = sampler.pairs(N, rng)
    assert_uniform(sorted_rows(rows[same == 1]), same_pairs())
    assert_uniform(sorted_rows(rows[same == 0]), different_pairs())


def test_the_label_is_1_of_one_speaker_and_half_are(sampler, rng):
    spk_ids = columns()[0]
    rows, same = sampler.pairs(7, rng)
    assert same.tolist() == [1, 0] * 3 + [1]
    assert (same == (spk_ids[rows[:, 0]] == spk_ids[rows[:, 1]])).all()


def test_a_fragment_is_on_either_side_equally_often(sampler, rng):
    rows, _ = sampler.pairs(N, rng)
    assert (rows[:, 0] < rows[:, 1]).mean() == pytest.approx(0.5, abs=0.02)


def test_triplets_are_uniform_and_keep_the_rule(sampler, rng):
    spk_ids = columns()[0]
    rows = sampler.triplets(N, rng)
    both_ways = same_pairs() + [(b, a) for a, b in same_pairs()]
    assert_uniform(map(tuple, rows[:, :2].tolist()), both_ways)
    strangers = rows[rows[:, 0] == 0][:, 2].tolist()  # of one anchor
    paired = [n for n, spk in enumerate(spk_ids) if spk in PAIRED]
    assert_uniform(strangers, [n for n in paired if spk_ids[n] != spk_ids[0]])


def test_segments_are_of_all_speakers_whose_numbers_they_tell(sampler, rng):
    rows, speakers = sampler.segments(N, rng)
    assert_uniform(rows[:, 0].tolist(), range(len(CORPUS)))
    assert (np.array(list("Aabcd"))[speakers] == columns()[0][rows[:, 0]]).all()


@pytest.mark.parametrize("draw", ["pairs", "triplets", "segments"])
def test_the_generator_alone_decides(sampler, draw):
    def drawn(seed):
        return str(getattr(sampler, draw)(9, np.random.default_rng(seed)))

    assert drawn(1) == drawn(1) != drawn(2)


def test_single_utterances_are_paired_by_distance_alone(rng):
    spk_ids = np.repeat(["a", "b"], 5)
    sampler = PairSampler(spk_ids, spk_ids, np.tile(np.arange(5.0), 2), 3.0)
    rows, same = sampler.pairs(400, rng)
    gaps = np.abs(np.diff(rows[same == 1] % 5))
    assert gaps.min() == 3
    assert set(sorted_rows(rows[same == 1])) == {
        (0, 3), (0, 4), (1, 4), (5, 8), (5, 9), (6, 9)
    }  # fmt: skip


def test_speakers_without_a_pair_are_left_out_and_counted(caplog):
    with caplog.at_level(logging.WARNING):
        PairSampler(*columns(), APART)
    assert "2 speakers without any are left out" in caplog.text


def test_a_corpus_without_pairs_is_refused_in_one_line():
    spk_ids, utterances, starts = columns()
    with pytest.raises(ValueError, match="got 1 of 5; take more speakers") as caught:
        PairSampler(spk_ids, utterances, starts, 60.0)
    assert "\n" not in str(caught.value)
    with pytest.raises(ValueError, match="got 0 of 5"):
        PairSampler(spk_ids, spk_ids, starts, 60.0)


def test_half_a_billion_pairs_need_neither_time_nor_memory(rng):
    n, per_speaker = 33_346, 417
    names = np.arange(n)
    tracemalloc.start()
    begin = time.perf_counter()
    sampler = PairSampler(names // per_speaker, names // 4, 3.0 * (names % 4), 3.0)
    rows, _ = sampler.pairs(10_000, rng)
    seconds = time.perf_counter() - begin
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(sampler.targets) + len(sampler.nontargets) > 5e8
    assert rows.shape == (10_000, 2)
    assert seconds < 1
    assert peak < 50e6


def test_the_papers_same_pairs_are_any_two_fragments(rng):
    sampler = PaperPairSampler(*columns(), seed=1)
    rows, same = sampler.pairs(N, rng)
    any_two = [p for p in all_rows() if CORPUS[p[0]][0] == CORPUS[p[1]][0]]
    assert_uniform(sorted_rows(rows[same == 1]), any_two)


def test_the_papers_different_pairs_are_one_run_of_each_table(rng):
    # 3 speakers of 6, 5 and 4 fragments: 31 same pairs, 3 tables: runs of 11
    spk_ids = np.repeat(["a", "b", "c"], [6, 5, 4])
    sampler = PaperPairSampler(spk_ids, spk_ids, np.zeros(15), seed=1)
    assert (len(sampler.targets), len(sampler.nontargets)) == (31, 33)
    first, size = {"a": 0, "b": 6, "c": 11}, {"a": 6, "b": 5, "c": 4}
    cells = {"ab": [], "ac": [], "bc": []}
    for left, right in sampler.nontargets[np.arange(33)]:
        a, b = spk_ids[left], spk_ids[right]
        cells[a + b].append((left - first[a]) * size[b] + right - first[b])
    for found in cells.values():
        assert found == list(range(found[0], found[0] + 11))
    rows, same = sampler.pairs(N, rng)
    drawn = {tuple(sorted(row)) for row in rows[same == 0].tolist()}
    assert len(drawn) == 33  # of 74 that are allowed


def test_a_run_ends_with_its_table():
    # 45 same pairs of one speaker, 1 of the other: runs of 46 in a table of 20
    spk_ids = np.repeat(["a", "b"], [10, 2])
    sampler = PaperPairSampler(spk_ids, spk_ids, np.zeros(12), seed=1)
    rows = sampler.nontargets[np.arange(len(sampler.nontargets))]
    assert len(np.unique(rows, axis=0)) == len(rows) == 20


def test_where_the_papers_runs_begin_depends_on_the_seed():
    spk_ids = np.repeat(["a", "b", "c"], [6, 5, 4])

    def runs(seed):
        pairs = PaperPairSampler(spk_ids, spk_ids, np.zeros(15), seed).nontargets
        return pairs[np.arange(len(pairs))].tolist()

    assert runs(1) == runs(1) != runs(2)
