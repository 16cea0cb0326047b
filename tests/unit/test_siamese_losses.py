"""Tests of recipes.siamese.losses against slow references."""

import math

import pytest
import torch
from torch.nn.functional import cross_entropy

from recipes.siamese.heads import Euclidean, TwoLogits, WeightedL1
from recipes.siamese.losses import (
    BinaryCrossEntropy,
    Contrastive,
    cosine_distance,
    l2_groups,
)
from recipes.siamese.networks import ConvEncoder

RNG = torch.Generator().manual_seed(0)
SAME = torch.tensor([1, 0, 1, 0, 0])


def test_contrastive_loss_is_that_of_the_formula():
    left, right = 2 * torch.rand(2, 5, 3, generator=RNG)
    terms = []
    for one, other, same in zip(left, right, SAME, strict=True):
        distance = math.dist(one.tolist(), other.tolist())
        terms.append(distance**2 if same else max(0, 2 - distance) ** 2)
    loss = Contrastive(margin=2.0)(Euclidean()(left, right), SAME)
    assert loss.item() == pytest.approx(sum(terms) / 5, rel=1e-4)


def test_beyond_the_margin_different_speakers_are_left_alone():
    scores = torch.tensor([-2.5, -1.5], requires_grad=True)
    Contrastive(margin=2.0)(scores, torch.tensor([0, 0])).backward()
    assert scores.grad[0] == 0
    assert scores.grad[1] > 0  # the score is to fall


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_binary_cross_entropy_smooths_labels_as_keras_does(smoothing):
    scores = torch.randn(5, generator=RNG)
    terms = []
    for score, same in zip(scores.tolist(), SAME.tolist(), strict=True):
        p = 1 / (1 + math.exp(-score))
        label = same * (1 - smoothing) + 0.5 * smoothing
        terms.append(-label * math.log(p) - (1 - label) * math.log(1 - p))
    loss = BinaryCrossEntropy(smoothing)(scores, SAME)
    assert loss.item() == pytest.approx(sum(terms) / 5, rel=1e-5)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_cross_entropy_of_two_logits_is_binary_of_their_difference(smoothing):
    left, right = torch.rand(2, 5, 3, generator=RNG)
    head = TwoLogits(3)
    logits = head.linear((left - right).abs())
    expected = cross_entropy(logits, SAME, label_smoothing=smoothing)
    wanted = torch.autograd.grad(expected, head.parameters())
    loss = BinaryCrossEntropy(smoothing)(head(left, right), SAME)
    torch.testing.assert_close(loss, expected)
    torch.testing.assert_close(torch.autograd.grad(loss, head.parameters()), wanted)


def test_large_scores_keep_the_loss_finite():
    scores = torch.tensor([1e4, -1e4])
    assert BinaryCrossEntropy()(scores, torch.tensor([0, 1])).item() == 1e4


def test_cosine_distance_is_zero_along_and_two_against():
    left = torch.tensor([[1.0, 1.0], [1.0, 1.0], [1.0, 1.0]])
    right = torch.tensor([[3.0, 3.0], [-1.0, 1.0], [-2.0, -2.0]])
    expected = torch.tensor([0.0, 1.0, 2.0])
    torch.testing.assert_close(
        cosine_distance(left, right), expected, atol=1e-6, rtol=0
    )


def draw_encoder(n_dims):
    torch.manual_seed(0)
    sizes = {"filters": [3, 4], "emb_dim": 5, "hidden": [6], "init": "he"}
    return ConvEncoder(n_dims, **sizes, spatial_dropout=0.0, dropout=0.0)


@pytest.mark.parametrize("n_dims", [1, 2])
def test_weight_decay_equals_the_penalty_of_keras(n_dims):
    """RAdam ends at the same weights with the penalty in the loss and as decay."""
    ends = []
    feats = torch.rand(4, *[8] * n_dims, generator=RNG)
    for explicit in (True, False):
        encoder, head = draw_encoder(n_dims).double(), WeightedL1(5, "he").double()
        torch.nn.init.ones_(head.linear.weight)
        groups = l2_groups(encoder, head, l2=0.0 if explicit else 0.01)
        optimizer = torch.optim.RAdam(groups, lr=0.01)
        for _ in range(8):  # RAdam begins to adapt at the sixth step
            embeddings = encoder(feats.double())
            loss = head(embeddings[:2], embeddings[2:]).sum()
            if explicit:
                kernels = [p for p in encoder.parameters() if p.dim() > 1]
                loss = loss + 0.01 * sum(w.square().sum() for w in kernels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        ends.append([*encoder.parameters(), *head.parameters()])
    torch.testing.assert_close(*ends)


def test_every_parameter_is_in_one_group():
    encoder, head = draw_encoder(2), WeightedL1(5, "he")
    decayed, rest = l2_groups(encoder, head, l2=0.01)
    assert (decayed["weight_decay"], rest["weight_decay"]) == (0.02, 0.0)
    assert len(decayed["params"]) == 4 + 2
    assert all(p.dim() > 1 for p in decayed["params"])
    found = [*map(id, decayed["params"]), *map(id, rest["params"])]
    wanted = [*map(id, encoder.parameters()), *map(id, head.parameters())]
    assert sorted(found) == sorted(wanted)
