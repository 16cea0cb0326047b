"""Every system is the formula it is called by."""

from functools import partial

import numpy as np
import pytest
from made_up_utterances import made_up_crops

from local.scoring.crops import crop_scores, mean_cosine_scores
from local.scoring.embeddings import Embeddings
from local.scoring.normalization import normalize_scores
from local.scoring.plda import train_plda
from recipes.voxceleb.trial_systems import SYSTEMS, trial_systems

PLDA = partial(train_plda, n_dims=3, shrinkage=0.1, n_iterations=3)


def made_up_cohort(rng):
    spk_ids = np.repeat([f"s{n}" for n in range(9)], 4)
    matrix = made_up_crops(spk_ids, rng, n_crops=1)[:, 0]
    return Embeddings(np.arange(36).astype(str), spk_ids, matrix)


def test_the_systems_score_the_pairs_of_utterances(rng):
    cohort = made_up_cohort(rng)
    systems = trial_systems(SYSTEMS, cohort, 5, PLDA)
    crops = made_up_crops(np.repeat(list("abc"), 4), rng)
    pairs = np.array(np.triu_indices(12, k=1))
    found = {name: score(crops, pairs) for name, score in systems.items()}
    assert list(found) == list(SYSTEMS)
    unit = crops / np.linalg.norm(crops, axis=2, keepdims=True)
    means = unit.mean(axis=1)
    cohort_unit = cohort.matrix / np.linalg.norm(cohort.matrix, axis=1, keepdims=True)
    speakers = cohort_unit.reshape(9, 4, 6).mean(axis=1)
    normed = normalize_scores("as", means, speakers, 5)
    near = partial(np.testing.assert_allclose, rtol=1e-4, atol=1e-5)
    near(found["crop distances"], crop_scores(crops, crops, pairs.T))
    near(found["cosine"], mean_cosine_scores(crops, crops, pairs.T))
    near(found["as-norm"], normed[tuple(pairs)])
    near(found["PLDA"], PLDA(cohort).score_pairs(means, tuple(pairs)))


def test_what_is_not_asked_for_is_not_learnt(rng):
    def refuse(_):
        raise AssertionError

    assert list(trial_systems(["cosine"], made_up_cohort(rng), 5, refuse)) == ["cosine"]


@pytest.mark.parametrize("names", [[], ["cosine", "plda"]])
def test_an_unknown_system_or_none_is_refused(rng, names):
    with pytest.raises(ValueError, match="must be of crop distances, cosine"):
        trial_systems(names, made_up_cohort(rng), 5, PLDA)
