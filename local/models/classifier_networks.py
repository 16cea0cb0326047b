"""Networks that name the class of a matrix of features (channels, frames).

Each takes ``n_channels`` and ``n_classes`` first, so that a YAML can leave them open:
``network: !name:local.models.classifier_networks.Conv1dNetwork`` with the rest. They
take (batch, channels, frames) and return logits (batch, classes).

SpeechBrain's convolutions keep channels last and its statistics pooling adds noise to
the means, also in evaluation, so those layers are torch's; the LSTM is SpeechBrain's.
"""

import torch
from speechbrain.nnet.RNN import LSTM

CONV = {1: torch.nn.Conv1d, 2: torch.nn.Conv2d}
NORM = {1: torch.nn.BatchNorm1d, 2: torch.nn.BatchNorm2d}
POOL = {1: torch.nn.MaxPool1d, 2: torch.nn.MaxPool2d}
SMALLEST_VARIANCE = 1e-5  # keeps the gradient of a deviation of zero finite


def conv_blocks(n_dims, n_in, filters, kernel_size):
    """Stack convolutions with batch normalisation and ReLU, each before a halving.

    Parameters
    ----------
    n_dims : int
        1 over frames, 2 over an image.
    n_in : int
        Channels that go in.
    filters : list of int
        Of each block, after which every axis is half as long, rounded up.
    kernel_size : int
        Of all convolutions; odd.

    Returns
    -------
    blocks : torch.nn.Sequential
        From (batch, n_in, ...) to (batch, filters[-1], ...).

    Raises
    ------
    ValueError
        If there are no filters, or the kernel is even.
    """
    if not filters or kernel_size % 2 == 0:
        raise ValueError(
            "expected filters for one block or more and an odd kernel_size, got"
            f" filters={filters}, kernel_size={kernel_size}"
        )
    layers = []
    for n_before, n_after in zip([n_in, *filters[:-1]], filters, strict=True):
        layers += [
            CONV[n_dims](n_before, n_after, kernel_size, padding="same", bias=False),
            NORM[n_dims](n_after),
            torch.nn.ReLU(inplace=True),
            POOL[n_dims](2, ceil_mode=True),  # one frame stays one frame
        ]
    return torch.nn.Sequential(*layers)


def statistics(maps):
    """Return mean and deviation over the frames, (batch, n, frames) -> (batch, 2 n)."""
    variance, mean = torch.var_mean(maps, dim=2, correction=0)
    return torch.cat([mean, (variance + SMALLEST_VARIANCE).sqrt()], dim=1)


class Conv1dNetwork(torch.nn.Module):
    """Convolutions over the frames, every coefficient a channel; mean and deviation.

    Parameters
    ----------
    n_channels, n_classes : int
        Coefficients of a frame; classes.
    filters : list of int
        Of each block.
    kernel_size : int
        In frames; odd.
    dropout : float
        Share of the statistics dropped in training.

    Examples
    --------
    >>> network = Conv1dNetwork(39, 2, filters=[8, 16], kernel_size=5, dropout=0.2)
    >>> network(torch.randn(3, 39, 100)).shape
    torch.Size([3, 2])
    """

    def __init__(self, n_channels, n_classes, filters, kernel_size, dropout):
        super().__init__()
        self.blocks = conv_blocks(1, n_channels, filters, kernel_size)
        self.dropout = torch.nn.Dropout(dropout)
        self.out = torch.nn.Linear(2 * filters[-1], n_classes)

    def forward(self, feats):
        """Return logits (batch, classes) of feats (batch, channels, frames)."""
        return self.out(self.dropout(statistics(self.blocks(feats))))


class Conv2dNetwork(torch.nn.Module):
    """Convolutions over an image of coefficients and frames; mean and deviation.

    The statistics are over frames alone: which coefficient it was stays known.

    Parameters
    ----------
    n_channels, n_classes : int
        Coefficients of a frame, the height of the image; classes.
    filters : list of int
        Of each block.
    kernel_size : int
        In coefficients and in frames; odd.
    dropout : float
        Share of the statistics dropped in training.

    Examples
    --------
    >>> network = Conv2dNetwork(39, 2, filters=[8, 16], kernel_size=3, dropout=0.2)
    >>> network(torch.randn(3, 39, 100)).shape
    torch.Size([3, 2])
    """

    def __init__(self, n_channels, n_classes, filters, kernel_size, dropout):
        super().__init__()
        blocks = conv_blocks(2, 1, filters, kernel_size)
        # On a CPU, layers of images with channels last take two thirds of the time.
        self.blocks = blocks.to(memory_format=torch.channels_last)
        self.dropout = torch.nn.Dropout(dropout)
        n_bands = -(-n_channels // 2 ** len(filters))  # halved and rounded up
        self.out = torch.nn.Linear(2 * filters[-1] * n_bands, n_classes)

    def forward(self, feats):
        """Return logits (batch, classes) of feats (batch, channels, frames)."""
        maps = self.blocks(feats.unsqueeze(1)).flatten(1, 2)
        return self.out(self.dropout(statistics(maps)))


class BiLstm(torch.nn.Module):
    """An LSTM in both directions, the mean of its outputs, and a hidden layer.

    Parameters
    ----------
    n_channels, n_classes : int
        Coefficients of a frame; classes.
    n_units, n_layers : int
        Of the LSTM, in each direction.
    hidden : int
        Width of the hidden layer.
    dropout : float
        Share dropped in training, of the mean and of the hidden layer.

    Examples
    --------
    >>> BiLstm(768, 40, n_units=8, hidden=16)(torch.randn(3, 768, 99)).shape
    torch.Size([3, 40])
    """

    def __init__(
        self,
        n_channels,
        n_classes,
        n_units=256,
        n_layers=2,
        hidden=128,
        dropout=0.0,
    ):
        super().__init__()
        self.lstm = LSTM(
            n_units, input_size=n_channels, num_layers=n_layers, bidirectional=True
        )
        self.layers = torch.nn.Sequential(
            torch.nn.Dropout(dropout),
            torch.nn.Linear(2 * n_units, hidden),
            torch.nn.ReLU(),
            torch.nn.Dropout(dropout),
            torch.nn.Linear(hidden, n_classes),
        )

    def forward(self, feats):
        """Return logits (batch, classes) of feats (batch, channels, frames)."""
        outputs, _ = self.lstm(feats.transpose(1, 2))  # (batch, frames, 2 n_units)
        return self.layers(outputs.mean(dim=1))


def count_parameters(classifier, n_channels, n_classes):
    """Count what a classifier trains: None of one that is no network of here.

    Parameters
    ----------
    classifier : object
        Of scikit-learn's form.
    n_channels, n_classes : int
        As its network will be given.

    Returns
    -------
    n_parameters : int or None
        Weights and biases.
    """
    network = getattr(classifier, "network", None)
    if network is None:
        return None
    return sum(p.numel() for p in network(n_channels, n_classes).parameters())
