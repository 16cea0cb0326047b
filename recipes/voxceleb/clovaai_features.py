"""The features that networks of voxceleb_trainer were trained on.

Chung et al. (2020). In defence of metric learning for speaker recognition. Interspeech.
doi:10.21437/Interspeech.2020-1064
"""

import torch
from speechbrain.utils.autocast import fwd_default_precision
from torch.nn.functional import instance_norm
from torchaudio import transforms

SMALLEST_POWER = 1e-6  # added to every power, also where no logarithm follows


class MelSpectrogram(torch.nn.Module):
    """Power of mel bands, or its logarithm.

    SpeechBrain's Fbank has decibels, bands of another form, and a floor for each clip.

    Parameters
    ----------
    network_sample_rate : int
        Of the wavs, Hz.
    n_mels : int
        Bands.
    n_fft, win_length, hop_length : int
        Samples.
    pre_emphasis : float
        Share of the previous sample that is subtracted from each; 0: none.
    log_input : bool
        Whether to take the logarithm.

    Examples
    --------
    >>> windows = {"n_fft": 512, "win_length": 400, "hop_length": 160}
    >>> features = MelSpectrogram(16000, 40, **windows, pre_emphasis=0, log_input=True)
    >>> features(torch.randn(2, 16000)).shape
    torch.Size([2, 101, 40])
    """

    def __init__(
        self,
        network_sample_rate,
        n_mels,
        n_fft,
        win_length,
        hop_length,
        pre_emphasis,
        log_input,
    ):
        super().__init__()
        self.pre_emphasis = pre_emphasis
        self.log_input = log_input
        self.mel_spectrogram = transforms.MelSpectrogram(
            network_sample_rate,
            n_fft=n_fft,
            win_length=win_length,
            hop_length=hop_length,
            n_mels=n_mels,
            window_fn=torch.hamming_window,
        )

    @fwd_default_precision(cast_inputs=torch.float32)
    def forward(self, wavs):
        """Return features (batch, frames, mels) of wavs (batch, samples)."""
        # Before the first sample stands the second: torchaudio's has a zero there.
        previous = torch.cat([wavs[:, 1:2], wavs[:, :-1]], dim=1)
        power = self.mel_spectrogram(wavs - self.pre_emphasis * previous)
        power = power.mT + SMALLEST_POWER
        return power.log() if self.log_input else power


class InstanceNorm(torch.nn.Module):
    """Give every band of a clip a mean of 0 and a deviation of 1.

    SpeechBrain's InputNormalization limits small deviations otherwise, which matters
    for bands with little or nothing in them.

    Examples
    --------
    >>> InstanceNorm()(torch.tensor([[[1.0], [3.0]]])).flatten()
    tensor([-1.0000,  1.0000])
    """

    def forward(self, feats, lengths=None):
        """Return feats (batch, frames, mels) normalised.

        ``lengths``, which SpeechBrain's encoder passes, does not matter: all are whole.
        """
        return instance_norm(feats.mT).mT
