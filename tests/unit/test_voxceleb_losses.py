"""Tests of recipes.voxceleb.losses against slow references."""

import math

import pytest
import torch

from recipes.voxceleb.losses import AAMSoftmax, AMSoftmax, Softmax

EMB_DIM, N_CLASSES = 5, 6
SPK = torch.tensor([4, 0, 2, 4])  # a speaker may be there twice
MARGIN, SCALE = 0.3, 7.0


def logit_of_softmax(loss, embedding, spk, is_own):
    weight, bias = loss.linear.weight[spk], loss.linear.bias[spk]
    return sum(w * e for w, e in zip(weight, embedding, strict=True)) + bias


def cosine(left, right):
    def dot(x, y):
        return sum(a * b for a, b in zip(x, y, strict=True))

    return dot(left, right) / (dot(left, left) * dot(right, right)).sqrt()


def logit_of_am(loss, embedding, spk, is_own):
    margin = MARGIN if is_own else 0
    return SCALE * (cosine(embedding, loss.classifier.weight[spk]) - margin)


def logit_of_aam(loss, embedding, spk, is_own):
    found = cosine(embedding, loss.classifier.weight[spk])
    if not is_own:
        return SCALE * found
    angle = found.acos()
    if angle + MARGIN > math.pi:  # beyond it the cosine rises again
        return SCALE * (found - MARGIN * math.sin(MARGIN))
    return SCALE * (angle + MARGIN).cos()


KINDS = {
    Softmax: ({}, logit_of_softmax),
    AMSoftmax: ({"margin": MARGIN, "scale": SCALE}, logit_of_am),
    AAMSoftmax: ({"margin": MARGIN, "scale": SCALE}, logit_of_aam),
}
ALL = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def make(kind):
    return kind(EMB_DIM, N_CLASSES, **KINDS[kind][0])


def draw(n=4):
    return torch.randn(n, 1, EMB_DIM, requires_grad=True)


def slow_loss(loss, logit, embeddings, speakers):
    """Return minus the mean log of the share that the own class has of all."""
    terms = []
    for (embedding,), own in zip(embeddings, speakers.tolist(), strict=True):
        logits = [logit(loss, embedding, s, s == own) for s in range(N_CLASSES)]
        terms.append(-(logits[own].exp() / sum(x.exp() for x in logits)).log())
    return sum(terms) / len(terms)


@ALL
def test_loss_and_gradients_are_those_of_the_formula(kind):
    loss, embeddings = make(kind), draw()
    with torch.no_grad():  # nearly against its class: the far end of the margin
        weight = next(p for p in loss.parameters() if p.dim() == 2)
        embeddings[1, 0] = -weight[SPK[1]] + 0.01
    leaves = [embeddings, *loss.parameters()]
    found, _ = loss(embeddings, SPK)
    expected = slow_loss(loss, KINDS[kind][1], embeddings, SPK)
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(
        torch.autograd.grad(found, leaves),
        torch.autograd.grad(expected, leaves),
        rtol=1e-3,
        atol=1e-4,
    )


@ALL
def test_gradients_are_finite_and_reach_embeddings_and_weights(kind):
    loss, embeddings = make(kind), draw()
    with torch.no_grad():  # on its class, and against it
        weight = next(p for p in loss.parameters() if p.dim() == 2)
        embeddings[0, 0], embeddings[1, 0] = 3 * weight[4], -2 * weight[0]
    loss(embeddings, SPK)[0].backward()
    for leaf in [embeddings, *loss.parameters()]:
        assert leaf.grad.isfinite().all()
        assert leaf.grad.abs().max() > 0
    assert (embeddings.grad[2:].abs().amax(dim=2) > 0).all()


@ALL
def test_share_right_counts_the_embeddings_nearest_to_their_class(kind):
    loss = make(kind)
    weight = next(p for p in loss.parameters() if p.dim() == 2)
    with torch.no_grad():
        weight.copy_(torch.nn.functional.normalize(weight))
    embeddings = 50 * weight.detach()[SPK].unsqueeze(1)
    assert loss(embeddings, SPK)[1] == 1
    assert loss(embeddings, torch.tensor([4, 0, 3, 5]))[1] == 0.5


@pytest.mark.parametrize("kind", [AMSoftmax, AAMSoftmax])
def test_share_right_has_no_margin(kind):
    loss = kind(2, 2, margin=1.5, scale=30)
    with torch.no_grad():
        loss.classifier.weight.copy_(torch.tensor([[1.0, 0], [0, 1]]))
    value, right = loss(torch.tensor([[[1.0, 0.5]]]), torch.tensor([0]))
    assert right == 1
    assert value > 1


@ALL
def test_training_teaches_the_classes(kind):
    loss, embeddings = make(kind), draw()
    optimizer = torch.optim.Adam([embeddings, *loss.parameters()], lr=0.05)
    first = loss(embeddings, SPK)[0].item()
    for _ in range(100):
        optimizer.zero_grad()
        value, right = loss(embeddings, SPK)
        value.backward()
        optimizer.step()
    assert value < first / 2
    assert right == 1


@ALL
def test_half_precision_around_changes_nothing(kind):
    loss, embeddings = make(kind), draw()
    exact = loss(embeddings, SPK)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert loss(embeddings, SPK) == exact
        assert loss(embeddings.bfloat16(), SPK)[0].dtype == torch.float


@ALL
def test_one_speaker_is_enough(kind):
    value, right = make(kind)(draw(1), torch.tensor([3]))
    assert value.isfinite()
    assert right in (0, 1)


@ALL
@pytest.mark.parametrize(
    ("shape", "speakers", "problem"),
    [
        ((4, 2, 5), SPK, r"Softmax takes embeddings \(n_speakers, 1, emb_dim\), got"),
        ((4, 5), SPK, r"got \(4, 5\); draw 1 segments a speaker"),
        ((3, 1, 5), SPK, r"one number for each of 3 speakers, .* shape \(4,\)"),
        ((0, 1, 5), SPK[:0], "at least 1 speakers in a batch, got 0"),
        ((4, 1, 5), SPK + 2, "speakers 2 to 6 are in the batch, but n_classes is 6"),
        ((4, 1, 5), SPK - 1, "speakers -1 to 3 are in the batch"),
    ],
)
def test_another_batch_is_refused_in_one_line(kind, shape, speakers, problem):
    with pytest.raises(ValueError, match=problem) as error:
        make(kind)(torch.randn(shape), speakers)
    assert "\n" not in str(error.value)


def test_classes_need_one_segment_a_speaker():
    assert {make(kind).n_per_speaker for kind in KINDS} == {1}
