"""Readers are named by what was trained on other speech of theirs, by every split."""

import numpy as np
import pytest
from made_up_chunks import chunks_of
from noting import Counting, NotingScaler, fitted_and_asked, forget
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline

from recipes.wav2vec2_speaker_id.classify import classify, deal_splits, describe
from recipes.wav2vec2_speaker_id.data import data_facts
from recipes.wav2vec2_speaker_id.splits import LEFT_OUT, SPLITS
from recipes.wav2vec2_speaker_id.systems import System

SPEAKERS = "abcdef"


@pytest.fixture(autouse=True)
def nothing_noted(monkeypatch):
    """Empty the notes before and after; nobody is killed."""
    forget()
    monkeypatch.setattr(Counting, "killed_at", None)
    yield
    forget()


@pytest.fixture
def chunks():
    """Return chunks of six speakers; the last two read one chapter only."""
    n_chapters = (2, 3, 2, 2, 1, 1)
    return [
        chunk
        for name, n in zip(SPEAKERS, n_chapters, strict=True)
        for chunk in chunks_of(name, n, 2, 4)
    ]


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Return a function that tests a classifier by splits: figures, why others not."""

    def classified(chunks, classifier, feats=None, **changes):
        feats = make_feats(chunks) if feats is None else feats
        monkeypatch.setattr(
            "recipes.wav2vec2_speaker_id.classify.chunk_features", lambda *told: feats
        )
        settings = {
            "systems": {"it": System("a note", "mfcc", classifier)},
            "splits": SPLITS,
            "n_folds": 3,
            "n_bootstrap": 10,
            "seed": 1,
            "output_folder": tmp_path,
        }
        settings |= changes
        dealt, left_out = deal_splits(settings, chunks)
        return classify(settings, chunks, dealt), left_out

    return classified


def make_feats(chunks):
    """Return features (n_chunks, 2): the place of the speaker, and of the chunk."""
    places = [SPEAKERS.index(chunk.spk_id) for chunk in chunks]
    return np.stack([places, np.arange(len(chunks))], axis=1).astype(float)


def sizes(found):
    """Return (split, level, rule) -> the number of decisions."""
    return {
        tuple(record[key] for key in ("split", "level", "rule")): record["n"]
        for record in found["results"]
    }


def test_impossible_splits_are_told_and_the_others_go_on(run, caplog):
    chunks = [chunk for name in SPEAKERS for chunk in chunks_of(name, 1, 1, 6)]
    found, left_out = run(chunks, GaussianNB())
    assert (left_out["chunk"], left_out["block"]) == (0, 0)
    for split in ("utterance", "chapter"):
        assert left_out[split].startswith(f"all 6 speakers have one {split}: ")
        assert f"no split by {split}: all 6 speakers" in caplog.text
    assert {record["split"] for record in found["results"]} == {"chunk", "block"}
    assert found["systems"]["it"]["n_inputs"] == 2


def test_no_possible_split_at_all_is_refused_in_a_line():
    chunks = [chunk for name in SPEAKERS for chunk in chunks_of(name, 1, 1, 6)]
    settings = {"splits": ["utterance", "chapter"], "n_folds": 3, "seed": 1}
    with pytest.raises(ValueError) as error:
        deal_splits(settings, chunks)
    message = str(error.value)
    assert message.startswith("no split is possible: all 6 speakers have one utterance")
    assert "; all 6 speakers have one chapter" in message
    assert "\n" not in message
    with pytest.raises(ValueError, match="possible: n_folds is 1, [^;]*$"):
        deal_splits(settings | {"n_folds": 1}, chunks)
    with pytest.raises(ValueError, match="no split is possible: none given"):
        deal_splits(settings | {"splits": []}, chunks)


def test_readers_of_one_chapter_are_left_out_by_chapter_and_counted(run, chunks):
    found, left_out = run(chunks, GaussianNB())
    assert left_out == {"chunk": 0, "block": 0, "utterance": 0, "chapter": 2}
    of_two = sum(chunk.spk_id in "abcd" for chunk in chunks)
    assert sizes(found)["chapter", "chunk", "own"] == of_two
    assert sizes(found)["utterance", "chunk", "own"] == len(chunks) == of_two + 16
    for record in found["results"]:
        assert record["accuracy"]["mean"] == 1
        assert record["recall"]["mean"] == pytest.approx(1)


def test_an_utterance_is_decided_by_chunks_of_one_fold_alone(run, chunks):
    found, _ = run(chunks, GaussianNB())
    dealt, _ = deal_splits({"splits": SPLITS, "n_folds": 3, "seed": 1}, chunks)
    for split, (_, folds) in dealt.items():
        parts = {
            (chunk.utterance, fold)
            for chunk, fold in zip(chunks, folds, strict=True)
            if fold != LEFT_OUT
        }
        for rule in ("mean", "vote"):
            assert sizes(found)[split, "utterance", rule] == len(parts)
    n_utterances = len({chunk.utterance for chunk in chunks})
    assert sizes(found)["utterance", "utterance", "mean"] == n_utterances
    assert sizes(found)["chunk", "utterance", "mean"] > n_utterances


@pytest.mark.parametrize("split", SPLITS)
def test_scaler_and_settings_know_nothing_of_the_groups_tested(split, run, chunks):
    search = GridSearchCV(
        make_pipeline(NotingScaler(), GaussianNB()),
        {"gaussiannb__var_smoothing": [1e-9, 1e-3]},
        cv=StratifiedGroupKFold(2),
    )
    run(chunks, search, splits=[split])
    settings = {"splits": [split], "n_folds": 3, "seed": 1}
    groups, folds = deal_splits(settings, chunks)[0][split]
    fits = [
        [set(groups[rows[:, 1].astype(int)]) for rows in told]
        for told in fitted_and_asked(3 * (2 * 2 + 1))
    ]
    everything, all_tested = set(groups[folds != LEFT_OUT]), []
    for fold in range(3):
        *inner, (trained, tested) = fits[5 * fold : 5 * fold + 5]
        assert trained == everything - tested
        assert not any(fitted & validated for fitted, validated in inner)
        all_tested += tested
    assert sorted(all_tested) == sorted(everything)


def test_speakers_missing_in_a_fold_are_no_fault(run):
    # With two utterances in five folds, a speaker is tested in two of them.
    chunks = [chunk for name in SPEAKERS for chunk in chunks_of(name, 1, 2, 3)]
    found, _ = run(chunks, GaussianNB(), splits=["utterance"], n_folds=5)
    record = found["results"][0]
    assert len(record["folds"]["each"]) == 5
    for name in ("precision", "recall", "f1"):
        assert record[name]["mean"] == pytest.approx(1)


def test_speakers_left_out_cost_nothing_though_they_have_a_class(run):
    # They stand first: classes of those tested do not begin at 0.
    chunks = chunks_of("a", 1) + chunks_of("b", 2) + chunks_of("c", 2)
    found, left_out = run(chunks, GaussianNB(), splits=["chapter"], n_folds=2)
    assert left_out == {"chapter": 1}
    for record in found["results"]:
        assert record["f1"]["mean"] == pytest.approx(1)


def test_a_killed_run_goes_on_where_it_was(run, chunks, monkeypatch):
    monkeypatch.setattr(Counting, "killed_at", 4)
    with pytest.raises(KeyboardInterrupt):
        run(chunks, Counting())
    monkeypatch.setattr(Counting, "killed_at", None)
    first = run(chunks, Counting())
    assert len(Counting.fits) == 3 * len(SPLITS)
    assert run(chunks, Counting()) == first
    assert len(Counting.fits) == 3 * len(SPLITS)


def test_what_was_changed_is_computed_anew(run, chunks):
    feats = make_feats(chunks)
    changes = [
        {},
        {"classifier": Counting(2)},
        {"feats": feats + 1},
        {"n_folds": 2},
        {"splits": ["block", "utterance"]},
    ]
    n_fits = []
    for change in changes:
        told = {"classifier": Counting(), "feats": feats, "splits": ["block"]}
        run(chunks, **told | change)
        n_fits.append(len(Counting.fits))
    assert np.diff(n_fits).tolist() == [3, 3, 2, 3]


def test_people_are_told_of_both_levels_by_split(run, chunks):
    found, _ = run(chunks, GaussianNB(), splits=["chunk", "chapter"])
    facts = data_facts({"corpus": "made up", "chunk_seconds": 2.0}, chunks)
    lines = describe({"data": facts, **found}).splitlines()
    assert lines[0].startswith("6 readers, 88 chunks of 2 s; right,")
    assert [line.split()[1:4] for line in lines[1:]] == [
        [split, level, "100.0"]
        for split in ("chunk", "chapter")
        for level in ("chunk", "utterance")
    ]
