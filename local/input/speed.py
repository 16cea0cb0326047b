"""Altered copies of speakers as new speakers.

Playing a voice faster or slower moves its pitch and its formants: another person. Over
the telephone a voice is the same person's, but to tell it there from others is another
task, and to be told at training that both are one class blurs each.
"""

from fractions import Fraction

import torch
from speechbrain.utils.autocast import fwd_default_precision
from torchaudio.functional import resample


class SpeedSpeakers(torch.nn.Module):
    """Play each clip at a random speed and count every speed as a new speaker.

    Class ``spk + n_speakers * s`` is speaker ``spk`` at ``speeds[s]``. A clip played
    slower is cut back to its length at a random place; played faster it is
    repeated, because padding with silence would teach the padding.

    Parameters
    ----------
    speeds : list of float
        Factors, between 0.5 and 2, all different; the first must be 1. ``[1.0]``
        switches the perturbation off.
    n_speakers : int
        Speakers in the training set.
    line : torch.nn.Module, optional
        Takes wavs and a generator. One more version of every speaker, at speed 1,
        is heard over it: class ``spk + n_speakers * len(speeds)``.
    with_line : bool
        False leaves that version out.
    n_together : int
        So many segments in a row are heard in the same version: a group of segments
        of one speaker stays one of one class. Batches hold a multiple of it.

    Raises
    ------
    ValueError
        If ``speeds`` are not such factors, or ``n_together`` is below 1.

    References
    ----------
    Yamamoto et al. (2019). Speaker augmentation and bandwidth extension for deep
    speaker embedding. Interspeech. doi:10.21437/Interspeech.2019-1508

    Examples
    --------
    >>> speed = SpeedSpeakers([1.0, 0.9, 1.1], n_speakers=10)
    >>> rng = torch.Generator().manual_seed(0)
    >>> wavs, spk = speed(torch.randn(4, 1000), torch.zeros(4, dtype=int), rng)
    >>> wavs.shape, spk.tolist(), speed.n_classes
    (torch.Size([4, 1000]), [20, 0, 20, 0], 30)
    """

    def __init__(self, speeds, n_speakers, line=None, with_line=True, n_together=1):
        super().__init__()
        if n_together < 1:
            raise ValueError(f"n_together must be 1 or more, got {n_together}")
        # Small fractions: resampling costs as much as their terms are large.
        self.speeds = [Fraction(str(speed)).limit_denominator(100) for speed in speeds]
        in_range = all(0.5 < speed < 2 for speed in self.speeds)
        different = len(set(self.speeds)) == len(self.speeds)
        if self.speeds[:1] != [1] or not in_range or not different:
            raise ValueError(
                "speeds must begin with 1.0, lie between 0.5 and 2 and differ by 0.01"
                f" or more, got {speeds}"
            )
        self.n_speakers = n_speakers
        self.line = line if with_line else None
        self.n_together = n_together

    @property
    def n_classes(self):
        """Number of training classes."""
        return self.n_speakers * self.n_versions

    @property
    def n_versions(self):
        """Number of classes made of a speaker."""
        return len(self.speeds) + (self.line is not None)

    # Resampling is a convolution, which autocast would round to bfloat16.
    @fwd_default_precision(cast_inputs=torch.float32)
    def forward(self, wavs, spk_id_encoded, rng):
        """Return wavs (batch, samples) and classes (batch,) at drawn speeds."""
        if self.n_versions == 1:
            return wavs, spk_id_encoded
        drawn = self._draw(len(wavs), rng, wavs.device)
        played = wavs.clone()
        for index, speed in enumerate(self.speeds[1:], start=1):
            chosen = drawn == index
            if chosen.any():
                played[chosen] = self._play(wavs[chosen], speed, rng)
        distant = drawn == len(self.speeds)  # none without a line
        if distant.any():
            played[distant] = self.line(wavs[distant], rng)
        return played, spk_id_encoded + self.n_speakers * drawn

    def _draw(self, n_segments, rng, device):
        """Return the number of a version for each segment."""
        n_groups, left_over = divmod(n_segments, self.n_together)
        if left_over:
            raise ValueError(
                f"{n_segments} segments of a batch are not a multiple of n_together,"
                f" {self.n_together}; set both to the groups that the sampler draws"
            )
        drawn = torch.randint(
            self.n_versions, (n_groups,), generator=rng, device=device
        )
        return drawn.repeat_interleave(self.n_together)

    @staticmethod
    def _play(wavs, speed, rng):
        samples = wavs.shape[1]
        played = resample(wavs, speed.numerator, speed.denominator)
        spare = played.shape[1] - samples
        if spare <= 0:
            return torch.cat([played, played], dim=1)[:, :samples]
        start = torch.randint(spare + 1, (1,), generator=rng, device=wavs.device)
        return played[:, int(start) : int(start) + samples]
