"""A one-dimensional residual network over a row of hand-made features."""

import torch


class ResidualBlock(torch.nn.Module):
    """Convolutions with tanh between them, beside one convolution as a shortcut.

    Parameters
    ----------
    n_in, n_filters : int
        Channels in and out.
    n_convs : int
        Convolutions of the longer way.
    kernel_size : int
        Of all of them; odd.
    """

    def __init__(self, n_in, n_filters, n_convs, kernel_size):
        super().__init__()
        sizes = [n_in] + [n_filters] * n_convs
        form = {"kernel_size": kernel_size, "padding": kernel_size // 2}
        self.shortcut = torch.nn.Conv1d(n_in, n_filters, **form)
        layers = []
        for n_before, n_after in zip(sizes[:-1], sizes[1:], strict=True):
            layers += [torch.nn.Conv1d(n_before, n_after, **form), torch.nn.Tanh()]
        self.convs = torch.nn.Sequential(*layers[:-1])

    def forward(self, rows):
        """Return (batch, n_filters, features) of (batch, n_in, features)."""
        return torch.tanh(self.convs(rows) + self.shortcut(rows))


class ResidualCnn(torch.nn.Module):
    """Residual blocks, an average over neighbours, dropout and one dense layer.

    Parameters
    ----------
    n_features : int
        Length of the row.
    n_filters, n_convs : list of int
        One for each block.
    kernel_size : int
        Of all convolutions.
    pool_size, pool_stride : int
        Of the average.
    dropout : float
        Share of the averages dropped in training.
    emb_dim : int
        Size of the dense layer, whose output is the embedding.

    Examples
    --------
    >>> model = ResidualCnn(26, [4, 8], [3, 1], 5, 5, 3, dropout=0.8, emb_dim=16)
    >>> model(torch.randn(2, 1, 26)).shape
    torch.Size([2, 1, 16])
    """

    def __init__(
        self,
        n_features,
        n_filters,
        n_convs,
        kernel_size,
        pool_size,
        pool_stride,
        dropout,
        emb_dim,
    ):
        super().__init__()
        n_pooled = (n_features - pool_size) // pool_stride + 1
        channels = zip([1, *n_filters[:-1]], n_filters, n_convs, strict=True)
        self.layers = torch.nn.Sequential(
            *(ResidualBlock(*block, kernel_size) for block in channels),
            torch.nn.AvgPool1d(pool_size, pool_stride),
            torch.nn.Flatten(),
            torch.nn.Dropout(dropout),
            torch.nn.Linear(n_filters[-1] * n_pooled, emb_dim),
            torch.nn.Tanh(),
        )

    def forward(self, feats, lengths=None):
        """Return embeddings (batch, 1, emb_dim) of feats (batch, 1, n_features).

        ``lengths``, which SpeechBrain's encoder passes, does not matter: all are whole.
        """
        return self.layers(feats).unsqueeze(1)
