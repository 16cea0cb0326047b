"""LDA + PLDA: log-likelihood ratios by a model of Gaussian speakers and segments.

An embedding is the sum of a speaker's own vector and of noise; both covariances are
learnt on the cohort, after embeddings are centred, reduced by LDA and scaled to length
one. SpeechBrain's `processing/PLDA_LDA.py` learns them. Not taken from it are

- its LDA, which gives ``eigh`` a matrix that is not symmetric, so that the directions
  are not those of LDA;
- ``fast_PLDA_scoring``, which is right, but scores every enrolment with every test,
  where a list names a few trials of each; its ``Ndx`` takes ids for equal of which one
  is a part of the other.

References
----------
Prince & Elder (2007). Probabilistic linear discriminant analysis for inferences about
identity. ICCV. doi:10.1109/ICCV.2007.4409052

Garcia-Romero & Espy-Wilson (2011). Analysis of i-vector length normalization in speaker
recognition systems. Interspeech. doi:10.21437/Interspeech.2011-53
"""

from typing import NamedTuple

import numpy as np
import torch
from scipy.linalg import LinAlgError, eigh
from speechbrain.processing.PLDA_LDA import PLDA, StatObject_SB

from local.models.discriminant import discriminant_directions
from local.scoring.similarity import length_normalize

BLOCK = 2**14  # trials at a time: changes memory, not the scores


class Plda(NamedTuple):
    """A trained LDA and PLDA.

    Attributes
    ----------
    centre : ndarray, (emb_dim,)
        Mean of the cohort's embeddings of length one.
    directions : ndarray, (emb_dim, n_dims)
        Of LDA.
    mean : ndarray, (n_dims,)
        Of the PLDA.
    basis : ndarray, (n_dims, n_dims)
        To coordinates in which noise has variance 1 and speakers are uncorrelated.
    between : ndarray, (n_dims,)
        Variance of the speakers in each.
    """

    centre: np.ndarray
    directions: np.ndarray
    mean: np.ndarray
    basis: np.ndarray
    between: np.ndarray

    def project(self, embeddings):
        """Bring embeddings (n, emb_dim) to the coordinates of the PLDA, (n, n_dims)."""
        centred = length_normalize(embeddings).astype(float) - self.centre
        return (length_normalize(centred @ self.directions) - self.mean) @ self.basis

    def score_pairs(self, embeddings, pairs):
        """Score pairs of embeddings.

        Parameters
        ----------
        embeddings : ndarray, (n, emb_dim)
            Of any length.
        pairs : tuple of ndarray of int, (n_pairs,) each
            One side and the other.

        Returns
        -------
        llr : ndarray, (n_pairs,)
            Natural-log likelihood ratio of one speaker against two.
        """
        points = self.project(embeddings)
        # In each coordinate two of one speaker have covariance b and variance 1 + b:
        # their sum has 2 + 4 b and their difference 2, where both of two have 2 + 2 b.
        b = self.between
        of_sum = 1 / (2 + 2 * b) - 1 / (2 + 4 * b)
        of_difference = 1 / (2 + 2 * b) - 1 / 2
        constant = (np.log1p(b) - np.log1p(2 * b) / 2).sum()
        llr = np.empty(len(pairs[0]))
        for start in range(0, len(llr), BLOCK):
            block = slice(start, start + BLOCK)
            one, other = points[pairs[0][block]], points[pairs[1][block]]
            squares = (one + other) ** 2 @ of_sum + (one - other) ** 2 @ of_difference
            llr[block] = constant + squares / 2
        return llr


def train_plda(cohort, n_dims, shrinkage, n_iterations):
    """Learn LDA and PLDA from the cohort.

    Parameters
    ----------
    cohort : local.scoring.embeddings.Embeddings
        Of training segments, several a speaker; a speaker of one segment helps too.
    n_dims : int
        Directions of LDA kept; at most emb_dim, and one fewer than speakers.
    shrinkage : float
        Of LDA, as in `discriminant_directions`.
    n_iterations : int
        Of the EM algorithm.

    Returns
    -------
    plda : Plda
        For `Plda.score_pairs`.

    Raises
    ------
    ValueError
        If there are too few speakers or segments, or a number is out of range.
    """
    spk_ids, classes = np.unique(cohort.spk_ids, return_inverse=True)
    n_dims = min(n_dims, cohort.matrix.shape[1], len(spk_ids) - 1)
    if n_dims < 1 or n_iterations < 1 or not 0 <= shrinkage <= 1:
        raise ValueError(
            "PLDA: expected two speakers, n_dims and n_iterations >= 1 and shrinkage in"
            f" 0..1, got {len(spk_ids)}, {n_dims}, {n_iterations} and {shrinkage}"
        )
    if len(classes) == len(spk_ids):
        raise ValueError(
            f"PLDA: the cohort has one embedding of each of {len(spk_ids)} speakers,"
            " several tell how they vary; take a model that was not made compact, or"
            " leave plda out of the systems"
        )
    unit = length_normalize(cohort.matrix).astype(float)
    centre = unit.mean(axis=0)
    try:
        tensors = torch.from_numpy(unit - centre), torch.from_numpy(classes)
        directions = discriminant_directions(*tensors, n_dims, shrinkage).numpy()
        reduced = length_normalize((unit - centre) @ directions)
        return Plda(centre, directions, *_fit(reduced, classes, n_iterations))
    except (LinAlgError, torch.linalg.LinAlgError) as error:
        raise ValueError(
            f"PLDA: {len(unit)} segments are too few for {n_dims} dimensions ({error});"
            " take fewer, or a higher shrinkage"
        ) from error


def _fit(vectors, classes, n_iterations):
    """Return mean, basis and variances of speakers of a PLDA of full rank."""
    names = classes.astype(str).astype(object)
    none = np.full(len(names), None)
    statistics = StatObject_SB(
        modelset=names,
        segset=np.arange(len(names)).astype(str).astype(object),
        start=none,
        stop=none,
        stat0=np.ones((len(names), 1)),
        stat1=vectors,
    )
    plda = PLDA(rank_f=vectors.shape[1], nb_iter=n_iterations)
    plda.plda(statistics)
    between, basis = eigh(plda.F @ plda.F.T, plda.Sigma)
    return plda.mean, basis, between.clip(min=0)
