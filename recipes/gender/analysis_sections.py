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
    is_number,
    read_form,
)
from local.output.tables import DASH, dig, percent, show, show_figure, show_setting

FORM = {
    "data": {EACH: ANYTHING},
    "coefficients": [
        {
            NEEDED: ("name", "r"),
            "name": TEXT,
            "r": {NEEDED: ("mean",), EACH: NUMBER},
            EACH: NUMBER,
        }
    ],
    "outliers": {"overlap": ANYTHING, EACH: {"n": NUMBER, "share": SHARE}},
    "normalisations": {EACH: {"description": TEXT}},
    "pca": {"explained": [SHARE], "n_for_85": NUMBER},
}
N_STRONGEST = 10
N_COMPONENTS = 3
COEFFICIENTS = """\
How far the mean of each coefficient goes with gender, the {n} strongest of {n_all}: *r*
is the correlation with being a man (point-biserial), p is adjusted for their number.
"""
OUTLIERS = """\
Utterances far from all others, by three definitions: a coefficient more standard
deviations from the mean, or further beyond the quartiles, than usual; all coefficients
together (Mahalanobis).
"""
NORMALISATIONS = """\
What scaling the features does to the distance between women and men.
"""
COMPONENTS = """\
{name}{first} % of the variance of the features lie on {n} principal components; 85 %
take {n_for_85}.
"""
NUMBERS = ("mean_f", "mean_m", "sd", "skew", "kurtosis", "p_adjusted")


def read_analysis(path):
    """Read one `analysis.json`; all may be missing, as is what is null."""
    return read_form(path, FORM, "analyse again")


def format_analyses(analyses):
    """Return the sections of all analyses that have something to show."""
    makers = (format_coefficients, format_outliers, format_normalisations)
    return [
        section for make in (*makers, format_components) if (section := make(analyses))
    ]


def format_coefficients(analyses):
    """Lay out the coefficients that tell most of gender, the strongest first."""
    rows, counts = [], {0}
    for name, analysis in analyses.items():
        found = analysis.get("coefficients") or []
        counts.add(len(found))
        found = sorted(found, key=lambda row: -abs(row["r"]["mean"]))
        for row in found[:N_STRONGEST]:
            r = show_figure(row["r"] | {"value": row["r"]["mean"]}, "+.2f")
            cells = [show(row.get(key), ".3g") for key in NUMBERS]
            rows.append((name, [row["name"], r, *cells]))
    headings = ["coefficient", "r", "mean of women", "of men", "deviation", "skew"]
    headings += ["kurtosis", "p"]
    intro = COEFFICIENTS.format(n=min(N_STRONGEST, max(counts)), n_all=max(counts))
    table = table_of_runs(analyses, headings, rows, n_texts=1)
    return f"### MFCCs and gender\n\n{intro}\n{table}" if rows else ""


def format_outliers(analyses):
    """Lay out how many utterances each method calls outliers."""
    rows = [
        (name, [method, show(found.get("n"), ","), percent(found.get("share"))])
        for name, analysis in analyses.items()
        for method, found in (analysis.get("outliers") or {}).items()
        if method != "overlap"
    ]
    table = table_of_runs(analyses, ["method", "utterances", "%"], rows, n_texts=1)
    return f"### Outliers\n\n{OUTLIERS}\n{table}" if rows else ""


def format_normalisations(analyses):
    """Lay out each normalisation, with all numbers that were measured of it."""
    found = [
        (name, way, figures)
        for name, analysis in analyses.items()
        for way, figures in (analysis.get("normalisations") or {}).items()
    ]
    keys = dict.fromkeys(
        key
        for *_, figures in found
        for key, value in figures.items()
        if is_number(value)
    )
    rows = [
        (name, [way, figures.get("description", DASH)]) for name, way, figures in found
    ]
    for (_, cells), (*_, figures) in zip(rows, found, strict=True):
        cells += [show_setting(figures.get(key, DASH)) for key in keys]
    headings = [
        "normalisation",
        "what it does",
        *(key.replace("_", " ") for key in keys),
    ]
    table = table_of_runs(analyses, headings, rows, n_texts=2)
    return f"### Normalisations\n\n{NORMALISATIONS}\n{table}" if rows else ""


def format_components(analyses):
    """Tell how many principal components it takes."""
    lines = []
    for name, analysis in analyses.items():
        explained = dig(analysis, "pca", "explained") or []
        if explained:
            first = explained[:N_COMPONENTS]
            lines.append(
                COMPONENTS.format(
                    name=f"{name}: " if len(analyses) > 1 else "",
                    first=percent(sum(first)),
                    n=len(first),
                    n_for_85=show(dig(analysis, "pca", "n_for_85"), ","),
                )
            )
    return "### Principal components\n\n" + "\n".join(lines) if lines else ""
