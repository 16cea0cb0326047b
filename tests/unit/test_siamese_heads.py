"""Tests of recipes.siamese.heads."""

import numpy as np
import pytest
import torch

from recipes.siamese.heads import (
    Bilinear,
    Cosine,
    Euclidean,
    LearnedScale,
    TwoLogits,
    WeightedL1,
)

EMB_DIM = 6
HEADS = {
    "weighted L1": lambda: WeightedL1(EMB_DIM, init="he"),
    "two logits": lambda: TwoLogits(EMB_DIM),
    "euclidean": Euclidean,
    "scaled euclidean": lambda: Euclidean(scale=2.0, bias=1.0),
    "cosine": Cosine,
    "scaled cosine": lambda: Cosine(scale=10.0, bias=-5.0),
    "bilinear": lambda: Bilinear(EMB_DIM, scale=10.0, bias=-5.0),
}


@pytest.fixture(params=HEADS)
def head(request):
    torch.manual_seed(0)
    return HEADS[request.param]()


@pytest.fixture
def pairs():
    rng = torch.Generator().manual_seed(1)
    return torch.rand(2, 5, EMB_DIM, generator=rng)


def train(head, left, right, same):
    """Take steps towards scores that tell which pairs are the same."""
    parameters = list(head.parameters())
    if not parameters:
        return
    optimizer = torch.optim.Adam(parameters, lr=0.05)
    loss = torch.nn.BCEWithLogitsLoss()
    for _ in range(50):
        optimizer.zero_grad()
        loss(head(left, right), same).backward()
        optimizer.step()


def test_a_score_does_not_depend_on_the_order(head, pairs):
    train(head, *pairs, torch.tensor([1.0, 0, 1, 0, 1]))  # so that nothing is as built
    left, right = pairs
    torch.testing.assert_close(head(left, right), head(right, left))


def test_embeddings_broadcast(head, pairs):
    left, right = pairs
    scores = head(left[:, None], right[None])
    assert scores.shape == (5, 5)
    expected = [[head(one, other).item() for other in right] for one in left]
    torch.testing.assert_close(scores.detach(), torch.tensor(expected))


def test_an_embedding_is_nearer_to_itself_than_to_a_far_one(head, pairs):
    near, far = pairs
    left, right = torch.cat([near, near]), torch.cat([near, 1 - near + far])
    train(head, left, right, (torch.arange(10) < 5).float())
    assert (head(near, near) > head(near, 1 - near + far)).all()


def test_gradients_are_finite_even_between_equal_embeddings(head, pairs):
    left = pairs[0].requires_grad_()
    head(left, pairs[0].detach().clone()).sum().backward()
    assert torch.isfinite(left.grad).all()
    assert all(torch.isfinite(p.grad).all() for p in head.parameters())


def test_bare_heads_have_no_parameters():
    assert not list(Euclidean().parameters()) + list(Cosine().parameters())


def test_scores_of_bare_heads_are_those_of_numpy(pairs):
    left, right = pairs.numpy().astype(float)
    distance = np.linalg.norm(left - right, axis=1)
    norms = np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1)
    cosine = (left * right).sum(1) / norms
    np.testing.assert_allclose(Euclidean()(*pairs), -distance, rtol=1e-5)
    np.testing.assert_allclose(Cosine()(*pairs), cosine, rtol=1e-5)


def test_the_learned_scale_starts_where_it_is_told(pairs):
    bare = Cosine()(*pairs)
    torch.testing.assert_close(Cosine(scale=10, bias=-5)(*pairs), 10 * bare - 5)
    torch.testing.assert_close(Cosine(bias=3)(*pairs), bare + 3)
    assert len(list(LearnedScale(scale=2.0, bias=0.0).parameters())) == 2


def test_weighted_l1_is_a_dense_layer_over_differences(pairs):
    head = WeightedL1(EMB_DIM, init="he")
    weight, bias = (p.detach().double().numpy() for p in head.parameters())
    left, right = pairs.double().numpy()
    expected = (np.abs(left - right) * weight).sum(1) + bias
    np.testing.assert_allclose(head(*pairs).detach(), expected, rtol=1e-5)


def test_the_score_of_two_logits_is_their_difference(pairs):
    head = TwoLogits(EMB_DIM)
    logits = head.linear((pairs[0] - pairs[1]).abs())
    torch.testing.assert_close(head(*pairs), logits[:, 1] - logits[:, 0])


def test_bilinear_begins_as_the_cosine_and_leaves_it(pairs):
    head = Bilinear(EMB_DIM)
    torch.testing.assert_close(head(*pairs), Cosine()(*pairs))
    torch.nn.init.normal_(head.weight)
    symmetric = (head.weight + head.weight.T) / 2
    left, right = pairs / pairs.norm(dim=-1, keepdim=True)
    expected = torch.einsum("ni,ij,nj->n", left, symmetric, right)
    torch.testing.assert_close(head(*pairs), expected)
