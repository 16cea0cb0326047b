"""The models that ship are small, load in SpeechBrain, and have a card of their own."""

import pytest
import torch
from ruamel.yaml import YAML
from source_tree import ROOT
from speechbrain.inference.classifiers import EncoderClassifier
from speechbrain.inference.speaker import SpeakerRecognition

from local.scoring.cohort import load_cohort
from local.scoring.embeddings import load_embeddings
from local.scoring.model_folder import check_sample_rate, load_encoder, read_facts

MAX_WEIGHTS_BYTES = 25_000_000
MODELS = sorted(ROOT.glob("results/pretrained/*/hyperparams.yaml"))
SUFFIXES = {".ckpt", ".npz", ".yaml", ".json", ".txt", ".md"}
each_model = pytest.mark.parametrize(
    "folder", [path.parent for path in MODELS], ids=lambda folder: folder.name
)


def test_the_model_that_verify_takes_is_there():
    default = YAML().load(ROOT / "hparams/verify.yaml")["model"]
    assert ROOT / default in [path.parent for path in MODELS]


@each_model
def test_the_folder_is_small_and_whole(folder):
    paths = list(folder.iterdir())
    weights = (path.stat().st_size for path in paths if path.suffix == ".ckpt")
    assert sum(weights) <= MAX_WEIGHTS_BYTES
    assert {path.suffix for path in paths} <= SUFFIXES
    check_sample_rate(folder, 11025)
    cohort, valid = (
        load_cohort(folder, "speaker"),
        load_embeddings(folder / "valid.npz"),
    )
    assert len(cohort) == read_facts(folder)["n_train_speakers"]
    assert valid.matrix.shape[1] == cohort.shape[1]


@each_model
def test_speechbrain_gives_our_embedding(folder):
    wavs = torch.randn(2, 11025, generator=torch.Generator().manual_seed(0)) / 10
    ours = load_encoder(folder, "cpu").encode_batch(wavs)
    for interface in (EncoderClassifier, SpeakerRecognition):
        theirs = interface.from_hparams(
            source=str(folder), savedir=str(folder), run_opts={"device": "cpu"}
        )
        torch.testing.assert_close(theirs.encode_batch(wavs), ours)


@each_model
def test_the_card_is_of_this_model(folder):
    card = (folder / "README.md").read_text(encoding="utf-8")
    facts = read_facts(folder)
    assert f"{facts['n_parameters']:,} trained parameters" in card
    assert f'folder = "{folder.relative_to(ROOT).as_posix()}"' in card
