"""Readers, their genders and the chunks they spoke, from a LibriSpeech folder."""

import numpy as np
import pytest
from made_up_chunks import Power, make_corpus, powers

from data_prep.librispeech_chunks import prepare_librispeech_chunks
from recipes.gender.data import (
    choose_readers,
    corpus_features,
    correct,
    data_facts,
    load_corpus,
    read_never_heard,
)

NAMES = """\
;ID  |SEX| SUBSET           |MINUTES| NAME
19   | F | train-clean-100  | 25.19 | Kara | Shallenberg | M
; 26 | F | a comment        |  0.00 | nobody
26   | M | train-clean-100  |  8.02 | Denny Sayers
"""


@pytest.fixture(scope="module")
def settings(librispeech_folder, tmp_path_factory):
    """Return what a YAML says, and prepare the chunks: of 8 women and 8 men."""
    prepared = tmp_path_factory.mktemp("gender") / "chunks"
    subsets = ["train-clean-100", "dev-clean"]
    prepare_librispeech_chunks(librispeech_folder, prepared, subsets, "any", 1.0)
    return {
        "librispeech_folder": librispeech_folder,
        "prepared_folder": prepared,
        "relabelled": {},
        "n_per_gender": "all",
        "never_heard": "none",
        "seed": 1,
        "corpus": "made up",
        "chunk_seconds": 1.0,
    }


@pytest.mark.parametrize("key", [3, "3"])
def test_a_correction_turns_its_reader_only_whatever_the_key_is(settings, key):
    corpus = load_corpus(settings | {"relabelled": {key: "F", 7976: "F"}})
    assert set(corpus.speakers[corpus.given != corpus.corrected]) == {"3"}
    assert set(corpus.corrected[corpus.speakers == "3"]) == {0}
    odd = np.char.mod("%d", np.arange(1, 17, 2))
    assert set(corpus.speakers[corpus.given == 1]) == set(odd)


def test_all_of_a_corpus_are_of_the_same_chunks_in_order(settings, tmp_path):
    (tmp_path / "unheard.txt").write_text("14 # a woman\n\n# all: \n15\n99\n")
    corpus = load_corpus(settings | {"never_heard": tmp_path / "unheard.txt"})
    assert set(corpus.speakers) == {str(n) for n in range(1, 17)}
    assert [chunk.spk_id for chunk in corpus.chunks] == corpus.speakers.tolist()
    assert [chunk.utterance for chunk in corpus.chunks] == corpus.utterances.tolist()
    assert set(corpus.speakers[corpus.never_heard]) == {"14", "15"}
    # What utterances are made of, and cut apart by, rests on that.
    assert (
        np.diff(np.unique(corpus.utterances, return_inverse=True)[1]) != 0
    ).sum() + (1) == len(set(corpus.utterances))


def test_bars_in_names_and_comments_mislead_nobody(settings, tmp_path):
    subset = tmp_path / "train-clean-100"
    subset.mkdir()
    source = settings["librispeech_folder"] / "train-clean-100"
    for new, old in (("19", "1"), ("26", "2")):
        (subset / new / "8").mkdir(parents=True)
        flac = (source / old / "8" / f"{old}-8-0000.flac").read_bytes()
        (subset / new / "8" / f"{new}-8-0000.flac").write_bytes(flac)
    (tmp_path / "SPEAKERS.TXT").write_text(NAMES)
    folders = tmp_path, tmp_path / "chunks"
    prepare_librispeech_chunks(*folders, ["train-clean-100"], "any", 1.0)
    keys = ("librispeech_folder", "prepared_folder")
    corpus = load_corpus(settings | dict(zip(keys, folders, strict=True)))
    assert set(zip(corpus.speakers, corpus.given, strict=True)) == {
        ("19", 0),
        ("26", 1),
    }


def test_facts_count_readers_once(settings):
    corpus = make_corpus(
        [("a", "F", 1, 4), ("b", "F", 2, 2), ("c", "M", 1, 3)], "c", "ab"
    )
    facts = data_facts(settings, corpus)
    assert facts == {
        "corpus": "made up",
        "n_speakers": 3,
        "n_female": 2,
        "n_male": 1,
        "n_never_heard": 2,
        "n_utterances": 4,
        "n_chunks": 11,
        "chunk_seconds": 1.0,
        "hours": round(22 / 3600, 3),
        "one_utterance_speakers": pytest.approx(2 / 3),
    }


def test_parents_are_the_levels_above():
    corpus = make_corpus([("a", "F", 1, 2), ("b", "M", 1, 1)])
    parents = corpus.parents("frame", np.array([0, 0, 1, 2]))
    assert list(parents) == ["chunk", "utterance"]
    assert parents["chunk"].tolist() == ["a-0-0_0"] * 2 + ["a-0-0_1", "b-0-0_0"]
    assert parents["utterance"].tolist() == ["a-0-0"] * 3 + ["b-0-0"]
    assert list(corpus.parents("chunk", np.arange(3))) == ["utterance"]
    assert corpus.parents("utterance", np.array([0, 2])) == {}


def test_a_correction_that_is_none_is_refused():
    with pytest.raises(
        ValueError, match="relabelled: reader 3 is 'f', expected F or M"
    ):
        correct({"3": "M"}, {3: "f"})


def test_as_many_are_drawn_of_each_gender_by_the_seed():
    genders = {f"{n}": "FFM"[n % 3] for n in range(36)}
    assert choose_readers(genders, "all", 0) == set(genders)
    first, again, other = (choose_readers(genders, 10, seed) for seed in (1, 1, 2))
    assert first == again != other
    drawn = [genders[reader] for reader in first]
    assert (drawn.count("F"), drawn.count("M")) == (10, 10)


@pytest.mark.parametrize("n_per_gender", [8, 13, "some", 9.5])
def test_more_than_there_are_or_fewer_than_nine_is_refused(n_per_gender):
    genders = {f"{n}": "FFM"[n % 3] for n in range(36)}
    message = "expected 9 to 12, or all: there are 24 women and 12 men"
    with pytest.raises(ValueError, match=f"n_per_gender is .*, {message}"):
        choose_readers(genders, n_per_gender, 0)


def test_a_list_of_the_never_heard_is_there_or_none():
    assert read_never_heard("none") == []
    with pytest.raises(FileNotFoundError, match="x.txt: no such list of .*; give none"):
        read_never_heard("x.txt")


def test_features_are_those_of_the_chunks_of_the_corpus(settings):
    more = {"representations": {"power": Power()}, "feature_batch_size": 8}
    corpus = load_corpus(settings)
    corpus = corpus._replace(chunks=corpus.chunks[5:9])
    feats = corpus_features(settings | more, corpus, "power")
    assert feats == pytest.approx(powers(corpus.chunks, settings), rel=1e-4)
