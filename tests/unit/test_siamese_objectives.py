"""Tests of recipes.siamese.objectives."""

import numpy as np
import pytest
import torch
from torch.nn.functional import cosine_similarity

from recipes.siamese.heads import Euclidean, WeightedL1
from recipes.siamese.losses import BinaryCrossEntropy, Contrastive
from recipes.siamese.objectives import Classes, Pairs, Triplets

EMB_DIM = 4
RNG = torch.Generator().manual_seed(0)


class Sampler:
    """Rows that tell how they were asked for."""

    speakers = np.arange(9) % 3

    def pairs(self, n, rng):
        return rng.integers(9, size=(n, 2)), np.arange(n) % 2

    def triplets(self, n, rng):
        return rng.integers(9, size=(n, 3))

    def segments(self, n, rng):
        return rng.integers(9, size=(n, 1)), np.arange(n) % 3


OBJECTIVES = {
    "pairs": lambda: Pairs(WeightedL1(EMB_DIM, "glorot"), BinaryCrossEntropy(0.1)),
    "contrastive": lambda: Pairs(Euclidean(), Contrastive(2.0)),
    "triplets": lambda: Triplets(margin=0.2),
    "classes": lambda: Classes(n_classes=3, emb_dim=EMB_DIM),
}


@pytest.fixture(params=OBJECTIVES)
def objective(request):
    torch.manual_seed(0)
    return OBJECTIVES[request.param]()


def test_what_is_drawn_is_what_is_learnt(objective):
    rows, target = objective.draw(Sampler(), 6, np.random.default_rng(0))
    assert rows.shape[0] == 6
    assert target.shape == (6,)
    feats = torch.randn(9, EMB_DIM, generator=RNG)
    loss, correct = objective(feats[torch.from_numpy(rows)], torch.from_numpy(target))
    assert loss.shape == ()
    assert correct.shape == (6,)
    assert correct.dtype == torch.bool


def test_steps_lower_the_loss_and_raise_the_accuracy(objective):
    rows, target = objective.draw(Sampler(), 6, np.random.default_rng(1))
    rows = np.arange(rows.size).reshape(rows.shape)  # all may be told apart
    target = torch.from_numpy(target)
    feats = torch.nn.Parameter(torch.randn(18, EMB_DIM, generator=RNG))
    optimizer = torch.optim.Adam([feats, *objective.parameters()], lr=0.1)
    first, _ = objective(feats[rows], target)
    for _ in range(100):
        loss, correct = objective(feats[rows], target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss < first
    assert correct.all()


def test_an_embedding_scores_higher_with_itself(objective):
    if isinstance(objective, Pairs) and list(objective.head.parameters()):
        torch.nn.init.constant_(objective.head.linear.weight, -1.0)
    left, right = torch.randn(2, 5, EMB_DIM, generator=RNG)
    assert (objective.score(left, left) > objective.score(left, right)).all()


def test_half_precision_embeddings_are_compared_in_full(objective):
    rows, target = objective.draw(Sampler(), 6, np.random.default_rng(0))
    feats = torch.randn(9, EMB_DIM, generator=RNG).bfloat16()
    loss, _ = objective(feats[torch.from_numpy(rows)], torch.from_numpy(target))
    assert loss.dtype == torch.float32


def test_a_contrastive_pair_is_judged_at_half_the_margin():
    pairs = Pairs(Euclidean(), Contrastive(margin=2.0))
    embeddings = torch.tensor([[[0.0], [d]] for d in (0.9, 1.1, 0.9, 1.1)])
    _, correct = pairs(embeddings, torch.tensor([1, 1, 0, 0]))
    assert correct.tolist() == [True, False, False, True]


def test_a_pair_of_cross_entropy_is_judged_at_even_odds():
    pairs = Pairs(Euclidean(bias=1.0), BinaryCrossEntropy())
    embeddings = torch.tensor([[[0.0], [d]] for d in (0.9, 1.1, 0.9, 1.1)])
    _, correct = pairs(embeddings, torch.tensor([1, 1, 0, 0]))
    assert correct.tolist() == [True, False, False, True]


def test_triplets_follow_the_formula():
    embeddings = torch.randn(6, 3, EMB_DIM, generator=RNG)
    terms, nearer = [], []
    for anchor, positive, negative in embeddings:
        near, far = (1 - cosine_similarity(anchor, x, 0) for x in (positive, negative))
        terms.append(max(0.0, (near - far).item() + 0.2))
        nearer.append(bool(near < far))
    loss, correct = Triplets(margin=0.2)(embeddings, None)
    assert loss.item() == pytest.approx(np.mean(terms), rel=1e-5)
    assert correct.tolist() == nearer
    assert len(set(nearer)) == 2


def test_classes_follow_the_formula_with_embeddings_as_logits():
    logits = torch.randn(5, 1, 3, generator=RNG)
    target = torch.tensor([0, 1, 2, 0, 1])
    loss, correct = Classes(n_classes=3)(logits, target)
    picked = logits[range(5), 0, target].double()
    expected = logits[:, 0].double().exp().sum(1).log() - picked
    assert loss.item() == pytest.approx(expected.mean().item(), rel=1e-5)
    best = logits[:, 0].max(dim=1).values
    assert correct.tolist() == (picked == best).tolist()


def test_embeddings_that_are_no_logits_are_refused():
    with pytest.raises(ValueError, match="4 logits for 3 training speakers; set"):
        Classes(n_classes=3)(torch.zeros(5, 1, 4), torch.zeros(5, dtype=torch.long))


def test_classes_that_are_not_the_training_speakers_are_refused():
    for n_classes in (2, 4):
        with pytest.raises(ValueError, match=f"is {n_classes}, but there are 3 train"):
            Classes(n_classes).draw(Sampler(), 5, np.random.default_rng(0))
