"""Tests of local.evaluation.few_shot."""

import time
from collections import Counter

import numpy as np
import pytest
from scipy.stats import chisquare
from test_partners import APART, CORPUS, allowed, columns

from local.evaluation.few_shot import (
    Tasks,
    chance,
    draw_tasks,
    few_shot_accuracy,
    nearest,
    prototype,
)


def similarity(left, right):
    return -np.abs(left - right).sum(axis=1)


def readers(n_speakers, n_fragments, apart=3.0):
    """Return speakers of one utterance each, fragments one after the other."""
    spk_ids = np.repeat(np.arange(n_speakers).astype(str), n_fragments)
    return spk_ids, spk_ids, np.tile(np.arange(n_fragments) * apart, n_speakers)


def tasks_of(corpus, k, n_shots, n_tasks=300, seed=0, apart=APART):
    rng = np.random.default_rng(seed)
    return draw_tasks(*corpus, apart, k, n_shots, n_tasks, rng)


@pytest.mark.parametrize("n_shots", [1, 2, 3, 7])
@pytest.mark.parametrize("k", [2, 3, 7, 20])
def test_a_constant_model_gets_1_of_k_exactly(k, n_shots):
    corpus = readers(20, 8)
    tasks = tasks_of(corpus, k, n_shots)
    n = len(corpus[0])
    credits = (
        nearest(np.full((n, n), 0.3, dtype=np.float32), tasks),
        prototype(similarity, np.full((n, 5), 0.3, dtype=np.float32), tasks),
    )
    for credit in credits:
        assert (credit == chance(k)).all()
        accuracy = few_shot_accuracy(credit, corpus[0][tasks.query], n_bootstrap=20)
        assert list(accuracy.values()) == pytest.approx([1 / k] * 3, rel=1e-12)


@pytest.mark.parametrize("n_shots", [1, 3])
def test_a_perfect_model_names_every_voice(n_shots):
    spk_ids, _, _ = corpus = readers(20, 8)
    tasks = tasks_of(corpus, 20, n_shots)
    voices = np.eye(20)[spk_ids.astype(int)]
    assert (nearest(voices @ voices.T, tasks) == 1).all()
    assert (prototype(similarity, voices, tasks) == 1).all()


def test_a_model_that_answers_at_random_is_right_1_of_k(rng):
    corpus = readers(20, 8)
    tasks = tasks_of(corpus, 5, 2, n_tasks=20_000)
    credit = nearest(rng.normal(size=(160, 160)), tasks)
    assert credit.mean() == pytest.approx(1 / 5, abs=0.01)


# Rows: the query, two fragments of its speaker, two of each of two others.
HAND = Tasks(np.zeros(1, dtype=int), np.array([[[1, 2], [3, 4], [5, 6]]]))


@pytest.mark.parametrize(
    ("scores", "credit"),
    [
        (
            [9, 5, 1, 4, 4, 4, 4],
            1,
        ),  # best 5, 4, 4: the lower score of a class counts not
        ([9, 1, 4, 5, 1, 4, 4], 0),  # best 4, 5, 4
        ([9, 1, 5, 5, 5, 4, 4], 1 / 2),  # best 5, 5, 4: two of one class tie once
        ([9, 5, 5, 5, 1, 1, 5], 1 / 3),  # best 5, 5, 5
        ([9, 4, 4, 5, 1, 1, 5], 0),  # best 4, 5, 5: a tie of others
    ],
)
def test_ties_share_the_credit(scores, credit):
    matrix = np.tile(np.array(scores, dtype=float), (7, 1))
    assert nearest(matrix, HAND) == credit
    # The trap gives it to class 0 whole.
    assert nearest(matrix, HAND, ties_to_first=True) == (credit > 0)


def test_the_papers_ties_make_a_constant_model_perfect():
    corpus = readers(20, 8)
    tasks = tasks_of(corpus, 20, 1)
    constant = np.zeros((160, 160))
    assert (nearest(constant, tasks, ties_to_first=True) == 1).all()
    assert (prototype(similarity, constant, tasks, ties_to_first=True) == 1).all()


def test_the_prototype_is_the_mean_of_a_class():
    # query 0; means 0, 3, 4, but the nearest single fragment, 1, is of class 1
    embeddings = np.array([[0.0], [-5], [5], [1], [5], [4], [4]])
    assert prototype(similarity, embeddings, HAND) == 1
    scores = -np.abs(embeddings - embeddings.T)
    assert nearest(scores, HAND) == 0
    embeddings[2] = 11  # means 3, 3, 4
    assert prototype(similarity, embeddings, HAND) == 1 / 2


def test_with_one_shot_prototypes_are_the_fragments(rng):
    corpus = readers(20, 8)
    embeddings = rng.normal(size=(160, 3))
    tasks = tasks_of(corpus, 20, 1, n_tasks=2000)  # many parts of MAX_ROWS
    scores = -np.abs(embeddings[:, np.newaxis] - embeddings).sum(axis=2)
    assert (nearest(scores, tasks) == prototype(similarity, embeddings, tasks)).all()


