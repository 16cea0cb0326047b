"""The script looks at the chunks of a prepared corpus, draws, writes and tells."""

import json

import pytest

from recipes.wav2vec2_speaker_id.explore import main

YAML = """
seed: 3
librispeech_folder: none
prepared_folder: none
output_folder: none
prepare_data: !name:data_prep.librispeech_chunks.prepare_librispeech_chunks
    librispeech_folder: !ref <librispeech_folder>
    prepared_folder: !ref <prepared_folder>
    subsets: [train-clean-100, dev-clean]
    readers: any
    chunk_seconds: 1.0
sample_rate: 16000
representations:
    mfcc: !new:made_up_features.Layers
        sample_rate: !ref <sample_rate>
feature_batch_size: 16
explore: !new:recipes.wav2vec2_speaker_id.exploration.Exploration
    feats: mfcc
    layer: 1
    max_chunks: 1000
    n_components: 20
    methods: [kmeans, ward]
    n_starts: 2
    maps: [pca, tsne]
    n_map_speakers: 4
    n_bootstrap: 20
    confidence: 0.95
    seed: !ref <seed>
"""
LAYERS = '''
import torch
from local.input.representations import Mfcc


class Layers(torch.nn.Module):
    """Noise and the mean MFCCs of a chunk, as two layers."""

    dtype = "float32"

    def __init__(self, sample_rate):
        super().__init__()
        self.sample_rate = sample_rate
        self.mfcc = Mfcc(sample_rate=sample_rate)

    def forward(self, wavs):
        feats = self.mfcc(wavs).mean(dim=2)
        return torch.stack([torch.zeros_like(feats), feats], dim=1)
'''


@pytest.fixture
def command(tmp_path, monkeypatch, librispeech_folder):
    """Return a command line on made-up readers, and the folder it writes to."""
    (tmp_path / "made_up_features.py").write_text(LAYERS)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "x.yaml").write_text(YAML)
    output = tmp_path / "results" / "speaker_id_layers" / "3"
    options = {
        "librispeech_folder": librispeech_folder,
        "prepared_folder": tmp_path / "chunks",
        "output_folder": output,
    }
    given = [f"--{key}={value}" for key, value in options.items()]
    return [str(tmp_path / "x.yaml"), *given], output


def test_figures_and_pictures_are_written_and_told(command, drawn, capsys):
    arguments, output = command
    main(arguments)
    figures = json.loads((output / "exploration.json").read_text())
    assert (figures["run"], figures["seed"]) == ("layers", 3)
    assert (figures["feats"], figures["layer"]) == ("mfcc", 1)
    assert (figures["n_speakers"], figures["n_utterances"]) == (16, 20)
    assert figures["n_dims"] == 32
    assert figures["n_components"] == 20
    assert figures["clusters"]["ward"]["ari"]["mean"] > 0.5
    assert {path.stem for path in output.glob("*.png")} == {
        "map_pca",
        "map_pca_all",
        "map_tsne",
        "map_tsne_all",
        "clusters_kmeans",
        "clusters_ward",
    }
    told = capsys.readouterr().out
    assert f"{figures['n_chunks']} chunks of 16 speakers, 20 utterances" in told
    assert f"{figures['clusters']['ward']['ari']['mean']:.2f}" in told
    assert "shuffled speakers" in told
    everyone, _, some, _ = (figure.axes[0].collections for figure in drawn[:4])
    assert (len(some), len(everyone)) == (4, 16)
    points = sum(len(speaker.get_offsets()) for speaker in everyone)
    assert points == figures["n_chunks"]


def test_the_layer_is_chosen_on_the_command_line(command, drawn):
    arguments, _ = command
    with pytest.raises(ValueError, match="layer is 5.*expected 0 to 1"):
        main([*arguments, "--explore={layer: 5}"])
    with pytest.raises(ValueError, match="chunks have the same features"):
        main([*arguments, "--explore={layer: 0}"])  # of zeros
