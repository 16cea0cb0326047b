"""What `analysis.json` files tell of the features, laid out as sections of Markdown.

All take analyses, name of the run -> what `read_analysis` returned.
"""

from local.output.classification_tables import table_of_runs
from local.output.json_form import (
    ANYTHING,
    EACH,
    NEEDED,
    NUMBER,
    SHARE,
    TEXT,
    read_form,
)
from local.output.tables import DASH, dig, percent, show, show_figure, show_setting

COEFFICIENT = {
    NEEDED: ("name", "r"),
    "name": TEXT,
    "r": {NEEDED: ("mean",), EACH: NUMBER},
    EACH: NUMBER,
}
FORM = {
    "data": {EACH: ANYTHING},
    "coefficients": [COEFFICIENT],
    "deviations": [COEFFICIENT],
    "outliers": {
        "limit": NUMBER,
        "overlap": {EACH: NUMBER},
        EACH: {"n": NUMBER, "share": SHARE, "expected_share": SHARE},
    },
    "normalisations": {EACH: {EACH: NUMBER}},
    "pca": {"explained": [SHARE], "share": SHARE, "n_for": NUMBER},
    "pitch": {
        "accuracy": SHARE,
        "r": {EACH: NUMBER},
        "wrong": {EACH: NUMBER},
        EACH: NUMBER,
    },
}
N_STRONGEST = 5
N_COMPONENTS = 3
COEFFICIENTS = """\
How far the mean of each coefficient over an utterance, and its deviation, go with
gender: the {n} strongest of both. *r* is the correlation with being a man
(point-biserial), one value a reader; p is adjusted for the number of all (Holm).
"""
OUTLIERS = """\
Utterances far from the others: *z* and *iqr* look at one coefficient at a time,
deviations from the mean and ranges beyond the quartiles; *mahalanobis* at all at once.
*Expected* is the share that is marked of data that are normal. Nothing was left out.
"""
NORMALISATIONS = """\
What scaling does to the distances between utterances: how far the deviations of the
coefficients lie apart, whose share of all variance is largest, how much of it lies
between women and men, and how often the nearest utterance of another reader is of the
same gender. *cmn* and *cmvn* take mean, and deviation, of each utterance away.
"""
COMPONENTS = """\
{name}{first} % of the variance of the standardised coefficients lie on {n} principal
components; {share} % take {n_for}.
"""
PITCH = """\
One threshold on the median fundamental frequency of a reader, set on all of them, so
that it shows how far pitch alone can go. *Wrong*: readers on the other side of it.
"""
NUMBERS = ("mean_f", "mean_m", "sd", "skew", "kurtosis", "p_adjusted")
SCALINGS = {
    "sd_range": "largest / smallest deviation",
    "largest_share": "largest share %",
    "between": "between genders %",
    "fisher": "Fisher ratio",
    "accuracy": "nearest is of the same %",
}


def read_analysis(path):
    """Read one `analysis.json`; all may be missing, as is what is null."""
    return read_form(path, FORM, "analyse again")


def format_analyses(analyses):
    """Return the sections of all analyses that have something to show."""
    makers = (
        format_pitch,
        format_coefficients,
        format_components,
        format_normalisations,
        format_outliers,
    )
    return [section for make in makers if (section := make(analyses))]


def show_correlation(found):
    """Show a correlation with its interval."""
    return show_figure((found or {}) | {"value": dig(found, "mean")}, "+.2f")


def format_pitch(analyses):
    """Lay out how well pitch alone tells women from men."""
    rows = []
    for name, analysis in analyses.items():
        found = analysis.get("pitch")
        if found:
            keys = ("median_f", "median_m", "threshold")
            cells = [show(found.get(key), ".0f") for key in keys]
            cells += [percent(found.get("accuracy")), show_correlation(found.get("r"))]
            wrong = [
                f"{who} ({hz:.0f} Hz)" for who, hz in found.get("wrong", {}).items()
            ]
            rows.append((name, [*cells, ", ".join(wrong) or DASH]))
    headings = ["women Hz", "men Hz", "threshold Hz", "right %", "r", "wrong"]
    table = table_of_runs(analyses, headings, rows, n_texts=0)
    return f"### Pitch\n\n{PITCH}\n{table}" if rows else ""


def format_coefficients(analyses):
    """Lay out what tells most of gender, the strongest means and deviations."""
    kinds = {"coefficients": "mean", "deviations": "deviation"}
    rows = [
        (name, [f"{kind} of {row['name']}", *_coefficient_cells(row)])
        for name, analysis in analyses.items()
        for key, kind in kinds.items()
        for row in strongest(analysis.get(key) or [])
    ]
    headings = ["what", "r", "women", "men", "standard deviation", "skew"]
    table = table_of_runs(analyses, [*headings, "kurtosis", "p"], rows, n_texts=1)
    intro = COEFFICIENTS.format(n=N_STRONGEST)
    return f"### MFCCs and gender\n\n{intro}\n{table}" if rows else ""


def strongest(rows):
    """Return the coefficients that go with gender most, the first of them first."""
    return sorted(rows, key=lambda row: -abs(row["r"]["mean"]))[:N_STRONGEST]


def _coefficient_cells(row):
    """Show the figures of a coefficient."""
    shown = (show(row.get(key), ".3g") for key in NUMBERS)
    return [show_correlation(row["r"]), *shown]


def format_components(analyses):
    """Tell how many principal components it takes."""
    lines = []
    for name, analysis in analyses.items():
        pca = analysis.get("pca") or {}
        first = (pca.get("explained") or [])[:N_COMPONENTS]
        if first:
            words = {
                "name": f"{name}: " if len(analyses) > 1 else "",
                "first": percent(sum(first)),
                "n": len(first),
                "share": show(pca.get("share"), "g", 100),
                "n_for": show(pca.get("n_for"), ","),
            }
            lines.append(COMPONENTS.format(**words))
    return "### Principal components\n\n" + "\n".join(lines) if lines else ""


def format_normalisations(analyses):
    """Lay out what each normalisation does to distances."""
    rows = [
        (name, [way, *_scaling_cells(found)])
        for name, analysis in analyses.items()
        for way, found in (analysis.get("normalisations") or {}).items()
    ]
    headings = ["normalisation", *SCALINGS.values()]
    table = table_of_runs(analyses, headings, rows, n_texts=1)
    return f"### Normalisations\n\n{NORMALISATIONS}\n{table}" if rows else ""


def _scaling_cells(found):
    """Show the figures of a normalisation."""
    return [
        percent(found.get(key))
        if heading.endswith("%")
        else show_setting(found.get(key, DASH))
        for key, heading in SCALINGS.items()
    ]


def format_outliers(analyses):
    """Lay out how many utterances each method calls outliers."""
    rows = []
    for name, analysis in analyses.items():
        outliers = dict(analysis.get("outliers") or {})
        outliers.pop("limit", None)
        overlap = outliers.pop("overlap", {})
        for method, found in outliers.items():
            shares = [percent(found.get(key)) for key in ("share", "expected_share")]
            rows.append((name, [method, show(found.get("n"), ","), *shares]))
        if "all" in overlap:
            rows.append((name, ["all of them", f"{overlap['all']:,}", DASH, DASH]))
    headings = ["method", "utterances", "%", "expected %"]
    table = table_of_runs(analyses, headings, rows, n_texts=1)
    return f"### Outliers\n\n{OUTLIERS}\n{table}" if rows else ""
