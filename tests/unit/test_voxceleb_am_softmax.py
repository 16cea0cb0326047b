"""Tests of recipes.voxceleb.am_softmax."""

import math

import pytest
import torch

from recipes.voxceleb.am_softmax import ScheduledAM


def test_loss_is_that_of_a_cosine_less_by_the_margin():
    loss = ScheduledAM(scale=30)
    loss.set_margin(0.3)
    found = loss(torch.tensor([[[0.8, 0.4]]]), torch.tensor([[0]]))
    tar, non = 30 * (0.8 - 0.3), 30 * 0.4
    assert found.item() == pytest.approx(math.log(1 + math.exp(non - tar)), rel=1e-4)


def test_without_a_margin_it_is_the_cross_entropy_of_scaled_cosines():
    cosines, classes = torch.rand(5, 1, 4), torch.randint(4, (5, 1))
    expected = torch.nn.functional.cross_entropy(30 * cosines[:, 0], classes[:, 0])
    assert torch.allclose(ScheduledAM(scale=30)(cosines, classes), expected)


def test_the_margin_can_be_set_anew():
    cosines, classes = torch.rand(5, 1, 4), torch.randint(4, (5, 1))
    loss = ScheduledAM(scale=30)
    values = []
    for margin in (0.0, 0.3, 0.0):
        loss.set_margin(margin)
        values.append(loss(cosines, classes).item())
    assert values[1] > values[0] == values[2]
