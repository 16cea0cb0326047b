"""Tests of recipes.voxceleb.group_losses against slow references."""

import pytest
import torch

from local.input.speaker_groups import SpeakerGroupSampler
from recipes.voxceleb.group_losses import (
    GE2E,
    AngularPrototypical,
    LearnedScale,
    Prototypical,
    SoftmaxPrototypical,
    Triplet,
)
from recipes.voxceleb.losses import AAMSoftmax, Softmax

EMB_DIM, N_CLASSES = 5, 9
SPK = torch.tensor([7, 0, 2, 8])
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


def slow_softmax_prototypical(loss, embeddings):
    linear = loss.classes.linear
    terms = []
    for segments, own in zip(embeddings, SPK, strict=True):
        for segment in segments:
            logits = [
                dot(weight, segment) + bias
                for weight, bias in zip(linear.weight, linear.bias, strict=True)
            ]
            terms.append(minus_log_share(logits, own))
    return sum(terms) / len(terms) + slow_angular(loss.groups, embeddings)


def softmax_prototypical(n_per_speaker):
    classes = Softmax(EMB_DIM, N_CLASSES)
    return SoftmaxPrototypical(classes, AngularPrototypical(n_per_speaker, 10, -5))


CASES = {
    "hardest triplet": (lambda: Triplet(0.9, n_hardest=1), slow_hardest_triplet),
    "GE2E of 2": (lambda: GE2E(2, 10, -5), slow_ge2e),
    "GE2E of 3": (lambda: GE2E(3, 10, -5), slow_ge2e),
    "prototypical of 2": (lambda: Prototypical(2), slow_prototypical),
    "prototypical of 4": (lambda: Prototypical(4), slow_prototypical),
    "angular of 2": (lambda: AngularPrototypical(2, 10, -5), slow_angular),
    "angular of 3": (lambda: AngularPrototypical(3, 10, -5), slow_angular),
    "both of 2": (lambda: softmax_prototypical(2), slow_softmax_prototypical),
    "both of 3": (lambda: softmax_prototypical(3), slow_softmax_prototypical),
}
WITHOUT_FORMULA = {"semi-hard triplet": (lambda: Triplet(0.9), None)}
EVERY = pytest.mark.parametrize("name", CASES | WITHOUT_FORMULA)


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def make(name):
    return (CASES | WITHOUT_FORMULA)[name][0]()


def draw(loss, n=N):
    return torch.randn(n, loss.n_per_speaker, EMB_DIM, requires_grad=True)


@pytest.mark.parametrize("name", CASES)
def test_loss_and_gradients_are_those_of_the_formula(name):
    loss = make(name).double()
    embeddings = draw(loss).double()
    leaves = [embeddings, *loss.parameters()]
    found, _ = loss(embeddings, SPK)
    expected = CASES[name][1](loss, embeddings)
    assert found.dtype == torch.double
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(
        torch.autograd.grad(found, leaves), torch.autograd.grad(expected, leaves)
    )


@EVERY
def test_gradients_are_finite_and_reach_embeddings_and_weights(name):
    loss = make(name)
    embeddings = draw(loss)
    loss(embeddings, SPK)[0].backward()
    assert (embeddings.grad.abs().amax(dim=(1, 2)) > 0).all()
    for part, leaf in [("embeddings", embeddings), *loss.named_parameters()]:
        assert leaf.grad.isfinite().all()
        if not part.endswith("logits.bias"):  # the cross-entropy does not see it
            assert leaf.grad.abs().max() > 0, part


@EVERY
def test_gradients_are_finite_where_all_embeddings_are_one(name):
    loss = make(name)
    embeddings = torch.ones(N, loss.n_per_speaker, EMB_DIM, requires_grad=True)
    value, _ = loss(embeddings, SPK)
    value.backward()
    assert value.isfinite()
    assert embeddings.grad.isfinite().all()


@EVERY
def test_share_right_falls_when_the_first_segments_of_two_speakers_are_exchanged(name):
    loss = make(name)
    voices = 20 * torch.eye(N_CLASSES, EMB_DIM)[:N]
    if "both" in name:  # its share is that of the classes
        with torch.no_grad():
            loss.classes.linear.weight[SPK] = voices
    embeddings = voices.unsqueeze(1).repeat(1, loss.n_per_speaker, 1)
    assert loss(embeddings, SPK)[1] == 1
    embeddings[:2, 0] = embeddings[[1, 0], 0]
    # Others ask about the first segment alone, or find the second in no group.
    of_segments = {"GE2E of 3": 10 / 12, "both of 2": 6 / 8, "both of 3": 10 / 12}
    expected = of_segments.get(name, 2 / 4)
    assert loss(embeddings, SPK)[1].item() == pytest.approx(expected)


