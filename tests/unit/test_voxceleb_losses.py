"""What recipes/voxceleb/hparams/losses.yaml trains: eight losses, by name."""

import json
import math

import numpy as np
import pytest
import torch
from hyperpyyaml import load_hyperpyyaml, resolve_references
from ruamel.yaml import YAML

from local.output.plots import read_training_log
from local.scoring.model_folder import load_encoder
from recipes.suite.plan import read_suite
from train_speaker_embeddings import SpeakerBrain, main

PATH = "recipes/voxceleb/hparams/losses.yaml"
EMB_DIM, N_CLASSES = 5, 6
SPK = torch.tensor([4, 0, 2, 4])  # a speaker may be there twice
# What losses.yaml may have otherwise than study.yaml beside it.
OWN = {
    *("output_folder", "save_folder", "train_logger", "tensorboard_logger"),
    *("n_per_speaker", "sampler", "speed_speakers", "embedding_model", "loss_name"),
    *("objectives", "objective", "classifier", "loss", "margin_schedule", "modules"),
    "checkpointer",
}


def settings(path):
    """Return a YAML with its references resolved."""
    with open(path, encoding="utf-8") as stream:
        return YAML().load(resolve_references(stream))


NAMES = list(settings(PATH)["objectives"])
ALL = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(scope="module")
def objectives(tmp_path_factory):
    """Return loss, classifier and margin of every name."""
    folder = str(tmp_path_factory.mktemp("objectives"))
    with open(PATH, encoding="utf-8") as stream:
        changes = {"emb_dim": EMB_DIM, "output_folder": folder}
        return load_hyperpyyaml(stream, changes)["objectives"]


def cosine(left, right):
    def dot(x, y):
        return sum(a * b for a, b in zip(x, y, strict=True))

    return dot(left, right) / (dot(left, left) * dot(right, right)).sqrt()


def slow_softmax(classifier, embedding, spk, is_own):
    weight, bias = classifier.weight[spk], classifier.bias[spk]
    return sum(w * e for w, e in zip(weight, embedding, strict=True)) + bias


def slow_am(classifier, embedding, spk, is_own):
    margin = 0.3 if is_own else 0
    return 30 * (cosine(embedding, classifier.weight[spk]) - margin)


def slow_aam(classifier, embedding, spk, is_own):
    found = cosine(embedding, classifier.weight[spk])
    if not is_own:
        return 30 * found
    angle = found.acos()
    if angle + 0.2 > math.pi:  # beyond it the cosine rises again
        return 30 * (found - 0.2 * math.sin(0.2))
    return 30 * (angle + 0.2).cos()


def slow_loss(logit, classifier, embeddings):
    """Return minus the mean log of the share that the own class has of all."""
    terms = []
    for (embedding,), own in zip(embeddings, SPK.tolist(), strict=True):
        logits = [logit(classifier, embedding, s, s == own) for s in range(N_CLASSES)]
        logits = torch.stack(logits)
        terms.append(logits.logsumexp(0) - logits[own])
    return sum(terms) / len(terms)


SLOW = {"softmax": slow_softmax, "am": slow_am, "aam": slow_aam}


@pytest.mark.parametrize("name", SLOW)
def test_losses_of_classes_and_gradients_are_those_of_the_formula(name, objectives):
    torch.manual_seed(0)
    loss, objective = objectives[name]["loss"], objectives[name]
    classifier = objective["classifier"](out_neurons=N_CLASSES)
    loss.set_margin(objective["margin"])
    embeddings = torch.randn(4, 1, EMB_DIM, requires_grad=True)
    with torch.no_grad():  # nearly against its class: the far end of the margin
        embeddings[1, 0] = -classifier.weight[SPK[1]] + 0.01
    leaves = [embeddings, *classifier.parameters()]
    found = loss(classifier(embeddings), SPK.unsqueeze(1))
    expected = slow_loss(SLOW[name], classifier, embeddings)
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(
        torch.autograd.grad(found, leaves),
        torch.autograd.grad(expected, leaves),
        rtol=1e-3,
        atol=1e-4,
    )


@ALL
def test_training_teaches_any_loss_the_voices(name, objectives):
    torch.manual_seed(0)
    objective = objectives[name]
    loss, classifier = objective["loss"], objective["classifier"](out_neurons=N_CLASSES)
    loss.set_margin(objective["margin"])
    spk = torch.arange(N_CLASSES).repeat_interleave(2).unsqueeze(1)
    embeddings = torch.randn(len(spk), 1, EMB_DIM, requires_grad=True)
    leaves = [embeddings, *classifier.parameters(), *loss.parameters()]
    optimizer = torch.optim.Adam(leaves, lr=0.05)
    first = loss(classifier(embeddings), spk).item()
    for _ in range(150):
        optimizer.zero_grad()
        value = loss(classifier(embeddings), spk)
        value.backward()
        optimizer.step()
    assert value.item() < first / 2


