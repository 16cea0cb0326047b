"""Tests of local.models.statistics_encoder."""

import pytest
import torch
from speechbrain.lobes.models.ECAPA_TDNN import Classifier

from local.models.statistics_encoder import StatisticsEncoder


def draw(n_classes=20, n_each=10, size=12):
    """Return statistics (n, 1, size) with speakers in four axes, and the speakers."""
    rng = torch.Generator().manual_seed(0)
    classes = torch.arange(n_classes).repeat_interleave(n_each)
    feats = torch.randn(len(classes), size, generator=rng)
    feats[:, 4:] *= 9  # what differs most is not the speaker
    feats[:, :4] += 3 * torch.randn(n_classes, 4, generator=rng)[classes]
    return feats.unsqueeze(1), classes


@pytest.fixture
def encoder():
    torch.manual_seed(0)
    options = {
        "damping": 0.01,
        "shrinkage": 0.1,
        "dropout": 0.2,
        "noise": 0.5,
        "n_looks": 1,
    }
    return StatisticsEncoder(12, rank=10, hidden=8, lin_neurons=4, **options)


def separation(encoder, feats, classes):
    """Return how much better same-speaker cosines are than others, in deviations."""
    encoder.eval()
    with torch.no_grad():
        unit = torch.nn.functional.normalize(encoder(feats).squeeze(1))
    scores = unit @ unit.T
    same = (classes == classes[:, None]) & ~torch.eye(len(classes), dtype=bool)
    different = classes != classes[:, None]
    return (scores[same].mean() - scores[different].mean()) / scores[different].std()


def test_initialised_encoder_tells_speakers_apart_untrained(encoder):
    feats, classes = draw()
    encoder.initialize(feats, classes, Classifier(4, out_neurons=20))
    raw = torch.nn.Identity()
    better = separation(encoder, feats, classes)
    assert better > 2 * separation(raw, feats, classes)


def test_initialised_classifier_names_the_speakers(encoder):
    feats, classes = draw()
    classifier = Classifier(4, out_neurons=60)  # three speeds, two never seen
    encoder.initialize(feats, classes, classifier)
    encoder.eval()
    named = classifier(encoder(feats)).squeeze(1)[:, :20].argmax(dim=1)
    assert (named == classes).float().mean() > 0.5


def test_network_adds_nothing_before_training(encoder):
    feats, classes = draw()
    encoder.initialize(feats, classes, Classifier(4, out_neurons=20))
    encoder.eval()
    white = (feats.squeeze(1) - encoder.mean) @ encoder.whiten
    assert torch.equal(encoder(feats).squeeze(1), encoder.linear(white))


def test_initialisation_travels_with_the_weights(encoder):
    feats, classes = draw()
    encoder.initialize(feats, classes, Classifier(4, out_neurons=20))
    other = StatisticsEncoder(
        12,
        10,
        damping=1,
        shrinkage=1,
        hidden=8,
        dropout=0,
        noise=0,
        lin_neurons=4,
        n_looks=1,
    )
    other.load_state_dict(encoder.state_dict())
    assert torch.equal(other.eval()(feats), encoder.eval()(feats))


def test_noise_is_for_training_alone(encoder):
    feats, classes = draw()
    encoder.initialize(feats, classes, Classifier(4, out_neurons=20))
    encoder.eval()
    assert torch.equal(encoder(feats), encoder(feats))
    encoder.train()
    assert not torch.equal(encoder(feats), encoder(feats))
