"""The figures of all runs -> tables and pictures in the README of this folder.

    python -m recipes.voxceleb.report --results_folder results

reads the ``comparison.json`` that `recipes.voxceleb.compare` wrote into the folders of
both studies of sizes and of the losses, and every
``voxceleb_*/<seed>/<list>/evaluation.json`` of `recipes.voxceleb.evaluate`, rewrites
what stands between the two marks in `recipes/voxceleb/README.md`, and puts pictures of
the studies, and small copies of those of an evaluation, into ``figures``.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from local.output.generated import lay_out, rewrite, run_report
from local.output.pictures import collect_pictures
from recipes.voxceleb.comparison_tables import (
    format_losses,
    format_sizes,
    read_comparison,
    sizes,
)
from recipes.voxceleb.evaluation_tables import evaluation_tables
from recipes.voxceleb.size_plot import plot_sizes

FOLDER = Path(__file__).parent
STUDIES = {  # folder of results -> title; its picture has the name of the folder
    "voxceleb_study": "Is a smaller model better with little data? By AM-softmax",
    "voxceleb_study_prototypical": "The same by softmax + prototypical",
}
LOSSES = "voxceleb_losses"
EVALUATIONS = "voxceleb_*/*/*/evaluation.json"
PICTURES = {  # of the folder of an evaluation -> what it shows
    "det": "DET curves in normal deviates",
    "errors_as-norm": "misses and false alarms by the threshold",
    "scores_as-norm": "scores of target and nontarget trials, with the thresholds",
    "training": "loss, and figures of validation, by epoch",
}


def write_report(results_folder, readme=FOLDER / "README.md"):
    """Rewrite the generated part of the README, and the pictures beside it.

    Parameters
    ----------
    results_folder : str or Path
        Of all results.
    readme : str or Path
        Page with the two marks; the same figures give the same bytes.

    Raises
    ------
    FileNotFoundError
        If nothing was compared or evaluated, or there is no README.
    ValueError
        If a file of figures is malformed, or the README has not one mark of each kind.
    """
    results, figures = Path(results_folder), Path(readme).with_name("figures")
    compared = {
        name: read_comparison(results / name / "comparison.json")
        for name in (*STUDIES, LOSSES)
        if (results / name / "comparison.json").is_file()
    }
    evaluated = [path.parent for path in sorted(results.glob(EVALUATIONS))]
    if not compared and not evaluated:
        raise FileNotFoundError(
            f"no voxceleb_*/comparison.json nor {EVALUATIONS} in {results}; compare or"
            " evaluate first"
        )
    first = evaluated[:1]  # whose pictures are shown
    sources = {name: [run / f"{name}.png" for run in first] for name in PICTURES}
    shown = [
        f"![{run.parts[-3]}: {PICTURES[name]}](figures/{name}.png)"
        for run in first
        for name in collect_pictures(sources, figures)
    ]
    parts = []
    for name, title in STUDIES.items():
        if name in compared:
            draw_sizes(compared[name], figures, name)
            parts.append(format_sizes(compared[name], title))
    if LOSSES in compared:
        parts.append(format_losses(compared[LOSSES]))
    parts += evaluation_tables(evaluated)
    parts += ["\n\n".join(shown) + "\n"] if shown else []
    rewrite(readme, lay_out("voxceleb", parts))


def draw_sizes(comparison, figures, name):
    """Draw the picture of a study, made small."""
    with TemporaryDirectory() as folder:
        path = Path(folder, name)
        plot_sizes(sizes(comparison), path)
        collect_pictures({name: [path.with_suffix(".png")]}, figures)


def main():
    """Run `write_report` from the command line."""
    run_report(write_report, __doc__)


if __name__ == "__main__":
    main()
