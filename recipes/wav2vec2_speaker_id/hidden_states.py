"""What the layers of a wav2vec 2.0 make of a chunk, whichever library runs it.

Layer 0 is what enters the transformer: the output of the convolutions, normalised,
projected, added to its positional convolution and normalised again. Layer n is what
the n-th block of the transformer gives. These are the ``hidden_states`` of Hugging
Face's models, and from 1 on the features that torchaudio's extract.
"""

import torch

from recipes.wav2vec2_speaker_id.pooling import POOLINGS, pool

SAMPLE_RATE = 16000  # of all that wav2vec 2.0 was trained on
SHORTEST = 400  # samples that its convolutions take for one frame
DTYPES = ("float16", "float32")


class HiddenStates(torch.nn.Module):
    """Layers of a wav2vec 2.0, pooled over time or as they are.

    A class of this kind has a method ``states``: of wavs (batch, samples) it returns an
    iterable of the layers from 0 on, each (batch, frames, dims). Chunks are of one
    length, so nothing is padded and nothing masked.

    Parameters
    ----------
    n_layers : int
        Blocks of the transformer.
    sample_rate : int
        Hz: 16000.
    pooling : {"mean", "std", "mean_std", "none"}
        As in `pool`; "none" leaves the frames of a single layer.
    layers : "all" or list of int
        Which, 0..n_layers, in the order wanted. What lies beyond the last of them is
        not computed where that can be helped.
    dtype : {"float16", "float32"}
        In which the features are kept; they are computed in float32.

    Raises
    ------
    ValueError
        If one of these is something else.
    """

    def __init__(self, n_layers, sample_rate, pooling, layers, dtype):
        super().__init__()
        if sample_rate != SAMPLE_RATE:
            raise ValueError(f"wav2vec 2.0 hears {SAMPLE_RATE} Hz, got {sample_rate}")
        if pooling not in (*POOLINGS, "none"):
            expected = (*POOLINGS, "none")
            raise ValueError(f"pooling: expected one of {expected}, got {pooling!r}")
        if dtype not in DTYPES:
            raise ValueError(f"dtype: expected one of {DTYPES}, got {dtype!r}")
        self.sample_rate = sample_rate
        self.pooling = pooling
        self.layers = choose_layers(layers, n_layers)
        self.dtype = dtype
        if pooling == "none" and len(self.layers) != 1:
            raise ValueError(
                f"pooling none takes one layer, got {len(self.layers)}; give"
                f" layers: [{n_layers}]"
            )

    def forward(self, wavs):
        """Return features of wavs (batch, samples).

        Of a pooling (batch, layers, dims); without one (batch, dims, frames).

        Raises
        ------
        ValueError
            If the wavs are shorter than a frame.
        """
        if wavs.shape[1] < SHORTEST:
            raise ValueError(
                f"chunks of {wavs.shape[1] / SAMPLE_RATE:g} s, wav2vec 2.0 hears"
                f" {SHORTEST / SAMPLE_RATE:g} s or more; make them longer"
            )
        wanted = {}
        # The range comes first: once it ends, no further layer is computed.
        for layer, state in zip(
            range(max(self.layers) + 1), self.states(wavs), strict=False
        ):
            if layer in self.layers:
                frames = state.transpose(1, 2)  # (batch, dims, frames)
                raw = self.pooling == "none"
                wanted[layer] = frames if raw else pool(frames, self.pooling)
        if self.pooling == "none":
            feats = wanted[self.layers[0]]
        else:
            feats = torch.stack([wanted[layer] for layer in self.layers], dim=1)
        return feats.to(getattr(torch, self.dtype))


def choose_layers(layers, n_layers):
    """Return the numbers of the layers wanted.

    Raises
    ------
    ValueError
        If there are none, or others than 0..n_layers.

    Examples
    --------
    >>> choose_layers("all", 2)
    [0, 1, 2]
    """
    known = range(n_layers + 1)
    if layers == "all":
        return list(known)
    are_listed = isinstance(layers, list | tuple) and len(layers) > 0
    if not are_listed or not all(layer in known for layer in layers):
        raise ValueError(
            f"layers: expected all or a list of numbers in 0..{n_layers}, got {layers}"
        )
    return list(layers)
