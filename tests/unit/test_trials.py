"""Trial lists: drawing, checks on writing and reading."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_prep.trials import Trial, draw_trials, read_trials, write_trials

TRIALS = [Trial("a", "b", 1), Trial("a", "c", 0), Trial("b", "a", 1)]


def named(spk_ids):
    return [f"{spk_id}{i}" for i, spk_id in enumerate(spk_ids)]


def all_pairs(spk_ids):
    """Every unordered pair of segments with its label, by two plain loops."""
    pairs = combinations(zip(named(spk_ids), spk_ids, strict=True), 2)
    return {(frozenset((a, b)), int(s == t)) for (a, s), (b, t) in pairs}


def as_pairs(trials):
    return [(frozenset(trial[:2]), trial.label) for trial in trials]


@given(
    spk_ids=st.lists(st.sampled_from("abcd"), min_size=2, max_size=12),
    n_trials=st.integers(2, 70),
    seed=st.integers(0, 2**32),
)
def test_trials_are_distinct_true_and_balanced_if_possible(spk_ids, n_trials, seed):
    pairs = all_pairs([*spk_ids, "a", "a", "b"])
    spk_ids = [*spk_ids, "a", "a", "b"]
    drawn = as_pairs(draw_trials(named(spk_ids), spk_ids, n_trials, seed))
    assert len(drawn) == len(set(drawn)) == min(n_trials, len(pairs))
    assert set(drawn) <= pairs
    n_tar, all_tar = (sum(label for _, label in some) for some in (drawn, pairs))
    all_non = len(pairs) - all_tar
    if min(all_tar, all_non) >= n_trials / 2:
        assert n_tar == n_trials // 2
    elif len(pairs) >= n_trials:
        assert n_tar == all_tar or len(drawn) - n_tar == all_non


def test_every_pair_can_be_drawn():
    spk_ids = list("aabb")
    drawn = [as_pairs(draw_trials(named(spk_ids), spk_ids, 2, s)) for s in range(60)]
    assert {pair for pairs in drawn for pair in pairs} == all_pairs(spk_ids)


def test_the_seed_decides():
    spk_ids = list("aaabbbccc")
    first, again, other = (
        draw_trials(named(spk_ids), spk_ids, 8, s) for s in (1, 1, 2)
    )
    assert first == again != other


def test_many_segments_need_no_list_of_all_pairs():
    spk_ids = [f"{i // 4}" for i in range(20000)]  # 200 million pairs
    trials = draw_trials(named(spk_ids), spk_ids, 1000, seed=0)
    assert sum(trial.label for trial in trials) == 500


@pytest.mark.parametrize(
    ("spk_ids", "n_trials", "message"),
    [
        ("ab", 9, "0 target and 1 nontarget pairs among 2 segments"),
        ("aa", 9, "1 target and 0 nontarget pairs"),
        ("aab", 1, "n_trials of 2 or more, got 3 ids, 3 spk_ids, n_trials 1"),
    ],
)
def test_what_cannot_be_drawn_is_said(spk_ids, n_trials, message):
    with pytest.raises(ValueError, match=message):
        draw_trials(named(spk_ids), list(spk_ids), n_trials, seed=0)


def test_ids_and_speakers_must_match():
    with pytest.raises(ValueError, match="got 2 ids, 3 spk_ids"):
        draw_trials(["a", "b"], list("aab"), 9, seed=0)


def test_what_is_written_is_read_back(tmp_path):
    write_trials(tmp_path / "t.csv", TRIALS)
    text = (tmp_path / "t.csv").read_text(encoding="utf-8")
    assert text == "enrol_id,test_id,label\na,b,1\na,c,0\nb,a,1\n"
    assert read_trials(tmp_path / "t.csv") == TRIALS


@pytest.mark.parametrize(
    ("trial", "message"),
    [
        (("a", "b", 1), "line 5: a,b stands in line 2"),
        (("d", "d", 1), "line 5: d is compared with itself"),
        (("a", "", 1), "line 5: expected two ids"),
        (("a", "d", 2), "line 5: label '?2'?, expected 0 or 1"),
    ],
)
def test_faulty_trials_are_refused_on_writing_and_on_reading(tmp_path, trial, message):
    path = tmp_path / "t.csv"
    with pytest.raises(ValueError, match=f"t.csv, {message}"):
        write_trials(path, [*TRIALS, Trial(*trial)])
    assert not path.exists()
    write_trials(path, TRIALS)
    with path.open("a", encoding="utf-8") as file:
        file.write(",".join(map(str, trial)) + "\n")
    with pytest.raises(ValueError, match=f"t.csv, {message}"):
        read_trials(path)


def test_an_empty_list_is_refused(tmp_path):
    with pytest.raises(ValueError, match="t.csv: no trials"):
        write_trials(tmp_path / "t.csv", [])
