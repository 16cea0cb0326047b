"""Tests of recipes.voxceleb.group_losses against slow references."""

import pytest
import torch
from processes import run_processes
from torch.nn.parallel import DistributedDataParallel

from recipes.voxceleb.group_losses import (
    GE2E,
    AngularPrototypical,
    ClassesAndEmbeddings,
    LearnedScale,
    Prototypical,
    SoftmaxPrototypical,
    Triplet,
)

EMB_DIM, N_CLASSES = 5, 9
SPK = torch.tensor([7, 0, 2, 8])  # some of the classes
N = len(SPK)


def dot(left, right):
    return sum(a * b for a, b in zip(left, right, strict=True))


def unit(vector):
    return [a / dot(vector, vector).sqrt() for a in vector]


def mean(vectors):
    return [sum(column) / len(vectors) for column in zip(*vectors, strict=True)]


def squared_distance(left, right):
    return sum((a - b) ** 2 for a, b in zip(left, right, strict=True))


def minus_log_share(logits, own):
    return -(logits[own].exp() / sum(x.exp() for x in logits)).log()


def triplet(n_hardest):
    loss = Triplet(n_hardest, mined_share=1.0)
    loss.set_margin(0.9)
    return loss


def slow_hardest_triplet(loss, embeddings):
    terms = []
    for own in range(N):
        anchor, positive = map(unit, embeddings[own])
        nearest = min(
            squared_distance(anchor, unit(embeddings[other, 1]))
            for other in range(N)
            if other != own
        )
        terms.append(squared_distance(anchor, positive) - nearest + loss.margin)
    return sum(term if term > 0 else 0 * term for term in terms) / N


def slow_ge2e(loss, embeddings):
    units = [[unit(segment) for segment in segments] for segments in embeddings]
    terms = []
    for own in range(N):
        for segment in range(loss.n_per_speaker):
            logits = []
            for other in range(N):
                of_other = list(units[other])
                if other == own:
                    del of_other[segment]
                cosine = dot(units[own][segment], unit(mean(of_other)))
                logits.append(loss.logits.scale * cosine + loss.logits.bias)
            terms.append(minus_log_share(logits, own))
    return sum(terms) / len(terms)


def slow_prototypes(loss, embeddings, similarity):
    terms = []
    for own in range(N):
        logits = [
            similarity(embeddings[own, 0], mean(embeddings[other, 1:]))
            for other in range(N)
        ]
        terms.append(minus_log_share(logits, own))
    return sum(terms) / N


def slow_prototypical(loss, embeddings):
    return slow_prototypes(loss, embeddings, lambda q, p: -squared_distance(q, p))


def slow_angular(loss, embeddings):
    scale, bias = loss.logits.scale, loss.logits.bias
    return slow_prototypes(
        loss, embeddings, lambda q, p: scale * dot(unit(q), unit(p)) + bias
    )


CASES = {
    "hardest triplet": (lambda: triplet(n_hardest=1), slow_hardest_triplet),
    "GE2E of 2": (lambda: GE2E(2, 10, -5), slow_ge2e),
    "GE2E of 3": (lambda: GE2E(3, 10, -5), slow_ge2e),
    "prototypical of 2": (lambda: Prototypical(2), slow_prototypical),
    "prototypical of 4": (lambda: Prototypical(4), slow_prototypical),
    "angular of 2": (lambda: AngularPrototypical(2, 10, -5), slow_angular),
    "angular of 3": (lambda: AngularPrototypical(3, 10, -5), slow_angular),
}
WITHOUT_FORMULA = {"semi-hard triplet": (lambda: triplet(n_hardest=None), None)}
EVERY = pytest.mark.parametrize("name", CASES | WITHOUT_FORMULA)


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def make(name):
    return (CASES | WITHOUT_FORMULA)[name][0]()


def draw(loss):
    """Return groups (n_speakers, n_per_speaker, emb_dim)."""
    return torch.randn(N, loss.n_per_speaker, EMB_DIM, requires_grad=True)


def batch_of(groups):
    """Return groups as training has them: embeddings and classes, one by one."""
    classes = SPK[: len(groups)].repeat_interleave(groups.shape[1])
    return groups.flatten(0, 1).unsqueeze(1), classes.unsqueeze(1)


@pytest.mark.parametrize("name", CASES)
def test_loss_and_gradients_are_those_of_the_formula(name):
    loss = make(name).double()
    groups = draw(loss).double()
    leaves = [groups, *loss.parameters()]
    found = loss(*batch_of(groups))
    expected = CASES[name][1](loss, groups)
    assert found.dtype == torch.double
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(
        torch.autograd.grad(found, leaves), torch.autograd.grad(expected, leaves)
    )


def test_softmax_prototypical_is_the_sum_of_both_formulas():
    loss = SoftmaxPrototypical(2, 10, -5).double()
    classifier = ClassesAndEmbeddings(EMB_DIM, N_CLASSES).double()
    groups = draw(loss).double()
    terms = []
    for segments, own in zip(groups, SPK, strict=True):
        for segment in segments:
            weights = zip(classifier.weight, classifier.bias, strict=True)
            logits = [dot(weight, segment) + bias for weight, bias in weights]
            terms.append(minus_log_share(logits, own))
    expected = sum(terms) / len(terms) + slow_angular(loss, groups)
    embeddings, classes = batch_of(groups)
    found = loss(classifier(embeddings), classes)
    leaves = [groups, *loss.parameters(), *classifier.parameters()]
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(
        torch.autograd.grad(found, leaves), torch.autograd.grad(expected, leaves)
    )


