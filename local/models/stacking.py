"""Fewer, wider frames for a network over time."""

import torch


class StackedFrames(torch.nn.Module):
    """Give a network ``n`` neighbouring frames as one, ``n`` times as large.

    Nothing is lost, as it would be with a longer hop, and the network runs over ``n``
    times fewer frames: half the training time for ``n`` = 2.

    Parameters
    ----------
    network : torch.nn.Module
        Takes features (batch, frames // n, n * size) and relative lengths.
    n : int
        Frames joined; what is left over at the end is dropped.

    Examples
    --------
    >>> StackedFrames(torch.nn.Identity(), 2).stack(torch.zeros(4, 101, 64)).shape
    torch.Size([4, 50, 128])
    """

    def __init__(self, network, n):
        super().__init__()
        self.network = network
        self.n = n

    def stack(self, feats):
        """Return feats (batch, frames, size) as (batch, frames // n, n * size)."""
        batch, frames, size = feats.shape
        whole = frames // self.n
        return feats[:, : whole * self.n].reshape(batch, whole, self.n * size)

    def forward(self, feats, lengths=None):
        """Return the network's output on stacked feats (batch, frames, size)."""
        return self.network(self.stack(feats), lengths)
