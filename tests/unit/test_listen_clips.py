"""Tests of local.output.listen.clips."""

import base64
import re
from io import BytesIO

import numpy as np
import pytest
import soundfile
import torch
from PIL import Image

from local.output.listen.clips import (
    N_BANDS,
    N_COLUMNS,
    describe_clip,
    draw_spectrogram,
    draw_wave,
    encode_flac,
)

RATE = 11025


def tone(hz, level=0.5):
    return level * torch.sin(2 * np.pi * hz * torch.arange(RATE) / RATE)


def test_what_is_played_is_what_was_scored():
    wav = tone(440)
    sound, rate = soundfile.read(BytesIO(encode_flac(wav.numpy(), RATE)))
    assert rate == RATE
    assert sound == pytest.approx(wav.numpy(), abs=2**-15)


def test_samples_beyond_full_scale_do_not_wrap_round():
    sound, _ = soundfile.read(BytesIO(encode_flac(tone(440, 1.5).numpy(), RATE)))
    beyond = np.abs(tone(440, 1.5).numpy()) > 1
    assert np.abs(sound[beyond]).min() > 0.99
    assert (np.sign(sound) == np.sign(tone(440, 1.5).numpy().round(6)))[beyond].all()


def test_a_wave_is_as_high_as_its_column_is_loud():
    wav = tone(440).numpy() * np.repeat([1, 0.25, 0], RATE / 3)
    strokes = re.findall(r"M(\d+) (\d+)V(\d+)", draw_wave(wav))
    place, top, bottom = np.array(strokes, dtype=int).T
    assert place.tolist() == list(range(N_COLUMNS))
    third = N_COLUMNS // 3
    assert np.median((bottom - top)[:third]) > 90
    assert 20 < np.median((bottom - top)[third + 2 : 2 * third]) < 30
    assert (bottom - top)[-third + 3 :].max() == 1


def test_silence_is_a_line():
    assert "M0 50V51M1 50V51" in draw_wave(np.zeros(RATE))


def test_a_high_tone_is_dark_above_a_low_one():
    rows = [
        np.asarray(Image.open(BytesIO(draw_spectrogram(tone(hz), RATE)))).mean(axis=1)
        for hz in (300, 3000)
    ]
    low, high = (int(row.argmin()) for row in rows)
    assert len(rows[0]) == N_BANDS
    assert high < N_BANDS / 2 < low  # row 0 is the top


def test_a_clip_is_text_alone():
    clip = describe_clip(tone(440), RATE)
    assert clip.keys() == {"audio", "wave", "spectrogram"}
    kind, content = clip["audio"].split(";base64,")
    assert kind == "data:audio/flac" and base64.b64decode(content)[:4] == b"fLaC"
    assert clip["spectrogram"].startswith("data:image/png;base64,")
