"""The figures of all runs -> tables and pictures in the README of this folder.

    python -m recipes.voxceleb.report --results_folder results

reads ``voxceleb_study/comparison.json`` and ``voxceleb_losses/comparison.json``, which
`recipes.voxceleb.compare` wrote, rewrites what stands between the two marks in
`recipes/voxceleb/README.md`, and draws the picture of the study in ``figures``.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from local.output.generated import lay_out, rewrite, run_report
from local.output.pictures import shrink
from recipes.voxceleb.comparison_tables import (
    format_losses,
    format_sizes,
    read_comparison,
    sizes,
)
from recipes.voxceleb.size_plot import plot_sizes

FOLDER = Path(__file__).parent
COMPARISONS = {"voxceleb_study": format_sizes, "voxceleb_losses": format_losses}
PICTURE = "sizes.png"
SHOWN = f"""\
![EER by the size of the network, a line for each share of the training
speakers](figures/{PICTURE})
"""


def write_report(results_folder, readme=FOLDER / "README.md"):
    """Rewrite the generated part of the README, and the picture beside it.

    Parameters
    ----------
    results_folder : str or Path
        Of all results.
    readme : str or Path
        Page with the two marks; the same figures give the same bytes.

    Raises
    ------
    FileNotFoundError
        If nothing was compared, or there is no README.
    ValueError
        If a file of figures is malformed, or the README has not one mark of each kind.
    """
    paths = {
        name: Path(results_folder, name, "comparison.json") for name in COMPARISONS
    }
    found = {
        name: read_comparison(path) for name, path in paths.items() if path.is_file()
    }
    if not found:
        raise FileNotFoundError(
            f"no voxceleb_*/comparison.json in {results_folder}; compare runs first"
        )
    parts = [COMPARISONS[name](comparison) for name, comparison in found.items()]
    if "voxceleb_study" in found:
        grid = sizes(found["voxceleb_study"])
        with TemporaryDirectory() as folder:
            plot_sizes(grid, Path(folder, "sizes"))
            shrink(Path(folder, PICTURE), Path(readme).parent / "figures" / PICTURE)
        parts.insert(1, SHOWN)
    rewrite(readme, lay_out("voxceleb", parts))


def main():
    """Run `write_report` from the command line."""
    run_report(write_report, __doc__)


if __name__ == "__main__":
    main()
