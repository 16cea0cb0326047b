"""The diagram is of the model itself: its parts, in order, and what each is given."""

import pytest
import torch

from local.output.hand_in.architecture import trace_blocks
from local.scoring.model_folder import load_encoder


class Joined(torch.nn.Module):
    """Two layers in a row, and a third that is given what left both."""

    def __init__(self):
        super().__init__()
        self.first = torch.nn.Linear(40, 5)
        self.second = torch.nn.Linear(5, 5)
        self.idle = torch.nn.Linear(9, 9)  # never runs
        self.third = torch.nn.Linear(10, 6)

    def forward(self, feats, lengths=None):
        """Return embeddings (batch, 1, 6)."""
        first = self.first(feats)
        return self.third(torch.cat([first, self.second(first).relu()], dim=-1))


@pytest.fixture
def encoder(untrained_model):
    """Return a model of such layers."""
    encoder = load_encoder(untrained_model(1), "cpu")
    encoder.mods["embedding_model"] = Joined()
    return encoder


def test_a_layer_that_is_given_two_outputs_has_two_sources(encoder):
    blocks = trace_blocks(encoder, 11025, 5)
    names = [block.name for block in blocks]
    assert names[:2] == ["segment", "compute_features"]
    assert names[-4:] == ["first", "second", "third", "embedding"]
    at = {name: place for place, name in enumerate(names)}
    assert blocks[at["third"]].sources == (at["first"], at["second"])
    assert blocks[at["third"]].n_parameters == 66
    assert blocks[at["first"]].shape == (1, 5)
    assert blocks[-1].shape == (6,)


def test_a_model_that_is_not_opened_may_hold_features_that_leave_pytorch(encoder):
    class Whole(torch.nn.Module):
        def __init__(self, compute_features):
            super().__init__()
            self.compute_features = compute_features
            self.last = torch.nn.Linear(40, 6)

        def forward(self, wavs, lengths=None):
            return self.last(self.compute_features(wavs[..., 0]))

    features = encoder.mods.compute_features
    encoder.mods.compute_features = torch.nn.Unflatten(1, (-1, 1))
    encoder.mods.embedding_model = Whole(features)
    for n_blocks in (3, 9):
        blocks = trace_blocks(encoder, 11025, n_blocks)
        assert blocks[-1].shape == (6,) and len(blocks) <= n_blocks + 2


def test_without_room_nothing_is_opened_and_too_little_is_refused(encoder):
    kinds = [block.kind for block in trace_blocks(encoder, 11025, 3)]
    assert kinds == ["", "SegmentStatistics", "InputNormalization", "Joined", ""]
    with pytest.raises(ValueError, match="n_blocks must be at least 3, got 2"):
        trace_blocks(encoder, 11025, 2)
