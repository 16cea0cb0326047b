"""Tests of local.models.combination."""

import pytest
import torch
from torch.nn.functional import cosine_similarity

from local.models.combination import Combination, Member, Unchanged, join


class Projection(torch.nn.Module):
    """An embedding model: a linear map of the first frame."""

    def __init__(self, seed, emb_dim=3):
        super().__init__()
        rng = torch.Generator().manual_seed(seed)
        self.weight = torch.nn.Parameter(torch.randn(4, emb_dim, generator=rng))

    def forward(self, feats):
        return feats[:, :1] @ self.weight


class Counted(torch.nn.Unflatten):
    """Features that count how often they are computed."""

    def __init__(self):
        super().__init__(1, (-1, 4))
        self.calls = 0

    def forward(self, wavs):
        self.calls += 1
        return super().forward(wavs)


@pytest.fixture
def members():
    return [Member(torch.nn.Unflatten(1, (-1, 4)), 4, Projection(n)) for n in range(2)]


@pytest.fixture
def wavs():
    return torch.randn(6, 8, generator=torch.Generator().manual_seed(0))


def embed(member, *batches):
    return [member(member.compute_features(wavs)) for wavs in batches]


def test_a_member_normalises_its_features(members, wavs):
    member = members[0]
    member.mean += torch.arange(4)
    member.std *= 2
    expected = (wavs[:, :4] - torch.arange(4)) / 2 @ member.embedding_model.weight
    feats = member.compute_features(wavs)
    torch.testing.assert_close(member(feats).squeeze(1), expected)


def test_features_that_members_share_are_computed_once(members, wavs):
    expected = Combination(members, [1, 2])(wavs)
    shared = Counted()
    for member in members:
        member.compute_features = shared
    assert torch.equal(Combination(members, [1, 2])(wavs), expected)
    assert shared.calls == 1


@pytest.mark.parametrize("weights", [[1.0, 1.0], [3, 1], [0.2, 5.0]])
def test_its_cosine_is_the_weighted_mean_of_the_members_cosines(members, wavs, weights):
    first, last = wavs[:3], wavs[3:]
    joined = Combination(members, weights)
    found = cosine_similarity(joined(first), joined(last), dim=-1)
    each = [cosine_similarity(*embed(m, first, last), dim=-1) for m in members]
    expected = (weights[0] * each[0] + weights[1] * each[1]) / sum(weights)
    torch.testing.assert_close(found, expected)


def test_its_embeddings_are_side_by_side_and_of_length_one(members, wavs):
    members[1].embedding_model = Projection(2, emb_dim=5)
    found = Combination(members, [1, 2])(wavs)
    assert found.shape == (6, 1, 8)
    torch.testing.assert_close(found.norm(dim=-1), torch.ones(6, 1))
    shares = found[..., :3].square().sum(-1)
    torch.testing.assert_close(shares, torch.full((6, 1), 1 / 3))


def test_only_the_ratio_of_the_weights_counts(members, wavs):
    found = [Combination(members, w)(wavs) for w in ([1, 3], [2.0, 6.0])]
    torch.testing.assert_close(*found)


def test_a_segment_embeds_alike_alone_and_in_a_batch(members, wavs):
    joined = Combination(members, [1, 1])
    torch.testing.assert_close(joined(wavs[:1]), joined(wavs)[:1])


def test_mean_and_spread_travel_with_the_weights(members, wavs):
    members[0].mean += 3
    trained = Combination(members, [1, 1])
    fresh = [Member(torch.nn.Unflatten(1, (-1, 4)), 4, Projection(9)) for _ in range(2)]
    other = Combination(fresh, [1, 1])
    other.load_state_dict(trained.state_dict())
    assert torch.equal(other(wavs), trained(wavs))


def test_gradients_reach_every_member(members, wavs):
    Combination(members, [1, 1])(wavs)[..., 0].sum().backward()
    assert members[0].embedding_model.weight.grad.isfinite().all()
    assert members[0].embedding_model.weight.grad.abs().sum() > 0


@pytest.mark.parametrize("weights", [[1], [1, 2, 3], [1, 0], [1, -1], [1, "x"]])
def test_weights_that_do_not_fit_are_refused(members, weights):
    with pytest.raises(ValueError, match="2 models needs as many weights above 0"):
        Combination(members, weights)


def test_padding_is_refused(members, wavs):
    joined = Combination(members, [1, 1])
    assert torch.equal(joined(wavs, torch.ones(6)), joined(wavs))
    with pytest.raises(ValueError, match="padded wavs"):
        joined(wavs, torch.tensor([1, 1, 1, 1, 1, 0.5]))


def test_join_needs_a_weight_for_each(wavs):
    with pytest.raises(ValueError):
        join([wavs, wavs], [1.0])


def test_unchanged_gives_what_it_gets(wavs):
    assert Unchanged()(wavs, torch.ones(6)) is wavs
