"""Scores of chosen pairs of a gallery that is too large for its N x N matrix.

The normalised score of a pair is an inner product. With a = 1 / std and
b = mean / std of the cohort scores of a segment, twice the s-norm of i and j is

    x_i x_j (a_i + a_j) - b_i - b_j = <[a_i x_i, x_i, 1], [x_j, a_j x_j, -b_j]> - b_i

and b_i ranks nothing among the neighbours of i. So any search for the largest inner
product ranks by s-norm and AS-norm too, and by the cosine without statistics.
"""

from typing import NamedTuple

import numpy as np

from local.progress import inner_steps
from local.scoring.normalization import CohortStatistics, gallery_statistics
from local.scoring.similarity import length_normalize

# Numbers of gathered embeddings held at one time: 1 MB of float32 stays in the cache,
# which is a quarter faster than 16 MB.
BLOCK_VALUES = 2**18


class PairScores(NamedTuple):
    """A gallery whose pairs are scored as `normalize_scores` does, one by one.

    Attributes
    ----------
    unit : ndarray, (n_segments, emb_dim)
        Embeddings of length one.
    statistics : CohortStatistics or None
        Of each segment; without them the score is the cosine.
    """

    unit: np.ndarray
    statistics: CohortStatistics | None

    def score(self, rows, columns):
        """Score some segments with some others of each.

        Parameters
        ----------
        rows : ndarray of int, (n_rows,)
            Segments.
        columns : ndarray of int, (n_rows, n_columns)
            Which others, of each.

        Returns
        -------
        scores : ndarray, (n_rows, n_columns)
            Those entries of the matrix of `normalize_scores`.
        """
        scores = np.empty(columns.shape, dtype=self.unit.dtype)
        n_rows = max(1, BLOCK_VALUES // (columns.shape[1] * self.unit.shape[1]))
        starts = range(0, len(rows), n_rows)
        for start in inner_steps(starts, "pairs", "block"):
            block = slice(start, start + n_rows)
            scores[block] = self._score_block(rows[block, None], columns[block])
        return scores

    def score_pairs(self, pairs):
        """Score a list of pairs.

        Parameters
        ----------
        pairs : tuple of ndarray of int, (n_pairs,) each
            One side and the other.

        Returns
        -------
        scores : ndarray, (n_pairs,)
            As of `score`.
        """
        rows, columns = pairs
        return self.score(rows, columns[:, None])[:, 0]

    def _score_block(self, rows, columns):
        others = self.unit[columns]  # (n_rows, n_columns, emb_dim)
        cosines = (others @ self.unit[rows].swapaxes(1, 2))[..., 0]
        cosines = np.clip(cosines, -1, 1)
        if self.statistics is None:
            return cosines
        mean, std = self.statistics
        own = (cosines - mean[rows]) / std[rows]
        return (own + (cosines - mean[columns]) / std[columns]) / 2

    def queries(self, rows):
        """Return one vector a row whose products with `items` rank as its scores.

        Parameters
        ----------
        rows : ndarray of int, (n_rows,)
            Segments.

        Returns
        -------
        queries : ndarray of float32, (n_rows, n_dims)
            Of length one without statistics, else of 2 emb_dim + 1 dimensions.
        """
        x = self.unit[rows].astype(np.float32)
        if self.statistics is None:
            return x
        a = (1 / self.statistics.std[rows, None]).astype(np.float32)
        return np.hstack([a * x, x, np.ones_like(a)])

    def items(self):
        """Return the vectors of all segments that go with `queries`, float32."""
        x = self.unit.astype(np.float32, copy=False)
        if self.statistics is None:
            return x
        a = (1 / self.statistics.std[:, None]).astype(np.float32)
        return np.hstack([x, a * x, -a * self.statistics.mean[:, None].astype("f4")])


def pair_scores(method, gallery, cohort=None, top_n=None):
    """Make ready to score pairs of a gallery.

    Parameters
    ----------
    method, gallery, cohort, top_n
        As of `local.scoring.normalization.normalize_scores`.

    Returns
    -------
    pairs : PairScores
        Takes the memory of the gallery.

    Examples
    --------
    >>> gallery = np.array([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]])
    >>> pair_scores("none", gallery).score_pairs((np.array([0, 1]), np.array([1, 2])))
    array([0.6, 0.8])
    """
    statistics = gallery_statistics(method, gallery, cohort, top_n)
    return PairScores(length_normalize(gallery), statistics)


def draw_pairs(n_segments, n_pairs, seed):
    """Draw pairs of different segments; all there are, if those are no more.

    Parameters
    ----------
    n_segments : int
        In the gallery, at least 2.
    n_pairs : int
        Pairs drawn, with replacement, each as likely as any other.
    seed : int
        The same seed draws the same pairs.

    Returns
    -------
    pairs : tuple of ndarray of int, (n_drawn,) each
        One side and the other.

    Examples
    --------
    >>> draw_pairs(3, 5, seed=0)
    (array([0, 0, 1]), array([1, 2, 2]))
    """
    if n_segments * (n_segments - 1) // 2 <= n_pairs:
        return np.triu_indices(n_segments, k=1)
    rng = np.random.default_rng(seed)
    rows = rng.integers(n_segments, size=n_pairs)
    # Any but the row itself: steps of 1 to n - 1, around the end.
    return rows, (rows + rng.integers(1, n_segments, size=n_pairs)) % n_segments
