"""Tests of local.output.combine."""

import json

import numpy as np
import pytest
import soundfile
import torch
from speechbrain.inference.classifiers import EncoderClassifier
from speechbrain.inference.speaker import SpeakerRecognition

from local.models.combination import join
from local.output.combine import combine_models, save_weights
from local.scoring.cohort import load_cohort
from local.scoring.embeddings import load_embeddings
from local.scoring.model_folder import load_encoder, read_facts
from local.scoring.similarity import cosine_scores

WEIGHTS = [3.0, 1.0]


@pytest.fixture
def members(untrained_model):
    """Return two models of the same training segments."""
    folders = [untrained_model(seed) for seed in (0, 1)]
    (folders[1] / "segment_digests.txt").write_text("of the second", encoding="utf-8")
    return folders


@pytest.fixture
def combine(members, tmp_path):
    """Return a function that combines the two models."""

    def make(compact=False, weights=WEIGHTS):
        return combine_models(members, weights, tmp_path / "both" / "1", compact)

    return make


@pytest.fixture
def wavs():
    return torch.randn(4, 11025, generator=torch.Generator().manual_seed(0))


def encode(folder, wavs):
    return load_encoder(folder, "cpu").encode_batch(wavs)


def rewrite(folder, name, **changes):
    part = load_embeddings(folder / name)
    np.savez(folder / name, **part._replace(**changes)._asdict())


def test_its_embeddings_are_the_members_side_by_side(combine, members, wavs):
    expected = join([encode(folder, wavs) for folder in members], [0.75, 0.25])
    torch.testing.assert_close(encode(combine(), wavs), expected)


def test_cohort_and_valid_are_the_members_side_by_side(combine, members):
    folder = combine()
    for name in ("cohort.npz", "valid.npz"):
        parts = [load_embeddings(member / name) for member in members]
        found = load_embeddings(folder / name)
        assert np.array_equal(found.ids, parts[0].ids)
        assert np.array_equal(found.spk_ids, parts[0].spk_ids)
        first, second = (cosine_scores(part.matrix) for part in parts)
        expected = 0.75 * first + 0.25 * second
        np.testing.assert_allclose(cosine_scores(found.matrix), expected, atol=1e-5)


@pytest.mark.parametrize("interface", [EncoderClassifier, SpeakerRecognition])
def test_speechbrains_interfaces_give_the_same_embedding(combine, wavs, interface):
    folder = str(combine(compact=True))
    theirs = interface.from_hparams(source=folder, savedir=folder)
    assert torch.equal(theirs.encode_batch(wavs), encode(folder, wavs))


def test_speechbrain_verifies_by_our_cosine(combine, wavs):
    folder = str(combine())
    theirs = SpeakerRecognition.from_hparams(source=folder, savedir=folder)
    scores, _ = theirs.verify_batch(wavs[:2], wavs[2:])
    ours = cosine_scores(encode(folder, wavs).squeeze(1).numpy())
    np.testing.assert_allclose(scores.squeeze(1), np.diag(ours[:2, 2:]), atol=1e-6)


def test_speechbrain_resamples_files_to_the_rate_of_the_model(combine, wavs, tmp_path):
    folder = str(combine())
    theirs = SpeakerRecognition.from_hparams(source=folder, savedir=folder)
    paths = [str(tmp_path / name) for name in ("slow.wav", "fast.wav")]
    slow = np.convolve(wavs[0], np.ones(8) / 8)  # little lies near half the rate
    fast = np.interp(np.arange(0, 11024, 0.5), np.arange(11025), slow[:11025])
    soundfile.write(paths[0], slow[:11025], 11025, subtype="FLOAT")
    soundfile.write(paths[1], fast, 22050, subtype="FLOAT")
    assert theirs.load_audio(paths[1]).shape[0] == pytest.approx(11025, abs=2)
    score, _ = theirs.verify_files(*paths)
    assert score > 0.99


def test_the_classifier_names_the_speakers_of_the_cohort(combine):
    folder = combine()
    encoder = load_encoder(folder, "cpu")
    cohort = load_embeddings(folder / "cohort.npz")
    logits = encoder.mods.classifier(torch.from_numpy(cohort.matrix).unsqueeze(1))
    named = encoder.hparams.label_encoder.decode_torch(logits.squeeze(1).argmax(dim=1))
    assert named == cohort.spk_ids.tolist()


