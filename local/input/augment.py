"""Augmentation of one-second segments: per clip, batched, on the training device.

SpeechBrain's ``Augmenter`` decides once a batch, and its ``DropChunk`` defaults can
erase 91 % of an 11025-sample clip; its noise and reverberation need downloaded
corpora. Here every clip draws for itself and everything is synthesised. Rooms,
microphones and lines are in `local.input.channel`.

All modules of this file take and give ``wavs`` (batch, samples), except `FeatureMasks`,
which takes features, and draw from the ``torch.Generator`` they are given. `RandomCrop`
alone changes their length.
"""

import torch


def uniform(shape, low, high, rng):
    """Draw uniformly from [low, high) on the generator's device."""
    return low + (high - low) * torch.rand(shape, generator=rng, device=rng.device)


def rms(wavs):
    """Root mean square per clip, (batch, 1), never zero."""
    return wavs.square().mean(dim=1, keepdim=True).sqrt().clamp(min=1e-6)


def mix_at_snr(wavs, noise, snr_db):
    """Add noise to every clip at its own signal-to-noise ratio, (batch, 1) in dB."""
    return wavs + noise * (rms(wavs) / rms(noise) * 10 ** (-snr_db / 20))


class PerClip(torch.nn.Module):
    """Base: change each clip with probability ``prob``, independently.

    Parameters
    ----------
    prob : float
        Share of the clips changed, 0 to 1; 0 switches the augmentation off.
    """

    def __init__(self, prob):
        super().__init__()
        if not 0 <= prob <= 1:
            raise ValueError(f"{type(self).__name__}: prob must be in 0..1, got {prob}")
        self.prob = prob

    def forward(self, wavs, rng):
        """Return ``wavs`` with the drawn clips changed, in a new tensor."""
        drawn = torch.rand(len(wavs), generator=rng, device=wavs.device) < self.prob
        if not drawn.any():
            return wavs
        changed = wavs.clone()
        changed[drawn] = self.change(wavs[drawn], rng)
        return changed

    def change(self, wavs, rng):
        """Change every clip of ``wavs``."""
        raise NotImplementedError


class Gain(PerClip):
    """Another recording level: uniform in ±``max_db`` dB."""

    def __init__(self, prob, max_db):
        super().__init__(prob)
        self.max_db = max_db

    def change(self, wavs, rng):
        """Scale every clip."""
        gain_db = uniform((len(wavs), 1), -self.max_db, self.max_db, rng)
        return wavs * 10 ** (gain_db / 20)


class Shift(PerClip):
    """Rotate the clip by a random share of its length, up to ``max_share``."""

    def __init__(self, prob, max_share):
        super().__init__(prob)
        self.max_share = max_share

    def change(self, wavs, rng):
        """Rotate every clip by its own offset."""
        batch, samples = wavs.shape
        offset = uniform((batch, 1), 0, self.max_share * samples, rng).long()
        index = torch.arange(samples, device=wavs.device) + offset
        return wavs.gather(1, index % samples)


