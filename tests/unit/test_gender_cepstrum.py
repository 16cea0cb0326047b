"""Fewer coefficients draw a spectrum more smoothly; as many as bands, exactly."""

import numpy as np
import pytest
from scipy.fft import dct

from data_prep.fragments import Fragment
from local.input.representations import Mfcc
from recipes.gender.cepstrum import Frame, draw_cepstrum, loudest_frame, plot_frames
from recipes.gender.data import Corpus

N_BANDS = 16


def ripple_frame(n_ripples):
    """Return a frame whose spectrum is a cosine over the bands, and its levels."""
    bands = np.arange(N_BANDS)
    level = np.cos(np.pi * n_ripples * (bands + 0.5) / N_BANDS)
    return Frame("a voice", 100.0 * bands, dct(level, norm="ortho")), level


@pytest.mark.parametrize(("n_ripples", "heard"), [(3, True), (9, False)])
def test_a_ripple_is_drawn_if_its_coefficient_is_kept(
    n_ripples, heard, drawn, tmp_path
):
    frame, level = ripple_frame(n_ripples)
    plot_frames([frame, frame], (5,), tmp_path / "cepstrum")
    whole, part = drawn[0].axes[0].lines
    assert np.allclose(whole.get_ydata(), level)
    assert np.allclose(part.get_ydata(), level if heard else 0)


@pytest.fixture
def hparams(librispeech_folder):
    mfcc = Mfcc(n_mfcc=5, n_mels=64)
    return {
        "librispeech_folder": librispeech_folder,
        "representations": {"mfcc": mfcc},
    }


def first_second(reader):
    """Return the first second of a made-up reader."""
    wav = f"$data_root/train-clean-100/{reader}/8/{reader}-8-0000.flac"
    place = wav, 0, 16000, str(reader), "8", f"{reader}-8-0000"
    return Fragment(f"{reader}-0", 1.0, *place)


def test_a_frame_has_as_many_coefficients_as_bands(hparams):
    frame = loudest_frame(hparams, first_second(1), "one")
    assert frame.coefficients.shape == frame.hz.shape == (64,)
    assert (np.diff(frame.hz) >= 0).all()
    assert 0 < frame.hz[0] < frame.hz[-1] < 8000


def test_the_typical_of_each_gender_are_drawn(hparams, drawn, tmp_path):
    chunks = [first_second(reader) for reader in range(1, 7)]
    genders = np.array([1, 0] * 3)
    names = np.array([chunk.utterance for chunk in chunks])
    speakers = np.array([chunk.spk_id for chunk in chunks])
    corpus = Corpus(chunks, speakers, names, genders, genders, genders > 1)
    hz = np.array([100.0, 190, 110, 200, 180, 290])
    arrays = {"names": names, "genders": genders, "hz": hz}
    draw_cepstrum(hparams, corpus, arrays, (3, 8), tmp_path / "cepstrum")
    titles = [axes.get_title(loc="left") for axes in drawn[0].axes]
    assert titles == ["F, median pitch 200 Hz", "M, median pitch 110 Hz"]
    names = [text.get_text() for text in drawn[0].legends[0].get_texts()]
    assert names == ["whole", "by 3 coefficients", "by 8 coefficients"]
