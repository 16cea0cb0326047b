"""A residual convolutional network for square patches of filterbank energies."""

import torch


class ResidualBlock(torch.nn.Module):
    """Two 3 x 3 convolutions with batch normalisation, beside what goes in."""

    def __init__(self, n_filters):
        super().__init__()
        self.layers = torch.nn.Sequential(
            torch.nn.Conv2d(n_filters, n_filters, 3, padding=1),
            torch.nn.BatchNorm2d(n_filters),
            torch.nn.ReLU(inplace=True),
            torch.nn.Conv2d(n_filters, n_filters, 3, padding=1),
            torch.nn.BatchNorm2d(n_filters),
        )

    def forward(self, maps):
        """Return maps (batch, n_filters, h, w) of the same shape."""
        return torch.relu(self.layers(maps) + maps)


class FBankNet(torch.nn.Module):
    """Convolutions of 5 x 5 that halve the patch, each before a residual block.

    Parameters
    ----------
    filters : list of int
        Of each convolution, which has no normalisation of its own.
    emb_dim : int
        Size of the embedding, a dense layer over the mean of each channel.

    Examples
    --------
    >>> FBankNet([4, 8], emb_dim=5)(torch.randn(3, 64, 64)).shape
    torch.Size([3, 5])
    """

    def __init__(self, filters, emb_dim):
        super().__init__()
        layers = []
        for n_in, n_out in zip([1, *filters[:-1]], filters, strict=True):
            halving = torch.nn.Conv2d(n_in, n_out, 5, stride=2, padding=2)
            layers += [halving, ResidualBlock(n_out)]
        self.layers = torch.nn.Sequential(
            *layers,
            torch.nn.AdaptiveAvgPool2d(1),  # over the 4 x 4 left of 64 x 64 by four
            torch.nn.Flatten(),
            torch.nn.Linear(filters[-1], emb_dim),
        )

    def forward(self, feats):
        """Return embeddings (batch, emb_dim) of patches (batch, h, w)."""
        return self.layers(feats.unsqueeze(1))
