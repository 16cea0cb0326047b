"""A VoxCeleb folder of made-up utterances, for its tests."""

import numpy as np
import soundfile

RATE = 16000


def make_voxceleb(root, speakers, n_videos=2, n_each=2, seconds=0.5):
    """Write noise as ``<root>/<speaker>/<video>/<n>.wav``; return the root."""
    rng = np.random.default_rng(0)
    for spk in speakers:
        for video in range(n_videos):
            folder = root / spk / f"video-{video}"
            folder.mkdir(parents=True)
            for number in range(1, n_each + 1):
                wav = 0.1 * rng.normal(size=round(seconds * RATE))
                soundfile.write(folder / f"{number:05d}.wav", wav, RATE)
    return root


def box(name, content):
    """Return a box of an MP4 file."""
    return (8 + len(content)).to_bytes(4, "big") + name + content


def m4a_bytes(scale, duration, wide=False):
    """Return an MP4 of boxes that tell its length and hold no sound."""
    times, width = (bytes(16), 8) if wide else (bytes(8), 4)
    header = bytes([wide, 0, 0, 0]) + times + scale.to_bytes(4, "big")
    moov = box(b"free", b"?") + box(b"mvhd", header + duration.to_bytes(width, "big"))
    return box(b"ftyp", b"M4A ") + box(b"mdat", bytes(99)) + box(b"moov", moov)
