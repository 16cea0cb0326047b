"""The figures of all runs -> tables and a picture in the README of this folder.

    python -m recipes.siamese.report --results_folder results

reads every `results/siamese_<run>/<seed>/one_shot.json`, and the `search.json` of the
search, rewrites what stands between the two marks in `recipes/siamese/README.md`, and
draws `recipes/siamese/k_way.png`.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from ruamel.yaml import YAML

from local.output.generated import find_runs, lay_out, name_runs, rewrite, run_report
from local.output.pictures import shrink
from local.output.tables import dig
from recipes.siamese import sections
from recipes.siamese.decisions import format_pairs
from recipes.siamese.plots import plot_k_way
from recipes.siamese.run_file import read_run, read_search

FOLDER = Path(__file__).parent
RUNS = "siamese_*/*/one_shot.json"
SEARCHES = "siamese_search/*/search.json"
MAX_BANDS = 4  # more intervals in one picture hide each other


def write_report(results_folder, readme=FOLDER / "README.md"):
    """Rewrite the generated part of the README, and draw the picture beside it.

    Parameters
    ----------
    results_folder : str or Path
        Folder with `siamese_<run>/<seed>/one_shot.json`.
    readme : str or Path
        Page with the two marks; the same figures give the same bytes.

    Raises
    ------
    FileNotFoundError
        If there is no `one_shot.json`, or no README.
    ValueError
        If a `one_shot.json` is malformed, or the README has not one mark of each kind.
    """
    paths = find_runs(results_folder, RUNS, "train and evaluate a network first")
    searches = sorted(Path(results_folder).glob(SEARCHES))
    # The best first; the sort is stable: without a curve the order of the files stays.
    runs = sorted(
        map(read_run, paths), key=lambda run: -(sections.curve_mean(run) or 0)
    )
    runs = name_runs(runs)
    search = read_search(searches[-1]) if searches else None
    rewrite(readme, format_figures(runs, search))
    draw_k_way(runs, Path(readme).with_name("k_way.png"))


def format_figures(runs, search=None):
    """Lay out all figures.

    Parameters
    ----------
    runs : dict of str to dict
        Name -> run, in the order of the rows.
    search : dict or None
        As of `recipes.siamese.search.write_trials`.

    Returns
    -------
    figures : str
        Sections of Markdown.
    """
    yaml = (FOLDER / "reference.yaml").read_text(encoding="utf-8")
    original = YAML(typ="safe").load(yaml)
    parts = [
        sections.format_one_shot(runs, original["one_shot"]),
        sections.format_data(runs, original["data"]),
        sections.format_shots(runs),
        sections.format_classes(runs),
        format_pairs(runs, original["pairs"]),
        sections.format_search(search),
        sections.format_runs(runs),
    ]
    return lay_out("siamese", parts)


def draw_k_way(runs, path):
    """Draw the curves of all runs as a small PNG."""
    curves = {name: dig(run, "curve", "unseen") for name, run in runs.items()}
    curves = {name: curve for name, curve in curves.items() if curve}
    if not curves:
        return
    with TemporaryDirectory() as folder:
        plot = Path(folder, "k_way")
        plot_k_way(curves, plot, bands=len(curves) <= MAX_BANDS)
        shrink(plot.with_suffix(".png"), path)


def main():
    """Run `write_report` from the command line."""
    run_report(write_report, __doc__)


if __name__ == "__main__":
    main()
