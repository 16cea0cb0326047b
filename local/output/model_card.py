"""A model folder and its metrics -> ``README.md`` in the folder, the model card.

    python -m local.output.model_card results/pretrained/voice-reid-1s \
        --metrics results/voice_reid_1s/1986

The text is in ``model_card.md`` beside this file; whatever is a figure comes from
``training.json`` and from the ``metrics.json`` files of this very model.
"""

import argparse
import logging
from pathlib import Path
from string import Template

from local.files import replacing
from local.output.comparison import DEVICE, TRANSDUCTIVE, UNTRAINED, kind_of
from local.output.details import figure_cell
from local.output.metrics import figures_of, read_metrics
from local.output.tables import markdown_table
from local.scoring.embeddings import load_embeddings
from local.scoring.model_folder import find_model, read_facts, read_sample_rate

logger = logging.getLogger(__name__)

TEMPLATE = Path(__file__).with_suffix(".md")
KEYS = ("r_precision", "cmc@1", "eer", "cllr")
FEW_SPEAKERS = 10
FIGURES_INTRO = """\
On speakers who were not trained on, but whose figures chose the settings. An interval
({percent:g} %, {n:,} bootstrap draws over {over}) tells how far a figure might be off
because these were tested and not others. A transductive system sees all segments of the
test at once, the others one pair at a time. High R-precision and CMC, low EER and Cllr
are good; at a Cllr above 1 no probability at all is better. The sets are described in
`results/data.md`, all figures are in `results/README.md`.
"""


def write_model_card(model_folder, metrics):
    """Write ``README.md`` into a model folder.

    Parameters
    ----------
    model_folder : str or Path
        As in `local.scoring.model_folder.find_model`.
    metrics : list of str or Path
        `metrics.json` files, or folders in which those of this model are looked for.

    Returns
    -------
    path : Path
        The card; the same bytes for the same model and metrics.

    Raises
    ------
    FileNotFoundError
        If there are no metrics.
    ValueError
        If none of them is of this model.
    """
    folder = find_model(model_folder)
    facts = read_facts(folder)
    paths = [path for given in metrics for path in find_metrics(Path(given))]
    runs = [run for run in map(read_metrics, paths) if run["model"] == facts]
    if not runs:
        raise ValueError(
            f"none of {len(paths)} metrics files is of the model in {folder}; run"
            " verify.py with it and --test_labels first"
        )
    logger.info("%d of %d metrics files are of this model", len(runs), len(paths))
    path = folder / "README.md"
    with replacing(path) as temporary:
        temporary.write_text(format_card(folder, facts, runs), encoding="utf-8")
    return path


def find_metrics(path):
    """Return a `metrics.json`, or all in a folder, sorted.

    Raises
    ------
    FileNotFoundError
        If there are none.
    """
    found = sorted(path.rglob("metrics.json")) if path.is_dir() else [path]
    if not found or not found[0].is_file():
        raise FileNotFoundError(f"{path}: no metrics.json; run verify.py first")
    return found


def format_card(folder, facts, runs):
    """Lay out the card.

    Parameters
    ----------
    folder : Path
        Of the model.
    facts : dict
        Its ``training.json``.
    runs : list of dict
        Its metrics, as from `local.output.metrics.read_metrics`.

    Returns
    -------
    card : str
        Markdown.
    """
    runs = sorted(runs, key=lambda run: run["test_set"])
    natural = [run for run in runs if not run["test_set"].startswith(DEVICE)]
    simulated = [run for run in runs if run["test_set"].startswith(DEVICE)]
    sample_rate = read_sample_rate(folder)
    weights = [*folder.glob("*.ckpt"), *folder.glob("*.npz")]
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        name=folder.name,
        folder=folder.as_posix(),
        emb_dim=load_embeddings(folder / "valid.npz").matrix.shape[1],
        megabytes=f"{sum(path.stat().st_size for path in weights) / 1e6:.1f}",
        sample_rate=sample_rate,
        highest_hz=sample_rate // 2,
        members=member_table(facts),
        n_parameters=f"{facts['n_parameters']:,}",
        n_train_segments=f"{facts['n_train_segments']:,}",
        n_train_speakers=f"{facts['n_train_speakers']:,}",
        figures=figures_section(natural, simulated),
        devices=devices_sentence(natural, simulated),
        spread=spread_sentence(natural),
        small=small_sentence(runs),
    )


