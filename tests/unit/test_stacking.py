"""Tests of local.models.stacking."""

import torch

from local.models.stacking import StackedFrames


class Recorder(torch.nn.Module):
    def forward(self, feats, lengths=None):
        self.seen = feats, lengths
        return feats


def test_neighbouring_frames_become_one():
    feats = torch.arange(10.0).view(1, 5, 2)
    stacked = StackedFrames(Recorder(), 2)(feats)
    assert stacked.tolist() == [[[0, 1, 2, 3], [4, 5, 6, 7]]]


def test_lengths_reach_the_network():
    network = Recorder()
    StackedFrames(network, 2)(torch.zeros(1, 4, 3), torch.ones(1))
    assert network.seen[1].tolist() == [1]


def test_one_frame_at_a_time_changes_nothing():
    feats = torch.randn(2, 7, 3)
    assert torch.equal(StackedFrames(torch.nn.Identity(), 1).stack(feats), feats)
