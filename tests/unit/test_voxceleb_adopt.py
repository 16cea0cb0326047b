"""Tests of recipes.voxceleb.adopt."""

import json
import shutil

import numpy as np
import pytest
import torch
from hyperpyyaml import resolve_references
from made_up_hub import MODELS, NETWORKS, write_hub_folder, write_published
from made_up_networks import LITE, V2
from ruamel.yaml import YAML
from torchaudio.transforms import Resample

import verify
from data_prep.pickle_prepare import prepare_pickle
from local.input.datasets import SegmentDataset
from local.output.combine import combine_models
from local.scoring import embeddings
from local.scoring.embeddings import load_embeddings
from local.scoring.model_folder import load_encoder, read_facts
from recipes.voxceleb import adopt
from recipes.voxceleb.clovaai import load_weights
from recipes.voxceleb.clovaai_features import InstanceNorm, MelSpectrogram
from recipes.voxceleb.residual_se import ResNetSE

ECAPA = "spkrec-ecapa-voxceleb"
SIZES = {"n_fft": 512, "win_length": 400, "hop_length": 160}
PUBLISHED = {
    "lite": ("clovaai_resnet_se34l", 0.0),
    "v2": ("clovaai_resnet_se34v2", 0.97),
}


@pytest.fixture(scope="module")
def prepared(task_folder, tmp_path_factory):
    """Return the folder of the task in miniature, prepared."""
    folder = tmp_path_factory.mktemp("adopted") / "prepared"
    prepare_pickle(task_folder / "raw_data.pkl", folder, n_valid_speakers=3)
    return folder


@pytest.fixture
def run(prepared, tmp_path):
    """Return a function that adopts by a YAML and returns the model folder."""

    def run(name, **changes):
        given = {"device": "cpu", "prepared_folder": prepared}
        given |= {"output_folder": tmp_path / "adopted" / "0"} | changes
        words = [(f"--{key}", str(value)) for key, value in given.items()]
        path = f"recipes/voxceleb/hparams/{name}.yaml"
        adopt.main([path, *sum(words, ())])
        return tmp_path / "adopted" / "0" / "model"

    return run


@pytest.fixture
def adopt_ecapa(run, tmp_path):
    """Return a function that adopts a tiny ECAPA-TDNN of the hub."""
    write_hub_folder(tmp_path / ECAPA, ECAPA)

    def adopt_it(**changes):
        return run("speechbrain_folder", model_folder=tmp_path / ECAPA, **changes)

    return adopt_it


def adopt_published(run, folder, name, **changes):
    """Adopt a tiny .model and return what it should give for wavs of 16 kHz."""
    path, settings = folder / "tiny.model", MODELS[name]
    write_published(path, name)
    yaml, pre_emphasis = PUBLISHED[name]
    keys = ("filters", "n_blocks", "emb_dim", "attention_channels")
    network = {key: settings[key] for key in keys if key in settings}
    model = run(
        yaml, weights=path, model=json.dumps({"embedding_model": network}), **changes
    )
    features = MelSpectrogram(
        16000, settings["n_mels"], **SIZES, pre_emphasis=pre_emphasis, log_input=True
    )
    network = load_weights(ResNetSE(**settings), path).eval()
    return model, torch.nn.Sequential(features, InstanceNorm(), network)


def hub_pipeline(hparams):
    """Return a function that embeds as SpeechBrain does with what the hub has."""
    parts = ("compute_features", "mean_var_norm", "embedding_model")
    features, norm, network = (hparams[name].eval() for name in parts)

    def embed(wavs):
        lengths = torch.ones(len(wavs))
        return network(norm(features(wavs), lengths), lengths)

    return embed


def assert_same_embeddings(encoder, original, wavs):
    """Compare, both with the same noise, which SpeechBrain's x-vectors add."""
    found, expected = (
        torch.manual_seed(0) and embed(wavs)
        for embed in (encoder.encode_batch, torch.no_grad()(original))
    )
    spread = expected.std(dim=0).min().item()  # random networks are hard of hearing
    assert spread > 1e-5, "all the same: nothing is compared"
    torch.testing.assert_close(found, expected, atol=spread / 50, rtol=0)