@EVERY
def test_training_parts_the_voices(name):
    loss = make(name)
    embeddings = draw(loss)
    optimizer = torch.optim.Adam([embeddings, *loss.parameters()], lr=0.05)
    first = loss(embeddings, SPK)[0].item()
    for _ in range(150):
        optimizer.zero_grad()
        value, right = loss(embeddings, SPK)
        value.backward()
        optimizer.step()
    assert value < first / 2
    assert right == 1


@EVERY
def test_half_precision_around_changes_nothing(name):
    loss = make(name)
    embeddings = draw(loss)
    torch.manual_seed(1)  # of the negatives
    exact = loss(embeddings, SPK)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        torch.manual_seed(1)
        assert loss(embeddings, SPK) == exact
        assert loss(embeddings.bfloat16(), SPK)[0].dtype == torch.float


@EVERY
def test_another_batch_is_refused_in_one_line(name):
    loss = make(name)
    k = loss.n_per_speaker
    for embeddings, speakers, problem in [
        (torch.randn(N, k + 1, EMB_DIM), SPK, rf"takes embeddings \(n_speakers, {k}, "),
        (torch.randn(N, 1, EMB_DIM), SPK, f"draw {k} segments a speaker"),
        (torch.randn(N * k, EMB_DIM), SPK, rf"got \({N * k}, 5\)"),
        (torch.randn(3, k, EMB_DIM), SPK, r"each of 3 speakers, got .* \(4,\)"),
        (torch.randn(1, k, EMB_DIM), SPK[:1], "at least 2 speakers in a batch, got 1"),
        (torch.randn(N, k, EMB_DIM), SPK * 0, "each speaker once .* 4 groups of 1"),
    ]:
        with pytest.raises(ValueError, match=problem) as error:
            loss(embeddings, speakers)
        assert "\n" not in str(error.value)


@pytest.mark.parametrize("n", [-1, 0, 1])
def test_groups_of_one_are_refused(n):
    for make_loss in (
        lambda: Prototypical(n),
        lambda: AngularPrototypical(n, 10, -5),
        lambda: GE2E(n, 10, -5),
    ):
        with pytest.raises(ValueError, match=f"must be at least 2, got {n}"):
            make_loss()


def test_the_published_start_is_kept_and_learned():
    scale = LearnedScale(10, -5)
    assert scale(torch.tensor([0.5, -1.0])).tolist() == [0, -15]
    assert len(list(scale.parameters())) == 2


def test_the_scale_stays_positive_and_the_bias_moves_no_loss():
    loss = AngularPrototypical(2, 10, -5)
    embeddings = draw(loss)
    value, right = loss(embeddings, SPK)
    with torch.no_grad():
        loss.logits.bias.fill_(3)
    torch.testing.assert_close(loss(embeddings, SPK)[0], value)
    with torch.no_grad():
        loss.logits.scale.fill_(-10)
    assert loss(embeddings, SPK)[1] == right  # not turned round


def test_near_prototypes_are_told_apart_far_from_the_origin():
    embeddings = torch.randn(40, 2, 3) * 1e-2 + 100
    embeddings[:, 1] = embeddings[:, 0]
    assert Prototypical(2)(embeddings, torch.arange(40))[1] == 1


def test_both_losses_can_be_others():
    aam = AAMSoftmax(EMB_DIM, N_CLASSES, margin=0.2, scale=30)
    both = SoftmaxPrototypical(aam, GE2E(3, 10, -5))
    assert both.n_per_speaker == 3
    embeddings = draw(both)
    segments = embeddings.flatten(0, 1).unsqueeze(1)
    classes = aam(segments, SPK.repeat_interleave(3))
    value, right = both(embeddings, SPK)
    torch.testing.assert_close(value, classes[0] + both.groups(embeddings, SPK)[0])
    assert right == classes[1]


@EVERY
def test_the_batches_of_the_sampler_fit(name):
    loss = make(name)
    k = loss.n_per_speaker
    spk_id_encoded = torch.arange(N_CLASSES).repeat(6)
    for batch in SpeakerGroupSampler(spk_id_encoded, N, k, max_per_speaker=6, seed=1):
        speakers = spk_id_encoded[batch].view(N, k)
        embeddings = 20 * torch.eye(N_CLASSES)[speakers][..., :EMB_DIM]
        embeddings += torch.randn(N, 1, EMB_DIM)  # a voice of all its segments
        assert (embeddings == embeddings[:, :1]).all()
        assert loss(embeddings, speakers[:, 0])[0].isfinite()
