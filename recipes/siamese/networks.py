"""Convolutional encoders of waveforms, MFCC and other images, as Keras builds them.

Keras' batch normalisation and initial weights differ from torch's; the original runs
used Keras. SpeechBrain's convolutions keep channels last and its CRDNN normalises
differently, so the layers here are torch's, but for the LSTM.
"""

import warnings

import torch
from speechbrain.nnet.RNN import LSTM
from torch.nn.modules.conv import _ConvNd

KERAS_BATCH_NORM = {"momentum": 0.01, "eps": 1e-3}
# An even kernel needs one more zero after a waveform than before it, as Keras has it.
warnings.filterwarnings("ignore", message="Using padding='same' with even kernel")

TRUNCATED_STD = 0.87962566103423978  # of a unit normal cut at two deviations


def he_normal_(tensor, fan_in):
    """Fill a tensor as Keras' ``he_normal``, whose normal is cut at two deviations."""
    std = (2 / fan_in) ** 0.5 / TRUNCATED_STD
    return torch.nn.init.trunc_normal_(tensor, std=std, a=-2 * std, b=2 * std)


def initialize_as_keras(module, init):
    """Fill the weights of all convolutions and dense layers in place.

    Parameters
    ----------
    module : torch.nn.Module
        Searched for layers.
    init : str
        ``"glorot"``: uniform weights, biases zero. ``"he"``: weights and biases normal,
        of a bias the fan being its length.

    Raises
    ------
    ValueError
        If ``init`` is neither.
    """
    if init not in ("glorot", "he"):
        raise ValueError(f"init must be 'glorot' or 'he', not {init!r}")
    for layer in module.modules():
        if not isinstance(layer, _ConvNd | torch.nn.Linear):
            continue
        if init == "glorot":
            torch.nn.init.xavier_uniform_(layer.weight)
            torch.nn.init.zeros_(layer.bias)
        else:
            he_normal_(layer.weight, fan_in=layer.weight[0].numel())
            he_normal_(layer.bias, fan_in=len(layer.bias))


def conv_blocks(n_dims, filters, first_kernel_size, spatial_dropout):
    """Stack blocks of two convolutions, each with ReLU before its normalisation.

    Parameters
    ----------
    n_dims : int
        1 for waveforms, 2 for images.
    filters : list of int
        Filters of each block, after which every axis is half as long.
    first_kernel_size : int
        Of both convolutions of the first block; of all others it is 3.
    spatial_dropout : float
        Share of whole channels dropped after each block.

    Returns
    -------
    blocks : torch.nn.Sequential
        From (batch, 1, h, w) to (batch, filters[-1], ...); a waveform has h = 1.

    Raises
    ------
    ValueError
        If there are no filters.
    """
    if not filters:
        raise ValueError("filters is [], expected a number for each block, 1 or more")

    def shape(size):
        return (1 if n_dims == 1 else size, size)

    layers, n_in = [], 1
    for place, n_out in enumerate(filters):
        kernel_size = 3 if place else first_kernel_size
        for n_before in (n_in, n_out):
            layers += [
                torch.nn.Conv2d(n_before, n_out, shape(kernel_size), padding="same"),
                torch.nn.ReLU(inplace=True),
                torch.nn.BatchNorm2d(n_out, **KERAS_BATCH_NORM),
            ]
        layers += [torch.nn.MaxPool2d(shape(2)), torch.nn.Dropout2d(spatial_dropout)]
        n_in = n_out
    # On a CPU, layers of images with channels last take two thirds of the time.
    return torch.nn.Sequential(*layers).to(memory_format=torch.channels_last)


def as_images(feats):
    """Return (batch, 1, h, w) of images (batch, h, w) or waveforms (batch, w)."""
    return feats.reshape(len(feats), 1, -1, feats.shape[-1])


def embedding_layers(n_in, hidden, emb_dim, dropout):
    """Stack dense ReLU layers of the widths ``hidden`` and a sigmoid one of emb_dim."""
    layers = []
    for width in hidden:
        layers += [torch.nn.Linear(n_in, width), torch.nn.ReLU()]
        n_in = width
    last = (torch.nn.Linear(n_in, emb_dim), torch.nn.Sigmoid())
    return torch.nn.Sequential(*layers, *last, torch.nn.Dropout(dropout))


