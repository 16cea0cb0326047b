"""The figures of all runs -> tables and pictures in the README of this folder.

    python -m recipes.voxceleb.report --results_folder results

reads ``voxceleb_study/comparison.json`` and ``voxceleb_losses/comparison.json``, which
`recipes.voxceleb.compare` wrote, and every
``voxceleb_*/<seed>/<list>/evaluation.json`` of `recipes.voxceleb.evaluate`, rewrites
what stands between the two marks in `recipes/voxceleb/README.md`, draws the picture of
the study, and puts small copies of an evaluation's pictures beside it, into
``figures``.
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
COMPARISONS = {"voxceleb_study": format_sizes, "voxceleb_losses": format_losses}
EVALUATIONS = "voxceleb_*/*/*/evaluation.json"
SIZES = "sizes"
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
        for name in COMPARISONS
        if (results / name / "comparison.json").is_file()
    }
    evaluated = [path.parent for path in sorted(results.glob(EVALUATIONS))]
    if not compared and not evaluated:
        raise FileNotFoundError(
            f"no voxceleb_*/comparison.json nor {EVALUATIONS} in {results}; compare or"
            " evaluate first"
        )
    if "voxceleb_study" in compared:
        draw_sizes(compared["voxceleb_study"], figures)
    sources = {
        name: [folder / f"{name}.png" for folder in evaluated] for name in PICTURES
    }
    shown = [
        f"![{PICTURES[name]}](figures/{name}.png)"
        for name in collect_pictures(sources, figures)
    ]
    parts = [COMPARISONS[name](comparison) for name, comparison in compared.items()]
    parts += evaluation_tables(evaluated)
    parts += ["\n\n".join(shown) + "\n"] if shown else []
    rewrite(readme, lay_out("voxceleb", parts))


def draw_sizes(comparison, figures):
    """Draw the picture of the study, made small."""
    with TemporaryDirectory() as folder:
        path = Path(folder, SIZES)
        plot_sizes(sizes(comparison), path)
        collect_pictures({SIZES: [path.with_suffix(".png")]}, figures)


def main():
    """Run `write_report` from the command line."""
    run_report(write_report, __doc__)


if __name__ == "__main__":
    main()
