"""Tests of recipes.baselines.pair_mlp."""

import math
from functools import partial

import numpy as np
import pytest
import torch

from recipes.baselines.pair_mlp import LOG_PRIOR_ODDS, draw_pairs, score_pairs, train

SPK_IDS = list("abacabbbca")


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("seed", range(5))
def test_pairs_are_what_they_are_called(seed):
    pairs, same = draw_pairs(SPK_IDS, rng(seed))
    spk_ids = np.array(SPK_IDS)[pairs.numpy()]
    assert ((spk_ids[:, 0] == spk_ids[:, 1]) == same.bool().numpy()).all()
    assert (pairs[:, 0] != pairs[:, 1]).all()


def test_there_are_two_nontargets_a_target_in_both_orders():
    pairs, same = draw_pairs(SPK_IDS, rng())
    assert same.sum() == len(SPK_IDS)
    assert len(same) == 3 * len(SPK_IDS)
    nontargets = {tuple(pair) for pair in pairs[same == 0].tolist()}
    assert nontargets == {(b, a) for a, b in nontargets}


def test_every_partner_is_drawn_in_time():
    drawn = {
        tuple(p) for s in range(200) for p in draw_pairs(SPK_IDS, rng(s))[0].tolist()
    }
    assert len(drawn) == len(SPK_IDS) * (len(SPK_IDS) - 1)


def test_a_speaker_with_one_segment_gives_no_target_pair():
    pairs, same = draw_pairs(list("aab"), rng())
    assert 2 not in pairs[same == 1]
    assert len(pairs) == 2 + 6


def test_the_same_generator_draws_the_same_pairs():
    first, second = draw_pairs(SPK_IDS, rng(4)), draw_pairs(SPK_IDS, rng(4))
    assert torch.equal(first[0], second[0])


def test_scores_are_the_mean_log_odds_of_both_orders():
    network = torch.nn.Linear(2, 2)
    feats = torch.tensor([[1.0], [3.0]])
    scores = score_pairs(network, feats)
    probability = network(torch.tensor([[1.0, 3.0], [3.0, 1.0]])).softmax(1)[:, 1]
    expected = torch.logit(probability).mean().item()
    assert scores[0, 1] == scores[1, 0] == pytest.approx(expected, rel=1e-5)
    assert pytest.approx(math.log(1 / 2)) == LOG_PRIOR_ODDS


def settings(**changes):
    torch.manual_seed(0)
    network = torch.nn.Sequential(
        torch.nn.Linear(4, 16), torch.nn.ReLU(), torch.nn.Linear(16, 2)
    )
    schedule = partial(torch.optim.lr_scheduler.ReduceLROnPlateau, patience=3)
    adam = partial(torch.optim.Adam, lr=0.01)
    fixed = {"network": network, "opt_class": adam, "lr_schedule": schedule}
    numbers = {"seed": 1, "n_epochs": 12, "n_patience": 12, "batch_size": 8}
    return fixed | numbers | changes


def voices(spk_ids, seed):
    """Return features by which speakers differ: their code and noise."""
    codes = torch.tensor([float(ord(spk_id)) - ord("b") for spk_id in spk_ids])
    hiss = 0.1 * torch.randn((len(codes), 2), generator=rng(seed))
    return torch.stack([codes, -codes], dim=1) + hiss


def test_training_learns_who_is_alike():
    hparams, spk_ids = settings(), SPK_IDS * 8
    valid = voices(SPK_IDS, 1)
    assert train(hparams, voices(spk_ids, 0), spk_ids, valid, SPK_IDS) == 12
    scores = score_pairs(hparams["network"], voices(list("aacc"), 2))
    assert min(scores[0, 1], scores[2, 3]) > scores[:2, 2:].max()


def test_training_stops_when_validation_gains_no_more():
    hparams = settings(n_patience=2, n_epochs=40)
    spk_ids = SPK_IDS * 8
    liars = [
        "abc"["cab".index(spk_id)] if i % 2 else spk_id
        for i, spk_id in enumerate(SPK_IDS)
    ]
    epochs = train(hparams, voices(spk_ids, 0), spk_ids, voices(SPK_IDS, 1), liars)
    assert epochs < 40
    assert not hparams["network"].training


def test_a_loss_that_is_no_number_is_told():
    feats = torch.full((len(SPK_IDS), 2), float("nan"))
    with pytest.raises(ValueError, match="never a number"):
        train(settings(n_epochs=1), feats, SPK_IDS, feats, SPK_IDS)
