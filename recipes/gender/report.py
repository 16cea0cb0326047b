"""The figures of all runs -> tables and pictures in the README of this folder.

    python -m recipes.gender.report --results_folder results

reads every `results/gender*/<seed>/classification.json`, with the `analysis.json`
beside it, rewrites what stands between the two marks in `recipes/gender/README.md`, and
puts small copies of the runs' pictures into `figures` beside it.
"""

from pathlib import Path

from ruamel.yaml import YAML

from local.output.classification_tables import (
    format_data,
    format_systems,
    read_classification,
)
from local.output.generated import find_runs, lay_out, name_runs, rewrite, run_report
from local.output.pictures import collect_pictures
from recipes.gender import analysis_sections, sections

FOLDER = Path(__file__).parent
RUNS = "gender*/*/classification.json"
PICTURES = {  # of the folder of a run -> what it shows
    "accuracies_utterance": "accuracy of all systems on utterances, with intervals",
    "accuracies_chunk": "the same of chunks, and what knowing the reader adds",
    "confusion": "what the best system calls women and men",
    "pitch": "fundamental frequency of women and men",
    "correlations": "correlation of each MFCC with gender",
    "planes": "utterances on two principal components and by t-SNE",
    "normalisations": "MFCCs by each normalisation",
}


def write_report(results_folder, readme=FOLDER / "README.md"):
    """Rewrite the generated part of the README, and the pictures beside it.

    Parameters
    ----------
    results_folder : str or Path
        Folder with `gender*/<seed>/classification.json`.
    readme : str or Path
        Page with the two marks; the same figures give the same bytes.

    Raises
    ------
    FileNotFoundError
        If there is no `classification.json`, or no README.
    ValueError
        If a file of figures is malformed, or the README has not one mark of each kind.
    """
    paths = find_runs(results_folder, RUNS, "classify first")
    runs = name_runs([sections.ranked(read_classification(path)) for path in paths])
    files = [path.with_name("analysis.json") for path in paths]
    analyses = {
        name: analysis_sections.read_analysis(path)
        for name, path in zip(runs, files, strict=True)
        if path.is_file()
    }
    sources = {
        name: [path.with_name(f"{name}.png") for path in paths] for name in PICTURES
    }
    pictures = collect_pictures(sources, Path(readme).with_name("figures"))
    rewrite(readme, format_figures(runs, analyses, pictures))


def format_figures(runs, analyses, pictures=()):
    """Lay out all figures.

    Parameters
    ----------
    runs, analyses : dict of str to dict
        Name -> what its two files hold.
    pictures : sequence of str
        Names of pictures in `figures`.

    Returns
    -------
    figures : str
        Sections of Markdown.
    """
    yaml = (FOLDER / "reference.yaml").read_text(encoding="utf-8")
    original = YAML(typ="safe").load(yaml)
    shown = [f"![{PICTURES[name]}](figures/{name}.png)" for name in pictures]
    parts = [
        sections.format_results(runs, original["classification"]),
        sections.format_leak(runs),
        sections.format_confusion(runs),
        sections.format_errors(runs),
        sections.format_labels(runs),
        *analysis_sections.format_analyses(analyses),
        "### Pictures\n\n" + "\n\n".join(shown) + "\n" if shown else "",
        format_data(runs),
        format_systems(runs),
    ]
    return lay_out("gender", parts)


def main():
    """Run `write_report` from the command line."""
    run_report(write_report, __doc__)


if __name__ == "__main__":
    main()