def test_out_of_training_the_classifier_of_both_gives_classes_alone():
    classifier = ClassesAndEmbeddings(EMB_DIM, N_CLASSES)
    embeddings = torch.randn(4, 1, EMB_DIM)
    log_probabilities, handed_on = classifier(embeddings)
    assert handed_on is embeddings
    assert torch.equal(classifier.eval()(embeddings), log_probabilities)


@EVERY
def test_gradients_are_finite_and_reach_embeddings_and_weights(name):
    loss = make(name)
    groups = draw(loss)
    loss(*batch_of(groups)).backward()
    assert (groups.grad.abs().amax(dim=(1, 2)) > 0).all()
    for part, leaf in [("embeddings", groups), *loss.named_parameters()]:
        assert leaf.grad.isfinite().all()
        if not part.endswith("logits.bias"):  # the cross-entropy does not see it
            assert leaf.grad.abs().max() > 0, part


@EVERY
def test_gradients_are_finite_where_all_embeddings_are_one(name):
    loss = make(name)
    groups = torch.ones(N, loss.n_per_speaker, EMB_DIM, requires_grad=True)
    value = loss(*batch_of(groups))
    value.backward()
    assert value.isfinite()
    assert groups.grad.isfinite().all()


@EVERY
def test_half_precision_around_changes_nothing(name):
    loss = make(name)
    embeddings, classes = batch_of(draw(loss))
    torch.manual_seed(1)  # of the negatives
    exact = loss(embeddings, classes)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        torch.manual_seed(1)
        assert loss(embeddings, classes) == exact
        assert loss(embeddings.bfloat16(), classes).dtype == torch.float


@EVERY
def test_another_batch_is_refused_in_one_line_that_names_the_sampler(name):
    loss = make(name)
    k = loss.n_per_speaker
    embeddings, classes = batch_of(draw(loss))
    mixed = classes.roll(1)
    one = classes * 0
    for batch in [
        (embeddings[1:], classes[1:]),
        (embeddings[:k], classes[:k]),  # one speaker
        (embeddings[:0], classes[:0]),
        (embeddings, mixed),
        (embeddings, one),  # the same speaker in all groups
    ]:
        with pytest.raises(ValueError, match=f"groups of {k} .*SpeakerGroupS") as error:
            loss(*batch)
        assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["GE2E of 2", "prototypical of 2", "angular of 2"])
def test_without_a_margin_none_is_taken(name):
    make(name).set_margin(0)
    with pytest.raises(ValueError, match="has no margin, got 0.2; set it to 0"):
        make(name).set_margin(0.2)


@pytest.mark.parametrize("n", [-1, 0, 1])
def test_groups_of_one_are_refused(n):
    for make_loss in (
        lambda: Prototypical(n),
        lambda: AngularPrototypical(n, 10, -5),
        lambda: GE2E(n, 10, -5),
    ):
        with pytest.raises(ValueError, match=f"must be at least 2, got {n}"):
            make_loss()


def test_the_scale_stays_positive_and_the_bias_moves_no_loss():
    assert LearnedScale(10, -5)(torch.tensor([0.5, -1.0])).tolist() == [0, -15]
    loss = AngularPrototypical(2, 10, -5)
    embeddings, classes = batch_of(draw(loss))
    value = loss(embeddings, classes)
    with torch.no_grad():
        loss.logits.bias.fill_(3)
    torch.testing.assert_close(loss(embeddings, classes), value)
    with torch.no_grad():
        loss.logits.scale.fill_(-10)
    assert loss.logits(torch.tensor([1.0, 2.0])).diff() >= 0


def test_near_prototypes_are_told_apart_far_from_the_origin():
    queries = torch.randn(40, 3) * 1e-2 + 100
    nearest = Prototypical(2).similarity(queries, queries).argmax(dim=1)
    assert nearest.tolist() == list(range(40))


def train_share(name):
    """Return loss and gradients of this process's share, averaged as in training."""
    torch.manual_seed(0)
    loss, layer = make(name), torch.nn.Linear(EMB_DIM, EMB_DIM)
    embeddings, classes = batch_of(draw(loss).detach())
    if torch.distributed.is_initialized():
        rank, half = torch.distributed.get_rank(), len(classes) // 2
        mine = slice(rank * half, (rank + 1) * half)
        embeddings, classes = embeddings[mine], classes[mine]
        layer = DistributedDataParallel(layer)
        if list(loss.parameters()):
            DistributedDataParallel(loss)  # as the Brain wraps what is trained
    value = loss(layer(embeddings), classes)
    value.backward()
    leaves = [*layer.parameters(), *loss.parameters()]
    return [value.item(), *(leaf.grad.flatten().tolist() for leaf in leaves)]


@pytest.mark.parametrize("name", ["GE2E of 3", "prototypical of 2", "hardest triplet"])
def test_processes_compare_with_the_speakers_of_all(name):
    value, *gradients = train_share(name)
    for found, *found_gradients in run_processes(train_share, 2, name):
        assert found == pytest.approx(value, rel=1e-5)
        for one, other in zip(found_gradients, gradients, strict=True):
            assert one == pytest.approx(other, rel=1e-4, abs=1e-6)
