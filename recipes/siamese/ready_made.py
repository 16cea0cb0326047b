"""Encoders that this recipe does not train: what its networks have to beat."""

import torch


class Statistics(torch.nn.Module):
    """Mean and standard deviation over time of every coefficient: for k-NN.

    Parameters
    ----------
    time_axis : int
        Of a batch: 2 for MFCCs, 1 for VGGish.

    Examples
    --------
    >>> Statistics()(torch.tensor([[[1.0, 3.0], [5.0, 5.0]]]))
    tensor([[2., 5., 1., 0.]])
    """

    def __init__(self, time_axis=2):
        super().__init__()
        self.time_axis = time_axis

    def forward(self, feats):
        """Return embeddings (batch, 2 * size) of feats (batch, size, frames)."""
        std, mean = torch.std_mean(feats, dim=self.time_axis, correction=0)
        return torch.cat([mean, std], dim=1)
