"""The chunks of a prepared folder, and what is heard of them."""

import pytest
from made_up_chunks import Power, chunks_of, powers

from data_prep.librispeech_chunks import prepare_librispeech_chunks
from recipes.wav2vec2_speaker_id.data import chunk_features, data_facts, load_chunks


def test_features_are_those_of_the_chunks(librispeech_folder, tmp_path):
    settings = {
        "librispeech_folder": librispeech_folder,
        "prepared_folder": tmp_path / "chunks",
        "representations": {"power": Power()},
        "feature_batch_size": 8,
    }
    folders = librispeech_folder, tmp_path / "chunks"
    prepare_librispeech_chunks(*folders, ["dev-clean"], "any", 1.0)
    chunks = load_chunks(settings)
    assert {chunk.spk_id for chunk in chunks} == {"13", "14", "15", "16"}
    feats = chunk_features(settings, chunks[3:8], "power")
    assert feats == pytest.approx(powers(chunks[3:8], settings), rel=1e-4)
    assert (tmp_path / "chunks_features").is_dir()


def test_facts_count_utterances_of_each_reader():
    chunks = chunks_of("a", 1, 1, 4) + chunks_of("b", 2, 3, 2) + chunks_of("c", 1, 1, 1)
    facts = data_facts({"corpus": "made up", "chunk_seconds": 2.0}, chunks)
    assert facts == {
        "corpus": "made up",
        "n_speakers": 3,
        "n_utterances": 8,
        "n_chunks": 17,
        "chunk_seconds": 2.0,
        "hours": round(34 / 3600, 3),
        "one_utterance_speakers": pytest.approx(2 / 3),
    }
