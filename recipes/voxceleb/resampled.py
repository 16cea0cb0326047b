"""Features of a network that was trained at another sample rate than the data have."""

import torch
from speechbrain.augment.time_domain import Resample
from speechbrain.utils.autocast import fwd_default_precision


class ResampledFeatures(torch.nn.Module):
    """Bring segments to a network's sample rate before its features are computed.

    Parameters
    ----------
    sample_rate : int
        Of the segments, Hz.
    network_sample_rate : int
        Of those the network was trained on, Hz; the same: nothing is resampled.
    compute_features : torch.nn.Module
        The network's own.

    Examples
    --------
    >>> features = ResampledFeatures(8000, 16000, torch.nn.Unflatten(1, (100, -1)))
    >>> features(torch.randn(2, 8000)).shape
    torch.Size([2, 100, 160])
    """

    def __init__(self, sample_rate, network_sample_rate, compute_features):
        super().__init__()
        self.resample = Resample(sample_rate, network_sample_rate)
        self.compute_features = compute_features

    @fwd_default_precision(cast_inputs=torch.float32)
    def forward(self, wavs):
        """Return features (batch, frames, size) of wavs (batch, samples)."""
        return self.compute_features(self.resample(wavs))
