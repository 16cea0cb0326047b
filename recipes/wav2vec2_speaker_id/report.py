"""The figures of all runs -> tables and pictures in the README of this folder.

    python -m recipes.wav2vec2_speaker_id.report --results_folder results

reads every `results/speaker_id_<run>/<seed>/classification.json`, with the
`exploration.json` beside it, rewrites what stands between the two marks in
`recipes/wav2vec2_speaker_id/README.md`, and puts small copies of the runs' pictures
into `figures` beside it.
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
from recipes.wav2vec2_speaker_id import exploration_sections, sections

FOLDER = Path(__file__).parent
PREFIX = "speaker_id_"
RUNS = f"{PREFIX}*/*/classification.json"
PICTURES = {  # of the folder of a run -> what it shows
    "accuracies_chunk": "accuracy of all classifiers by split, with intervals",
    "confusion": "who is taken for whom, by the best classifier",
    "map_tsne": "map of some readers by t-SNE",
    "map_umap": "map of some readers by UMAP",
    "clusters_kmeans": "readers by clusters of k-means",
}


def write_report(results_folder, readme=FOLDER / "README.md"):
    """Rewrite the generated part of the README, and the pictures beside it.

    Parameters
    ----------
    results_folder : str or Path
        Folder with `speaker_id_<run>/<seed>/classification.json`.
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
    runs = [sections.ranked(read_classification(path)) for path in paths]
    runs = name_runs([run | {"run": run["run"].removeprefix(PREFIX)} for run in runs])
    folders = {name: path.parent for name, path in zip(runs, paths, strict=True)}
    explorations = {
        name: exploration_sections.read_exploration(path)
        for name, folder in folders.items()
        if (path := folder / "exploration.json").is_file()
    }
    sources = {
        f"{name.replace(', seed ', '_')}-{kind}": [folder / f"{kind}.png"]
        for name, folder in folders.items()
        for kind in PICTURES
    }
    pictures = collect_pictures(sources, Path(readme).with_name("figures"))
    rewrite(readme, format_figures(runs, explorations, pictures))


def format_figures(runs, explorations, pictures=()):
    """Lay out all figures.

    Parameters
    ----------
    runs, explorations : dict of str to dict
        Name -> what its two files hold.
    pictures : sequence of str
        Names of pictures in `figures`, ``<run>-<kind>``.

    Returns
    -------
    figures : str
        Sections of Markdown.
    """
    yaml = (FOLDER / "reference.yaml").read_text(encoding="utf-8")
    original = YAML(typ="safe").load(yaml)
    parts = [
        sections.format_splits(runs, original["chunks"]),
        sections.format_decisions(runs),
        sections.format_layers(runs),
        *exploration_sections.format_explorations(explorations),
        format_pictures(pictures),
        format_data(runs),
        format_systems(runs),
    ]
    return lay_out("wav2vec2_speaker_id", parts)


def format_pictures(names):
    """Show pictures, each with what it shows and of which run."""
    lines = [
        f"![{PICTURES[kind]}: {run}](figures/{run}-{kind}.png)\n"
        for run, _, kind in (name.rpartition("-") for name in names)
    ]
    return "\n".join(["### Pictures\n", *lines]) if lines else ""


def main():
    """Run `write_report` from the command line."""
    run_report(write_report, __doc__)


if __name__ == "__main__":
    main()
