"""Spectra of real products, as ONNX wants them.

ONNX has an operator for the short-time Fourier transform, but on a CPU onnxruntime
takes longer for it than for the network behind it. Here a transform is two products
with small matrices and a twist between them, the step of Cooley & Tukey (1965),
doi:10.1090/S0025-5718-1965-0178586-1: of 32 by 32 for 1024 samples.
"""

import math

import torch
from torch.overrides import TorchFunctionMode


class RealSpectrum(TorchFunctionMode):
    """Inside, ``torch.stft`` and ``torch.fft.rfft`` are those of this module.

    So features are exported as they are written, here and in SpeechBrain.

    Examples
    --------
    >>> wavs, window = torch.randn(2, 500), torch.hann_window(64)
    >>> options = {"window": window, "return_complex": True}
    >>> expected = torch.stft(wavs, 64, 16, **options)
    >>> with RealSpectrum():
    ...     found = torch.stft(wavs, 64, 16, **options)
    >>> torch.testing.assert_close(found, expected)
    """

    def __torch_function__(self, func, types, args=(), kwargs=None):
        ours = {torch.stft: stft, torch.fft.rfft: rfft}
        return ours.get(func, func)(*args, **(kwargs or {}))


def stft(
    wavs,
    n_fft,
    hop_length=None,
    win_length=None,
    window=None,
    center=True,
    pad_mode="reflect",
    normalized=False,
    onesided=None,
    return_complex=None,
    align_to_window=None,
):
    """Do as ``torch.stft`` does.

    Parameters
    ----------
    wavs : Tensor, (batch, samples)
        Real.
    n_fft, hop_length, win_length, window, center, pad_mode, normalized, onesided
        As of ``torch.stft``; a window there must be.
    return_complex, align_to_window
        Taken for the defaults.

    Returns
    -------
    spectrum : Tensor, (batch, n_fft // 2 + 1, frames)
        Complex.

    Raises
    ------
    ValueError
        On a normalised or a two-sided spectrum, or without a window.
    """
    if normalized or onesided is False or window is None:
        raise ValueError(
            "only plain, one-sided, windowed spectra can be exported to ONNX, got"
            f" normalized={normalized}, onesided={onesided}, window={window}"
        )
    if center:
        half = (n_fft // 2, n_fft // 2)
        wavs = torch.nn.functional.pad(wavs.unsqueeze(1), half, pad_mode).squeeze(1)
    before = (n_fft - len(window)) // 2
    window = torch.nn.functional.pad(window, (before, n_fft - len(window) - before))
    frames = cut_frames(wavs, n_fft, hop_length or n_fft // 4)
    return rfft(frames * window).transpose(1, 2)


def cut_frames(wavs, size, hop):
    """Cut overlapping frames by slices alone; a gather takes far longer.

    Parameters
    ----------
    wavs : Tensor, (batch, samples)
        At least ``size`` samples.
    size, hop : int
        Of a frame, and from one to the next, in samples.

    Returns
    -------
    frames : Tensor, (batch, frames, size)
        What is left over at the end is in none.
    """
    n_frames = (wavs.shape[1] - size) // hop + 1
    n_hops = -(-size // hop)  # that a frame reaches over
    missing = max((n_frames + n_hops - 1) * hop - wavs.shape[1], 0)
    wavs = torch.nn.functional.pad(wavs, (0, missing))
    hops = wavs[:, : (n_frames + n_hops - 1) * hop].unflatten(1, (-1, hop))
    parts = [hops[:, n : n + n_frames] for n in range(n_hops)]
    return torch.cat(parts, dim=2)[:, :, :size]


def rfft(frames):
    """Do as ``torch.fft.rfft`` does.

    Parameters
    ----------
    frames : Tensor, (batch, frames, n)
        Real.

    Returns
    -------
    spectrum : Tensor, (batch, frames, n // 2 + 1)
        Complex.
    """
    n = frames.shape[-1]
    n_rows = _near_root(n)
    n_columns = n // n_rows
    n_kept = n_columns // 2 + 1
    # Of sample n_columns * row + column, frequency f + n_rows * g.
    f, g = torch.arange(n_rows), torch.arange(n_kept)
    columns = torch.arange(n_columns)
    table = frames.unflatten(2, (n_rows, n_columns)).transpose(2, 3)
    real, imaginary = (table @ wave for wave in _waves(f, f, n_rows))
    cosine, sine = _waves(columns, f, n)
    twisted = torch.cat(
        [real * cosine - imaginary * sine, real * sine + imaginary * cosine], dim=2
    )  # (batch, frames, 2 * n_columns, n_rows)
    cosine, sine = _waves(g, columns, n_columns)
    real, imaginary = (
        (torch.cat(pair, dim=1) @ twisted).flatten(2)[:, :, : n // 2 + 1]
        for pair in ([cosine, -sine], [sine, cosine])
    )
    return torch.complex(real, imaginary)


def _near_root(n):
    """Return the divisor of ``n`` that is nearest to its root, from above."""
    return next(d for d in range(math.isqrt(n - 1) + 1, n + 1) if n % d == 0)


def _waves(rows, columns, period):
    """Return cosine and sine of the product of two indices in turns of a period."""
    angles = torch.outer(rows, columns) % period * (-2 * math.pi / period)
    return angles.double().cos().float(), angles.double().sin().float()
