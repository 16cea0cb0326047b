"""What one second sounds like as a whole: statistics of its spectrum over time."""

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
        power = spectrum.abs().square()
        floor = self.floor * power.amax(dim=(1, 2), keepdim=True)
        log_power = (power + floor + 1e-10).log()  # 1e-10: there may be no peak
        quantiles = torch.quantile(log_power, self.quantiles, dim=2)
        return quantiles.transpose(0, 1).flatten(1)

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
