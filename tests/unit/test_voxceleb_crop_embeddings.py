"""Embeddings of crops are those of the crops, and are made once."""

import numpy as np
import pytest
import soundfile
import torch
from made_up_voxceleb import RATE, make_voxceleb

from data_prep.voxceleb import read_utterance
from local.input.recordings import resample
from local.scoring.crops import evenly_spaced_crops
from local.scoring.embeddings import encode
from local.scoring.model_folder import load_encoder
from recipes.voxceleb import crop_embeddings
from recipes.voxceleb.crop_embeddings import Crops, embed_crops

CROPS = Crops(n_crops=3, crop_seconds=0.25)


@pytest.fixture
def heard(tmp_path, untrained_model):
    """Return what embeds six utterances of a folder, and the folder."""
    root = make_voxceleb(tmp_path / "wav", ["id1", "id2", "id3"], n_each=1)
    names = sorted(path.relative_to(root).as_posix() for path in root.glob("*/*/*.wav"))
    model, cache = untrained_model(1), tmp_path / "cache"

    def embed(crops=CROPS):
        return embed_crops(model, names, root, crops, cache, "cpu", "fp32")

    return embed, root, names, model


def test_each_crop_is_embedded_at_the_rate_of_the_model(heard, monkeypatch):
    embed, root, names, model = heard
    monkeypatch.setattr(crop_embeddings, "BLOCK", 4)
    encoder = load_encoder(model, "cpu")
    expected = [
        encode(encoder, torch.from_numpy(crop)[None]).numpy()[0]
        for name in names
        for crop in evenly_spaced_crops(
            resample(read_utterance(root / name), RATE, 11025), 3, 2756
        )
    ]
    found = embed()
    assert found.shape == (6, 3, 6) and found.dtype == np.float32
    np.testing.assert_allclose(found.reshape(18, 6), expected, atol=1e-5)


def test_a_killed_run_goes_on_where_it_was(heard, monkeypatch):
    embed = heard[0]
    monkeypatch.setattr(crop_embeddings, "BLOCK", 2)
    whole, done = embed(), []
    cache = heard[1].parent / "cache"
    for path in sorted(cache.glob("*/*.npy"))[1:]:
        path.unlink()
    inner = crop_embeddings._embed_utterance

    def count(encoder, path, *rest):
        done.append(path)
        return inner(encoder, path, *rest)

    monkeypatch.setattr(crop_embeddings, "_embed_utterance", count)
    np.testing.assert_array_equal(embed(), whole)
    assert len(done) == 4
    np.testing.assert_array_equal(embed(), whole)
    assert len(done) == 4


def test_other_crops_or_other_sound_are_embedded_anew(heard):
    embed, root, names, _ = heard
    before = embed()
    assert embed(Crops(2, 0.25)).shape == (6, 2, 6)
    soundfile.write(root / names[0], np.sin(np.arange(RATE) / 7), RATE)
    after = embed()
    assert np.abs(after[0] - before[0]).max() > 1e-3
    np.testing.assert_array_equal(after[1:], before[1:])


def test_an_utterance_without_samples_is_named(heard):
    embed, root, names, _ = heard
    soundfile.write(root / names[1], np.zeros(0), RATE)
    with pytest.raises(ValueError, match=f"{names[1]}: no samples"):
        embed()


def test_embeddings_that_are_no_numbers_are_refused(heard, monkeypatch):
    embed, _, names, _ = heard
    nothing = torch.full((3, 6), torch.nan)
    monkeypatch.setattr(crop_embeddings, "encode", lambda *_: nothing)
    with pytest.raises(ValueError, match=f"{names[0]}: .* no finite embedding"):
        embed()
