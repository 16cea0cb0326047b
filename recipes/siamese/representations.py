"""What a network hears of a fragment of speech: pictures of it.

Representations as those of `local.input.representations`, where the wave itself and
MFCCs are. Axes are (batch, frequency, time), but for the patches, (batch, time,
frequency). VGGish, which is a network itself, has a module of its own.
"""

import torch
from torch.nn.functional import pad
from torchaudio.functional import amplitude_to_DB

from recipes.siamese.mel_bands import rounded_triangles


class LogFrequencySpectrogram(torch.nn.Module):
    """A square grey picture of the spectrum in decibels over a log-frequency axis.

    The picture is that of ``librosa.display.specshow(amplitude_to_db(abs(stft)),
    y_axis="log")`` from 0 Hz up, by resampling instead of by drawing: a pixel is the
    mean of what lies under it, the lowest frequency comes first, and black to white are
    ``top_db`` decibels up to the fragment's peak, where a drawing ends at its quietest.
    What a drawing saved to a PNG has besides is left out: margins, and the colour map.
    Turned to grey, that map of blue, white and red makes the quietest and the loudest
    alike dark.

    Parameters
    ----------
    sample_rate : int
        Hz.
    n_fft, hop_length : int
        Window and hop, in samples.
    size : int
        Rows, and columns.
    linear_hz : float
        The axis is linear below it, where an octave would be less than a few bins
        wide, in as many rows as the octave above it; 65.4 is librosa's.
    top_db : float
        80 is librosa's.
    pad_mode : str
        As in `local.input.representations.Mfcc`.

    Examples
    --------
    >>> picture = LogFrequencySpectrogram()(torch.randn(2, 66150))
    >>> picture.shape, picture.dtype
    (torch.Size([2, 227, 227]), torch.uint8)
    """

    dtype = "uint8"

    def __init__(
        self,
        sample_rate=22050,
        n_fft=2048,
        hop_length=512,
        size=227,
        linear_hz=65.406,
        top_db=80.0,
        pad_mode="constant",
    ):
        super().__init__()
        self.sample_rate = sample_rate
        self.n_fft = n_fft
        self.hop_length = hop_length
        self.size = size
        self.linear_hz = linear_hz
        self.top_db = top_db
        self.pad_mode = pad_mode
        self.register_buffer("window", torch.hann_window(n_fft), persistent=False)
        rows = resampling_weights(self.bin_edges(), size).float()
        self.register_buffer("rows", rows, persistent=False)

    def bin_edges(self):
        """Return where the bins begin and end on the axis, (bins + 1,)."""
        n_bins = self.n_fft // 2 + 1
        bins = (torch.arange(n_bins + 1, dtype=torch.float64) - 0.5).clamp(
            0, n_bins - 1
        )
        octaves = bins * (self.sample_rate / self.n_fft / self.linear_hz)
        return torch.where(octaves < 1, octaves, 1 + octaves.clamp(min=1).log2())

    def decibels(self, wavs):
        """Return decibels (batch, bins, frames), none below the floor."""
        spectrum = torch.stft(
            wavs,
            self.n_fft,
            self.hop_length,
            window=self.window,
            pad_mode=self.pad_mode,
            return_complex=True,
        )
        # Complex abs() takes nine times as long.
        power = torch.addcmul(spectrum.real.square(), spectrum.imag, spectrum.imag)
        power = power.unsqueeze(1)  # a channel axis, as in Mfcc
        return amplitude_to_DB(power, 10.0, 1e-10, 0.0, self.top_db).squeeze(1)

    def forward(self, wavs):
        """Return pictures (batch, size, size), uint8."""
        decibels = self.decibels(wavs)
        edges = torch.arange(decibels.shape[2] + 1, dtype=torch.float64)
        columns = resampling_weights(edges, self.size).to(decibels)
        pictures = self.rows @ decibels @ columns.T
        floor = decibels.amax(dim=(1, 2), keepdim=True) - self.top_db
        grey = (pictures - floor) * (255 / self.top_db)
        return grey.round().clamp(0, 255).to(torch.uint8)


