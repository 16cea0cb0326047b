"""Maps: many dimensions drawn in two, each speaker in a colour and a marker.

Paths are without suffix, as those of `local.output.plots`, which lends the axes.
"""

import numpy as np
from sklearn.manifold import TSNE

from local.output.plots import COLOURS, drawing

# Ten colours and ten markers: one of each for ten speakers, one pair for a hundred.
SPEAKER_COLOURS = (*COLOURS, "#E69F00", "#882255", "#999933", "#888888")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">")
IN_LEGEND = 20  # speakers; beyond that a legend is as large as the map
IN_LEGEND_SIZE = 45  # area of a point there, also if those of the map are tiny
CROWDED = 2000  # points; from there on they shrink


def plot_map(embeddings, spk_ids, seed, path):
    """Draw a t-SNE map of embeddings, each speaker in a colour and a marker.

    Parameters
    ----------
    embeddings : ndarray, (n, emb_dim)
        Of fragments, n at least 4.
    spk_ids : ndarray of str, (n,)
        Their speakers; of ten or fewer no two share a colour or a marker.
    seed : int
        Of the map: other seeds give other, equally good maps.
    path : str or Path
        Where to write, without suffix.
    """
    plot_points(embed_in_plane(embeddings, seed), spk_ids, path, "t-SNE")


def embed_in_plane(embeddings, seed):
    """Return the t-SNE map of embeddings, (n, 2).

    Its settings are those of Pérez Sánchez (2020), on Siamese networks.

    References
    ----------
    van der Maaten and Hinton (2008). Visualizing data using t-SNE. JMLR 9.
    """
    # A random start: the one by principal components fails if all embeddings are equal.
    tsne = TSNE(
        perplexity=min(30, (len(embeddings) - 1) / 3),
        learning_rate=100,
        early_exaggeration=18,
        init="random",
        random_state=seed,
    )
    return tsne.fit_transform(np.asarray(embeddings, dtype=np.float32))


def plot_points(points, names, path, axis, title=None, stars=False, size=(6.4, 6.4)):
    """Draw points of a plane, those of each name in a look of its own.

    Parameters
    ----------
    points : ndarray, (n, 2)
        Where they lie.
    names : ndarray of str, (n,)
        Whose they are: of ten or fewer no two share a colour or a marker, of a hundred
        no two share both. Listed beside the map if they are few.
    path : str or Path
        Where to write, without suffix.
    axis : str or (str, str)
        What the axes are called; a single name is numbered, and its unit, which says
        nothing, left out.
    title : str, optional
        Of the figure.
    stars : bool
        Whether a line leads from each point to the middle of those of its name, so that
        a stray is seen without telling a hundred looks apart.
    size : (float, float)
        Inches.

    Raises
    ------
    ValueError
        If there are not as many names as points.
    """
    points, names = np.asarray(points), np.asarray(names)
    if points.shape != (len(names), 2):
        raise ValueError(
            f"expected a point (x, y) for each of {len(names)} names, got"
            f" {points.shape}"
        )
    owners = list(dict.fromkeys(names.tolist()))
    labels = (f"{axis} 1", f"{axis} 2") if isinstance(axis, str) else axis
    area = 45 if len(points) < 200 else 18 if len(points) < CROWDED else 7
    legend = {"ncols": 5, "markerscale": (IN_LEGEND_SIZE / area) ** 0.5}
    with drawing(path, size, **legend) as axes:
        for number, owner in enumerate(owners):
            colour, marker = look(number)
            style = {"color": colour, "marker": marker, "s": area, "linewidths": 0}
            if len(owners) <= IN_LEGEND:
                style["label"] = owner
            own = points[names == owner]
            if stars:
                middle = np.broadcast_to(np.median(own, axis=0), own.shape)
                x, y = np.stack([own, middle], axis=-1).swapaxes(0, 1)  # (n, ends) each
                axes.plot(x.T, y.T, color=colour, linewidth=1, alpha=0.5, zorder=1)
            axes.scatter(*own.T, **style)
        # The limits give way, so that no room is lost beside a narrow map.
        axes.set_aspect("equal", adjustable="datalim")
        axes.set(xlabel=labels[0], ylabel=labels[1])
        axes.set_title(title or "")
        if isinstance(axis, str):
            axes.tick_params(labelbottom=False, labelleft=False, length=0)


def look(number):
    """Return colour and marker of a speaker, the pair different for a hundred."""
    n = len(SPEAKER_COLOURS)
    return SPEAKER_COLOURS[number % n], MARKERS[(number + number // n) % len(MARKERS)]