@pytest.fixture
def wavs():
    """Return clips that differ in loudness over frequency and time."""
    rng = torch.Generator().manual_seed(0)
    noise = torch.randn(4, 16000, generator=rng).cumsum(1) / 100
    return noise * torch.rand(4, 10, generator=rng).repeat_interleave(1600, 1)


# The network stays as it is


@pytest.mark.parametrize(("name", "network"), [("lite", LITE), ("v2", V2)])
def test_the_yaml_of_a_published_network_has_its_settings(name, network):
    with open(f"recipes/voxceleb/hparams/{PUBLISHED[name][0]}.yaml") as stream:
        model = YAML().load(resolve_references(stream))["model"]
    assert dict(model["embedding_model"]) == {"attention_channels": None} | network
    features = {"network_sample_rate": 16000, "n_mels": network["n_mels"]} | SIZES
    own = {"pre_emphasis": PUBLISHED[name][1], "log_input": True}
    assert dict(model["compute_features"]) == features | own


@pytest.mark.parametrize("name", NETWORKS)
def test_a_model_of_the_hub_embeds_as_it_did(name, run, tmp_path, wavs):
    original = hub_pipeline(write_hub_folder(tmp_path / name, name))
    folder = run("speechbrain_folder", model_folder=tmp_path / name)
    heard = Resample(11025, 16000)(wavs)
    encoder = load_encoder(folder, "cpu")
    assert_same_embeddings(encoder, lambda _: original(heard), wavs)


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_model_of_voxceleb_trainer_embeds_as_it_did(name, run, tmp_path, wavs):
    folder, original = adopt_published(run, tmp_path, name)
    heard = Resample(11025, 16000)(wavs)
    encoder = load_encoder(folder, "cpu")
    assert_same_embeddings(encoder, lambda _: original(heard), wavs)


def test_at_its_own_rate_nothing_is_resampled(run, tmp_path, task_folder, wavs):
    prepared = tmp_path / "prepared"
    settings = {"n_valid_speakers": 3, "sample_rate": 16000}
    prepare_pickle(task_folder / "raw_data.pkl", prepared, **settings)
    changes = {"prepared_folder": prepared, "sample_rate": 16000}
    folder, original = adopt_published(run, tmp_path, "lite", **changes)
    assert_same_embeddings(load_encoder(folder, "cpu"), original, wavs)


# It gets what it lacks


def test_cohort_and_calibration_are_the_prepared_segments(adopt_ecapa, prepared):
    folder = adopt_ecapa()
    encoder = load_encoder(folder, "cpu")
    for part, manifest in (("cohort", "train.csv"), ("valid", "valid.csv")):
        segments = SegmentDataset(prepared / manifest, prepared, 11025)
        found = load_embeddings(folder / f"{part}.npz")
        assert found.ids.tolist() == segments.ids
        assert found.spk_ids.tolist() == segments.spk_ids
        expected = encoder.encode_batch(segments.__getitems__([3, 7]).sig).squeeze(1)
        np.testing.assert_allclose(found.matrix[[3, 7]], expected, atol=1e-5)
    digests = (prepared / "segment_digests.txt").read_bytes()
    assert (folder / "segment_digests.txt").read_bytes() == digests


def test_its_classes_are_the_training_speakers_in_the_mean(adopt_ecapa):
    folder = adopt_ecapa()
    encoder, cohort = (
        load_encoder(folder, "cpu"),
        load_embeddings(folder / "cohort.npz"),
    )
    names = encoder.hparams.label_encoder
    assert set(names.lab2ind) == set(cohort.spk_ids)
    someone = cohort.spk_ids[-1]
    unit = cohort.matrix / np.linalg.norm(cohort.matrix, axis=1, keepdims=True)
    mean = unit[cohort.spk_ids == someone].mean(axis=0)
    found = encoder.mods.classifier.weight[names.lab2ind[someone]].numpy()
    cosine = mean @ found / np.linalg.norm(mean) / np.linalg.norm(found)
    assert cosine == pytest.approx(1, abs=1e-4)


def test_what_only_its_makers_know_is_left_open(adopt_ecapa):
    facts = read_facts(adopt_ecapa())
    assert facts["adopted_from"] == ECAPA
    assert (facts["name"], facts["experiment"]) == ("ECAPA_TDNN", "adopted")
    assert facts["n_parameters"] == 5564
    assert facts["train_seconds"] is facts["n_train_speakers"] is None


