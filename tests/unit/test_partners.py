"""Tests of local.input.partners, most against all pairs listed one by one."""

import itertools

import numpy as np
import pytest

from local.input.partners import draw_some, find_partners

# a: three utterances; b, c, d: one each, of which d's fragments are all too near;
# A: one fragment, and sorted first. Rows are mixed, so that places are not rows.
CORPUS = [
    ("a", "a1", 0.0), ("b", "b1", 3.0), ("a", "a2", 0.0), ("d", "d1", 0.0),
    ("c", "c1", 0.0), ("a", "a2", 3.0), ("b", "b1", 0.0), ("b", "b1", 1.0),
    ("a", "a3", 1.0), ("A", "A1", 0.0), ("d", "d1", 2.9), ("c", "c1", 3.0),
    ("b", "b1", 4.0), ("a", "a1", 9.0), ("b", "b1", 9.0),
]  # fmt: skip
APART = 3.0


def columns(corpus=CORPUS):
    spk_ids, utterances, starts = map(np.array, zip(*corpus, strict=True))
    return spk_ids, utterances, starts


def allowed(first, second, corpus=CORPUS, apart=APART):
    """Apply the rule to two rows, word by word."""
    (spk, utterance, start), (other, other_utterance, other_start) = (
        corpus[first],
        corpus[second],
    )
    if first == second or spk != other:
        return False
    if len({u for s, u, _ in corpus if s == spk}) > 1:
        return utterance != other_utterance
    return abs(start - other_start) >= apart


def listed(pairs):
    return [tuple(sorted(row)) for row in pairs[np.arange(len(pairs))].tolist()]


def all_rows():
    return itertools.combinations(range(len(CORPUS)), 2)


def test_targets_are_all_pairs_the_rule_allows_each_once():
    found = listed(find_partners(*columns(), APART).targets())
    assert sorted(found) == [pair for pair in all_rows() if allowed(*pair)]
    assert len(found) == 8 + 7 + 1  # a: 2 x 2 + 2 x 1 + 2 x 1; b: 0-3 0-4 0-9 1-4 ...


def test_nontargets_are_all_pairs_of_two_speakers_each_once():
    found = listed(find_partners(*columns(), APART).nontargets())
    different = [p for p in all_rows() if CORPUS[p[0]][0] != CORPUS[p[1]][0]]
    assert sorted(found) == different


def test_without_a_rule_any_two_fragments_of_a_speaker_are_a_pair():
    found = listed(find_partners(*columns(), None).targets())
    same = [p for p in all_rows() if CORPUS[p[0]][0] == CORPUS[p[1]][0]]
    assert sorted(found) == same


def test_every_partner_has_a_number_and_every_stranger():
    partners = find_partners(*columns(), APART)
    for place, row in enumerate(partners.order):
        numbers = np.arange(partners.n_partners[place])
        found = partners.order[partners.partner(np.full_like(numbers, place), numbers)]
        rows = range(len(CORPUS))
        assert sorted(found) == [r for r in rows if allowed(row, r)]
        strangers = [r for r in rows if CORPUS[r][0] != CORPUS[row][0]]
        numbers = np.arange(len(strangers))
        places = partners.stranger(np.full_like(numbers, place), numbers)
        assert sorted(partners.order[places]) == strangers


def test_speakers_without_a_pair_are_left_out_and_nothing_else():
    whole = find_partners(*columns(), APART)
    paired = whole.paired()
    kept = [n for n, row in enumerate(CORPUS) if row[0] in "abc"]
    assert sorted(paired.order) == kept
    assert sorted(listed(paired.targets())) == sorted(listed(whole.targets()))
    different = [p for p in listed(whole.nontargets()) if set(p) <= set(kept)]
    assert sorted(listed(paired.nontargets())) == sorted(different)


def test_the_limit_counts_as_far_enough_however_starts_are_rounded():
    starts = np.arange(100) * 0.1  # 0.1 + 3 > 3.1, but 0.7 + 3 > 3.7 does not hold
    names = np.zeros(100, dtype=int)
    pairs = find_partners(names, names, starts, 3.0).targets()
    assert len(pairs) == sum(100 - step for step in range(30, 100))
    assert len(find_partners(names, names, starts, 3.001).targets()) < len(pairs)


def test_samples_that_are_no_whole_ticks_are_far_enough():
    # 1603 samples at 16 kHz, from 187.5 to 100,375 us: 100,187 when rounded, not 188
    starts = np.array([3, 3 + 1603]) / 16_000
    assert (
        len(find_partners(["a"] * 2, ["u"] * 2, starts, 1603 / 16_000).targets()) == 1
    )


def test_two_speakers_may_name_utterances_alike():
    partners = find_partners(["a", "a", "b", "b"], ["1", "2", "1", "1"], [0.0] * 4, 3)
    assert listed(partners.targets()) == [(0, 1)]


def test_no_fragments_have_no_pairs():
    partners = find_partners([], [], [], APART)
    assert len(partners.targets()) == len(partners.nontargets()) == 0
    with pytest.raises(ValueError, match="got 0 of 0"):
        partners.paired()


def test_all_pairs_are_taken_if_they_are_few_enough(rng):
    pairs = find_partners(*columns(), APART).targets()
    for n_max in (None, len(pairs), 1000):
        assert len(draw_some(pairs, n_max, rng)) == len(pairs)


def test_pairs_drawn_are_equally_likely_and_reproducible():
    pairs = find_partners(*columns(), APART).nontargets()
    rng = np.random.default_rng(1)
    drawn = np.concatenate([draw_some(pairs, 7, rng) for _ in range(4000)])
    counts = np.unique(drawn, axis=0, return_counts=True)[1]
    assert len(counts) == len(pairs)
    assert counts == pytest.approx(4000 * 7 / len(pairs), rel=0.2)
    again = [draw_some(pairs, 7, np.random.default_rng(5)).tolist() for _ in range(2)]
    assert again[0] == again[1]


def test_unusable_input_is_refused(rng):
    with pytest.raises(ValueError, match="for each fragment, got 2, 1 and 2"):
        find_partners(["a", "a"], ["1"], [0.0, 1.0], 3.0)
    with pytest.raises(ValueError, match="1 starts that are not finite"):
        find_partners(["a"], ["1"], [np.nan], 3.0)
    with pytest.raises(ValueError, match="apart_seconds=-1"):
        find_partners(["a"], ["1"], [0.0], -1)
    with pytest.raises(ValueError, match="or null, got 0"):
        draw_some(find_partners(*columns(), APART).targets(), 0, rng)
