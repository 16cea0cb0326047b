"""Tests of recipes.baselines.features."""

import pytest
import torch

from recipes.baselines.features import (
    Summary26,
    Summary281,
    chroma_filters,
    tonal_centroids,
)

RATE = 11025
CHROMA, RMS, CENTROID, BANDWIDTH, ROLLOFF, CROSSINGS = range(6)


@pytest.fixture(scope="module")
def summary26():
    return Summary26(RATE, 2048, 512, n_mels=128, n_mfcc=20, roll_share=0.85)


@pytest.fixture(scope="module")
def summary281():
    return Summary281(RATE, 1024, 512, 128, 128, 16, 6, 0.02)


def tone(hz, amplitude=0.5):
    phase = 2 * torch.pi * hz * torch.arange(RATE) / RATE
    return amplitude * torch.sin(phase).unsqueeze(0)


def noise(batch, seed=0):
    return torch.randn((batch, RATE), generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize(
    ("hz", "pitch_class"), [(261.63, 0), (440, 9), (880, 9), (493.88, 11), (1046.5, 0)]
)
def test_chroma_names_the_note(hz, pitch_class):
    filters = chroma_filters(RATE, 4096)
    assert int(filters[round(hz / RATE * 4096)].argmax()) == pitch_class


def test_octaves_far_from_880_hz_count_less():
    filters = chroma_filters(RATE, 4096)
    weight = filters.norm(dim=1)
    low, middle, high = (weight[round(hz / RATE * 4096)] for hz in (55, 880, 5000))
    assert low < middle
    assert high < middle


def test_the_spectral_figures_of_a_tone_are_its_frequency(summary26):
    feats = summary26(tone(1000))[0, 0]
    assert feats[CENTROID] == pytest.approx(1000, rel=0.1)
    assert feats[ROLLOFF] == pytest.approx(1000, rel=0.1)
    # Two crossings a period; frames reach over the ends, where padding has none.
    assert feats[CROSSINGS] == pytest.approx(2000 / RATE, rel=0.15)


def test_noise_is_broader_and_louder_than_a_quiet_tone(summary26):
    hiss, hum = summary26(torch.cat([noise(1), tone(500, 0.01)]))[:, 0]
    assert hiss[BANDWIDTH] > 5 * hum[BANDWIDTH]
    assert hiss[RMS] > 50 * hum[RMS]
    assert hiss[CHROMA] > hum[CHROMA]


@pytest.mark.parametrize("name", ["summary26", "summary281"])
def test_a_clip_has_the_same_features_alone_and_beside_a_loud_one(name, request):
    features = request.getfixturevalue(name)
    quiet = noise(1) * 1e-3
    beside = features(torch.cat([quiet, noise(1, seed=1)]))[:1]
    assert torch.allclose(beside, features(quiet), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("name", ["summary26", "summary281"])
def test_silence_has_finite_features(name, request):
    assert torch.isfinite(request.getfixturevalue(name)(torch.zeros(1, RATE))).all()


def test_features_stay_in_full_precision_under_autocast(summary281):
    wavs = noise(2)
    with torch.autocast("cpu", torch.bfloat16):
        half = summary281(wavs)
    assert torch.equal(half, summary281(wavs))


def test_contrast_is_high_for_a_tone_and_low_for_noise(summary281):
    bands = slice(128 + 12 + 128, 128 + 12 + 128 + 7)
    hiss, hum = summary281(torch.cat([noise(1), tone(1500)]))[:, bands]
    assert hum[-1] > hiss[-1] + 10  # 1500 Hz lies in the highest band


def test_the_bands_of_contrast_start_an_octave_apart(summary281):
    spacing = RATE / 1024
    starts = [(start + 1) * spacing for start, _ in summary281.bands[1:]]
    assert len(summary281.bands) == 7
    for start, edge in zip(starts, [16, 32, 64, 128, 256, 512], strict=True):
        assert edge <= start < edge + spacing
    assert summary281.bands[-1][1] == 513


def test_tonal_centroids_of_one_note_lie_on_the_circles():
    centroids = tonal_centroids(torch.eye(12))
    assert centroids.shape == (12, 6)
    radii = centroids.view(12, 3, 2).norm(dim=2)
    assert torch.allclose(radii, torch.tensor([1.0, 1.0, 0.5]).expand(12, 3))
    assert torch.allclose(centroids[0], torch.tensor([0, 1, 0, 1, 0, 0.5]))


def test_tonal_centroids_of_all_notes_cancel():
    assert tonal_centroids(torch.ones(12)).abs().max() < 1e-6
