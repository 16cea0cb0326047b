"""What is looked at: settings of the YAML, and the figures they lead to."""

from dataclasses import dataclass

import numpy as np
from sklearn.metrics import adjusted_rand_score
from tqdm import tqdm

from recipes.wav2vec2_speaker_id.clusters import (
    METHODS,
    agreement,
    find_clusters,
    principal_space,
    silhouette,
)
from recipes.wav2vec2_speaker_id.planes import (
    between_speakers,
    check_maps,
    neighbours,
    neighbours_by_chance,
    project,
)

MANY = 0.85  # share of the variance whose components are counted


@dataclass(frozen=True)
class Exploration:
    """Settings of an exploration.

    Attributes
    ----------
    feats : str
        Key of ``representations``: what chunks are compared by.
    layer : int or None
        Which layer, counted from 0, of features that have layers; None: they have none.
    max_chunks : int
        As many are taken, evenly from all speakers: agglomerative clustering holds the
        distances of all pairs in memory, of 10,000 chunks half a gigabyte.
    n_components : int
        Principal components that clusterings and maps are given, at most.
    methods : sequence of str
        Some of `recipes.wav2vec2_speaker_id.clusters.METHODS`.
    n_starts : int
        Of k-means.
    maps : sequence of str
        Some of "pca", "tsne" and "umap", which needs ``requirements-wav2vec2.txt``.
    n_map_speakers : int
        Of the maps that show some speakers, up to ten of whom share no colour.
    n_bootstrap : int
        Replicates of the intervals.
    confidence : float
        Their probability mass.
    seed : int
        Of the choice of chunks and speakers, of k-means, maps and replicates.
    """

    feats: str
    layer: int | None
    max_chunks: int
    n_components: int
    methods: tuple[str, ...]
    n_starts: int
    maps: tuple[str, ...]
    n_map_speakers: int
    n_bootstrap: int
    confidence: float
    seed: int

    def __post_init__(self):
        for name in ("max_chunks", "n_components", "n_starts", "n_map_speakers"):
            if getattr(self, name) < 1:
                raise ValueError(f"explore: {name} is {getattr(self, name)}, below 1")
        unknown = [name for name in self.methods if name not in METHODS]
        if unknown:
            raise ValueError(
                f"explore: method {unknown[0]!r}: expected some of {', '.join(METHODS)}"
            )
        check_maps(self.maps)

    def choose_chunks(self, spk_ids):
        """Return the rows to take, evenly from all speakers if there are too many.

        Raises
        ------
        ValueError
            If that leaves too little to compare.
        """
        rows = np.random.default_rng(self.seed).permutation(len(spk_ids))
        _, speakers = np.unique(spk_ids, return_inverse=True)
        # How many of its speaker stand before it: one of each, then the second, ...
        order = rows[np.argsort(speakers[rows], kind="stable")]
        ends = np.searchsorted(speakers[order], speakers[order])
        rounds = np.empty(len(rows), dtype=int)
        rounds[order] = np.arange(len(rows)) - ends
        chosen = rows[np.argsort(rounds[rows], kind="stable")][: self.max_chunks]
        n_speakers = len(np.unique(speakers[chosen]))
        if n_speakers < 2 or len(chosen) < n_speakers + 2:
            raise ValueError(
                f"{len(chosen)} chunks of {n_speakers} speakers are too few to explore:"
                " it takes two speakers with two chunks; raise max_chunks, or take more"
                " speech"
            )
        return np.sort(chosen)

    def choose_speakers(self, spk_ids):
        """Return the speakers of the maps that show some."""
        everyone = np.unique(spk_ids)
        n = min(self.n_map_speakers, len(everyone))
        rng = np.random.default_rng(self.seed)
        return np.sort(rng.choice(everyone, n, replace=False))

    def pick(self, feats, rows):
        """Return the features of some chunks, (n, dims), of the layer that is asked.

        Raises
        ------
        ValueError
            If there is no such layer.
        """
        if feats.ndim == 2 and self.layer is None:
            return np.asarray(feats[rows])
        n_layers = feats.shape[1] if feats.ndim == 3 else 0
        if self.layer is None or not 0 <= self.layer < n_layers:
            layers = f"0 to {n_layers - 1}" if n_layers else "null"
            raise ValueError(
                f"explore: layer is {self.layer}, but features {self.feats!r} are"
                f" {feats.shape}: expected {layers}"
            )
        return np.asarray(feats[rows, self.layer])

    def measure(self, feats, spk_ids, utterances):
        """Measure variance, maps and clusters of chunks.

        Parameters
        ----------
        feats : ndarray, (n, dims)
            As from `pick`.
        spk_ids, utterances : ndarray of str, (n,)
            Of each chunk.

        Returns
        -------
        figures : dict
            ``pca``, ``neighbours``, ``clusters``, ``true_silhouette`` and ``chance``,
            as `recipes.wav2vec2_speaker_id.explore` describes them.
        space : recipes.wav2vec2_speaker_id.clusters.Space
            What was measured.
        planes : dict of str to ndarray, (n, 2)
            The maps of all chunks.
        labels : dict of str to ndarray of int, (n,)
            The clusters by every method.
        """
        space = principal_space(feats, self.n_components)
        planes = {
            name: project(space, name, self.seed)
            for name in tqdm(self.maps, "maps", disable=None)
        }
        near = {
            name: neighbours(points, spk_ids, utterances)
            for name, points in {**planes, "all": space.points}.items()
        }
        clusters, labels = self._cluster(space.points, spk_ids)
        shuffled = np.random.default_rng(self.seed).permutation(spk_ids)
        chance = self._agree(spk_ids, shuffled, space.points)
        figures = {
            "pca": variance(space, spk_ids),
            "neighbours": near,
            "clusters": clusters,
            "true_silhouette": silhouette(space.points, spk_ids),
            "chance": {**chance, "neighbours": neighbours_by_chance(spk_ids)},
        }
        return figures, space, planes, labels

    def _agree(self, spk_ids, labels, points):
        """Measure groups of chunks beside the speakers."""
        settings = self.n_bootstrap, self.confidence, self.seed
        return agreement(spk_ids, labels, points, *settings)

    def _cluster(self, points, spk_ids):
        """Cluster by every method; return figures and clusters."""
        figures, labels, n_speakers = {}, {}, len(np.unique(spk_ids))
        for method in tqdm(self.methods, "clusterings", disable=None):
            settings = method, n_speakers, self.n_starts, self.seed
            runs = find_clusters(points, *settings)
            labels[method] = runs[0]
            figures[method] = self._agree(spk_ids, runs[0], points)
            if len(runs) > 1:
                aris = [float(adjusted_rand_score(spk_ids, run)) for run in runs]
                figures[method]["ari_of_starts"] = [min(aris), max(aris)]
        return figures, labels


def variance(space, spk_ids):
    """Return how the variance lies: in how many components, and between whom.

    Parameters
    ----------
    space : recipes.wav2vec2_speaker_id.clusters.Space
        The chunks.
    spk_ids : ndarray of str, (n,)
        Their speakers.

    Returns
    -------
    figures : dict
        ``explained``, the share that each component holds, up to the last of those
        that hold 85 %; ``n_for_85``, how many these are; ``between_speakers``, share
        of the variance of the ``first_two`` and of ``all`` components kept.
    """
    n = int(np.searchsorted(np.cumsum(space.explained), MANY)) + 1
    return {
        "explained": [round(float(share), 5) for share in space.explained[:n]],
        "n_for_85": n,
        "between_speakers": {
            "first_two": between_speakers(space.components[:, :2], spk_ids),
            "all": between_speakers(space.components, spk_ids),
        },
    }
