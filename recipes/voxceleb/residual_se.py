"""Residual networks with squeeze and excitation, as voxceleb_trainer has them.

Chung et al. (2020). In defence of metric learning for speaker recognition. Interspeech.
doi:10.21437/Interspeech.2020-1064
Heo et al. (2020). Clova baseline system for the VoxCeleb speaker recognition challenge
2020. arXiv:2009.14153
"""

from functools import partial

import torch
from speechbrain.lobes.models.ResNet import SEBlock

from recipes.voxceleb.pooling import (
    AttentivePooling,
    ChannelAttention,
    FrameAttention,
)
from recipes.voxceleb.residual import initialise, shortcut, stage

POOLINGS = {"SAP": False, "ASP": True}  # whether deviations follow the means


class SqueezedBlock(torch.nn.Module):
    """Two convolutions whose channels are weighted before the shortcut is added.

    The first is cut off at 0 before it is normalised, not after as in other networks.

    Parameters
    ----------
    n_in, n_out : int
        Channels.
    stride : int
        Of the first convolution.
    reduction : int
        Channels for each hidden unit that finds their weights.
    """

    def __init__(self, n_in, n_out, stride, reduction):
        super().__init__()
        form = {"kernel_size": 3, "padding": 1, "bias": False}
        self.conv1 = torch.nn.Conv2d(n_in, n_out, stride=stride, **form)
        self.bn1 = torch.nn.BatchNorm2d(n_out)
        self.conv2 = torch.nn.Conv2d(n_out, n_out, **form)
        self.bn2 = torch.nn.BatchNorm2d(n_out)
        self.se = SEBlock(n_out, reduction)
        self.shortcut = shortcut(n_in, n_out, stride)

    def forward(self, maps):
        """Return maps (batch, channels, mels, frames) of such maps."""
        first = self.bn1(torch.relu(self.conv1(maps)))
        second = self.se(self.bn2(self.conv2(first)))
        return torch.relu(second + self.shortcut(maps))


class Stem(torch.nn.Sequential):
    """The first convolution, with normalisation and ReLU.

    Parameters
    ----------
    n_filters : int
        Channels out; one comes in.
    kernel_size : int
        In both directions; odd.
    stride : list of int
        Along mels and frames.
    norm_first : bool
        Whether the normalisation stands before the ReLU, and not behind it: only then
        does it make a bias of the convolution needless.
    """

    def __init__(self, n_filters, kernel_size, stride, norm_first):
        super().__init__()
        form = {"padding": kernel_size // 2, "bias": not norm_first}
        stride = tuple(stride)
        self.conv = torch.nn.Conv2d(1, n_filters, kernel_size, stride, **form)
        names = ["bn", "relu"] if norm_first else ["relu", "bn"]
        layers = {"bn": torch.nn.BatchNorm2d(n_filters), "relu": torch.nn.ReLU()}
        for name in names:
            self.add_module(name, layers[name])


class ResNetSE(torch.nn.Module):
    """The SE-ResNets of voxceleb_trainer: ResNetSE34L, Half and V2 by their settings.

    Parameters
    ----------
    n_mels : int
        Size of the features.
    emb_dim : int
        Size of the embedding.
    filters, n_blocks, strides : list of int
        Channels, blocks and stride of each stage.
    reduction : int
        As in `SqueezedBlock`.
    stem : dict
        Arguments of `Stem` but the filters, which are those of the first stage.
    pooling : str
        "SAP": weighted means. "ASP": deviations, too.
    attention_channels : int, optional
        None: frames have one weight each, and are averaged over the mels before. Else
        every channel of every remaining mel has its own, by so many hidden channels.

    Raises
    ------
    ValueError
        If there is no such pooling, a stage has less channels than the reduction, or
        the stages are told by lists of several lengths.

    Examples
    --------
    >>> stem = {"kernel_size": 7, "stride": [2, 1], "norm_first": True}
    >>> shape = {"filters": [8, 16], "n_blocks": [1, 1], "strides": [1, 2]}
    >>> model = ResNetSE(40, 32, **shape, reduction=8, stem=stem, pooling="SAP")
    >>> model(torch.randn(2, 101, 40)).shape
    torch.Size([2, 1, 32])
    """

    def __init__(
        self,
        n_mels,
        emb_dim,
        filters,
        n_blocks,
        strides,
        reduction,
        stem,
        pooling,
        attention_channels=None,
    ):
        super().__init__()
        check_settings(filters, n_blocks, strides, reduction, pooling)
        self.stem = Stem(filters[0], **stem)
        block = partial(SqueezedBlock, reduction=reduction)
        n_in = [filters[0], *filters[:-1]]
        sizes = zip(n_in, filters, n_blocks, strides, strict=True)
        self.stages = torch.nn.Sequential(*(stage(block, *size) for size in sizes))
        self.by_channel = attention_channels is not None
        n_channels = filters[-1]
        if self.by_channel:
            n_channels *= n_remaining(n_mels, [stem["stride"][0], *strides])
            attention = ChannelAttention(n_channels, attention_channels)
        else:
            attention = FrameAttention(n_channels)
        self.pooling = AttentivePooling(attention, POOLINGS[pooling])
        self.linear = torch.nn.Linear(n_channels * (1 + POOLINGS[pooling]), emb_dim)
        initialise(self)

    def forward(self, feats, lengths=None):
        """Return embeddings (batch, 1, emb_dim) of feats (batch, frames, mels).

        ``lengths``, which SpeechBrain's encoder passes, does not matter: all are whole.
        """
        maps = self.stages(self.stem(feats.transpose(1, 2).unsqueeze(1)))
        frames = maps.flatten(1, 2) if self.by_channel else maps.mean(dim=2)
        return self.linear(self.pooling(frames)).unsqueeze(1)


def check_settings(filters, n_blocks, strides, reduction, pooling):
    """Refuse what cannot be built.

    Raises
    ------
    ValueError
        If there is no such pooling, a stage has less channels than the reduction, or
        the lists do not tell of as many stages.
    """
    if pooling not in POOLINGS:
        known = " or ".join(POOLINGS)
        raise ValueError(f"pooling of the ResNetSE is {pooling}, expected {known}")
    lengths = len(filters), len(n_blocks), len(strides)
    if len(set(lengths)) > 1:
        raise ValueError(
            "filters, n_blocks and strides of the ResNetSE: expected one of each a"
            " stage; got {}, {} and {}".format(*lengths)
        )
    if min(filters) < reduction:
        raise ValueError(
            f"filters of the ResNetSE are {list(filters)}, expected {reduction} or more"
            " each, the reduction of its squeeze and excitation"
        )


def n_remaining(n_mels, strides):
    """Return how many of the mels are left after convolutions with such strides.

    Examples
    --------
    >>> n_remaining(64, [1, 1, 2, 2, 2])
    8
    """
    for stride in strides:
        n_mels = -(-n_mels // stride)  # rounded up: the borders are padded
    return n_mels