def resampling_weights(edges, n_pixels):
    """Return how much of each cell lies under each of equally wide pixels.

    Parameters
    ----------
    edges : Tensor, (n_cells + 1,)
        Where the cells begin and end, rising; the pixels share all of it.
    n_pixels : int
        Any number, more or fewer than the cells.

    Returns
    -------
    weights : Tensor, (n_pixels, n_cells)
        Rows that sum to 1.

    Examples
    --------
    >>> resampling_weights(torch.tensor([0.0, 1.0, 3.0]), 2)
    tensor([[0.6667, 0.3333],
            [0.0000, 1.0000]])
    """
    share = (edges[-1] - edges[0]) / n_pixels
    start = edges[0] + share * torch.arange(n_pixels).unsqueeze(1)
    overlap = torch.minimum(edges[1:], start + share) - torch.maximum(edges[:-1], start)
    return overlap.clamp(min=0) / share


class FilterbankPatches(torch.nn.Module):
    """A patch of mel bands, each frame normalised to mean 0 and deviation 1.

    Power, not its logarithm, as ``python_speech_features.fbank`` computes it: without a
    window, in triangles whose corners are rounded to bins. A patch of 64 frames takes
    0.655 s; of 0.64 s, the hops alone, the last two frames are filled up with zeros.

    Parameters
    ----------
    sample_rate : int
        Hz.
    n_mels : int
        Bands.
    n_frames : int
        Of a patch.
    window_s, hop_s : float
        Window and hop, seconds.
    n_fft : int
        Samples of the transform.
    preemphasis : float
        Share of the sample before that is taken from each sample.

    Examples
    --------
    >>> FilterbankPatches()(torch.randn(2, 10240)).shape
    torch.Size([2, 64, 64])
    """

    dtype = "float32"

    def __init__(
        self,
        sample_rate=16000,
        n_mels=64,
        n_frames=64,
        window_s=0.025,
        hop_s=0.01,
        n_fft=512,
        preemphasis=0.97,
    ):
        super().__init__()
        self.sample_rate = sample_rate
        self.n_frames = n_frames
        self.window_length = round(window_s * sample_rate)
        self.hop_length = round(hop_s * sample_rate)
        self.n_fft = n_fft
        self.preemphasis = preemphasis
        bands = rounded_triangles(sample_rate, n_fft, n_mels)
        self.register_buffer("bands", bands)

    def forward(self, wavs):
        """Return patches (batch, n_frames, n_mels).

        Raises
        ------
        ValueError
            If the wavs are shorter than the hops of a patch, or longer than its frames.
        """
        least = self.n_frames * self.hop_length
        most = least - self.hop_length + self.window_length
        n_samples = wavs.shape[1]
        if not least <= n_samples <= most:
            raise ValueError(
                f"fragments of {n_samples / self.sample_rate:g} s, expected"
                f" {least / self.sample_rate:g} to {most / self.sample_rate:g} s for"
                f" patches of {self.n_frames} frames; change fragment_seconds"
            )
        flat = torch.cat(
            [wavs[:, :1], wavs[:, 1:] - self.preemphasis * wavs[:, :-1]], dim=1
        )
        # Filled up at the end, as the library does with the last frame of a recording.
        frames = pad(flat, (0, most - n_samples))
        frames = frames.unfold(1, self.window_length, self.hop_length)
        spectrum = torch.fft.rfft(frames, self.n_fft)
        power = torch.addcmul(spectrum.real.square(), spectrum.imag, spectrum.imag)
        bands = power @ self.bands / self.n_fft
        std, mean = torch.std_mean(bands, dim=2, correction=0, keepdim=True)
        return (bands - mean) / std.clamp(min=1e-12)
