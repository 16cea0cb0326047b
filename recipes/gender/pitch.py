"""How high a voice is: fundamental frequency by YIN, and its median over voiced frames.

Chosen over what is there ready-made, on 211 readers of LibriSpeech:
``speechbrain.processing.vocal_features.compute_autocorr_features`` takes the highest
correlation, which of a recording without bass lies at a formant (men at 400 Hz), counts
lags in whole samples (2.5 % at 400 Hz) and pads its running median with zeros;
``torchaudio.functional.detect_pitch_frequency`` tells no voiced frames from others.
"""

import math

import numpy as np
import torch
from torch.nn.functional import pad

# Of squares summed over a window: below 16-bit audio, above rounding. Silence thus has
# no period instead of 0 / 0.
FLOOR = 1e-8


class Pitch(torch.nn.Module):
    """Fundamental frequency over time, by YIN, and how periodic each frame is.

    Parameters
    ----------
    sample_rate : int
        Hz.
    lowest_hz, highest_hz : float
        Bounds of the fundamental frequency.
    window_s, hop_s : float
        What is compared with itself a lag later, and the hop, seconds.
    threshold : float
        The first dip of the normalised difference below it is the period, so that a
        deeper one at twice the period is no octave error; else the deepest dip is.
    voiced_from : float
        Frames of less strength are unvoiced; strength is 1 minus the dip.

    References
    ----------
    de Cheveigné and Kawahara (2002). YIN, a fundamental frequency estimator for speech
    and music. JASA 111(4). doi:10.1121/1.1458024

    Examples
    --------
    >>> time = torch.arange(16000) / 16000
    >>> wave = sum(torch.sin(2 * torch.pi * 120 * n * time) for n in (1, 2, 3))
    >>> pitch = Pitch()(wave.unsqueeze(0))
    >>> pitch.shape, round(pitch[0, 0, 50].item())
    (torch.Size([1, 2, 96]), 120)
    """

    dtype = "float32"

    def __init__(
        self,
        sample_rate=16000,
        lowest_hz=60.0,
        highest_hz=400.0,
        window_s=0.025,
        hop_s=0.01,
        threshold=0.15,
        voiced_from=0.5,
    ):
        super().__init__()
        self.sample_rate = sample_rate
        self.shortest = int(sample_rate / highest_hz)  # lags, in samples
        self.longest = math.ceil(sample_rate / lowest_hz)
        self.window = round(window_s * sample_rate)
        self.hop = round(hop_s * sample_rate)
        self.threshold = threshold
        self.voiced_from = voiced_from

    def forward(self, wavs):
        """Return Hz, 0 where unvoiced, and strength in 0..1, (batch, 2, frames).

        Raises
        ------
        ValueError
            If the wavs are too short for a frame.
        """
        n_samples = self.window + self.longest + 1
        if wavs.shape[1] < n_samples:
            raise ValueError(
                f"clips of {wavs.shape[1]} samples, expected {n_samples} or more: a"
                " window and the longest period; raise lowest_hz or lengthen the clips"
            )
        frames = wavs.unfold(1, n_samples, self.hop)
        # (batch, frames, lags), of which one before the shortest and one beyond the
        # longest: a dip has neighbours.
        curve = self.difference(frames)[..., self.shortest - 1 :]
        lag, strength = self.first_dip(curve)
        voiced = strength >= self.voiced_from
        hz = torch.where(voiced, self.sample_rate / lag, 0)
        return torch.stack([hz, strength], dim=1)

    def difference(self, frames):
        """Return the cumulative-mean-normalised difference at lags 0, 1, ... (8)."""
        frames = frames - frames.mean(dim=-1, keepdim=True)
        n_lags = self.longest + 2
        n_fft = 2 ** math.ceil(math.log2(self.window + n_lags))
        window = torch.fft.rfft(frames[..., : self.window], n_fft)
        product = torch.fft.rfft(frames, n_fft) * window.conj()
        correlation = torch.fft.irfft(product, n_fft)[..., :n_lags]
        sums = pad(frames.square().cumsum(dim=-1), (1, 0))
        energy = sums[..., self.window :] - sums[..., :n_lags]
        difference = (energy[..., :1] + energy - 2 * correlation).clamp(min=0)  # (7)
        means = difference[..., 1:].cumsum(dim=-1)
        means = means / torch.arange(1, n_lags, device=means.device)
        return pad((difference[..., 1:] + FLOOR) / (means + FLOOR), (1, 0), value=1.0)

    def first_dip(self, curve):
        """Return lag, between samples by a parabola, and strength of the period."""
        before, middle, after = curve[..., :-2], curve[..., 1:-1], curve[..., 2:]
        dips = (middle <= before) & (middle < after)
        depth = torch.where(dips, middle, torch.inf)
        deep = depth < self.threshold
        first = deep.float().argmax(dim=-1, keepdim=True)
        at = torch.where(deep.any(-1, keepdim=True), first, depth.argmin(-1, True))
        left, dip, right = (
            part.gather(-1, at).squeeze(-1) for part in (before, middle, after)
        )
        shift = (left - right) / (2 * (left - 2 * dip + right)).clamp(min=1e-9)
        strength = torch.where(dips.any(-1), 1 - dip, 0).clamp(0, 1)
        return self.shortest + at.squeeze(-1) + shift.clamp(-0.5, 0.5), strength


