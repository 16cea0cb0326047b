"""What the figures of an exploration say, in words.

A word stands for a range of a figure, all of which are in `WORDS`; every sentence is
true of the figures it is made of, whatever the data.
"""

# Lowest value -> what is said from there on.
WORDS = {
    "ari": (
        (0.9, "almost exactly the speakers"),
        (0.65, "mostly the speakers"),
        (0.35, "the speakers in part"),
        (0.1, "a little like the speakers"),
        (float("-inf"), "not the speakers"),
    ),
    "kept": (
        (0.9, "keeps nearly all of that"),
        (0.6, "keeps most of that"),
        (0.3, "keeps some of that"),
        (float("-inf"), "loses most of that"),
    ),
    "silhouette": (
        (0.5, "lie well apart"),
        (0.25, "lie apart"),
        (0.1, "overlap at their edges"),
        (float("-inf"), "overlap widely"),
    ),
}
NAMES = {
    "pca": "The PCA map",
    "tsne": "The t-SNE map",
    "umap": "The UMAP map",
    "kmeans": "k-means",
    "average": "average linkage",
    "ward": "Ward linkage",
}
LOPSIDED = 5  # times an even share: from there on a cluster is called too large


def word(kind, value):
    """Return what is said of a figure.

    Examples
    --------
    >>> word("ari", 0.7)
    'mostly the speakers'
    """
    return next(text for lowest, text in WORDS[kind] if value >= lowest)


def percent(share):
    """Write a share.

    Examples
    --------
    >>> percent(0.0213), percent(0.4)
    ('2.1 %', '40 %')
    """
    return f"{100 * share:.1f} %" if abs(share) < 0.0995 else f"{100 * share:.0f} %"


def read_variance(figures):
    """Say how the variance lies, and what the first two components can show."""
    pca = figures["pca"]
    first = sum(pca["explained"][:2])
    between = pca["between_speakers"]
    return (
        f"85 % of the variance takes {pca['n_for_85']} of {figures['n_dims']}"
        f" components; the first two hold {percent(first)}. Between speakers lies"
        f" {percent(max(between['all'], 0))} of the variance, and"
        f" {percent(max(between['first_two'], 0))} of that of the first two. PCA looks"
        " for variance, whatever makes it, and two components seldom have room for"
        " many speakers."
    )


def read_neighbours(figures):
    """Say in which maps what lies near is of one speaker."""
    near, chance = figures["neighbours"], figures["chance"]["neighbours"]
    gain = near["all"]["any"] - chance
    lines = [
        f"By all features the nearest other chunk is of the same speaker for"
        f" {percent(near['all']['any'])} of the chunks (by chance {percent(chance)})."
    ]
    for name, found in near.items():
        if name == "all":
            continue
        text = f"{NAMES[name]}: {percent(found['any'])}"
        if gain > 0:
            text += f", so it {word('kept', (found['any'] - chance) / gain)}"
        lines.append(f"{text}.")
    if {"tsne", "umap"} & set(near):
        lines.append(
            "t-SNE and UMAP keep who is near whom; how far groups lie from each other,"
            " and how large they are, says little there."
        )
    return " ".join([*lines, read_utterances(figures)])


def read_utterances(figures):
    """Say whether it is the voice or the recording that makes chunks alike."""
    near, other = (figures["neighbours"]["all"][k] for k in ("any", "other_utterance"))
    if other is None:
        return (
            "Every speaker has one utterance here, so what is alike may be the"
            " recording as well as the voice."
        )
    return (
        f"Among chunks of other utterances alone it is {percent(other)}, among all"
        f" {percent(near)}: the difference is what one utterance has in common beside"
        " the voice."
    )


def read_clusters(figures):
    """Say which clusters are the speakers, and what the others are."""
    found = figures["clusters"]
    lines = ["Told nothing but the number of speakers:"]
    for name, one in found.items():
        ari, even = one["ari"], 1 / figures["n_speakers"]
        start = NAMES[name][0].upper() + NAMES[name][1:]
        lines.append(
            f"{start} finds groups that are {word('ari', ari['mean'])} (ARI"
            f" {ari['mean']:.2f} [{ari['low']:.2f}, {ari['high']:.2f}];"
            f" {percent(one['matched'])} of the chunks in their speaker's cluster)"
        )
        if one["largest"] > LOPSIDED * even:
            lines[-1] += f", {percent(one['largest'])} of all chunks in one cluster"
        lines[-1] += "."
    return " ".join([*lines, compare_clusters(found), read_silhouettes(figures)])


def compare_clusters(found):
    """Say which method comes nearest to the speakers, if that can be told."""
    if len(found) < 2:
        return ""
    best, *others = sorted(found, key=lambda name: -found[name]["ari"]["mean"])
    close = [
        NAMES[name]
        for name in others
        if found[name]["ari"]["high"] >= found[best]["ari"]["low"]
    ]
    text = f"Nearest to the speakers: {NAMES[best]}"
    return (
        f"{text}; not told apart from it: {', '.join(close)}." if close else text + "."
    )


def read_silhouettes(figures):
    """Say whether the speakers lie apart, and whether clusters follow them."""
    true = figures["true_silhouette"]
    text = f"The speakers themselves {word('silhouette', true)} (silhouette {true:.2f})"
    tighter = [
        NAMES[name]
        for name, one in figures["clusters"].items()
        if one["silhouette"] > true
    ]
    if not tighter:
        return f"{text}."
    return (
        f"{text}; {', '.join(tighter)}: tighter groups than the speakers are, for"
        " clustering looks for tight groups, whatever makes them."
    )


def interpret(figures):
    """Lay out in words what an exploration found.

    Parameters
    ----------
    figures : dict
        As written to ``exploration.json``.

    Returns
    -------
    text : str
        Three paragraphs.
    """
    parts = read_variance(figures), read_neighbours(figures), read_clusters(figures)
    return "\n\n".join(parts)