def test_a_compact_model_is_small_and_embeds_nearly_the_same(combine, wavs):
    folder = combine()
    embeddings, speakers = encode(folder, wavs), load_cohort(folder, "speaker")
    assert combine(compact=True) == folder
    torch.testing.assert_close(encode(folder, wavs), embeddings, atol=2e-3, rtol=0)
    kept = cosine_scores(load_cohort(folder, "speaker"), speakers)
    np.testing.assert_allclose(np.diag(kept), 1, atol=1e-6)
    with np.load(folder / "cohort.npz") as cohort, np.load(folder / "valid.npz") as v:
        assert cohort["matrix"].shape == (3, 12)
        assert cohort["matrix"].dtype == v["matrix"].dtype == np.float16


def test_compact_weights_halve_matrices_and_spare_vectors(tmp_path):
    """The variance of a quiet channel would vanish in 16 bits."""
    state = {
        "matrix": torch.full((2, 2), 0.1),
        "running_var": torch.tensor([1e-9]),
        "num_batches_tracked": torch.tensor(70000),
    }
    save_weights(state, tmp_path / "x.ckpt", compact=True)
    found = torch.load(tmp_path / "x.ckpt", weights_only=True)
    assert found["matrix"].dtype == torch.float16
    assert torch.equal(found["running_var"], state["running_var"])
    assert found["num_batches_tracked"] == 70000


def test_the_folder_stands_alone(combine, members, wavs):
    folder = combine()
    expected = encode(folder, wavs)
    for member in members:
        member.rename(member.with_name("gone"))
    assert torch.equal(encode(folder, wavs), expected)
    assert (folder / "segment_digests.txt").read_text() == "of the first"


def test_its_facts_are_those_of_its_members(combine):
    facts = read_facts(combine())
    assert facts["name"] == "StatisticsEncoder + StatisticsEncoder"
    assert facts["experiment"] == "both"
    assert facts["n_parameters"] == 2000
    assert facts["train_seconds"] == 120
    assert facts["train_clips_per_second"] == 100
    assert facts["device"] == "a CPU"
    assert [member["weight"] for member in facts["members"]] == [0.75, 0.25]
    assert [m["experiment"] for m in facts["members"]] == ["untrained-0", "untrained-1"]


# What does not go together


@pytest.mark.parametrize("name", ["cohort.npz", "valid.npz"])
@pytest.mark.parametrize("field", ["ids", "spk_ids"])
def test_models_of_other_segments_are_refused(combine, members, name, field):
    rewrite(members[1], name, **{field: np.array([f"x{n}" for n in range(12)])})
    with pytest.raises(ValueError, match=f"{name} has other segments than .*{name}"):
        combine()


def test_models_of_another_sample_rate_are_refused(combine, members):
    path = members[1] / "hyperparams.yaml"
    path.write_text(path.read_text().replace("11025", "8000"), encoding="utf-8")
    with pytest.raises(ValueError, match="trained at 8000 Hz"):
        combine()


def test_normalisation_by_the_segment_is_refused(combine, members):
    path = members[0] / "hyperparams.yaml"
    path.write_text(path.read_text().replace("global", "sentence"), encoding="utf-8")
    with pytest.raises(ValueError, match="only models with global normalisation"):
        combine()


@pytest.mark.parametrize("weights", [[1.0], [1.0, 0.0], [1.0, 1.0, 1.0]])
def test_weights_that_do_not_fit_are_refused(combine, weights):
    with pytest.raises(ValueError, match="as many weights above 0"):
        combine(weights=weights)


def test_one_folder_without_brackets_is_refused(tmp_path):
    with pytest.raises(ValueError, match="folders and weights must be lists, got 'x'"):
        combine_models("x", [1.0], tmp_path, compact=False)


def test_a_failed_combination_leaves_the_earlier_one(combine, members):
    facts = json.loads((combine() / "training.json").read_text())
    (members[1] / "label_encoder.ckpt").unlink()
    with pytest.raises(ValueError, match="not a model that loads"):
        combine(weights=[1.0, 9.0])
    folder = members[0].parents[1] / "both" / "1" / "model"
    assert json.loads((folder / "training.json").read_text()) == facts
