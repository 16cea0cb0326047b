"""Classifiers are tested on readers that nothing in them has met, at every level."""

import numpy as np
import pytest
from made_up_chunks import make_corpus
from noting import Counting, NotingScaler, fitted_and_asked, forget
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline

from local.evaluation.levels import decide
from recipes.gender.classify import Tested as Said
from recipes.gender.classify import classify, describe, mistakes, relabelled
from recipes.gender.data import data_facts
from recipes.gender.systems import System, mean

N_FRAMES, SPLITS = 3, ["speaker", "random"]
# Of ten women and six men every third one spoke two utterances.
READERS = [(f"{n}", "FM"[n > 9], 1 + (n % 3 == 0), 4) for n in range(16)]
N_CHUNKS, N_UTTERANCES = 88, 22


@pytest.fixture(autouse=True)
def nothing_noted(monkeypatch):
    """Empty the notes before and after; nobody is killed."""
    forget()
    monkeypatch.setattr(Counting, "killed_at", None)
    yield
    forget()


def make_feats(corpus, like_other=()):
    """Return features (n_chunks, 2, N_FRAMES): what tells gender, and the reader.

    Some readers are like those of the other gender.
    """
    rng = np.random.default_rng(0)
    tells = corpus.corrected ^ np.isin(corpus.speakers, list(like_other))
    feats = np.stack([tells, corpus.speakers.astype(float)], axis=1)
    feats = np.repeat(feats[:, :, np.newaxis], N_FRAMES, axis=2)
    feats[:, 0] += 0.05 * rng.normal(size=feats[:, 0].shape)
    return feats


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Return a function that classifies features of a corpus."""

    def classified(corpus, systems, feats=None, **changes):
        feats = make_feats(corpus) if feats is None else feats
        monkeypatch.setattr(
            "recipes.gender.classify.corpus_features", lambda *told: feats
        )
        settings = {
            "systems": systems,
            "splits": ["speaker"],
            "n_folds": 3,
            "n_bootstrap": 10,
            "seed": 1,
            "output_folder": tmp_path,
        }
        return classify(settings | changes, corpus)

    return classified


def system(hears="chunk", classifier=None, **settings):
    return System(hears, "mfcc", hears, classifier or GaussianNB(), mean, **settings)


def picked(found, **wanted):
    """Return the records that are as wanted."""
    return [
        record
        for record in found["results"]
        if all(record[key] == value for key, value in wanted.items())
    ]


@pytest.mark.parametrize("hears", ["frame", "chunk", "utterance"])
def test_scaler_and_settings_know_nothing_of_the_readers_tested(hears, run):
    search = GridSearchCV(
        make_pipeline(NotingScaler(), GaussianNB()),
        {"gaussiannb__var_smoothing": [1e-9, 1e-3]},
        cv=StratifiedGroupKFold(2),
    )
    found = run(make_corpus(READERS), {"search": system(hears, search)})
    assert len(found["systems"]["search"]["chosen"]) == 3
    fits = [
        [set(np.round(rows[:, 1]).astype(int)) for rows in told]
        for told in fitted_and_asked(3 * (2 * 2 + 1))
    ]
    everyone, all_tested = set(range(16)), []
    for fold in range(3):
        *inner, (trained, tested) = fits[5 * fold : 5 * fold + 5]
        assert trained == everyone - tested
        for fitted, validated in inner:
            assert not fitted & validated
            assert fitted | validated == trained
        all_tested += tested
    assert sorted(all_tested) == sorted(everyone)


def test_what_knows_readers_only_shines_where_the_split_leaks(run):
    corpus = make_corpus(READERS)
    rng = np.random.default_rng(0)
    voices = {name: rng.normal(size=(2, 1)) for name, *_ in READERS}
    feats = np.stack([voices[name] for name in corpus.speakers])
    feats = feats + 1e-3 * rng.normal(size=(N_CHUNKS, 2, N_FRAMES))
    knn = KNeighborsClassifier(1)
    found = run(corpus, {"knn": system("chunk", knn)}, feats, splits=SPLITS)
    honest, leak = (
        picked(found, split=split, level="chunk")[0]["accuracy"]["mean"]
        for split in SPLITS
    )
    assert honest < 0.75
    assert leak > 0.9  # both utterances of a reader may be in one fold


def test_levels_are_named_for_what_is_decided_upon(run):
    systems = {hears: system(hears) for hears in ("frame", "chunk", "utterance")}
    found = run(make_corpus(READERS), systems)
    sizes = {
        (record["system"], record["level"], record["rule"]): record["n"]
        for record in found["results"]
    }
    assert sizes == {
        ("frame", "frame", "own"): N_CHUNKS * N_FRAMES,
        ("frame", "chunk", "mean"): N_CHUNKS,
        ("frame", "chunk", "vote"): N_CHUNKS,
        ("frame", "utterance", "mean"): N_UTTERANCES,
        ("frame", "utterance", "vote"): N_UTTERANCES,
        ("chunk", "chunk", "own"): N_CHUNKS,
        ("chunk", "utterance", "mean"): N_UTTERANCES,
        ("chunk", "utterance", "vote"): N_UTTERANCES,
        ("utterance", "utterance", "own"): N_UTTERANCES,
    }
    assert all(record["accuracy"]["mean"] == 1 for record in found["results"])
    assert {name: facts["n_inputs"] for name, facts in found["systems"].items()} == (
        dict.fromkeys(systems, 2)
    )


def test_frames_left_out_of_training_are_tested(run):
    thinned = system("frame", Counting(), train_every=4)
    found = run(make_corpus(READERS), {"thinned": thinned})
    assert picked(found, level="frame")[0]["n"] == N_CHUNKS * N_FRAMES
    assert sum(map(len, Counting.fits)) == 2 * N_CHUNKS * N_FRAMES // 4


def test_both_readings_of_the_labels_are_trained_and_told(run):
    corpus = make_corpus(READERS, relabelled=["3"])
    found = run(corpus, {"nb": system()}, splits=SPLITS)
    told = {
        (record["split"], record["labels"], *np.ravel(record["confusion"]))
        for record in picked(found, level="utterance", rule="mean")
        if record["split"] == "speaker"
    }
    # Reader 3, of two utterances, is as she sounds; given is that she is a man.
    assert told == {
        ("speaker", "corrected", 14, 0, 0, 8),
        ("speaker", "as_given", 12, 0, 2, 8),
    }
    assert len(picked(found, split="random", labels="as_given")) == 3
    assert found["errors"] == []


def test_one_reading_is_told_where_nobody_is_relabelled(run):
    found = run(make_corpus(READERS), {"nb": system()})
    assert {record["labels"] for record in found["results"]} == {"corrected"}


@pytest.mark.parametrize("key", [3, "3"])
def test_corrections_are_told_with_whether_they_matter_here(key):
    corpus = make_corpus(READERS, relabelled=["3"])
    corrections = {key: "F", 99: "M"}
    assert relabelled({"relabelled": corrections}, corpus) == [
        {"speaker": "3", "given": "M", "corrected": "F", "in_corpus": True},
        {"speaker": "99", "given": "F", "corrected": "M", "in_corpus": False},
    ]


def test_what_is_right_already_is_no_correction():
    assert relabelled({"relabelled": {3: "F", 12: "M"}}, make_corpus(READERS)) == []


def test_figures_of_the_never_heard_are_of_them_alone(run):
    corpus = make_corpus(READERS, never_heard=["1", "3", "12"])
    feats = make_feats(corpus, like_other=["3"])
    found = run(corpus, {"nb": system()}, feats)
    (record,) = picked(found, readers="never_heard", rule="mean")
    # Readers 3 and 12 spoke two utterances each.
    assert (record["n"], record["confusion"]) == (5, [[1, 2], [0, 2]])
    assert picked(found, readers="all", rule="mean")[0]["n"] == N_UTTERANCES


def test_who_sounds_like_the_other_gender_is_listed(run):
    corpus = make_corpus(READERS)
    feats = make_feats(corpus, like_other=["4"])
    systems = {hears: system(hears) for hears in ("frame", "utterance")}
    found = run(corpus, systems, feats, splits=SPLITS)
    (error,) = found["errors"]
    assert error == {
        "speaker": "4",
        "label": "F",
        "systems": {"frame": 1.0, "utterance": 1.0},
    }


def test_who_is_outvoted_but_right_on_the_mean_is_not_mistaken():
    corpus = make_corpus([("a", "F", 1, 3), ("b", "M", 1, 1)])
    posteriors = np.array([[0.9, 0.1], [0.4, 0.6], [0.4, 0.6], [0.1, 0.9]])
    chunks, folds = np.arange(4), np.zeros(4, dtype=int)
    parents = corpus.parents("chunk", chunks)
    decisions = list(decide(posteriors, "chunk", parents, folds))
    own, utterances = mistakes(corpus, Said(decisions, chunks, folds, {}))
    assert own == {"a": pytest.approx(2 / 3), "b": 0}
    assert utterances == {"a": 0, "b": 0}


def test_a_killed_run_goes_on_where_it_was(run, monkeypatch):
    told = make_corpus(READERS), {"a": system("chunk", Counting()), "b": system()}
    monkeypatch.setattr(Counting, "killed_at", 2)
    with pytest.raises(KeyboardInterrupt):
        run(*told)
    monkeypatch.setattr(Counting, "killed_at", None)
    first = run(*told)
    assert len(Counting.fits) == 3
    assert run(*told) == first
    assert len(Counting.fits) == 3


def test_what_was_changed_is_computed_anew(run):
    corpus = make_corpus(READERS)
    feats = make_feats(corpus)
    changes = [
        {},
        {"systems": {"a": system("chunk", Counting(2))}},
        {"feats": feats + 1},
        {"n_folds": 4},
        {"corpus": make_corpus(READERS, relabelled=["3"])},
    ]
    n_fits = []
    for change in changes:
        told = {"systems": {"a": system("chunk", Counting())}, "feats": feats}
        run(**{"corpus": corpus} | told | change)
        n_fits.append(len(Counting.fits))
    assert np.diff(n_fits).tolist() == [3, 3, 4, 3]  # of relabelled: as given alone


def test_splits_are_looked_at_before_anything_is_computed(run):
    with pytest.raises(ValueError, match="splits: expected speaker"):
        run(None, {}, feats=0, splits=["file"])


def test_what_cannot_leak_is_not_called_a_leak(run):
    alone = make_corpus([(f"{n}", "FM"[n % 2], 1, 4) for n in range(12)])
    found = run(alone, {"nb": system(), "whole": system("utterance")}, splits=SPLITS)
    splits = {name: set() for name in ("nb", "whole")}
    for record in found["results"]:
        splits[record["system"]].add(record["split"])
    assert splits == {"nb": {"speaker", "random"}, "whole": {"speaker"}}


def test_people_are_told_of_utterances_by_split(run):
    corpus = make_corpus(READERS, never_heard=["1", "12"], relabelled=["3"])
    found = run(corpus, {"nb": system(), "frames": system("frame")}, splits=SPLITS)
    settings = {"corpus": "made up", "chunk_seconds": 2.0}
    lines = describe({"data": data_facts(settings, corpus), **found}).splitlines()
    assert lines[0].startswith("10 women and 6 men, 88 chunks of 2 s; utterances right")
    # At random some utterances are divided: those decisions are others.
    told = [line.split()[:4] for line in lines[1:]]
    assert told == [[name, "split", "by", "speaker"] for name in ("nb", "frames")]
    assert lines[1].split()[4:] == ["100.0", "%", "[100.0,", "100.0]"]