def median_pitch(pitch, strength):
    """Return the median fundamental frequency of strongly voiced frames.

    Parameters
    ----------
    pitch : ndarray, (n, 2, frames)
        As from `Pitch`; chunks of an utterance may be laid end to end.
    strength : float
        Frames of at least that strength count; if there is none, all voiced frames.

    Returns
    -------
    hz : ndarray, (n,)
        0 of a row without any voiced frame: no voice is lower.

    Examples
    --------
    >>> hz = [[100, 110, 220], [0, 90, 0], [0, 0, 0]]
    >>> strength = [[0.9, 0.9, 0.6], [0.1, 0.6, 0.2], [0.0, 0.0, 0.0]]
    >>> median_pitch(np.stack([hz, strength], axis=1), strength=0.8)
    array([105.,  90.,   0.])
    """
    hz, found = np.moveaxis(np.asarray(pitch, dtype=float), 1, 0)
    strong = (hz > 0) & (found >= strength)
    counts = np.where(strong.any(axis=1, keepdims=True), strong, hz > 0)
    counts |= ~counts.any(axis=1, keepdims=True)  # unvoiced: a row of zeros
    return np.nanmedian(np.where(counts, hz, np.nan), axis=1)


def best_threshold(hz, genders):
    """Return the pitch that divides genders best, and how often it is right.

    Parameters
    ----------
    hz : ndarray, (n,)
        Median pitches, two or more different ones.
    genders : ndarray of int, (n,)
        0 = F, said of what is higher, 1 = M.

    Returns
    -------
    threshold, accuracy : float
        Halfway between two pitches, the middle one of equally good; on these same
        voices, so that the accuracy is a bound for thresholds, not a forecast.

    Examples
    --------
    >>> best_threshold(np.array([100, 120, 210, 190]), np.array([1, 1, 0, 0]))
    (155.0, 1.0)
    """
    pitches = np.unique(hz)
    thresholds = (pitches[1:] + pitches[:-1]) / 2
    is_man = np.asarray(genders, dtype=bool)
    men, women = np.sort(hz[is_man]), np.sort(hz[~is_man])
    n_right = np.searchsorted(men, thresholds) + len(women)
    n_right -= np.searchsorted(women, thresholds)
    best = np.flatnonzero(n_right == n_right.max())
    middle = best[len(best) // 2]
    return float(thresholds[middle]), float(n_right[middle] / len(hz))