@pytest.mark.parametrize(("k", "n_shots"), [(2, 1), (4, 2), (2, 3), (5, 1)])
def test_tasks_keep_the_rules(k, n_shots):
    spk_ids = columns()[0]
    tasks = tasks_of(columns(), k, n_shots, n_tasks=2000)
    assert tasks.support.shape == (2000, k, n_shots)
    for query, support in zip(*tasks, strict=True):
        speakers = spk_ids[support]
        assert (speakers == speakers[:, :1]).all()
        assert len(set(speakers[:, 0])) == k
        assert speakers[0, 0] == spk_ids[query]
        assert len(np.unique(support)) == k * n_shots
        assert all(allowed(query, row) for row in support[0])


def assert_uniform(drawn, expected):
    counts = Counter(drawn)
    assert set(counts) == set(expected)
    assert chisquare([counts[each] for each in expected]).pvalue > 0.01


def test_query_speakers_are_equally_likely_then_their_fragments():
    tasks = tasks_of(columns(), 2, 1, n_tasks=20_000)
    spk_ids = columns()[0]
    assert_uniform(spk_ids[tasks.query].tolist(), "abc")  # 5, 5 and 2 fragments
    of_b = [n for n, row in enumerate(CORPUS) if row[0] == "b"]
    assert_uniform([n for n in tasks.query.tolist() if n in of_b], of_b)


def test_supports_are_equally_likely():
    # query speaker b, query 9 s: partners 0, 1, 3 and 4 s, rows 6, 7, 1, 12
    tasks = tasks_of(columns(), 3, 2, n_tasks=40_000)
    chosen = tasks.query == 14
    own = [tuple(sorted(row)) for row in tasks.support[chosen, 0].tolist()]
    assert_uniform(own, [(6, 7), (1, 6), (6, 12), (1, 7), (7, 12), (1, 12)])
    # others with two fragments: a, c, d; two of them
    spk_ids = columns()[0]
    others = ["".join(sorted(row)) for row in spk_ids[tasks.support[chosen, 1:, 0]]]
    assert_uniform(others, ["ac", "ad", "cd"])
    negatives = tasks.support[chosen, 1:].reshape(-1, 2)
    of_a = [tuple(sorted(r)) for r in negatives.tolist() if spk_ids[r[0]] == "a"]
    rows = [n for n, spk in enumerate(spk_ids) if spk == "a"]
    assert_uniform(of_a, [(m, n) for m in rows for n in rows if m < n])


def test_without_the_rule_query_and_support_may_be_of_one_utterance():
    tasks = tasks_of(columns(), 2, 1, n_tasks=5000, apart=None)
    queries = set(columns()[0][tasks.query])
    assert queries == set("abcd")  # d's fragments are too near for the rule
    pairs = zip(tasks.query, tasks.support[:, 0, 0], strict=True)
    assert not all(allowed(*pair) for pair in pairs)
    assert (tasks.query != tasks.support[:, 0, 0]).all()


def test_the_generator_alone_decides():
    first, again, other = (tasks_of(columns(), 3, 2, seed=s) for s in (1, 1, 2))
    assert (first.support == again.support).all()
    assert (first.query == again.query).all()
    assert (first.support != other.support).any()


@pytest.mark.parametrize(
    ("k", "n_shots", "message"),
    [
        (6, 1, "6 speakers to choose from, but 5 have 1 fragments; lower"),
        (5, 2, "5 speakers to choose from, but 4 have 2 fragments; lower"),
        (1, 1, "got n_shots=1, k=1"),
        (2, 0, "n_shots >= 1"),
        (2, 4, "no fragment has n_shots=4 partners"),
    ],
)
def test_tasks_that_cannot_be_drawn_are_refused_in_one_line(k, n_shots, message):
    corpus = columns() if n_shots < 4 else readers(3, 4)
    with pytest.raises(ValueError, match=message) as caught:
        tasks_of(corpus, k, n_shots)
    assert "\n" not in str(caught.value)


def test_unusable_scores_are_refused():
    with pytest.raises(ValueError, match="scores of the classes are NaN"):
        nearest(np.full((7, 7), np.nan), HAND)
    with pytest.raises(ValueError, match="a speaker for each of 3 queries, got 2"):
        few_shot_accuracy(np.ones(3), ["a", "b"])


def test_the_interval_is_over_speakers_not_tasks():
    """Eight speakers, always or never named: 1,000 tasks tell no more than eight."""
    credit, spk_ids = np.repeat([1.0, 0.0], 500), np.repeat(list("abcdefgh"), 125)
    found = few_shot_accuracy(credit, spk_ids)
    assert found["mean"] == 0.5
    assert found["low"] < 0.25 < 0.75 < found["high"]
    assert found == few_shot_accuracy(credit, spk_ids)


def test_speakers_with_more_tasks_weigh_more():
    credit, spk_ids = np.array([1.0, 1.0, 1.0, 0.0]), ["a", "a", "a", "b"]
    assert few_shot_accuracy(credit, spk_ids, n_bootstrap=5)["mean"] == 0.75


def test_the_whole_curve_takes_seconds(rng):
    corpus, scores = readers(40, 4), rng.normal(size=(160, 160))
    begin = time.perf_counter()
    for k in range(2, 41):
        nearest(scores, tasks_of(corpus, k, 1, n_tasks=2000))
    assert time.perf_counter() - begin < 2
