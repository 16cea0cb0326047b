"""What MFCCs keep of a sound: one frame of a woman and of a man, drawn again from them.

A coefficient says how much of a cosine over the bands is in the spectrum: the first
ones of its broad shape, later ones of ripples as fine as the harmonics of a voice.
"""

from typing import NamedTuple

import numpy as np
import torch
from scipy.fft import idct

from data_prep.librispeech_chunks import recording_paths
from local.input.extraction import fragment_samples, read_pieces
from local.input.representations import Mfcc
from local.output.plots import BLUE, GREEN, GREY, ORANGE, drawing
from recipes.gender.data import GENDERS

HIGHEST_HZ = 2000  # above, bands are too wide for single harmonics
COLOURS = (BLUE, ORANGE, GREEN)
LINES = ("--", "-.", ":")


class Frame(NamedTuple):
    """A frame of speech.

    Attributes
    ----------
    name : str
        Whose it is.
    hz : ndarray, (n_mels,)
        Where the bands lie.
    coefficients : ndarray, (n_mels,)
        MFCCs, as many as bands, so that nothing is lost.
    """

    name: str
    hz: np.ndarray
    coefficients: np.ndarray


def draw_cepstrum(hparams, corpus, arrays, kept, path):
    """Draw a loud frame of a typical woman and of a typical man, whole and from MFCCs.

    Parameters
    ----------
    hparams : dict
        The constructed YAML.
    corpus : recipes.gender.data.Corpus
        The readers.
    arrays : mapping of str to ndarray
        ``names``, ``genders`` and ``hz`` of utterances, as in ``analysis.npz``.
    kept : sequence of int
        Up to three numbers of coefficients to draw the frames from.
    path : str or Path
        Where to write, without suffix.
    """
    frames = []
    for sex, name in enumerate(GENDERS):
        rows = np.flatnonzero(arrays["genders"] == sex)
        pitches = arrays["hz"][rows]
        typical = rows[np.abs(pitches - np.median(pitches)).argmin()]
        chunk = list(corpus.utterances).index(arrays["names"][typical])
        title = f"{name}, median pitch {arrays['hz'][typical]:.0f} Hz"
        frames.append(loudest_frame(hparams, corpus.chunks[chunk], title))
    plot_frames(frames, kept, path)


def loudest_frame(hparams, chunk, name):
    """Return the loudest frame of a chunk, with as many coefficients as bands.

    Parameters
    ----------
    hparams : dict
        The constructed YAML.
    chunk : data_prep.fragments.Fragment
        Which.
    name : str
        Of the frame.

    Returns
    -------
    frame : Frame
        That of the highest c0.
    """
    settings = hparams["representations"]["mfcc"]
    rate, n_mels = settings.sample_rate, settings.spectrum["n_mels"]
    whole = Mfcc(rate, n_mels, **settings.spectrum, top_db=settings.top_db)
    wav = recording_paths([chunk], hparams["librispeech_folder"])[0]
    n_samples = fragment_samples([chunk], rate)
    _, pieces = read_pieces([(wav, [0])], [chunk], n_samples, rate)
    found = whole(torch.from_numpy(pieces))[0].numpy()
    weights = whole.mfcc.MelSpectrogram.mel_scale.fb  # (frequencies, bands)
    hz = weights.argmax(dim=0).numpy() * rate / 2 / (len(weights) - 1)
    return Frame(name, hz, found[:, found[0].argmax()])


def plot_frames(frames, kept, path):
    """Draw spectra of frames, and what some coefficients make of them.

    Parameters
    ----------
    frames : sequence of Frame
        A panel each.
    kept : sequence of int
        Numbers of coefficients.
    path : str or Path
        Where to write, without suffix.
    """
    with drawing(path, (9.5, 4.2), n_panels=len(frames)) as panels:
        for axes, frame in zip(np.ravel(panels), frames, strict=True):
            shown = frame.hz <= HIGHEST_HZ
            parts = [
                (len(frame.hz), GREY, "-"),
                *zip(kept, COLOURS, LINES, strict=False),
            ]
            for n_kept, colour, line in parts:
                part = frame.coefficients[:n_kept]
                level = idct(part, n=len(frame.hz), norm="ortho")  # zeros for the rest
                name = f"by {n_kept} coefficients" if n_kept < len(level) else "whole"
                label = name if frame is frames[0] else None
                axes.plot(
                    frame.hz[shown], level[shown], line, color=colour, label=label
                )
            axes.set(title=frame.name, xlabel="Frequency (Hz)")
        np.ravel(panels)[0].set_ylabel("Level of the band (dB)")
