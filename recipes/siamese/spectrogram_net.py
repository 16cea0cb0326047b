"""A small convolutional network with a huge dense layer, for images of spectrograms."""

import torch


class SpectrogramNet(torch.nn.Module):
    """Convolutions that keep the size of the image, then dense layers over all of it.

    Parameters
    ----------
    filters : list of int
        Of each 3 x 3 convolution, which has ReLU before its batch normalisation.
    hidden : list of int
        Widths of the dense layers with ReLU.
    emb_dim : int or None
        Width of a last dense layer without it; None: the last of ``hidden`` is the
        embedding.
    size : int
        Height and width of the image, in pixels.
    dropout : float
        Share dropped after each dense layer with ReLU.

    Examples
    --------
    >>> contrastive = SpectrogramNet([4, 8, 8], [20, 20], emb_dim=5, size=16, dropout=0)
    >>> contrastive(torch.rand(3, 16, 16)).shape
    torch.Size([3, 5])
    >>> cross_entropy = SpectrogramNet([4, 8], [20], None, size=16, dropout=0.3)
    >>> cross_entropy(torch.rand(3, 16, 16)).shape
    torch.Size([3, 20])
    """

    def __init__(self, filters, hidden, emb_dim, size, dropout):
        super().__init__()
        layers = []
        for n_in, n_out in zip([1, *filters[:-1]], filters, strict=True):
            layers += [
                torch.nn.Conv2d(n_in, n_out, 3, padding=1, padding_mode="reflect"),
                torch.nn.ReLU(inplace=True),
                torch.nn.BatchNorm2d(n_out),
            ]
        layers.append(torch.nn.Flatten())
        n_in = filters[-1] * size**2
        for width in hidden:
            dense = torch.nn.Linear(n_in, width)
            layers += [dense, torch.nn.ReLU(), torch.nn.Dropout(dropout)]
            n_in = width
        if emb_dim:
            layers.append(torch.nn.Linear(n_in, emb_dim))
        self.layers = torch.nn.Sequential(*layers)
        self.to(memory_format=torch.channels_last)  # faster convolutions on a CPU

    def forward(self, feats):
        """Return embeddings (batch, emb_dim) of images (batch, size, size)."""
        return self.layers(feats.unsqueeze(1))
