"""Maps of chunks: their ways into the plane, and what is left of the speakers there."""

import numpy as np

from local.output.maps import embed_in_plane

AXES = {"pca": "Principal component", "tsne": "t-SNE", "umap": "UMAP"}
BLOCK = 1024  # chunks whose distances to all others are in memory at once


def check_maps(names):
    """Refuse maps that cannot be drawn, before anything is computed.

    Raises
    ------
    ValueError
        If one is unknown, or needs a package that is not installed.
    """
    unknown = [name for name in names if name not in AXES]
    if unknown:
        raise ValueError(f"map {unknown[0]!r}: expected some of {', '.join(AXES)}")
    if "umap" in names:
        _umap()


def _umap():
    """Import UMAP, which is optional."""
    try:
        from umap import UMAP
    except ImportError:
        raise ValueError(
            "the map umap needs a package: pip install -r requirements-wav2vec2.txt; or"
            " leave it out of the maps in the YAML"
        ) from None
    return UMAP


def project(space, name, seed):
    """Lay chunks out in the plane.

    Parameters
    ----------
    space : recipes.wav2vec2_speaker_id.clusters.Space
        The chunks, four or more.
    name : str
        One of `AXES`. The components of most variance are those of the space; t-SNE
        and UMAP start from its points, which they keep the neighbours of.
    seed : int
        Of t-SNE and UMAP.

    Returns
    -------
    plane : ndarray, (n, 2)
        Where each lies.

    References
    ----------
    McInnes, Healy and Melville (2018). UMAP. arXiv:1802.03426.
    """
    if name == "pca":
        return np.pad(space.components, ((0, 0), (0, 2)))[:, :2]
    if name == "tsne":
        return embed_in_plane(space.points, seed)
    n_neighbors = min(15, len(space.points) - 1)
    # One thread: with more the seed would not tell the map.
    settings = {"n_neighbors": n_neighbors, "random_state": seed, "n_jobs": 1}
    init = "spectral" if len(space.points) > 30 else "random"
    return _umap()(init=init, **settings).fit_transform(space.points)


def neighbours(points, spk_ids, utterances):
    """Measure how often what lies nearest is of the same speaker.

    Parameters
    ----------
    points : ndarray, (n, n_dims)
        Of chunks, on a map or in all dimensions.
    spk_ids, utterances : ndarray of str, (n,)
        Whose they are, and where they were cut from.

    Returns
    -------
    figures : dict
        ``any``: share of the chunks whose nearest other chunk is of their speaker;
        ``other_utterance``: the same, among chunks of other utterances, of the speakers
        who have several; None if there are none.
    """
    points = np.asarray(points, dtype=np.float64)
    _, speakers = np.unique(spk_ids, return_inverse=True)
    _, parts = np.unique(utterances, return_inverse=True)
    lengths = (points**2).sum(axis=1)
    hits = np.empty((2, len(points)), dtype=bool)
    for start in range(0, len(points), BLOCK):
        rows = np.arange(start, min(start + BLOCK, len(points)))
        gaps = lengths - 2 * points[rows] @ points.T  # + a number for each row
        gaps[np.arange(len(rows)), rows] = np.inf
        hits[0, rows] = speakers[gaps.argmin(axis=1)] == speakers[rows]
        gaps[parts[rows, None] == parts] = np.inf
        hits[1, rows] = speakers[gaps.argmin(axis=1)] == speakers[rows]
    pairs = np.unique(np.stack([speakers, parts]), axis=1)
    several = (np.bincount(pairs[0]) > 1)[speakers]
    return {
        "any": float(hits[0].mean()),
        "other_utterance": float(hits[1, several].mean()) if several.any() else None,
    }


def neighbours_by_chance(spk_ids):
    """Return how often another chunk, drawn at random, is of the same speaker."""
    sizes = np.unique(spk_ids, return_counts=True)[1]
    return float((sizes * (sizes - 1)).sum() / (sizes.sum() * (sizes.sum() - 1)))


def between_speakers(components, spk_ids):
    """Return what share of the variance lies between speakers, beyond chance.

    Parameters
    ----------
    components : ndarray, (n, n_components)
        Of chunks.
    spk_ids : ndarray of str, (n,)
        Their speakers; there are more chunks than speakers.

    Returns
    -------
    share : float
        1: chunks of a speaker are alike; 0 or a little below: they differ as much as
        those of any speakers (the epsilon squared of Kelley, 1935).
    """
    _, speakers, sizes = np.unique(spk_ids, return_inverse=True, return_counts=True)
    sums = np.zeros((len(sizes), components.shape[1]))
    np.add.at(sums, speakers, components)
    within = ((components - (sums / sizes[:, None])[speakers]) ** 2).sum()
    total = ((components - components.mean(axis=0)) ** 2).sum()
    n = len(components)
    return float(1 - within / (n - len(sizes)) * (n - 1) / total)
