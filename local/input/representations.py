"""What a network or classifier hears of a fragment of speech: its wave, or MFCCs.

A representation takes wavs (batch, samples) at its ``sample_rate``. ``dtype`` is the
type in which its features are kept; the public attributes tell features of two settings
apart. Recipes have others of their own.
"""

import torch
from torchaudio.transforms import MFCC


class RawWave(torch.nn.Module):
    """Leave the wave as it is: its sample rate is all there is to choose.

    Parameters
    ----------
    sample_rate : int
        Hz.

    Examples
    --------
    >>> RawWave(4000)(torch.randn(2, 12000)).shape
    torch.Size([2, 12000])
    """

    dtype = "float32"

    def __init__(self, sample_rate=4000):
        super().__init__()
        self.sample_rate = sample_rate

    def forward(self, wavs):
        """Return the wavs."""
        return wavs


class Mfcc(torch.nn.Module):
    """MFCCs over time, as ``librosa.feature.mfcc`` computes them.

    Parameters
    ----------
    sample_rate : int
        Hz.
    n_mfcc, n_mels : int
        Coefficients and bands.
    n_fft, hop_length : int
        Window and hop, in samples.
    pad_mode : str
        What lies beyond the ends: "constant" (zeros) as in librosa since 0.10,
        "reflect" as before.
    top_db : float
        Bands so far below the loudest of the fragment are raised to that.

    Examples
    --------
    >>> Mfcc()(torch.randn(2, 48000)).shape
    torch.Size([2, 32, 94])
    """

    dtype = "float32"

    def __init__(
        self,
        sample_rate=16000,
        n_mfcc=32,
        n_fft=2048,
        hop_length=512,
        n_mels=128,
        pad_mode="constant",
        top_db=80.0,
    ):
        super().__init__()
        self.sample_rate = sample_rate
        self.n_mfcc = n_mfcc
        self.spectrum = {
            "n_fft": n_fft,
            "hop_length": hop_length,
            "n_mels": n_mels,
            "pad_mode": pad_mode,
        }
        self.top_db = top_db
        slaney = {"mel_scale": "slaney", "norm": "slaney", "f_max": sample_rate / 2}
        self.mfcc = MFCC(sample_rate, n_mfcc, melkwargs=self.spectrum | slaney)
        self.mfcc.amplitude_to_DB.top_db = top_db

    def forward(self, wavs):
        """Return MFCCs (batch, n_mfcc, frames)."""
        # A channel axis: torchaudio would take the batch for channels of one clip, and
        # cut its quiet clips off below the loudest.
        return self.mfcc(wavs.unsqueeze(1)).squeeze(1)
