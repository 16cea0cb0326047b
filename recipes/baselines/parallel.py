"""Augmentation as SpeechBrain's recipes do it: every kind on every clip, side by side.

The training of this project draws for each clip whether it is changed. Here a batch of
32 clips and four augmentations becomes 160 clips: the clips as they are, and once more
for every augmentation, each with the speaker of its clip.
"""

import torch
from speechbrain.utils.autocast import fwd_default_precision
from torch.nn.functional import pad
from torchaudio.functional import phase_vocoder


class Parallel(torch.nn.Module):
    """The batch, followed by an augmented copy of it for each step.

    It stands in the place of `local.input.speed.SpeedSpeakers`, the one step of a
    training that may change the number of clips and their classes.

    Parameters
    ----------
    steps : list of callable
        Each takes wavs (batch, samples) and a generator, and gives wavs.
    n_speakers : int
        Speakers in the training set.

    Examples
    --------
    >>> double = Parallel([lambda wavs, rng: 2 * wavs], n_speakers=9)
    >>> wavs, classes = double(torch.ones(2, 3), torch.tensor([4, 7]), rng=None)
    >>> wavs[:, 0].tolist(), classes.tolist(), double.n_classes
    ([1.0, 1.0, 2.0, 2.0], [4, 7, 4, 7], 9)
    """

    def __init__(self, steps, n_speakers):
        super().__init__()
        self.steps = steps
        self.n_classes = n_speakers

    def forward(self, wavs, classes, rng):
        """Return wavs (copies * batch, samples) and classes (copies * batch,)."""
        copies = [wavs, *(step(wavs, rng) for step in self.steps)]
        return torch.cat(copies), classes.repeat(len(copies))


class OfSpeechBrain(torch.nn.Module):
    """One of SpeechBrain's augmentations as a step.

    It draws from torch's own generator, which training seeds at every epoch.

    Parameters
    ----------
    augment : torch.nn.Module
        Such as ``DropFreq``, or ``DropChunk``, which also takes relative lengths.
    takes_lengths : bool
        Whether it does.
    """

    def __init__(self, augment, takes_lengths=False):
        super().__init__()
        self.augment = augment
        self.takes_lengths = takes_lengths

    def forward(self, wavs, rng):
        """Return ``wavs`` (batch, samples) changed."""
        lengths = [torch.ones(len(wavs))] if self.takes_lengths else []
        return self.augment(wavs, *lengths)


class Stretch(torch.nn.Module):
    """Another tempo at the same pitch, by a phase vocoder.

    Parameters
    ----------
    rate : float
        Above 1 is faster. What is then missing is silence, what is too long is cut.
    n_fft, hop_length : int
        Of the vocoder, in samples.

    References
    ----------
    Flanagan & Golden (1966). Phase vocoder. Bell System Technical Journal 45.
    """

    def __init__(self, rate, n_fft, hop_length):
        super().__init__()
        self.rate = rate
        self.n_fft = n_fft
        self.hop_length = hop_length
        advance = torch.linspace(0, torch.pi * hop_length, n_fft // 2 + 1)
        self.register_buffer("advance", advance[:, None])
        self.register_buffer("window", torch.hann_window(n_fft))

    # The transforms of half-precision numbers are not there on every device.
    @fwd_default_precision(cast_inputs=torch.float32)
    def forward(self, wavs, rng):
        """Return ``wavs`` (batch, samples) at the other tempo."""
        form = {"hop_length": self.hop_length, "window": self.window}
        spectra = torch.stft(wavs, self.n_fft, return_complex=True, **form)
        spectra = phase_vocoder(spectra, self.rate, self.advance)
        n_samples = round(wavs.shape[1] / self.rate)
        played = torch.istft(spectra, self.n_fft, length=n_samples, **form)
        return pad(played, (0, wavs.shape[1] - n_samples))
