"""The k nearest segments of each segment, without the N x N matrix, by FAISS.

Scores are those of `local.scoring.sparse.PairScores`, so also of AS-norm. An engine has
``build(pairs)``, which returns a function from segments and k to more than k candidates
of each; `find_nearest` scores these exactly and keeps the best.

References
----------
Douze et al. (2024). The Faiss library. arXiv:2401.08281.
Andre et al. (2015). Cache locality is not enough: high-performance nearest neighbor
search with product quantization fast scan. VLDB 9(4). doi:10.14778/2856318.2856324
"""

import logging
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from local.scoring.sparse import PairScores

logger = logging.getLogger(__name__)

BLOCK_ROWS = 2048  # queries at a time: FAISS works on many at once
# Scores of float32 embeddings closer than this tie, relative to the larger.
ROUNDING = 1e-5
N_CENTROIDS = 16  # of a part of a product quantizer, 4 bits


class Nearest(NamedTuple):
    """The nearest segments of each segment, the best first, itself left out.

    Attributes
    ----------
    neighbors : ndarray of int32, (n_segments, k)
        Rows of the gallery.
    scores : ndarray of float32, (n_segments, k)
        Of each with its segment, falling.
    pairs : PairScores
        What scores any other pair of the gallery.
    recall : float
        Share of the neighbours that are right, 1 of an exact search.
    """

    neighbors: np.ndarray
    scores: np.ndarray
    pairs: PairScores
    recall: float


class ExactSearch:
    """Compare each segment with all others."""

    n_recall_queries = 0  # nothing to measure

    def build(self, pairs):
        """Return a function from rows (n,) and k to candidates (n, k + 1).

        Parameters
        ----------
        pairs : PairScores
            The gallery.

        Returns
        -------
        candidates : callable
            Finds the segment itself too, where it is among the best.
        """
        faiss = _import_faiss()
        items = pairs.items()
        # As fast as our own blocks of product and top-k: 20,000 AS-normed segments of
        # 192 dimensions in 5.0 s beside 6.6 s, 100,000 in 57 s beside 55 s (two cores).
        index = faiss.IndexFlatIP(items.shape[1])
        index.add(items)
        return lambda rows, k: index.search(pairs.queries(rows), k + 1)[1]


