"""What tables say of a classifier that names readers."""

from functools import partial

import numpy as np

from local.models.classifier_networks import BiLstm
from local.models.network_classifier import NetworkClassifier
from recipes.wav2vec2_speaker_id.systems import System


def test_facts_count_inputs_and_what_a_network_of_as_many_readers_trains():
    made = partial(BiLstm, n_units=2, n_layers=1, hidden=3, dropout=0.0)
    network = NetworkClassifier(made, 1, 8, 0.1, 0.0, 0.2, 1, 1)
    feats = np.zeros((10, 4, 7))
    expected = {"note": "LSTM", "feats": "frames", "hears": "chunk", "n_inputs": 28}
    for n_speakers in (5, 9):
        n_parameters = sum(part.numel() for part in made(4, n_speakers).parameters())
        facts = System("LSTM", "frames", network).facts(feats, n_speakers)
        assert facts == expected | {"n_parameters": n_parameters}


def test_what_is_no_network_counts_no_parameters():
    facts = System("k-NN", "statistics", object()).facts(np.zeros((10, 4)), 5)
    assert (facts["n_inputs"], facts["n_parameters"]) == (4, None)
