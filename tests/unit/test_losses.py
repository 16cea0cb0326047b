"""Tests of local.models.losses."""

import math

import pytest
import torch
from speechbrain.nnet.losses import AdditiveAngularMargin, LogSoftmaxWrapper

from local.models.losses import ScheduledAAM

MARGINS = [0.0, 0.1, 0.25, 0.5, 1.5]


def draw(batch=16, n_classes=5):
    """Return cosines (batch, 1, classes) all over -1..1 and classes (batch, 1)."""
    rng = torch.Generator().manual_seed(0)
    cosines = 2 * torch.rand((batch, 1, n_classes), generator=rng) - 1
    return cosines, torch.randint(n_classes, (batch, 1), generator=rng)


def speechbrain_loss(margin, cosines, classes, scale=30):
    loss = LogSoftmaxWrapper(AdditiveAngularMargin(margin=margin, scale=scale))
    return loss(cosines, classes)


@pytest.mark.parametrize("margin", MARGINS)
def test_loss_is_that_of_speechbrain_built_with_the_margin(margin):
    loss = ScheduledAAM(scale=30)
    loss.set_margin(margin)
    assert torch.equal(loss(*draw()), speechbrain_loss(margin, *draw()))


def test_loss_has_no_memory_of_earlier_margins():
    loss = ScheduledAAM(scale=20)
    for margin in [*MARGINS, *reversed(MARGINS), 0.3]:
        loss.set_margin(margin)
        assert torch.equal(loss(*draw()), speechbrain_loss(margin, *draw(), scale=20))


def test_margin_is_0_at_first():
    cosines, classes = draw()
    softmax = torch.nn.functional.cross_entropy(30 * cosines[:, 0], classes[:, 0])
    assert ScheduledAAM(scale=30)(cosines, classes).item() == pytest.approx(
        softmax.item(), rel=1e-5
    )


def test_margin_is_added_to_the_angle_of_the_speaker():
    loss = ScheduledAAM(scale=10)
    loss.set_margin(0.3)
    tar, non = 10 * math.cos(math.acos(0.8) + 0.3), 10 * 0.1
    expected = math.log(1 + math.exp(non - tar))
    found = loss(torch.tensor([[[0.8, 0.1]]]), torch.tensor([[0]]))
    assert found.item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("margin", [0.0, 0.25])
@pytest.mark.parametrize("edge", [-1.0, 1.0])
def test_gradient_is_finite_where_the_angle_has_none(edge, margin):
    cosines = torch.tensor([[[edge, -edge, 0.5]]], requires_grad=True)
    loss = ScheduledAAM(scale=30)
    loss.set_margin(margin)
    value = loss(cosines, torch.tensor([[0]]))
    value.backward()
    assert value.isfinite()
    assert cosines.grad.isfinite().all()
