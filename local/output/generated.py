"""The part of a README that a recipe's report writes from the figures of its runs."""

import argparse
import logging
from collections import Counter
from pathlib import Path

from local.files import replacing

logger = logging.getLogger(__name__)

START, END = "<!-- generated: figures -->\n", "<!-- generated: end -->\n"


def replace_generated(page, figures):
    r"""Put figures between the two marks of a page.

    Examples
    --------
    >>> page = f"Text.\n{START}old\n{END}"
    >>> print(replace_generated(page, "new\n"))
    Text.
    <!-- generated: figures -->
    new
    <!-- generated: end -->
    <BLANKLINE>

    Raises
    ------
    ValueError
        If the page has not one mark of each kind, in this order.
    """
    before, start, rest = page.partition(START)
    _, end, after = rest.partition(END)
    if not (start and end) or START in rest or END in before + after:
        raise ValueError(
            f"README: expected the line {START.strip()} and later {END.strip()},"
            " once each; put them where the figures belong"
        )
    return f"{before}{START}{figures}{END}{after}"


def rewrite(readme, figures):
    """Rewrite the generated part of a README; the same figures give the same bytes."""
    page = replace_generated(Path(readme).read_text(encoding="utf-8"), figures)
    with replacing(readme) as temporary:
        temporary.write_text(page, encoding="utf-8")
    logger.info("%s written", readme)


def find_runs(results_folder, pattern, remedy):
    """Find the files of figures of all runs.

    Parameters
    ----------
    results_folder : str or Path
        Folder of all results.
    pattern : str
        What to look for there, such as ``gender*/*/classification.json``.
    remedy : str
        What to do if there is none.

    Returns
    -------
    paths : list of Path
        Sorted, at least one.

    Raises
    ------
    FileNotFoundError
        If there is none.
    """
    paths = sorted(Path(results_folder).glob(pattern))
    if not paths:
        raise FileNotFoundError(f"no {pattern} in {results_folder}; {remedy}")
    return paths


def name_runs(runs):
    """Name runs, with the seed where there are several of a name.

    Parameters
    ----------
    runs : sequence of dict
        With ``run`` and ``seed``.

    Returns
    -------
    named : dict of str to dict
        Name -> run.

    Examples
    --------
    >>> runs = [("a", 1), ("b", 1), ("b", 2)]
    >>> list(name_runs([{"run": name, "seed": seed} for name, seed in runs]))
    ['a', 'b, seed 1', 'b, seed 2']

    Raises
    ------
    ValueError
        If two have both name and seed in common.
    """
    n_seeds = Counter(run["run"] for run in runs)
    named = {}
    for run in runs:
        name = run["run"] + (f", seed {run['seed']}" if n_seeds[run["run"]] > 1 else "")
        if name in named:
            raise ValueError(
                f"two files of figures are of the run {name}; keep one, or classify"
                " again into another output_folder"
            )
        named[name] = run
    return named


def run_report(write_report, description):
    """Run a report from the command line; end in one line if it cannot be written.

    Parameters
    ----------
    write_report : callable
        Takes the folder of all results.
    description : str
        The manual, shown by ``--help``.
    """
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--results_folder", default="results")
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        write_report(parser.parse_args().results_folder)
    except (ValueError, OSError) as error:
        parser.exit(1, f"error: {error}\n")
