"""Hand-made features behind one call signature: the floor a model has to beat."""

import torch
from torchaudio.transforms import MFCC


class MfccMean(torch.nn.Module):
    """Mean over time of the MFCCs of a segment.

    Parameters
    ----------
    sample_rate : int
        Hz.
    n_mfcc, n_mels : int
        Coefficients and bands.
    n_fft : int
        Samples of the transform.
    win_length, hop_length : int
        Window and hop, in samples.

    Examples
    --------
    >>> features = MfccMean(11025, 20, 64, n_fft=512, win_length=276, hop_length=110)
    >>> features(torch.randn(3, 11025)).shape
    torch.Size([3, 20])
    """

    def __init__(self, sample_rate, n_mfcc, n_mels, n_fft, win_length, hop_length):
        super().__init__()
        self.mfcc = MFCC(
            sample_rate,
            n_mfcc,
            melkwargs={
                "n_mels": n_mels,
                "n_fft": n_fft,
                "win_length": win_length,
                "hop_length": hop_length,
            },
        )

    def forward(self, wavs):
        """Return features (batch, n_mfcc) of wavs (batch, samples)."""
        # A channel axis: torchaudio would take the batch for channels of one clip, and
        # cut its quiet clips off 80 dB below the loudest.
        mfcc = self.mfcc(wavs.unsqueeze(1))  # (batch, 1, n_mfcc, frames)
        return mfcc.squeeze(1).mean(dim=2)
