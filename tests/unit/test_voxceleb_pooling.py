"""Tests of recipes.voxceleb.pooling."""

import pytest
import torch

from recipes.voxceleb.pooling import (
    AttentivePooling,
    ChannelAttention,
    FrameAttention,
    pool,
)


@pytest.fixture(params=[FrameAttention(6), ChannelAttention(6, 4)])
def attention(request):
    return request.param.eval()


def test_weights_of_all_frames_add_up_to_one(attention):
    weights = attention(torch.randn(3, 6, 9))
    assert (weights > 0).all()
    assert torch.allclose(weights.sum(dim=2), torch.ones(3, weights.shape[1]))


def test_the_order_of_the_frames_does_not_matter(attention):
    frames, order = torch.randn(2, 6, 9), torch.randperm(9)
    pooling = AttentivePooling(attention, with_deviation=True).eval()
    assert torch.allclose(pooling(frames), pooling(frames[:, :, order]), atol=1e-5)


def test_of_equal_frames_the_mean_is_the_frame_and_the_deviation_is_none(attention):
    frame = torch.randn(2, 6)
    frames = frame.unsqueeze(2).expand(-1, -1, 7)
    pooled = AttentivePooling(attention, with_deviation=True)(frames)
    assert torch.allclose(pooled[:, :6], frame, atol=1e-5)
    assert (pooled[:, 6:] < 0.004).all()  # the smallest variance keeps it above 0


def test_self_attentive_pooling_is_the_half_of_means(attention):
    frames = torch.randn(2, 6, 9)
    means = AttentivePooling(attention, with_deviation=False)(frames)
    both = AttentivePooling(attention, with_deviation=True)(frames)
    assert means.shape == (2, 6)
    assert torch.equal(means, both[:, :6])


def test_weighted_statistics_worked_out_by_hand():
    frames = torch.tensor([[[0.0, 4.0]]])
    pooled = pool(frames, torch.tensor([[[0.75, 0.25]]]), with_deviation=True)
    assert torch.allclose(pooled, torch.tensor([[1.0, 3.0**0.5]]))


def test_gradient_is_finite_where_all_frames_are_equal(attention):
    frames = torch.ones(2, 6, 5, requires_grad=True)
    AttentivePooling(attention, with_deviation=True)(frames).sum().backward()
    assert frames.grad.isfinite().all()


def test_sums_are_exact_of_coarse_frames():
    frames = torch.randn(1, 1, 1000, dtype=torch.bfloat16)
    pooled = pool(frames, torch.tensor(0.001), with_deviation=True)
    assert pooled.dtype == torch.float32
    assert pooled[0, 0].item() == pytest.approx(frames.float().mean().item(), abs=1e-5)
