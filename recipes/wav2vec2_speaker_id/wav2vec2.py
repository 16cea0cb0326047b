"""wav2vec 2.0 base by torchaudio, without fine-tuning, as a front-end for speech.

Baevski et al. (2020). wav2vec 2.0: a framework for self-supervised learning of speech
representations. NeurIPS. Its shape is part of the weights, so it stands here and not
in a YAML.
"""

import torch
from torchaudio.models import wav2vec2_model

from recipes.wav2vec2_speaker_id.hidden_states import SAMPLE_RATE, HiddenStates
from recipes.wav2vec2_speaker_id.weights import read_weights

# As of torchaudio.models.wav2vec2_base, which cannot be made smaller; no dropout, for
# nothing is trained here.
BASE = {
    "extractor_mode": "group_norm",
    "extractor_conv_layer_config": [(512, 10, 5)]
    + [(512, 3, 2)] * 4
    + [(512, 2, 2)] * 2,
    "extractor_conv_bias": False,
    "encoder_embed_dim": 768,
    "encoder_projection_dropout": 0.0,
    "encoder_pos_conv_kernel": 128,
    "encoder_pos_conv_groups": 16,
    "encoder_num_layers": 12,
    "encoder_num_heads": 12,
    "encoder_attention_dropout": 0.0,
    "encoder_ff_interm_features": 3072,
    "encoder_ff_interm_dropout": 0.0,
    "encoder_dropout": 0.0,
    "encoder_layer_norm_first": False,
    "encoder_layer_drop": 0.0,
    "aux_num_out": None,
}


class Wav2Vec2(HiddenStates):
    """Hidden states of wav2vec 2.0 base: 99 frames of 768 numbers of 2 seconds.

    The wave goes in as it is: this model was trained without normalising it, and its
    first layer normalises each channel over time.

    Parameters
    ----------
    weights : str or Path
        As in `read_weights`.
    sample_rate, pooling, layers, dtype
        As in `HiddenStates`.
    **shape
        What differs from `BASE`, for tests.

    Examples
    --------
    >>> with torch.device("meta"):
    ...     network = build_network()
    >>> sum(weights.numel() for weights in network.parameters())
    94370944
    """

    def __init__(
        self,
        weights,
        sample_rate=SAMPLE_RATE,
        pooling="mean_std",
        layers="all",
        dtype="float16",
        **shape,
    ):
        with torch.device("meta"):  # no memory and no time for what is read below
            network = build_network(**shape)
        n_layers = len(network.encoder.transformer.layers)
        super().__init__(n_layers, sample_rate, pooling, layers, dtype)
        network.load_state_dict(read_weights(weights, network), assign=True)
        self.network = network.eval().requires_grad_(False)

    def states(self, wavs):
        """Yield the layers from 0 on, each (batch, frames, dims)."""
        state, _ = self.network.feature_extractor(wavs, None)
        state = self.network.encoder.feature_projection(state)
        transformer = self.network.encoder.transformer
        # torchaudio does the same, but does not hand this one out.
        state = transformer.layer_norm(state + transformer.pos_conv_embed(state))
        yield state
        for layer in transformer.layers:
            state, _ = layer(state)
            yield state


def build_network(**shape):
    """Return a wav2vec 2.0 of torchaudio, base but for the shape given."""
    return wav2vec2_model(**BASE | shape)