class ColouredNoise(PerClip):
    """Stationary noise with a power spectrum of 1/f^a, a and SNR drawn per clip.

    Parameters
    ----------
    prob : float
        Share of the clips changed.
    sample_rate : int
        Hz.
    snr_db : (float, float)
        Range of the signal-to-noise ratio.
    slope : (float, float)
        Range of the exponent a: 0 is white, 1 pink, 2 brown.
    low_hz : float
        The spectrum is flat below. At 1 Hz most of the energy of steep noise lies
        under the voice, which hears a better ratio than ``snr_db``.
    """

    def __init__(self, prob, sample_rate, snr_db, slope, low_hz):
        super().__init__(prob)
        self.sample_rate = sample_rate
        self.snr_db = snr_db
        self.slope = slope
        self.low_hz = low_hz

    def change(self, wavs, rng):
        """Add noise to every clip."""
        batch, samples = wavs.shape
        white = torch.randn(wavs.shape, generator=rng, device=wavs.device)
        slope = uniform((batch, 1), *self.slope, rng)
        bins = torch.arange(samples // 2 + 1, device=wavs.device)
        hz = (bins * (self.sample_rate / samples)).clamp(min=self.low_hz)
        spectrum = torch.fft.rfft(white) * hz ** (-slope / 2)
        noise = torch.fft.irfft(spectrum, samples)
        return mix_at_snr(wavs, noise, uniform((batch, 1), *self.snr_db, rng))


class Babble(PerClip):
    """Voices of other clips of the batch in the background.

    Parameters
    ----------
    prob : float
        Share of the clips changed.
    snr_db : (float, float)
        Range of the signal-to-noise ratio.
    n_voices : int
        Background voices a clip.
    """

    def __init__(self, prob, snr_db, n_voices):
        super().__init__(prob)
        self.snr_db = snr_db
        self.n_voices = n_voices

    def change(self, wavs, rng):
        """Add to every clip the sum of its neighbours in random order."""
        if len(wavs) < 2:  # nobody else is talking
            return wavs
        noise = torch.zeros_like(wavs)
        for _ in range(self.n_voices):
            order = torch.randperm(len(wavs), generator=rng, device=wavs.device)
            # One cycle through a random order: no clip is its own background.
            voices = torch.empty_like(wavs)
            voices[order] = wavs[order.roll(1)]
            noise += voices / rms(voices)
        snr_db = uniform((len(wavs), 1), *self.snr_db, rng)
        return mix_at_snr(wavs, noise, snr_db)


class FeatureMasks(PerClip):
    """Masks of frames and of bands on normalised features, own places per clip.

    Parameters
    ----------
    prob : float
        Share of the clips changed.
    n_time, n_freq : int
        Masks a clip on each axis.
    max_time, max_freq : int
        Largest width of a mask, in frames and in bands.

    Raises
    ------
    ValueError
        On features so small that the masks of an axis could hide all of it.

    References
    ----------
    Park et al. (2019). SpecAugment. Interspeech. doi:10.21437/Interspeech.2019-2680
    """

    def __init__(self, prob, n_time, max_time, n_freq, max_freq):
        super().__init__(prob)
        self.axes = ((1, n_time, max_time), (2, n_freq, max_freq))

    def change(self, feats, rng):
        """Set the masked places of ``feats`` (batch, frames, mels) to 0, the mean."""
        hidden = torch.zeros(1, dtype=torch.bool, device=feats.device)
        for dim, n_masks, max_width in self.axes:
            size = feats.shape[dim]
            if n_masks * max_width >= size:
                raise ValueError(
                    f"FeatureMasks: {n_masks} masks of up to {max_width} could hide all"
                    f" {size} frames or bands (axis {dim}); lower max_time or max_freq"
                )
            place = torch.arange(size, device=feats.device)
            for _ in range(n_masks):
                width = uniform((len(feats), 1), 0, max_width + 1, rng).floor()
                start = uniform((len(feats), 1), 0, size - width + 1, rng).floor()
                masked = (place >= start) & (place < start + width)  # (batch, size)
                hidden = hidden | masked.unsqueeze(3 - dim)
        return feats.masked_fill(hidden, 0.0)


class Chain(PerClip):
    """Augmentations one after the other, on a share of the clips.

    Parameters
    ----------
    steps : list of PerClip
        Applied in this order; put them in the order of nature: mouth, room, noise,
        microphone, level, line, codec.
    prob : float
        Share of the clips that go through the steps at all.
    """

    def __init__(self, steps, prob=1.0):
        super().__init__(prob)
        self.steps = torch.nn.ModuleList(steps)

    def change(self, wavs, rng):
        """Apply all steps to ``wavs`` (batch, samples)."""
        for step in self.steps:
            wavs = step(wavs, rng)
        return wavs


class RandomCrop(torch.nn.Module):
    """Keep a stretch of every clip, at a place of its own; other places every epoch.

    Parameters
    ----------
    n_samples : int
        Length of the stretch.
    then : PerClip, optional
        What goes on with the stretches.

    Raises
    ------
    ValueError
        On clips that are shorter.

    Examples
    --------
    >>> crop = RandomCrop(n_samples=3)
    >>> crop(torch.arange(10.0).repeat(2, 1), torch.Generator().manual_seed(1))
    tensor([[5., 6., 7.],
            [3., 4., 5.]])
    """

    def __init__(self, n_samples, then=None):
        super().__init__()
        self.n_samples = n_samples
        self.then = then

    def forward(self, wavs, rng):
        """Return stretches (batch, n_samples) of ``wavs`` (batch, samples)."""
        if not 0 < self.n_samples <= wavs.shape[1]:
            raise ValueError(
                f"RandomCrop: n_samples is {self.n_samples}, but clips have"
                f" {wavs.shape[1]}; set it to 1..{wavs.shape[1]}"
            )
        n_places, shape = wavs.shape[1] - self.n_samples + 1, (len(wavs), 1)
        start = torch.randint(n_places, shape, generator=rng, device=wavs.device)
        place = torch.arange(self.n_samples, device=wavs.device)
        stretches = wavs.gather(1, start + place)
        return self.then(stretches, rng) if self.then else stretches
