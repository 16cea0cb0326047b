"""Utterances of made-up readers, for tests of the analysis by gender."""

import numpy as np

from recipes.gender.utterances import Utterances


def make_readers(n_readers=60, n_each=3, n_coefficients=6, apart=3.0, seed=0):
    """Return utterances of women and men in turn, whose c0 alone tells gender.

    Coefficients are normal, of standard deviation 1 over readers, and 0.1 over the
    utterances of one.
    """
    rng = np.random.default_rng(seed)
    genders = np.repeat(np.arange(n_readers) % 2, n_each)
    speakers = np.repeat([f"{n:03d}" for n in range(n_readers)], n_each)
    voices = np.repeat(rng.normal(size=(n_readers, n_coefficients)), n_each, axis=0)
    means = voices + 0.1 * rng.normal(size=voices.shape)
    means[:, 0] += apart * genders
    sds = 1 + rng.random(means.shape)
    hz = np.where(genders, 110.0, 200.0) + rng.normal(scale=5, size=len(genders))
    names = np.array([f"{speaker}-{i}" for i, speaker in enumerate(speakers)])
    return Utterances(names, speakers, genders, means, sds, hz)
