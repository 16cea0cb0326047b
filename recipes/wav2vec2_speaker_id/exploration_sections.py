"""What `exploration.json` files tell of the features, laid out as sections of Markdown.

All take explorations, name of the run -> what `read_exploration` returned.
"""

from local.output.json_form import EACH, NEEDED, NUMBER, SHARE, TEXT, read_form
from local.output.tables import dig, markdown_table, percent, show, show_figure

AGREEMENT = {
    "ari": {NEEDED: ("mean",), EACH: NUMBER},
    "matched": SHARE,
    "largest": SHARE,
    "ari_of_starts": [NUMBER],
    EACH: NUMBER,
}
FORM = {
    "feats": TEXT,
    "layer": NUMBER,
    **dict.fromkeys(("n_chunks", "n_speakers", "n_dims", "true_silhouette"), NUMBER),
    "pca": {"n_for_85": NUMBER, "between_speakers": {EACH: NUMBER}},
    "neighbours": {EACH: {"any": SHARE, "other_utterance": SHARE}},
    "clusters": {EACH: AGREEMENT},
    "chance": {"neighbours": SHARE, **AGREEMENT},
}
NAMES = {"kmeans": "k-means", "average": "average linkage", "ward": "Ward's linkage"}
MAPS = {"pca": "two principal components", "tsne": "t-SNE", "umap": "UMAP"}
CLUSTERS = """\
Chunks put into as many groups as there are readers, by methods that hear no names. ARI
and NMI: how well groups and readers agree, 1 in full; ARI is 0 by chance, which
*shuffled readers* show for all. *Silhouette*: how far groups lie apart, 1 at most.
*Right*: chunks, if each group stands for one reader. *Readers themselves* are the
groups that should be found.
"""
NEIGHBOURS = """\
How often the nearest other chunk is of the same reader, on a map and in all dimensions;
*of another utterance*, if those of its own do not count. Variance between readers:
beyond what chance gives. A map shows neighbours; that groups look apart on it proves
nothing.
"""


def read_exploration(path):
    """Read one `exploration.json`; all may be missing, as is what is null."""
    return read_form(path, FORM, "explore again")


def format_explorations(explorations):
    """Return the sections of all explorations that have something to show."""
    makers = (format_clusters, format_neighbours)
    return [section for make in makers if (section := make(explorations))]


def describe(exploration):
    """Tell what was looked at.

    Examples
    --------
    >>> describe({"feats": "wav2vec2", "layer": 4, "n_chunks": 2000})
    'wav2vec2, layer 4, 2,000 chunks'
    """
    parts = [exploration.get("feats")]
    for key, words in (("layer", "layer {:,}"), ("n_chunks", "{:,} chunks")):
        if key in exploration:
            parts.append(words.format(exploration[key]))
    return ", ".join(part for part in parts if part)


def format_clusters(explorations):
    """Lay out how well clusters and readers agree."""
    rows = []
    for name, found in explorations.items():
        groups = {
            NAMES.get(method, method): figures
            for method, figures in (found.get("clusters") or {}).items()
        }
        if not groups:
            continue
        groups["readers themselves"] = {"silhouette": found.get("true_silhouette")}
        groups["shuffled readers"] = found.get("chance") or {}
        for label, figures in groups.items():
            rows.append([name, describe(found), label, *_agreement_cells(figures)])
    headings = ["run", "features", "groups by", "ARI", "NMI", "silhouette", "right %"]
    table = markdown_table(headings, rows, n_texts=3)
    return f"### Clusters\n\n{CLUSTERS}\n{table}" if rows else ""


def _agreement_cells(figures):
    """Show how well groups and readers agree."""
    ari = (figures.get("ari") or {}) | {"value": dig(figures, "ari", "mean")}
    cells = [show(figures.get(key), ".2f") for key in ("nmi", "silhouette")]
    return [show_figure(ari, ".2f"), *cells, percent(figures.get("matched"))]


def format_neighbours(explorations):
    """Lay out what the maps keep of the readers."""
    rows = []
    for name, found in explorations.items():
        variance = dig(found, "pca", "between_speakers") or {}
        between = {"pca": variance.get("first_two"), "all": variance.get("all")}
        for place, shares in (found.get("neighbours") or {}).items():
            cells = [percent(shares.get(key)) for key in ("any", "other_utterance")]
            where = MAPS.get(place, "all dimensions" if place == "all" else place)
            cells.append(percent(between.get(place)))
            rows.append([name, where, *cells])
        if rows and dig(found, "chance", "neighbours") is not None:
            cells = [percent(found["chance"]["neighbours"])] * 2
            rows.append([name, "chance", *cells, percent(0.0)])
    headings = ["run", "map", "nearest is of the reader %", "of another utterance %"]
    table = markdown_table([*headings, "variance between readers %"], rows, n_texts=2)
    return f"### Maps and neighbours\n\n{NEIGHBOURS}\n{table}" if rows else ""
