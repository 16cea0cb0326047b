"""What one second sounds like as a whole: statistics of its spectrum over time."""

import numpy as np
import torch
from torchaudio.transforms import MFCC


class SegmentStatistics(torch.nn.Module):
    """Summarise a segment by statistics of its spectrum and of its MFCCs.

    Quantiles over time of every bin of a fine log spectrum hold the voice's average
    spectrum and, in the low ones, the noise of the recording; the covariance of the
    MFCCs holds how the voice moves between its sounds. With few speakers a linear
    map of these tells voices apart as well as a network over time does, and errs
    elsewhere, so that the two add up.

    Parameters
    ----------
    sample_rate : int
        Hz.
    n_fft, hop_length : int
        Window and hop of the spectrum, in samples.
    quantiles : list of float
        Of every bin over time, each between 0 and 1.
    n_mfcc, n_mels : int
        Coefficients and bands.
    mfcc_fft, mfcc_window, mfcc_hop : int
        Transform, window and hop of the MFCCs, in samples.
    lag : int
        Frames between which the change of an MFCC is measured.
    floor_db : float
        White noise added to the spectrum, so far below its peak: an empty band, as
        above a telephone line, would otherwise lie where no training segment does.

    Examples
    --------
    >>> mfcc = {"n_mfcc": 20, "mfcc_fft": 512, "mfcc_window": 276, "mfcc_hop": 110}
    >>> options = {"quantiles": [0.1, 0.5], "n_mels": 64, "lag": 2, "floor_db": 80}
    >>> statistics = SegmentStatistics(11025, 1024, 128, **options, **mfcc)
    >>> statistics(torch.randn(3, 11025)).shape
    torch.Size([3, 1, 1276])
    """

    def __init__(
        self,
        sample_rate,
        n_fft,
        hop_length,
        quantiles,
        n_mfcc,
        n_mels,
        mfcc_fft,
        mfcc_window,
        mfcc_hop,
        lag,
        floor_db,
    ):
        super().__init__()
        self.n_fft = n_fft
        self.hop_length = hop_length
        self.lag = lag
        self.floor = 10 ** (-floor_db / 10)
        self.register_buffer("window", torch.hann_window(n_fft), persistent=False)
        self.register_buffer("quantiles", torch.tensor(quantiles), persistent=False)
        self.mfcc = MFCC(
            sample_rate,
            n_mfcc,
            melkwargs={
                "n_mels": n_mels,
                "n_fft": mfcc_fft,
                "win_length": mfcc_window,
                "hop_length": mfcc_hop,
            },
        )
        self.pairs = torch.triu_indices(n_mfcc, n_mfcc, 1).unbind()

    def forward(self, wavs):
        """Return statistics (batch, 1, size) of wavs (batch, samples)."""
        parts = [self.spectrum_quantiles(wavs), *self.mfcc_moments(wavs)]
        return torch.cat(parts, dim=1).unsqueeze(1)

    def spectrum_quantiles(self, wavs):
        """Return quantiles over time of the log spectrum, (batch, quantiles * bins)."""
        spectrum = torch.stft(
            wavs,
            self.n_fft,
            self.hop_length,
            window=self.window,
            center=False,
            return_complex=True,
        )
        # Complex abs() takes nine times as long.
        power = torch.addcmul(spectrum.real.square(), spectrum.imag, spectrum.imag)
        floor = self.floor * power.amax(dim=(1, 2), keepdim=True)
        quantiles = log_quantiles(power, self.quantiles, floor + 1e-10)  # may be 0
        return quantiles.permute(0, 2, 1).flatten(1)

    def mfcc_moments(self, wavs):
        """Return mean, log spread, correlations and log spread of the change."""
        # A channel axis: torchaudio would take the batch for channels of one clip.
        mfcc = self.mfcc(wavs.unsqueeze(1)).squeeze(1)  # (batch, n_mfcc, frames)
        mean = mfcc.mean(dim=2, keepdim=True)
        centred = mfcc - mean
        change = centred[:, :, self.lag :] - centred[:, :, : -self.lag]
        spread, change_spread = (
            x.square().mean(dim=2).clamp(min=1e-3).sqrt() for x in (centred, change)
        )
        unit = centred / spread.unsqueeze(2)
        correlation = unit @ unit.transpose(1, 2) / mfcc.shape[2]
        above = correlation[:, self.pairs[0], self.pairs[1]]
        return mean.squeeze(2), spread.log(), above, change_spread.log()


def log_quantiles(power, quantiles, floor):
    """Return quantiles over time of the logarithm of a power above a floor.

    Parameters
    ----------
    power : Tensor, (batch, bins, frames)
        None below 0.
    quantiles : Tensor, (n_quantiles,)
        Each between 0 and 1; between two frames they are interpolated.
    floor : Tensor, (batch, 1, 1)
        Added to the power.

    Returns
    -------
    log_power : Tensor, (batch, bins, n_quantiles)
        In nepers.
    """
    ranked = sort_last(power)
    places = quantiles * (power.shape[2] - 1)
    below = places.floor().long()
    above = places.ceil().long()
    low, high = ((ranked[:, :, at] + floor).log() for at in (below, above))
    return torch.lerp(low, high, places - below)


def sort_last(values):
    """Sort along the last axis; on a CPU by numpy, which is ten times as fast."""
    if values.device.type == "cpu" and not torch.compiler.is_compiling():
        return torch.from_numpy(np.sort(values.numpy(), axis=-1))
    return values.sort(dim=-1).values
