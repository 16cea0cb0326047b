"""A classifier is given frames, chunks or utterances, each with its own chunk."""

from functools import partial

import numpy as np
import pytest

from local.models.classifier_networks import Conv1dNetwork
from local.models.network_classifier import NetworkClassifier
from recipes.gender.systems import System, first_chunks, mean, mean_std, pitch

UTTERANCES = np.array(["a", "a", "b", "c", "c", "c"])


@pytest.fixture
def feats(rng):
    """Return features of six chunks, of four channels by five frames."""
    return rng.normal(size=(6, 4, 5))


def hearing(level, summary=None, **settings):
    return System("a note", "mfcc", level, None, summary, **settings)


def test_frames_stand_by_themselves_in_the_order_of_time(feats):
    units = hearing("frame").units(feats, UTTERANCES)
    assert units.inputs.shape == (30, 4)
    assert (units.inputs[7] == feats[1, :, 2]).all()
    assert units.chunks.tolist() == np.repeat(range(6), 5).tolist()
    assert units.fit.all()


def test_frames_are_thinned_for_training_only(feats):
    units = hearing("frame", train_every=4).units(feats, UTTERANCES)
    assert len(units.inputs) == 30
    assert np.flatnonzero(units.fit).tolist() == list(range(0, 30, 4))


def test_chunks_are_summed_up_or_whole(feats):
    units = hearing("chunk", mean_std).units(feats, UTTERANCES)
    assert units.inputs[3] == pytest.approx(
        np.concatenate([feats[3].mean(axis=1), feats[3].std(axis=1)])
    )
    assert units.chunks.tolist() == list(range(6))
    assert (hearing("chunk").units(feats, UTTERANCES).inputs == feats).all()


def test_an_utterance_is_summed_up_over_all_its_frames(feats):
    units = hearing("utterance", mean_std).units(feats, UTTERANCES)
    frames = np.concatenate(list(feats[3:]), axis=1)
    expected = np.concatenate([frames.mean(axis=1), frames.std(axis=1)])
    assert units.inputs[2] == pytest.approx(expected)
    assert units.chunks.tolist() == [0, 2, 3]
    assert units.fit.all()
    assert len(units.inputs) == 3


def test_an_utterance_of_one_chunk_may_be_the_only_one(feats):
    assert first_chunks(np.array(["a"])).tolist() == [0]
    units = hearing("utterance", mean).units(feats[:1], np.array(["a"]))
    assert units.inputs == pytest.approx(feats[:1].mean(axis=2))


def test_an_embedding_is_a_frame(feats):
    units = hearing("utterance", mean).units(feats[:, :, 0], UTTERANCES)
    assert units.inputs[0] == pytest.approx(feats[:2, :, 0].mean(axis=0))
    units = hearing("chunk", mean).units(feats[:, :, 0], UTTERANCES)
    assert units.inputs == pytest.approx(feats[:, :, 0])


def test_pitch_is_the_median_of_the_frames_that_count():
    hz, strength = [100, 210, 190, 400], [0.9, 0.9, 0.9, 0.1]
    feats = np.array([[hz, strength]], dtype=float)
    assert pitch(feats, strength=0.8).tolist() == [[190]]


def test_what_is_no_level_or_has_no_summary_is_refused(feats):
    with pytest.raises(ValueError, match="hears: expected one of .*, got 'word'"):
        hearing("word").units(feats, UTTERANCES)
    with pytest.raises(ValueError, match="hears: utterance needs a summary"):
        hearing("utterance").units(feats, UTTERANCES)


def test_facts_count_inputs_and_what_a_network_trains(feats):
    assert hearing("chunk").facts(feats) == {
        "note": "a note",
        "feats": "mfcc",
        "hears": "chunk",
        "n_inputs": 20,
        "n_parameters": None,
    }
    made = partial(Conv1dNetwork, filters=[2], kernel_size=3, dropout=0.1)
    classifier = NetworkClassifier(made, 1, 8, 0.1, 0.0, 0.2, 1, 1)
    system = System("", "mfcc", "chunk", classifier)
    expected = sum(part.numel() for part in made(4, 2).parameters())
    assert system.facts(feats)["n_parameters"] == expected > 0
