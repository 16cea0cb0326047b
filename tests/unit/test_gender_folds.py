"""No reader crosses folds that are to be believed; every fold hears both genders."""

import numpy as np
import pytest
from made_up_chunks import make_corpus

from recipes.gender.folds import (
    SPLITS,
    check_splits,
    deal,
    divides_readers,
    split_groups,
)

N_FOLDS = 3
LEVELS = ("frame", "chunk", "utterance")
SEVERAL = [(f"f{n}", "F", 2 + n % 3, 1 + n % 4) for n in range(12)]
SEVERAL += [(f"m{n}", "M", 3, 2 + n % 3) for n in range(5)]
ALONE = [(f"{g}{n}", g.upper(), 1, 6) for g in "fm" for n in range(8)]
every_level = pytest.mark.parametrize("hears", LEVELS)


def folds_of(corpus, split, hears, seed=0):
    groups = split_groups(corpus, split, hears)
    return deal(groups, corpus.corrected, N_FOLDS, seed)


def n_folds_of(names, folds):
    """Return the numbers of folds that names are in."""
    return {len(set(folds[names == name])) for name in set(names)}


@pytest.mark.parametrize("readers", [SEVERAL, ALONE, SEVERAL + ALONE[:3]])
@every_level
def test_no_reader_crosses_a_fold(readers, hears):
    corpus = make_corpus(readers)
    assert n_folds_of(corpus.speakers, folds_of(corpus, "speaker", hears)) == {1}


@pytest.mark.parametrize("hears", ["frame", "chunk"])
def test_at_random_readers_are_in_training_and_in_test(hears):
    corpus = make_corpus(SEVERAL + [("alone", "M", 1, 6)])
    folds = folds_of(corpus, "random", hears)
    crossing = [
        len(set(folds[corpus.speakers == name])) > 1 for name in set(corpus.speakers)
    ]
    assert np.mean(crossing) > 0.8
    assert len(set(folds[corpus.speakers == "alone"])) > 1


@every_level
def test_no_utterance_of_a_reader_of_several_is_ever_divided(hears):
    corpus = make_corpus(SEVERAL + ALONE[:2])
    folds = folds_of(corpus, "random", hears)
    of_several = ~np.isin(corpus.speakers, ["f0", "f1"])
    assert n_folds_of(corpus.utterances[of_several], folds[of_several]) == {1}


def test_what_hears_utterances_has_none_divided():
    corpus = make_corpus(ALONE)
    assert n_folds_of(corpus.utterances, folds_of(corpus, "random", "utterance")) == {1}
    assert max(n_folds_of(corpus.utterances, folds_of(corpus, "random", "chunk"))) > 1


def test_genders_have_their_share_of_every_fold_however_much_readers_read():
    rng = np.random.default_rng(1)
    for seed in range(10):
        readers = [
            (f"r{n}", "FM"[n < 6], 1, n_chunks)
            for n, n_chunks in enumerate(rng.geometric(0.05, 30))
        ]
        corpus = make_corpus(readers)
        folds = deal(corpus.speakers, corpus.corrected, 5, seed)
        for gender in (0, 1):
            assert set(folds[corpus.corrected == gender]) == set(range(5))


def test_readers_of_equal_length_are_dealt_evenly():
    corpus = make_corpus([(f"r{n}", "FM"[n % 2], 1, 4) for n in range(30)])
    folds = deal(corpus.speakers, corpus.corrected, 5, seed=0)
    for gender in (0, 1):
        sizes = np.bincount(folds[corpus.corrected == gender], minlength=5)
        assert (sizes == 12).all()


def test_the_seed_alone_deals():
    corpus = make_corpus(ALONE)
    first, again, other = (
        folds_of(corpus, "speaker", "chunk", seed) for seed in (1, 1, 2)
    )
    assert (first == again).all()
    assert (first != other).any()


@pytest.mark.parametrize("n_folds", [1, 6])
def test_too_few_or_too_many_folds_are_refused(n_folds):
    corpus = make_corpus(SEVERAL)
    message = f"n_folds is {n_folds}, expected 2 or more, and no more than the .. group"
    with pytest.raises(ValueError, match=message.replace("..", r"\d+")):
        deal(corpus.speakers, corpus.corrected, n_folds, 0)


def test_a_run_is_by_speaker_whatever_else():
    for splits in (["speaker"], list(SPLITS)):
        check_splits(splits)
    for splits in ([], ["random"], ["speaker", "file"]):
        with pytest.raises(ValueError, match="splits: expected speaker, .*, got"):
            check_splits(splits)


def test_whole_utterances_leak_only_where_a_reader_has_several():
    for n_utterances, leaks in ((1, False), (2, True)):
        corpus = make_corpus([("1", "F", 1, 3), ("2", "M", n_utterances, 3)])
        assert (
            divides_readers(corpus, split_groups(corpus, "random", "utterance"))
            == leaks
        )
        assert divides_readers(corpus, split_groups(corpus, "random", "chunk"))
        assert not divides_readers(corpus, split_groups(corpus, "speaker", "chunk"))
