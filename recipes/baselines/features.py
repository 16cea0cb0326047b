"""Hand-made features of whole clips, as the rivals compute them with librosa.

All take wavs (batch, samples) and average over frames. Frames are centred, padded with
zeros, under a Hann window. Shapes inside are (batch, frames, bins). What differs from
librosa: chroma bands are tuned to A440 instead of to the clip.
"""

import math

import torch
from speechbrain.utils.autocast import fwd_default_precision
from torch.nn.functional import normalize, pad
from torchaudio.functional import amplitude_to_DB, create_dct, melscale_fbanks

A0_HZ = 27.5
SEMITONES_C_TO_A = 9


def chroma_filters(sample_rate, n_fft, n_chroma=12):
    """Return the weight of each bin in each pitch class, C first.

    Parameters
    ----------
    sample_rate : int
        Hz.
    n_fft : int
        Samples of the transform.
    n_chroma : int
        Pitch classes an octave.

    Returns
    -------
    filters : Tensor, (n_fft // 2 + 1, n_chroma)
        Bumps one pitch class wide, of norm 1 in each bin, under a broad bump over the
        octaves around 880 Hz.

    References
    ----------
    Ellis (2007). Chroma feature analysis and synthesis. LabROSA, Columbia University.

    Examples
    --------
    >>> filters = chroma_filters(11025, 2048)
    >>> bin_of_a = round(440 / 11025 * 2048)
    >>> int(filters[bin_of_a].argmax())
    9
    """
    hz = torch.arange(1, n_fft // 2 + 2) * (sample_rate / n_fft)
    pitch = n_chroma * torch.log2(hz / A0_HZ)  # of the bins above 0 Hz, A0 = 0
    pitch = torch.cat([pitch[:1] - 1.5 * n_chroma, pitch])  # 0 Hz: far below
    width = pitch.diff().clamp(min=1.0)[:, None]
    pitch = pitch[:-1, None]
    name = pitch + SEMITONES_C_TO_A * n_chroma / 12 - torch.arange(n_chroma)
    half = n_chroma / 2
    distance = (name + half).remainder(n_chroma) - half  # to the nearest octave of it
    bumps = normalize(torch.exp(-0.5 * (2 * distance / width) ** 2), dim=1)
    octave = pitch / n_chroma - 5
    return bumps * torch.exp(-0.5 * (octave / 2) ** 2)


class Spectrum(torch.nn.Module):
    """Frames of wavs, and what all features share.

    Parameters
    ----------
    sample_rate : int
        Hz.
    n_fft, hop_length : int
        Frame and hop, in samples.
    """

    def __init__(self, sample_rate, n_fft, hop_length):
        super().__init__()
        self.n_fft = n_fft
        self.hop_length = hop_length
        self.register_buffer("window", torch.hann_window(n_fft))
        self.register_buffer("hz", torch.fft.rfftfreq(n_fft, 1 / sample_rate))
        self.register_buffer("chroma_filters", chroma_filters(sample_rate, n_fft))

    def frames(self, wavs):
        """Return frames (batch, frames, n_fft)."""
        half = self.n_fft // 2
        return pad(wavs, (half, half)).unfold(1, self.n_fft, self.hop_length)

    def magnitude(self, frames):
        """Return magnitudes (batch, frames, bins)."""
        return torch.fft.rfft(frames * self.window).abs()

    def chroma(self, spectrum):
        """Return pitch classes (batch, frames, 12), the strongest of a frame 1."""
        return normalize(spectrum @ self.chroma_filters, p=math.inf, dim=2)


class MelCepstrum(torch.nn.Module):
    """Slaney's mel bands of a power spectrum, and their cepstrum in decibels.

    Parameters
    ----------
    sample_rate : int
        Hz.
    n_fft : int
        Samples of the transform.
    n_mels, n_mfcc : int
        Bands and coefficients.
    f_min : float
        Hz, the lowest band's edge.
    """

    def __init__(self, sample_rate, n_fft, n_mels, n_mfcc, f_min):
        super().__init__()
        f_max = sample_rate / 2
        form = {"norm": "slaney", "mel_scale": "slaney"}
        bands = melscale_fbanks(
            n_fft // 2 + 1, f_min, f_max, n_mels, sample_rate, **form
        )
        self.register_buffer("bands", bands)
        self.register_buffer("dct", create_dct(n_mfcc, n_mels, norm="ortho"))

    def forward(self, power):
        """Return mel bands (batch, frames, n_mels), MFCC (batch, frames, n_mfcc)."""
        mel = power @ self.bands
        # A channel axis: the floor of 80 dB is that of each clip, not of the batch.
        db = amplitude_to_DB(mel.unsqueeze(1), 10.0, 1e-10, 0.0, top_db=80.0)
        return mel, db.squeeze(1) @ self.dct


class Summary26(torch.nn.Module):
    """Six figures of the sound and 20 MFCCs, each averaged over the clip.

    The six: pitch classes (all in one), root mean square, spectral centroid,
    bandwidth and roll-off, zero-crossing rate.

    Parameters
    ----------
    sample_rate : int
        Hz.
    n_fft, hop_length : int
        Frame and hop, in samples.
    n_mels, n_mfcc : int
        Bands and coefficients.
    roll_share : float
        Share of the magnitudes below the roll-off.

    Examples
    --------
    >>> features = Summary26(11025, 2048, 512, n_mels=128, n_mfcc=20, roll_share=0.85)
    >>> features(torch.randn(3, 11025)).shape
    torch.Size([3, 1, 26])
    """

    def __init__(self, sample_rate, n_fft, hop_length, n_mels, n_mfcc, roll_share):
        super().__init__()
        self.spectrum = Spectrum(sample_rate, n_fft, hop_length)
        self.cepstrum = MelCepstrum(sample_rate, n_fft, n_mels, n_mfcc, f_min=0.0)
        self.roll_share = roll_share

    # Half precision would leave centroids of 2000 Hz on steps of 16 Hz.
    @fwd_default_precision(cast_inputs=torch.float32)
    def forward(self, wavs):
        """Return features (batch, 1, 6 + n_mfcc), one row a clip."""
        frames = self.spectrum.frames(wavs)
        magnitude = self.spectrum.magnitude(frames)
        share = normalize(magnitude, p=1, dim=2)  # silence keeps zeros
        hz = self.spectrum.hz
        centroid = (share * hz).sum(dim=2, keepdim=True)
        bandwidth = (share * (hz - centroid) ** 2).sum(dim=2).sqrt()
        below = (share.cumsum(dim=2) < self.roll_share).sum(dim=2)
        rolloff = hz[below.clamp(max=len(hz) - 1)]
        crossings = (frames[:, :, 1:] < 0) != (frames[:, :, :-1] < 0)
        power = magnitude**2
        six = [
            self.spectrum.chroma(power).mean(dim=2),
            frames.square().mean(dim=2).sqrt(),
            centroid.squeeze(2),
            bandwidth,
            rolloff,
            crossings.float().mean(dim=2),
        ]
        _, mfcc = self.cepstrum(power)
        return torch.cat([torch.stack(six, 2), mfcc], 2).mean(dim=1, keepdim=True)


def tonal_centroids(chroma):
    """Return the place of pitch classes on the circles of fifths and thirds.

    Parameters
    ----------
    chroma : Tensor, (..., 12)
        Pitch classes, not negative.

    Returns
    -------
    centroids : Tensor, (..., 6)
        Two coordinates for fifths, minor thirds and major thirds.

    References
    ----------
    Harte, Sandler & Gasser (2006). Detecting harmonic change in musical audio. ACM
    Workshop on Audio and Music Computing for Multimedia.
    """
    steps = torch.tensor([7 / 6, 3 / 2, 2 / 3], device=chroma.device)
    radius = torch.tensor([1.0, 1.0, 0.5], device=chroma.device)
    angle = torch.pi * steps * torch.arange(12, device=chroma.device)[:, None]
    circles = torch.stack([radius * angle.sin(), radius * angle.cos()], dim=2)
    return normalize(chroma, p=1, dim=-1) @ circles.flatten(1)


class Summary281(torch.nn.Module):
    """128 MFCCs, 12 pitch classes, 128 mel bands, 7 contrasts, 6 tonal centroids.

    The published features take the tonal centroids from a constant-Q transform of the
    harmonic part of the clip, and the mel bands from frames twice as long; here one
    spectrum serves all.

    Parameters
    ----------
    sample_rate : int
        Hz.
    n_fft, hop_length : int
        Frame and hop, in samples.
    n_mels, n_mfcc : int
        Bands and coefficients.
    f_min : float
        Hz: lowest mel band's edge, and upper edge of the lowest contrast band, above
        which each is an octave wide.
    n_octaves : int
        Contrast bands but one.
    quantile : float
        Share of the bins of a band that are its peak, and its valley.

    Examples
    --------
    >>> features = Summary281(11025, 1024, 512, 128, 128, 16, 6, 0.02)
    >>> features(torch.randn(3, 11025)).shape
    torch.Size([3, 281])
    """

    def __init__(
        self,
        sample_rate,
        n_fft,
        hop_length,
        n_mels,
        n_mfcc,
        f_min,
        n_octaves,
        quantile,
    ):
        super().__init__()
        self.spectrum = Spectrum(sample_rate, n_fft, hop_length)
        self.cepstrum = MelCepstrum(sample_rate, n_fft, n_mels, n_mfcc, f_min)
        edges = f_min * 2.0 ** torch.arange(n_octaves)
        starts = torch.bucketize(edges, self.spectrum.hz).tolist()
        # Each band with the bin below it, so that none is a single bin.
        self.bands = [
            (max(start - 1, 0), stop)
            for start, stop in zip([0, *starts], [*starts, n_fft // 2 + 1], strict=True)
        ]
        self.quantile = quantile

    def contrast(self, magnitude):
        """Return the decibels of peaks over valleys, (batch, frames, bands)."""
        contrasts = []
        for start, stop in self.bands:
            ordered = magnitude[:, :, start:stop].sort(dim=2).values
            n = max(round(self.quantile * (stop - start)), 1)
            ends = torch.stack([ordered[:, :, -n:], ordered[:, :, :n]])
            peak, valley = 10 * ends.mean(dim=3).clamp(min=1e-10).log10()
            contrasts.append(peak - valley)
        return torch.stack(contrasts, dim=2)

    @fwd_default_precision(cast_inputs=torch.float32)
    def forward(self, wavs):
        """Return features (batch, 281), one row a clip."""
        magnitude = self.spectrum.magnitude(self.spectrum.frames(wavs))
        mel, mfcc = self.cepstrum(magnitude**2)
        chroma = self.spectrum.chroma(magnitude)
        parts = [mfcc, chroma, mel, self.contrast(magnitude), tonal_centroids(chroma)]
        return torch.cat(parts, dim=2).mean(dim=1)