class ApproximateSearch:
    """Compare short codes of the embeddings, of the nearest lists of them alone.

    Embeddings are rotated to ``n_dims`` principal dimensions and quantised to 2 bits
    each, in lists around centroids. Candidates are the best by approximate cosine.

    Of what FAISS has, on 50,000 AS-normed segments (`benchmarks.search`), k = 100, with
    4 k candidates or 3 k of uncoded ones, as share of the time of exact search and of
    the neighbours found: these codes in half of 256 lists 0.34, 0.91 (0.97 by cosine);
    not rotated, in half of 447 lists 0.31, 0.84, in all 0.28, 0.85; 8 bits a dimension
    in a quarter of the lists 0.75, 0.91; embeddings themselves in a quarter 0.54, 0.90;
    a graph of 32 links (HNSW) 1.0 with its making, 0.88. The exact scores of the
    candidates take another 0.15.

    Parameters
    ----------
    n_dims : int
        Kept of emb_dim, even.
    n_lists : int
        Lists; at most one for 39 segments.
    n_probe : int
        Lists searched for each segment: more is better and slower.
    n_candidates : float
        Scored exactly, in multiples of k, at least 1.
    n_train : int
        Segments, drawn, from which rotation, lists and codes are learnt.
    n_recall_queries : int
        Segments, drawn, on which recall is measured; 0 measures none.
    seed : int
        Of both draws.
    """

    def __init__(
        self, n_dims, n_lists, n_probe, n_candidates, n_train, n_recall_queries, seed
    ):
        if min(n_dims // 2, n_lists, n_probe, n_candidates, n_train) < 1:
            raise ValueError(
                "approximate search needs n_dims >= 2 and n_lists, n_probe,"
                f" n_candidates, n_train >= 1, got {n_dims}, {n_lists}, {n_probe},"
                f" {n_candidates}, {n_train}"
            )
        self.n_dims = n_dims
        self.n_lists = n_lists
        self.n_probe = n_probe
        self.n_candidates = n_candidates
        self.n_train = n_train
        self.n_recall_queries = n_recall_queries
        self.seed = seed

    def build(self, pairs):
        """Return a function from rows (n,) and k to candidates, as of `ExactSearch`.

        Parameters
        ----------
        pairs : PairScores
            The gallery; below 39 segments a centroid it is searched exactly.

        Returns
        -------
        candidates : callable
            Rows (n,) and k to (n, n_candidates k); -1 where fewer were found.
        """
        unit = np.ascontiguousarray(pairs.unit, dtype=np.float32)
        n_segments, emb_dim = unit.shape
        n_parts = min(self.n_dims, emb_dim) // 2
        if n_segments < 39 * N_CENTROIDS or n_parts < 1:
            return ExactSearch().build(pairs)
        faiss = _import_faiss()
        n_lists = min(self.n_lists, n_segments // 39)
        index = faiss.index_factory(
            emb_dim,
            f"PCAR{2 * n_parts},IVF{n_lists},PQ{n_parts}x4fs",
            faiss.METRIC_INNER_PRODUCT,
        )
        n_train = min(max(self.n_train, 39 * n_lists), n_segments)
        index.train(unit[_draw_rows(n_segments, n_train, self.seed)])
        index.add(unit)
        faiss.ParameterSpace().set_index_parameter(
            index, "nprobe", min(self.n_probe, n_lists)
        )

        def candidates(rows, k):
            n = min(n_segments, max(k + 1, round(self.n_candidates * k)))
            return index.search(unit[rows], n)[1]

        return candidates


def find_nearest(search, pairs, k):
    """Find the k nearest segments of each segment of a gallery.

    Parameters
    ----------
    search : ExactSearch or ApproximateSearch
        The engine.
    pairs : PairScores
        The gallery.
    k : int
        Neighbours, at least 1; more than the other segments there are is clamped to
        these with a warning.

    Returns
    -------
    nearest : Nearest
        Ties are in the order of the gallery, but for those with the last.

    Raises
    ------
    ValueError
        If k is no whole number from 1, or the gallery smaller than 2.
    """
    n_segments = len(pairs.unit)
    if not isinstance(k, int) or k < 1 or n_segments < 2:
        raise ValueError(
            "expected top_k, a whole number from 1, and at least 2 segments, got"
            f" {k!r} and {n_segments}"
        )
    if k > n_segments - 1:
        logger.warning("top_k %d: a segment has %d others", k, n_segments - 1)
        k = n_segments - 1
    candidates = search.build(pairs)
    neighbors = np.empty((n_segments, k), dtype=np.int32)
    scores = np.empty((n_segments, k), dtype=np.float32)
    with tqdm(desc="search", total=n_segments, unit="clip", disable=None) as bar:
        for start in range(0, n_segments, BLOCK_ROWS):
            rows = np.arange(start, min(start + BLOCK_ROWS, n_segments))
            neighbors[rows], scores[rows] = _best(pairs, rows, candidates, k)
            bar.update(len(rows))
    recall = 1.0
    if search.n_recall_queries:
        rows = _draw_rows(n_segments, search.n_recall_queries, search.seed)
        recall = _recall(pairs, rows, scores[rows])
        logger.info("recall of the search, on %d segments: %.4f", len(rows), recall)
    return Nearest(neighbors, scores, pairs, recall)


def _best(pairs, rows, candidates, k):
    """Return the k best candidates of some segments, and their scores."""
    # In the order of the gallery first, so that a stable sort leaves ties in it.
    found = np.sort(candidates(rows, k), axis=1)
    short = ((found >= 0) & (found != rows[:, None])).sum(axis=1) < k
    if short.any():  # lists too empty: these few are searched exactly
        exact = np.sort(ExactSearch().build(pairs)(rows[short], k), axis=1)
        found[short] = -1
        found[short, : k + 1] = exact
    scores = pairs.score(rows, found)
    scores[(found < 0) | (found == rows[:, None])] = -np.inf
    order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    return tuple(np.take_along_axis(part, order, axis=1) for part in (found, scores))


def _recall(pairs, rows, scores):
    """Return the share of scores that reach the k-th of an exact search."""
    k = scores.shape[1]
    exact = _best(pairs, rows, ExactSearch().build(pairs), k)[1]
    last = exact[:, -1:]  # what ties with it is as right
    return float((scores >= last - ROUNDING * np.abs(last)).mean())


def _draw_rows(n_segments, n_drawn, seed):
    """Draw some of the segments, ascending."""
    rng = np.random.default_rng(seed)
    rows = rng.choice(n_segments, min(n_drawn, n_segments), replace=False)
    return np.sort(rows)


def _import_faiss():
    """Return FAISS, which only galleries too large for a matrix need."""
    # It tells which of its builds it tries, one after the other, errors included.
    logging.getLogger("faiss.loader").setLevel(logging.WARNING)
    try:
        import faiss
    except ImportError as error:
        raise ValueError("top_k needs FAISS: pip install faiss-cpu") from error
    return faiss
