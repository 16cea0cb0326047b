"""A row an utterance is the average of all its frames."""

import numpy as np

from recipes.gender.data import Corpus
from recipes.gender.utterances import by_speaker, summarise

UTTERANCES = np.array(["b-1", "b-1", "a-1", "a-2"])
SPEAKERS = np.array(["b", "b", "a", "a"])
CORPUS = Corpus(
    *([None] * 4, SPEAKERS, UTTERANCES),
    given=np.array([1, 1, 1, 1]),
    corrected=np.array([1, 1, 0, 0]),
    never_heard=np.zeros(4, dtype=bool),
)


def test_an_utterance_is_all_frames_of_its_chunks(rng):
    mfccs = rng.normal(size=(4, 3, 5)).astype(np.float32)
    pitches = np.stack([100 + np.arange(20).reshape(4, 5), np.ones((4, 5))], axis=1)
    found = summarise(CORPUS, mfccs, pitches, 0.8)
    assert found.names.tolist() == ["b-1", "a-1", "a-2"]
    assert found.speakers.tolist() == ["b", "a", "a"]
    assert found.genders.tolist() == [1, 0, 0]
    both = np.concatenate([mfccs[0], mfccs[1]], axis=1)
    np.testing.assert_allclose(found.means[0], both.mean(axis=1), rtol=1e-5)
    np.testing.assert_allclose(found.sds[0], both.std(axis=1), rtol=1e-5)
    np.testing.assert_array_equal(found.hz, [104.5, 112, 117])


def test_readers_are_averages_of_their_utterances(rng):
    values = rng.normal(size=(7, 2))
    speakers = np.array(list("bacabca"))
    slow = [values[speakers == name].mean(axis=0) for name in "abc"]
    np.testing.assert_allclose(by_speaker(values, speakers), slow)
