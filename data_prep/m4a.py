"""M4A files (AAC in MP4), as VoxCeleb2 comes: their length, and their samples.

libsndfile reads no AAC, so the samples come from the program ``ffmpeg``. The length
stands in the file: a program started for each of a million files would take hours.
"""

import shutil
import subprocess

import numpy as np


def m4a_seconds(path):
    """Read the length of an M4A file from its header, without decoding it.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    seconds : float
        The field ``duration`` of the box ``mvhd``, ISO/IEC 14496-12.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is no MP4, or tells no length.
    """
    with open(path, "rb") as file:
        for box in ("moov", "mvhd"):
            if not _enter(file, box.encode()):
                raise ValueError(f"{path}: not an M4A file (no box {box}), get it anew")
        wide = file.read(4)[:1] == b"\1"  # version 1 has 64-bit times, 0 has 32-bit
        file.seek(16 if wide else 8, 1)  # when made, when changed
        scale = int.from_bytes(file.read(4), "big")
        duration = int.from_bytes(file.read(8 if wide else 4), "big")
    if not scale or not duration:
        raise ValueError(f"{path}: its header tells no length, get it anew")
    return duration / scale


def _enter(file, name):
    """Go to what is in the next box of a name; False if the file ends before."""
    while len(head := file.read(8)) == 8:
        size, n_read = int.from_bytes(head[:4], "big"), 8
        if size == 1:
            size, n_read = int.from_bytes(file.read(8), "big"), 16
        if head[4:] == name:
            return True
        if size < n_read:  # 0: up to the end of the file
            return False
        file.seek(size - n_read, 1)
    return False


def read_m4a(path, sample_rate):
    """Read an M4A file as one channel, by ``ffmpeg``.

    Parameters
    ----------
    path : str or Path
        Any file that ffmpeg reads.
    sample_rate : int
        Hz, of the samples to return.

    Returns
    -------
    wav : ndarray, (n_samples,)
        float32, full scale is 1.

    Raises
    ------
    FileNotFoundError
        If ffmpeg is not installed.
    ValueError
        If ffmpeg cannot read the file.
    """
    ffmpeg = shutil.which("ffmpeg")
    if ffmpeg is None:
        raise FileNotFoundError(
            f"{path}: libsndfile reads no AAC and ffmpeg is not on the PATH; install"
            " ffmpeg (https://ffmpeg.org), or convert the files to WAV"
        )
    command = [ffmpeg, "-nostdin", "-v", "error", "-i", f"file:{path}", "-f", "f32le"]
    command += ["-ac", "1", "-ar", str(sample_rate), "-"]
    done = subprocess.run(command, capture_output=True)
    if done.returncode or not done.stdout:
        said = done.stderr.decode(errors="replace").strip().splitlines() or ["no sound"]
        raise ValueError(f"{path}: ffmpeg cannot read it ({said[-1]}); get it anew")
    return np.frombuffer(done.stdout, "<f4")