class ConvEncoder(torch.nn.Module):
    """Convolutional blocks, the greatest value of each channel, and a dense layer.

    Parameters
    ----------
    n_dims : int
        1 for waveforms, 2 for images.
    filters : list of int
        Of each block.
    emb_dim : int
        Size of the embedding, each number of which is between 0 and 1.
    spatial_dropout, dropout : float
        Share of channels dropped after a block, and of the embedding.
    init : str
        ``"glorot"`` or ``"he"``, see `initialize_as_keras`.
    first_kernel_size : int
        Of the first block.
    hidden : list of int
        Widths of dense layers before the embedding.

    Examples
    --------
    >>> options = {"spatial_dropout": 0.2, "dropout": 0.2, "init": "glorot"}
    >>> mfcc = ConvEncoder(2, filters=[4, 8], emb_dim=16, **options)
    >>> mfcc(torch.rand(3, 32, 94)).shape
    torch.Size([3, 16])
    >>> wave = ConvEncoder(1, [4, 8], 16, **options, first_kernel_size=32)
    >>> wave(torch.rand(3, 1000)).shape
    torch.Size([3, 16])
    """

    def __init__(
        self,
        n_dims,
        filters,
        emb_dim,
        spatial_dropout,
        dropout,
        init,
        first_kernel_size=3,
        hidden=(),
    ):
        super().__init__()
        self.blocks = conv_blocks(n_dims, filters, first_kernel_size, spatial_dropout)
        self.embed = embedding_layers(filters[-1], hidden, emb_dim, dropout)
        initialize_as_keras(self, init)

    def forward(self, feats):
        """Return embeddings (batch, emb_dim) of feats (batch, samples or h, w)."""
        maps = self.blocks(as_images(feats))
        return self.embed(maps.amax(dim=(2, 3)))


class ConvLstmEncoder(torch.nn.Module):
    """The same blocks, read by an LSTM, whose greatest outputs over time are embedded.

    Parameters
    ----------
    n_dims : int
        1 for waveforms, 2 for images.
    n_bands : int
        Length of the axis of an image that is not time; 1 for waveforms.
    filters : list of int
        Of each block.
    n_units : int
        Of the LSTM.
    emb_dim : int
        Size of the embedding, each number of which is between 0 and 1.
    spatial_dropout, dropout : float
        Share of channels dropped after a block, and of the embedding.
    init : str
        ``"glorot"`` or ``"he"``, see `initialize_as_keras`.
    first_kernel_size : int
        Of the first block.
    time_axis : int
        Axis of feats that is time.

    Examples
    --------
    >>> options = {"spatial_dropout": 0.2, "dropout": 0.2, "init": "glorot"}
    >>> model = ConvLstmEncoder(2, 32, [4, 8], n_units=10, emb_dim=16, **options)
    >>> model(torch.rand(3, 32, 94)).shape
    torch.Size([3, 16])
    """

    def __init__(
        self,
        n_dims,
        n_bands,
        filters,
        n_units,
        emb_dim,
        spatial_dropout,
        dropout,
        init,
        first_kernel_size=3,
        time_axis=-1,
    ):
        super().__init__()
        self.time_axis = time_axis
        self.blocks = conv_blocks(n_dims, filters, first_kernel_size, spatial_dropout)
        n_bands_left = max(1, n_bands // 2 ** len(filters))
        self.lstm = LSTM(n_units, input_size=filters[-1] * n_bands_left)
        self.embed = embedding_layers(n_units, (), emb_dim, dropout)
        initialize_as_keras(self, init)

    def forward(self, feats):
        """Return embeddings (batch, emb_dim) of feats (batch, samples or h, w)."""
        maps = self.blocks(as_images(feats.movedim(self.time_axis, -1)))
        frames = maps.flatten(1, 2).transpose(1, 2)  # (batch, frames, filters * bands)
        outputs, _ = self.lstm(frames)
        return self.embed(outputs.amax(dim=1))