def test_the_folder_needs_nothing_of_where_it_came_from(adopt_ecapa, tmp_path, wavs):
    folder = adopt_ecapa()
    before = load_encoder(folder, "cpu").encode_batch(wavs)
    shutil.rmtree(tmp_path / ECAPA)
    moved = folder.rename(tmp_path / "moved")
    assert torch.equal(load_encoder(moved, "cpu").encode_batch(wavs), before)


def test_a_test_is_verified_with_it(adopt_ecapa, task_folder, tmp_path, capsys):
    given = {
        "device": "cpu",
        "model": adopt_ecapa(),
        "test_data": task_folder / "test_data.pkl",
        "test_labels": task_folder / "test_labels.npy",
        "output_folder": tmp_path / "tiny",
        "n_bootstrap": 5,
    }
    words = [(f"--{key}", str(value)) for key, value in given.items()]
    verify.main(["hparams/verify.yaml", *sum(words, ())])
    assert "adopted, seed 0, on tiny" in capsys.readouterr().out
    metrics = json.loads((tmp_path / "tiny" / "metrics.json").read_text())
    assert metrics["model"]["adopted_from"] == ECAPA
    assert (tmp_path / "tiny" / "det.png").exists()
    assert not (tmp_path / "tiny" / "training.png").exists()  # there was none here


# What goes wrong


def test_a_killed_adoption_goes_on(adopt_ecapa, tmp_path, monkeypatch):
    embed_all, embedded = embeddings.embed, []

    def embed(encoder, dataset, *rest):
        embedded.append(len(dataset))
        if len(embedded) == 2:
            raise KeyboardInterrupt
        return embed_all(encoder, dataset, *rest)

    monkeypatch.setattr(embeddings, "embed", embed)
    with pytest.raises(KeyboardInterrupt):
        adopt_ecapa()
    assert not (tmp_path / "adopted/0/model").exists()
    adopt_ecapa()
    assert embedded == [42, 18, 18]


def test_weights_of_another_network_are_told_by_their_place(adopt_ecapa, tmp_path):
    before = read_facts(adopt_ecapa())
    weights = tmp_path / ECAPA / "embedding_model.ckpt"
    torch.save({"fc.weight": torch.zeros(2, 2)}, weights)
    with pytest.raises(ValueError, match=f"{ECAPA}: .* of another network") as caught:
        adopt_ecapa()
    assert "\n" not in str(caught.value)
    assert read_facts(tmp_path / "adopted/0/model") == before


def test_a_folder_that_nobody_prepared_is_refused_before_any_work(
    adopt_ecapa, tmp_path
):
    with pytest.raises(OSError, match=r"none: no segment_digests.txt .*pickle_prepare"):
        adopt_ecapa(prepared_folder=tmp_path / "none")
    assert not (tmp_path / "adopted").exists()


def test_a_network_as_it_came_is_no_model_yet_and_told_so(adopt_ecapa, tmp_path):
    write_published(tmp_path / "lite.model", "lite")
    for place in (tmp_path / ECAPA, tmp_path / "lite.model"):
        with pytest.raises((ValueError, OSError), match="python -m recipes.voxceleb.a"):
            verify.main(["hparams/verify.yaml", "--model", str(place)])


def test_an_adopted_model_is_not_combined(adopt_ecapa, untrained_model, tmp_path):
    folders = [untrained_model(0), adopt_ecapa()]
    with pytest.raises(ValueError, match=f"adopted from {ECAPA}; only models trained"):
        combine_models(folders, [1, 1], tmp_path / "both", compact=False)


def test_a_model_that_was_trained_is_not_replaced(adopt_ecapa, tmp_path):
    model = tmp_path / "adopted/0/model"
    model.mkdir(parents=True)
    (model / "training.json").write_text('{"name": "x", "experiment": "x", "seed": 1}')
    with pytest.raises(ValueError, match="a model that was trained here"):
        adopt_ecapa()
    assert [path.name for path in model.iterdir()] == ["training.json"]


@pytest.mark.parametrize("key", ["batch_size", "network_sample_rate"])
def test_numbers_below_one_are_refused_before_any_work(key, adopt_ecapa, tmp_path):
    with pytest.raises(ValueError, match=f"{key} must be at least 1"):
        adopt_ecapa(**{key: 0})
    assert not (tmp_path / "adopted").exists()
