"""Tests of local.input.samplers."""

import pytest
import torch

from local.input.samplers import BalancedBatchSampler, ShareOfBatches, epoch_seed

# Speakers 0, 1, 2 with 1, 4 and 16 segments
SPK = torch.tensor([0] * 1 + [1] * 4 + [2] * 16)


def epoch_batches(balance, epoch, seed=1, batch_size=4):
    sampler = BalancedBatchSampler(SPK, batch_size, balance, seed)
    sampler.set_epoch(epoch)
    return list(sampler)


BALANCES = pytest.mark.parametrize("balance", [0, 0.5, 1])


@BALANCES
def test_batches_depend_on_seed_and_epoch_alone(balance):
    first = epoch_batches(balance, epoch=3)
    torch.manual_seed(9)  # the global generator has no say
    assert epoch_batches(balance, epoch=3) == first
    assert epoch_batches(balance, epoch=4) != first
    assert epoch_batches(balance, epoch=3, seed=7) != first


@BALANCES
def test_an_epoch_does_not_depend_on_the_epochs_before_it(balance):
    sampler = BalancedBatchSampler(SPK, 4, balance, seed=1)
    for epoch in (1, 2, 3):
        sampler.set_epoch(epoch)
        batches = list(sampler)
    assert batches == epoch_batches(balance, epoch=3)


@BALANCES
def test_the_last_incomplete_batch_is_dropped(balance):
    sampler = BalancedBatchSampler(SPK, 4, balance, seed=1)  # 21 = 5 x 4 + 1
    assert len(sampler) == 5
    assert [len(batch) for batch in sampler] == [4] * 5


def test_balance_0_visits_each_segment_once():
    batches = epoch_batches(0, epoch=1, batch_size=7)
    assert sorted(sum(batches, [])) == list(range(21))
    assert sum(batches, []) != list(range(21))


@pytest.mark.parametrize(
    ("balance", "shares"),
    [
        (0.5, [1 / 7, 2 / 7, 4 / 7]),  # n * n^-0.5 = 1, 2, 4
        (1, [1 / 3, 1 / 3, 1 / 3]),
    ],
)
def test_balance_sets_how_often_a_speaker_is_drawn(balance, shares):
    sampler = BalancedBatchSampler(SPK, 7, balance, seed=1)
    drawn = []
    for epoch in range(300):
        sampler.set_epoch(epoch)
        drawn += sum(sampler, [])
    frequency = torch.bincount(SPK[torch.tensor(drawn)]) / len(drawn)
    assert frequency.tolist() == pytest.approx(shares, abs=0.02)
    of_one_speaker = torch.bincount(torch.tensor(drawn))[-16:] / len(drawn)
    assert of_one_speaker.tolist() == pytest.approx([shares[2] / 16] * 16, abs=0.01)


def test_batches_are_lists_of_plain_integers():
    batch = epoch_batches(0.5, epoch=1)[0]
    assert isinstance(batch, list)
    assert {type(index) for index in batch} == {int}


def test_a_single_full_batch_is_enough():
    assert len(epoch_batches(0, epoch=1, batch_size=21)) == 1


def test_too_few_segments_are_refused():
    with pytest.raises(ValueError, match="21 training segments do not fill .* 22"):
        BalancedBatchSampler(SPK, 22, 0.5, seed=1)


@pytest.mark.parametrize("balance", [-0.1, 1.1, float("nan")])
def test_balance_outside_0_to_1_is_refused(balance):
    with pytest.raises(ValueError, match=r"balance must be in 0\.\.1"):
        BalancedBatchSampler(SPK, 4, balance, seed=1)


@pytest.mark.parametrize("batch_size", [0, -4])
def test_batch_size_below_1_is_refused(batch_size):
    with pytest.raises(ValueError, match="batch_size must be at least 1"):
        BalancedBatchSampler(SPK, batch_size, 0.5, seed=1)


def test_runs_with_neighbouring_seeds_share_no_epoch():
    """Adding the epoch to the seed made epoch 2 of seed 0 that of seed 1's epoch 1."""
    mixed = {epoch_seed(seed, epoch) for seed in range(20) for epoch in range(20)}
    assert len(mixed) == 400
    assert epoch_seed(3, 4) == epoch_seed(3, 4)


def test_the_first_process_draws_what_a_single_one_does_and_the_others_do_not():
    assert epoch_seed(3, 4, rank=0) == epoch_seed(3, 4) == 2746448868
    assert len({epoch_seed(3, 4, rank) for rank in range(20)}) == 20


@pytest.mark.parametrize("n_processes", [1, 2, 4])
def test_the_shares_of_all_processes_are_the_batches_of_one(n_processes):
    whole = BalancedBatchSampler(SPK, 4, 0.5, seed=1)
    shares = [ShareOfBatches(whole, rank, n_processes) for rank in range(n_processes)]
    for epoch in (1, 2):  # the shares follow the sampler they are of
        whole.set_epoch(epoch)
        assert [sum(parts, []) for parts in zip(*shares, strict=True)] == list(whole)
        assert {len(batch) for share in shares for batch in share} == {4 // n_processes}
    assert [len(share) for share in shares] == [len(whole)] * n_processes


def test_a_batch_that_cannot_be_shared_equally_is_refused():
    whole = BalancedBatchSampler(SPK, 4, 0.5, seed=1)
    with pytest.raises(ValueError, match="a multiple of the 3 processes.*got 4"):
        ShareOfBatches(whole, 0, 3)
