"""Tests of local.models.softmax."""

import math

import pytest
import torch

from local.models.softmax import LinearClassifier, SoftmaxLoss, XvectorClassifier


@pytest.mark.parametrize("kind", [LinearClassifier, XvectorClassifier])
def test_a_classifier_gives_log_probabilities(kind):
    classifier = kind(input_size=4, out_neurons=3)
    log_probabilities = classifier(torch.randn(5, 1, 4))
    assert log_probabilities.shape == (5, 1, 3)
    assert torch.allclose(log_probabilities.exp().sum(dim=2), torch.ones(5, 1))


def test_loss_is_the_mean_of_minus_the_log_probability_of_the_class():
    log_probabilities = torch.tensor([[[0.5, 0.5]], [[0.2, 0.8]]]).log()
    loss = SoftmaxLoss()(log_probabilities, torch.tensor([[0], [1]]))
    assert loss.item() == pytest.approx(-(math.log(0.5) + math.log(0.8)) / 2)


def test_loss_takes_no_margin():
    SoftmaxLoss().set_margin(0)
    with pytest.raises(ValueError, match=r"no margin, got 0.2"):
        SoftmaxLoss().set_margin(0.2)
