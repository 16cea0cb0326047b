"""Networks that name the class of a matrix of features."""

import pytest
import torch

from local.models.classifier_networks import (
    BiLstm,
    Conv1dNetwork,
    Conv2dNetwork,
    conv_blocks,
    statistics,
)

CONV = {"filters": [4, 6], "kernel_size": 3, "dropout": 0.2}
LSTM = {"n_units": 5, "hidden": 7}
NETWORKS = [(Conv1dNetwork, CONV), (Conv2dNetwork, CONV), (BiLstm, LSTM)]


@pytest.mark.parametrize(("network", "options"), NETWORKS)
@pytest.mark.parametrize("shape", [(13, 20), (13, 1), (1, 20), (7, 3)])
def test_any_size_gives_a_logit_of_each_class(network, options, shape):
    network = network(shape[0], 3, **options).eval()
    assert network(torch.rand(2, *shape)).shape == (2, 3)


@pytest.mark.parametrize(("network", "options"), NETWORKS)
def test_a_row_has_the_same_logits_alone_and_in_a_batch(network, options):
    network = network(13, 3, **options).eval()
    feats = torch.rand(4, 13, 20)
    torch.testing.assert_close(network(feats[1:2]), network(feats)[1:2])


@pytest.mark.parametrize(("network", "options"), NETWORKS)
def test_gradients_reach_every_parameter(network, options):
    torch.manual_seed(0)
    network = network(13, 3, **options)
    # Constant rows, too: the deviation of nothing has an infinite slope.
    feats = torch.cat([torch.randn(4, 13, 20), torch.ones(2, 13, 20)])
    network(feats)[:, 0].sum().backward()
    for name, parameter in network.named_parameters():
        assert torch.isfinite(parameter.grad).all(), name
        assert parameter.grad.any(), name


def test_coefficients_are_channels_in_one_dimension_and_places_in_two():
    assert Conv1dNetwork(13, 2, **CONV).blocks[0].weight.shape == (4, 13, 3)
    assert Conv2dNetwork(13, 2, **CONV).blocks[0].weight.shape == (4, 1, 3, 3)
    # 13 coefficients halved twice and rounded up: 7, 4; mean and deviation of each
    assert Conv2dNetwork(13, 2, **CONV).out.in_features == 2 * 6 * 4


def test_the_lstm_has_the_published_sizes():
    # Two layers: 4 gates x 256 units x (inputs + 256 + two biases), two directions.
    first, second = (2 * 4 * 256 * (n + 256 + 2) for n in (768, 512))
    dense = 512 * 128 + 128 + 128 * 40 + 40
    n_parameters = sum(p.numel() for p in BiLstm(768, 40).parameters())
    assert n_parameters == first + second + dense


def test_the_lstm_reads_along_the_frames():
    torch.manual_seed(0)
    network = BiLstm(4, 2, **LSTM).eval()
    feats = torch.randn(1, 4, 9)
    shuffled = feats[:, :, torch.randperm(9)]
    assert not torch.allclose(network(feats), network(shuffled), atol=1e-5)


def test_statistics_are_mean_and_deviation():
    maps = torch.tensor([[[1.0, 3.0], [5.0, 5.0]]])
    expected = torch.tensor([[2.0, 5.0, 1.0, 0.0]])
    torch.testing.assert_close(statistics(maps), expected, atol=4e-3, rtol=0)


def test_a_channel_that_is_dead_has_a_finite_gradient():
    maps = torch.zeros(1, 2, 3, requires_grad=True)
    statistics(maps).sum().backward()
    assert torch.isfinite(maps.grad).all()


@pytest.mark.parametrize(("filters", "kernel_size"), [([], 3), ([4], 2)])
def test_no_filters_or_an_even_kernel_is_refused(filters, kernel_size):
    with pytest.raises(ValueError, match=f"odd kernel_size, got .*={kernel_size}"):
        conv_blocks(1, 3, filters, kernel_size)
