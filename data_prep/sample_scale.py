"""The scale of samples: from any type of number to WAVs that hold them exactly.

*Decoded* samples are float64 in -1..1, which is what the WAV of a segment decodes to:
integers divided by the full scale of their type, floats as they are.
"""

import hashlib
import io
from pathlib import Path

import numpy as np
import soundfile
from tqdm import tqdm

from data_prep.findings import note, refuse

BLOCK = 256  # segments decoded at a time, to bound the memory
FULL_SCALE = {"int16": 2.0**15, "int32": 2.0**31}
SUBTYPES = {
    "int16": "PCM_16",
    "int32": "PCM_32",
    "float32": "FLOAT",
    "float64": "DOUBLE",
}


def scale_segments(segments, rescale=False):
    """Bring samples to a type that a WAV holds exactly, refusing unknown scales.

    ============= ========= ====================================================
    samples       become    full scale
    ============= ========= ====================================================
    int16         int16     32768
    int8          int16     128: times 256
    uint8         int16     128 around 128, as in a WAV: less 128, times 256
    int32         int32     2 ** 31
    int64         int16     32768 if all values fit, since that is what 16-bit
                            samples become in Python lists; else refused
    float16, 32   float32   1
    float64       float32   1; remains float64 if float32 would change a value
    ============= ========= ====================================================

    Other types are refused: uint16, for one, has no zero level agreed on.

    Parameters
    ----------
    segments : ndarray, (n_segments, n_samples)
        Integers or floats.
    rescale : bool
        Whether to divide floats beyond -1..1 by their highest magnitude in the whole
        file (so that levels still compare), rather than refuse them.

    Returns
    -------
    samples : ndarray, (n_segments, n_samples)
        int16, int32, float32 or float64.
    findings : list of Finding
        Of the kind "scale": the scale is a guess, or was changed.

    Raises
    ------
    ValueError
        If samples are NaN or infinite, or their scale is unknown.
    """
    name = segments.dtype.name
    if name in ("float16", "float32", "float64"):
        return _scale_floats(segments, rescale)
    if name == "int8":
        return segments.astype(np.int16) * 256, []
    if name == "uint8":
        return (segments.astype(np.int16) - 128) * 256, []
    if name == "int16":
        return segments, []
    if name in ("int32", "int64"):
        return _scale_wide_integers(segments)
    raise ValueError(
        f"samples of type {name} have no agreed scale; store int16, or floats in -1..1"
    )


def _scale_wide_integers(segments):
    name, low, high = segments.dtype.name, segments.min(), segments.max()
    fits = -(2**15) <= low and high < 2**15
    everywhere = np.full(len(segments), fits)
    if name == "int32":
        text = "have 16-bit values in int32, hence are faint; store int16 if they are"
        return segments, note("scale", everywhere, text)
    if not fits:
        raise ValueError(
            f"{name} samples from {low} to {high} go beyond 16 bits, so their scale is"
            " unknown; store int16, or floats in -1..1"
        )
    text = f"have 16-bit values in {name}, read as 16-bit samples"
    return segments.astype(np.int16), note("scale", everywhere, text)


def _scale_floats(segments, rescale):
    segments = segments.astype(np.promote_types(segments.dtype, "f4"), copy=False)
    low, high = segments.min(axis=1), segments.max(axis=1)
    finite = np.isfinite(low) & np.isfinite(high)
    refuse(~finite, "have NaN or infinite samples; repair or remove them")
    peaks = np.maximum(-low, high)
    peak = peaks.max()
    beyond = f"go beyond -1..1, up to {peak:g}"
    if not rescale:
        remedy = "set rescale to true to divide the file by this peak, or store int16"
        refuse(peaks > 1, f"{beyond}; {remedy}")
    if peak > 1:
        segments = segments / peak
    # float64 that came from float32 goes back to it: half the size, the same values.
    narrow = segments.astype(np.float32, copy=False)
    samples = narrow if np.array_equal(narrow, segments) else segments
    return samples, note("scale", peaks > 1, f"{beyond}; divided the file by this peak")


def decoded_blocks(samples):
    """Decode segments, a block at a time.

    Parameters
    ----------
    samples : ndarray, (n_segments, n_samples)
        As from `scale_segments`.

    Yields
    ------
    block : slice
        Positions of the segments of this block.
    wavs : ndarray of float64, (n_block, n_samples)
        Decoded samples; zeros have no sign, as in a WAV of integers.
    """
    full_scale = FULL_SCALE.get(samples.dtype.name, 1.0)
    for start in range(0, len(samples), BLOCK):
        block = slice(start, min(start + BLOCK, len(samples)))
        yield block, samples[block] / np.float64(full_scale) + 0.0


def segment_digests(samples):
    """Compute a digest of each segment's decoded samples.

    It is the same for the same waveform in any type, so that a float32 pickle can be
    compared with an int16 one, and with WAVs read as float64.

    Parameters
    ----------
    samples : ndarray, (n_segments, n_samples)
        As from `scale_segments`.

    Returns
    -------
    digests : list of str
        SHA-256 in hexadecimal, of the decoded samples as little-endian float64.

    Examples
    --------
    >>> whole, half = np.array([[-(2**14), 0]], np.int16), np.array([[-0.5, 0.0]])
    >>> segment_digests(whole) == segment_digests(half)
    True
    """
    return [
        hashlib.sha256(wav).hexdigest()
        for _, wavs in decoded_blocks(samples)
        for wav in wavs.astype("<f8", order="C", copy=False)
    ]


def write_wavs(folder, names, samples, sample_rate):
    """Write one WAV a segment, in the subtype that holds its samples exactly.

    Parameters
    ----------
    folder : str or Path
        Folder of the WAVs, made if need be.
    names : sequence of str, (n_segments,)
        File names, without the suffix.
    samples : ndarray, (n_segments, n_samples)
        As from `scale_segments`.
    sample_rate : int
        In Hz.

    Raises
    ------
    ValueError
        If the rate is not positive.
    """
    if sample_rate < 1:
        raise ValueError(f"sample_rate is {sample_rate}, expected 1 Hz or more")
    folder = Path(folder)
    folder.mkdir(exist_ok=True)
    subtype = SUBTYPES[samples.dtype.name]
    named = zip(names, samples, strict=True)
    for name, wav in tqdm(named, "wavs", len(samples), unit=" segments", disable=None):
        # In one piece: libsndfile truncates the files it opens, and ext4 flushes a
        # truncated file when it is closed, which takes four times as long.
        memory = io.BytesIO()
        soundfile.write(memory, wav, sample_rate, subtype=subtype, format="WAV")
        (folder / f"{name}.wav").write_bytes(memory.getbuffer())