def test_all_but_the_losses_is_that_of_the_study():
    ours, study = (settings(p) for p in (PATH, PATH.replace("losses", "study")))
    for content in (ours, study):
        for key in OWN:
            content.pop(key, None)
    assert ours == study


def test_the_suite_trains_every_loss_of_the_yaml():
    _, runs = read_suite("recipes/voxceleb/losses_suite.yaml")
    assert [run.name for run in runs] == NAMES
    for run in runs:
        assert run.yaml == PATH
        assert run.overrides == {"loss_name": run.name}


def train(task_folder, folder, name, **changes):
    """Train on the miniature task; return the output folder."""
    options = {
        "data_pickle": task_folder / "raw_data.pkl",
        "whole_folder": folder.parent / "prepared",
        "output_folder": folder,
        "loss_name": name,
        **{"n_valid_speakers": 3, "batch_size": 8, "n_epochs": 1, "emb_dim": 8},
        **{"gallery_speakers": 3, "gallery_segments": 6, "n_galleries": 2},
        "embedding_model": json.dumps({"width": 4}),
        "device": "cpu",
        **changes,
    }
    words = [w for key, value in options.items() for w in (f"--{key}", str(value))]
    main([PATH, *words, "--noprogressbar"])
    return folder


@ALL
def test_every_loss_trains_and_leaves_a_model_without_it(name, task_folder, tmp_path):
    folder = train(task_folder, tmp_path / "run", name)
    (row,) = read_training_log(folder / "train_log.txt")
    assert math.isfinite(row["train loss"])
    encoder = load_encoder(folder)
    assert encoder.encode_batch(torch.randn(2, 11025)).shape == (2, 1, 8)
    text = (folder / "model" / "hyperparams.yaml").read_text(encoding="utf-8")
    assert "loss:" not in text
    assert "out_neurons: 21" in text  # 7 speakers at three speeds
    assert not (folder / "model" / "loss.ckpt").exists()


def test_another_name_is_refused_in_one_line(task_folder, tmp_path):
    with pytest.raises(ValueError, match=f"'gee' is none of {', '.join(NAMES)};"):
        train(task_folder, tmp_path / "run", "gee")


def test_shards_are_refused(task_folder, tmp_path):
    with pytest.raises(ValueError, match="a share of the speakers has no shards"):
        train(task_folder, tmp_path / "run", "ge2e", shards=2)


def last_weights_of_loss(folder):
    """Return those in the last checkpoint; names do not tell the order in a second."""
    files = folder.glob("save/CKPT*/loss.ckpt")
    return torch.load(max(files, key=lambda path: path.stat().st_mtime_ns))


def test_a_killed_training_of_a_learnt_scale_ends_as_an_uninterrupted(
    task_folder, tmp_path, monkeypatch
):
    whole = train(task_folder, tmp_path / "whole", "ge2e", n_epochs=3)

    class Killed(Exception):
        pass

    def killed(brain, stage, epoch=None, begin=SpeakerBrain.on_stage_start):
        if epoch == 3:
            raise Killed
        begin(brain, stage, epoch)

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(SpeakerBrain, "on_stage_start", killed)
        train(task_folder, tmp_path / "killed", "ge2e", n_epochs=3)
    resumed = train(task_folder, tmp_path / "killed", "ge2e", n_epochs=3)
    weights = last_weights_of_loss(whole)
    assert last_weights_of_loss(resumed) == weights
    assert weights["logits.scale"] != 10  # it was trained
    with (
        np.load(whole / "model/valid.npz") as one,
        np.load(resumed / "model/valid.npz") as other,
    ):
        assert np.array_equal(one["matrix"], other["matrix"])


@pytest.mark.parametrize("repeat", [False, True])
def test_speakers_of_one_segment_are_left_out_or_repeated(repeat, tmp_path):
    changes = {"batch_size": 4, "emb_dim": EMB_DIM, "output_folder": str(tmp_path)}
    changes["sampler"] = {"repeat_segments": repeat}
    with open(PATH, encoding="utf-8") as stream:
        hparams = load_hyperpyyaml(stream, changes)
    spk = torch.tensor([0, 1, 1, 2, 2, 3, 3])
    heard = []
    for batch in hparams["sampler"](spk):
        embeddings = torch.randn(len(spk), 1, EMB_DIM)[batch]
        assert hparams["loss"](embeddings, spk[batch].unsqueeze(1)).isfinite()
        heard += batch
    # Four speakers fill two batches of two, three fill one.
    assert len(heard) == (8 if repeat else 4)
    assert heard.count(0) == (2 if repeat else 0)
