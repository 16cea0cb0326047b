"""Residual networks of the original table, for log-mel features.

He et al. (2016). Deep residual learning for image recognition. CVPR.
doi:10.1109/CVPR.2016.90
"""

import torch

from recipes.voxceleb.pooling import pool

N_HALVINGS = 5  # of frames and mels: first convolution, maximum, three of the stages


def convolution(n_in, n_out, kernel_size, stride=1):
    """Return a convolution and its batch normalisation."""
    padding = kernel_size // 2
    return torch.nn.Sequential(
        torch.nn.Conv2d(n_in, n_out, kernel_size, stride, padding, bias=False),
        torch.nn.BatchNorm2d(n_out),
    )


def shortcut(n_in, n_out, stride):
    """Return the way around a block: nothing, or a projection where shapes differ."""
    same = n_in == n_out and stride == 1
    return torch.nn.Identity() if same else convolution(n_in, n_out, 1, stride)


def stage(block, n_in, n_out, n_blocks, stride):
    """Return blocks in a row, of which the first changes channels and resolution."""
    more = [block(n_out, n_out, 1) for _ in range(n_blocks - 1)]
    return torch.nn.Sequential(block(n_in, n_out, stride), *more)


def initialise(network):
    """Draw the weights of convolutions as He et al. (2015), arXiv:1502.01852, do."""
    for layer in network.modules():
        if isinstance(layer, torch.nn.Conv2d):
            torch.nn.init.kaiming_normal_(layer.weight, mode="fan_out")


class Block(torch.nn.Module):
    """Convolutions with ReLU between them, and the shortcut added.

    Parameters
    ----------
    convs : list of torch.nn.Module
        The longer way.
    way_around : torch.nn.Module
        The shortcut.
    """

    def __init__(self, convs, way_around):
        super().__init__()
        layers = [layer for conv in convs for layer in (conv, torch.nn.ReLU())]
        self.convs = torch.nn.Sequential(*layers[:-1])
        self.shortcut = way_around

    def forward(self, maps):
        """Return maps (batch, channels, mels, frames) of such maps."""
        return torch.relu(self.convs(maps) + self.shortcut(maps))


class BasicBlock(Block):
    """Two convolutions of 3 by 3, for depths 18 and 34.

    Parameters
    ----------
    n_in, n_out : int
        Channels.
    stride : int
        Of the first convolution.
    """

    expansion = 1

    def __init__(self, n_in, n_out, stride):
        convs = [convolution(n_in, n_out, 3, stride), convolution(n_out, n_out, 3)]
        super().__init__(convs, shortcut(n_in, n_out, stride))


class Bottleneck(Block):
    """A convolution of 3 by 3 between two of 1 by 1, for depths from 50 on.

    Parameters
    ----------
    n_in, n_out : int
        Channels; between them is a quarter of ``n_out``.
    stride : int
        Of the first convolution, as in the paper; later versions have it in the second.
    """

    expansion = 4

    def __init__(self, n_in, n_out, stride):
        width = n_out // self.expansion
        convs = [
            convolution(n_in, width, 1, stride),
            convolution(width, width, 3),
            convolution(width, n_out, 1),
        ]
        super().__init__(convs, shortcut(n_in, n_out, stride))


# Table 1: the blocks of conv2_x to conv5_x.
DEPTHS = {
    18: (BasicBlock, (2, 2, 2, 2)),
    34: (BasicBlock, (3, 4, 6, 3)),
    50: (Bottleneck, (3, 4, 6, 3)),
    101: (Bottleneck, (3, 4, 23, 3)),
    152: (Bottleneck, (3, 8, 36, 3)),
}


class ResNet(torch.nn.Module):
    """ResNet-18, 34, 50, 101 or 152 with statistics pooling and a linear layer.

    What remains of the mels after five halvings is not averaged: the channels of each
    have a mean and a deviation over time of their own.

    Parameters
    ----------
    depth : int
        A column of the table.
    width : int
        Channels of the first stage, which every further stage doubles; published: 64.
    n_mels : int
        Size of the features.
    emb_dim : int
        Size of the embedding.

    Raises
    ------
    ValueError
        If the table has no such depth.

    Examples
    --------
    >>> model = ResNet(depth=18, width=4, n_mels=40, emb_dim=16)
    >>> model(torch.randn(2, 101, 40)).shape
    torch.Size([2, 1, 16])
    """

    def __init__(self, depth, width, n_mels, emb_dim):
        super().__init__()
        if depth not in DEPTHS:
            known = ", ".join(map(str, DEPTHS))
            raise ValueError(f"depth of the ResNet is {depth}, expected one of {known}")
        block, n_blocks = DEPTHS[depth]
        n_out = [width * 2**i * block.expansion for i in range(len(n_blocks))]
        n_in, strides = [width, *n_out[:-1]], [1, 2, 2, 2]
        sizes = zip(n_in, n_out, n_blocks, strides, strict=True)
        self.maps = torch.nn.Sequential(
            convolution(1, width, 7, stride=2),
            torch.nn.ReLU(),
            torch.nn.MaxPool2d(3, stride=2, padding=1),
            *(stage(block, *size) for size in sizes),
        )
        n_bands = -(-n_mels // 2**N_HALVINGS)  # rounded up
        self.linear = torch.nn.Linear(2 * n_out[-1] * n_bands, emb_dim)
        initialise(self)

    def forward(self, feats, lengths=None):
        """Return embeddings (batch, 1, emb_dim) of feats (batch, frames, mels).

        ``lengths``, which SpeechBrain's encoder passes, does not matter: all are whole.
        """
        maps = self.maps(feats.transpose(1, 2).unsqueeze(1))
        frames = maps.flatten(1, 2)  # (batch, channels * bands, frames)
        even = frames.new_tensor(1 / frames.shape[2])
        return self.linear(pool(frames, even, with_deviation=True)).unsqueeze(1)
