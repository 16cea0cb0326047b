"""Tests of local.output.trained_model."""

import torch

from local.models.stacking import StackedFrames
from local.models.statistics_encoder import StatisticsEncoder
from local.output.trained_model import network_name


def test_a_network_is_named_without_what_stacks_its_frames():
    encoder = StatisticsEncoder(9, 4, 0.1, 0.1, 8, 0.2, 0.1, 2, n_looks=1)
    assert network_name(encoder) == "StatisticsEncoder"
    assert network_name(StackedFrames(torch.nn.GRU(4, 4), 2)) == "GRU"
