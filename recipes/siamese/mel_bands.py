"""Triangular mel bands that differ from those of torchaudio, on HTK's mel scale."""

import torch


def mel(hz):
    """Return HTK's mels of a Tensor of frequencies in Hz."""
    return 1127 * (1 + hz / 700).log()


def mel_triangles(sample_rate, n_fft, n_mels, lowest_hz, highest_hz):
    """Return mel bands that are triangles over the mel axis, not over Hz.

    Parameters
    ----------
    sample_rate : int
        Hz.
    n_fft : int
        Samples of the transform.
    n_mels : int
        Bands.
    lowest_hz, highest_hz : float
        Where the first begins and the last ends.

    Returns
    -------
    bands : Tensor, (n_fft // 2 + 1, n_mels)
        The weight of each bin in each band, at most 1; none at 0 Hz.
    """
    hz = torch.linspace(0, sample_rate / 2, n_fft // 2 + 1, dtype=torch.float64)
    ends = mel(torch.tensor([lowest_hz, highest_hz], dtype=torch.float64))
    corners = torch.linspace(*ends, n_mels + 2, dtype=torch.float64)
    bins = mel(hz).unsqueeze(1)
    rise = (bins - corners[:-2]) / corners.diff()[:-1]
    fall = (corners[2:] - bins) / corners.diff()[1:]
    bands = torch.minimum(rise, fall).clamp(min=0)
    bands[0] = 0
    return bands.float()


def rounded_triangles(sample_rate, n_fft, n_mels):
    """Return mel bands whose corners are whole bins, from 0 Hz up to half the rate.

    Parameters
    ----------
    sample_rate : int
        Hz.
    n_fft : int
        Samples of the transform.
    n_mels : int
        Bands.

    Returns
    -------
    bands : Tensor, (n_fft // 2 + 1, n_mels)
        Peaks of 1. A band is empty if its corners are rounded to one bin.

    Examples
    --------
    >>> rounded_triangles(8000, 16, 2).T
    tensor([[0.0000, 1.0000, 0.5000, 0.0000, 0.0000, 0.0000, 0.0000, 0.0000, 0.0000],
            [0.0000, 0.0000, 0.5000, 1.0000, 0.8000, 0.6000, 0.4000, 0.2000, 0.0000]])
    """
    top = mel(torch.tensor(sample_rate / 2, dtype=torch.float64))
    mels = torch.linspace(0, top, n_mels + 2, dtype=torch.float64)
    hz = 700 * ((mels / 1127).exp() - 1)
    # The last corner is half the rate, which rounding may leave just below a bin.
    hz[-1] = sample_rate / 2
    corners = ((n_fft + 1) * hz / sample_rate).floor()
    low, peak, high = corners[:-2], corners[1:-1], corners[2:]
    bins = torch.arange(n_fft // 2 + 1).unsqueeze(1)
    rise = (bins - low) / (peak - low).clamp(min=1)
    fall = (high - bins) / (high - peak).clamp(min=1)
    return torch.where(bins < peak, rise, fall).clamp(min=0).float()
