"""A wav2vec 2.0 of two layers of eight units, with weights drawn by seed."""

import torch

from recipes.wav2vec2_speaker_id.wav2vec2 import Wav2Vec2, build_network

CONVOLUTIONS = [(8, 10, 5)] + [(8, 3, 2)] * 4 + [(8, 2, 2)] * 2
TINY = {
    "extractor_conv_layer_config": CONVOLUTIONS,
    "encoder_embed_dim": 8,
    "encoder_pos_conv_kernel": 16,
    "encoder_pos_conv_groups": 2,
    "encoder_num_layers": 2,
    "encoder_num_heads": 2,
    "encoder_ff_interm_features": 16,
}


def tiny_network():
    """Return a network of torchaudio."""
    with torch.random.fork_rng():
        torch.manual_seed(2)
        return scatter(build_network(**TINY)).eval()


def scatter(network):
    """Draw weights far enough from their start that every one of them is heard."""
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for weights in network.parameters():
            weights += 0.3 * torch.randn(weights.shape, generator=generator)
    return network


def tiny(weights, **settings):
    """Return the representation, in float32 unless told otherwise."""
    return Wav2Vec2(weights, **{"dtype": "float32"} | settings | TINY)


def noise(batch=2, n_samples=32000):
    """Return waves of two seconds."""
    generator = torch.Generator().manual_seed(0)
    return 0.1 * torch.randn((batch, n_samples), generator=generator)
