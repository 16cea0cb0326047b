"""Augmentation by another channel: the room, the microphone, the level, the line.

One person on two telephones is two spectra. What a model must not take for the voice
is drawn anew for every clip, in the manner of `local.input.augment`.
"""

import math

import torch
from scipy.fft import next_fast_len

from local.input.augment import PerClip, rms, uniform


class Reverb(PerClip):
    """A synthetic room: direct sound and exponentially decaying noise.

    Parameters
    ----------
    prob : float
        Share of the clips changed.
    sample_rate : int
        Hz.
    t60_s : (float, float)
        Range of the reverberation time in seconds.
    direct_db : (float, float)
        Range of the direct-to-reverberant energy ratio.

    References
    ----------
    Polack (1988), La transmission de l'energie sonore dans les salles: late
    reverberation as exponentially decaying Gaussian noise.
    """

    def __init__(self, prob, sample_rate, t60_s, direct_db):
        super().__init__(prob)
        self.sample_rate = sample_rate
        self.t60_s = t60_s
        self.direct_db = direct_db

    def change(self, wavs, rng):
        """Convolve every clip with its own room."""
        batch, samples = wavs.shape
        n_tail = math.ceil(self.sample_rate * self.t60_s[1])
        time = torch.arange(1, n_tail + 1, device=wavs.device) / self.sample_rate
        t60 = uniform((batch, 1), *self.t60_s, rng)
        tail = torch.randn((batch, n_tail), generator=rng, device=wavs.device)
        tail = tail * torch.exp(-math.log(1000.0) * time / t60)  # -60 dB at t60
        direct_db = uniform((batch, 1), *self.direct_db, rng)
        tail = tail / tail.norm(dim=1, keepdim=True) * 10 ** (-direct_db / 20)
        room = torch.cat([torch.ones_like(t60), tail], dim=1)  # (batch, 1 + n_tail)
        n_fft = next_fast_len(samples + n_tail, real=True)
        wet = torch.fft.rfft(wavs, n_fft) * torch.fft.rfft(room, n_fft)
        wet = torch.fft.irfft(wet, n_fft)[:, :samples]
        return wet * (rms(wavs) / rms(wet))


class Telephone(PerClip):
    """A line of limited band: smooth edges, cut-offs drawn per clip.

    Parameters
    ----------
    prob : float
        Share of the clips changed.
    sample_rate : int
        Hz.
    low_hz, high_hz : (float, float)
        Ranges of the two cut-off frequencies (half power); ``low_hz`` of [0, 0] keeps
        the bass and limits the treble alone.
    order : float
        Steepness, as the order of a Butterworth filter.
    """

    def __init__(self, prob, sample_rate, low_hz, high_hz, order):
        super().__init__(prob)
        self.sample_rate = sample_rate
        self.low_hz = low_hz
        self.high_hz = high_hz
        self.order = order

    def change(self, wavs, rng):
        """Limit the band of every clip; the phase stays as it is."""
        batch, samples = wavs.shape
        hz = torch.fft.rfftfreq(samples, 1 / self.sample_rate, device=wavs.device)
        low = uniform((batch, 1), *self.low_hz, rng)
        high = uniform((batch, 1), *self.high_hz, rng)
        hz = hz.clamp(min=1.0)
        power = 1 / (1 + (low / hz) ** (2 * self.order))
        power = power / (1 + (hz / high) ** (2 * self.order))
        return torch.fft.irfft(torch.fft.rfft(wavs) * power.sqrt(), samples)


class MicrophoneResponse(PerClip):
    """Another microphone: a smooth random gain over frequency; the level stays.

    Parameters
    ----------
    prob : float
        Share of the clips changed.
    sample_rate : int
        Hz.
    spread_db : float
        Standard deviation of the gain at a knot.
    n_knots : int
        Knots of the response, evenly spaced in mel from 0 to half the sample rate;
        half a cosine leads from each to the next.
    """

    def __init__(self, prob, sample_rate, spread_db, n_knots):
        super().__init__(prob)
        self.sample_rate = sample_rate
        self.spread_db = spread_db
        self.n_knots = n_knots

    def change(self, wavs, rng):
        """Filter every clip by its own response; the phase stays as it is."""
        batch, samples = wavs.shape
        hz = torch.fft.rfftfreq(samples, 1 / self.sample_rate, device=wavs.device)
        mel = torch.log1p(hz / 700)
        place = mel / mel[-1] * (self.n_knots - 1)
        distance = place - torch.arange(self.n_knots, device=wavs.device)[:, None]
        weight = (1 + torch.cos(math.pi * distance.clamp(-1, 1))) / 2  # (knots, bins)
        knots = torch.randn((batch, self.n_knots), generator=rng, device=wavs.device)
        gain_db = self.spread_db * knots @ weight  # (batch, bins)
        heard = torch.fft.irfft(torch.fft.rfft(wavs) * 10 ** (gain_db / 20), samples)
        return heard * (rms(wavs) / rms(heard))


class Clipping(PerClip):
    """Too loud a level: the largest samples of the clip are cut off.

    Parameters
    ----------
    prob : float
        Share of the clips changed.
    max_share : float
        Largest share of the samples cut off; drawn per clip, at least one sample.
    """

    def __init__(self, prob, max_share):
        super().__init__(prob)
        self.max_share = max_share

    def change(self, wavs, rng):
        """Limit every clip to a level of its own."""
        n_most = max(1, int(self.max_share * wavs.shape[1]))
        loudest = wavs.abs().topk(n_most + 1, dim=1).values
        n_cut = uniform((len(wavs), 1), 1, n_most + 1, rng).long()
        level = loudest.gather(1, n_cut)
        return wavs.clamp(-level, level)


class MuLaw(PerClip):
    """A voice codec: mu-law companding with few bits, its noise follows the voice.

    Full scale is the peak of the clip, so that the bits alone decide the ratio of
    speech to noise: near 38 dB with 8 bits, and 6 dB less with each bit less.

    Parameters
    ----------
    prob : float
        Share of the clips changed.
    bits : (float, float)
        Range of the bits a sample; G.711 has 8.

    References
    ----------
    ITU-T Recommendation G.711 (1988). Pulse code modulation of voice frequencies.
    """

    def __init__(self, prob, bits):
        super().__init__(prob)
        self.bits = bits

    def change(self, wavs, rng):
        """Quantise every clip on a logarithmic scale of its own."""
        scale = math.log1p(255)
        peak = wavs.abs().amax(dim=1, keepdim=True).clamp(min=1e-6)
        # The bits need not be whole, the steps on each side of 0 are.
        steps = (2 ** uniform((len(wavs), 1), *self.bits, rng) / 2 - 1).round()
        companded = torch.log1p(255 * (wavs / peak).abs()) / scale
        quantised = (companded * steps).round() / steps
        return torch.expm1(quantised * scale) / 255 * peak * wavs.sign()