def member_table(facts):
    """Lay out a row a member: what was trained, for how long, and its weight."""
    headings = ["experiment", "network", "trained on", "weight", "parameters", "epochs"]
    rows = [
        [
            *(member["experiment"], member["name"], member["device"]),
            *(f"{member.get('weight', 1):.2f}", f"{member['n_parameters']:,}"),
            *(f"{member['epochs']}", f"{member['train_seconds'] / 60:.0f}"),
        ]
        for member in facts.get("members", [facts])
    ]
    return markdown_table([*headings, "minutes"], rows, n_texts=3)


def figures_section(natural, simulated):
    """Lay out the figures.

    Parameters
    ----------
    natural, simulated : list of dict
        Metrics of test sets as they were recorded, and of simulated devices.

    Returns
    -------
    section : str
        What they mean, and a table of each.
    """
    bootstrap = (natural + simulated)[0]["bootstrap"]
    percent = 100 * bootstrap["confidence"]
    section = FIGURES_INTRO.format(percent=percent, **bootstrap)
    if natural:
        section += "\nSegments as they were recorded:\n\n" + figure_table(natural)
    if simulated:
        section += "\nThe same speakers, every segment through a simulated room,"
        section += " microphone and line of its own:\n\n" + figure_table(simulated)
    return section


def figure_table(runs):
    """Lay out a row for every test set and system of ours."""
    figures = [figure for figure in figures_of(runs) if figure.key in KEYS]
    headings = ["test set", "system", "speakers", "segments"]
    headings += [figure.heading for figure in figures]
    rows = [
        [run["test_set"], name]
        + [f"{run['trials'][key]:,}" for key in ("n_speakers", "n_segments")]
        + [figure_cell(found, figure, intervals=KEYS) for figure in figures]
        for run in runs
        for name, found in our_systems(run).items()
    ]
    return markdown_table(headings, rows, n_texts=2)


def our_systems(run):
    """Return the systems that score by the model, by name."""
    systems = run["systems"].items()
    return {name: v for name, v in systems if kind_of(run, name) not in UNTRAINED}


def extremes(runs, key):
    """Return the least and the greatest of a figure of the inductive system.

    Returns
    -------
    extremes : list of two (float, str)
        In percent, and the test set.
    """
    found = []
    for run in runs:
        ours = our_systems(run)
        inductive = [name for name in ours if TRANSDUCTIVE not in name][-1]
        found.append((100 * ours[inductive][key]["value"], run["test_set"]))
    return [min(found), max(found)]


def spread_sentence(runs):
    """Say how far apart the corpora are."""
    if not runs:
        return ""
    parts = [
        f"{name} from {low:.1f} % ({first}) to {high:.1f} % ({last})"
        for name, key in (("R-precision goes", "r_precision"), ("EER", "eer"))
        for (low, first), (high, last) in [extremes(runs, key)]
    ]
    return f"\n  Seeing one pair at a time, {', '.join(parts)}."


def devices_sentence(natural, simulated):
    """Say what other devices cost."""
    if not natural or not simulated:
        return ""
    (_, (worst, _)), ((low, _), (high, _)) = (
        extremes(runs, "eer") for runs in (natural, simulated)
    )
    return (
        f"\n  As recorded the EER is {worst:.1f} % at most, through simulated devices"
        f" {low:.1f} % to {high:.1f} %."
    )


def small_sentence(runs):
    """Name the test sets that are too small to say much."""
    small = [
        f"{run['test_set']} ({run['trials']['n_speakers']})"
        for run in runs
        if run["trials"]["n_speakers"] < FEW_SPEAKERS
    ]
    text = f"\n  Sets of fewer than {FEW_SPEAKERS} speakers say little: "
    return text + ", ".join(small) + "." if small else ""


def main():
    """Run `write_model_card` from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model_folder")
    parser.add_argument("--metrics", nargs="+", required=True)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    arguments = parser.parse_args()
    try:
        print(write_model_card(arguments.model_folder, arguments.metrics))
    except (ValueError, OSError) as error:
        parser.exit(1, f"error: {error}\n")


if __name__ == "__main__":
    main()
