"""Leave a corpus out of a task file, or keep it alone.

What a model makes of recordings like none it was trained on is seen by training it
without a corpus and testing it on that corpus. Which corpus a label is of stands in a
table with the columns ``label`` and ``spk_id``: the text of ``spk_id`` before the first
"-". For example::

    python -m data_prep.leave_out --data_pickle raw_data.pkl \
        --speakers speakers.csv --corpus ls --output without_ls.pkl
"""

import argparse
import csv
import logging
import pickle
from pathlib import Path

from data_prep.files import open_replacing
from data_prep.findings import first_few
from data_prep.task_file import read_task_file

logger = logging.getLogger(__name__)


def read_corpora(speakers):
    """Read which corpus each label is of.

    Parameters
    ----------
    speakers : str or Path
        CSV with the columns ``label`` and ``spk_id``.

    Returns
    -------
    corpora : dict of str to str
        Label, as text, to corpus.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is no such table, or a label stands in it twice.
    """
    path = Path(speakers)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such table of label and spk_id")
    try:
        with open(path, newline="", encoding="utf-8-sig") as stream:
            pairs = [(row["label"], row["spk_id"]) for row in csv.DictReader(stream)]
        corpora = {label: spk_id.split("-")[0] for label, spk_id in pairs}
    except (KeyError, AttributeError, UnicodeDecodeError, csv.Error) as error:
        raise ValueError(
            f"{path}: not a CSV with the columns label and spk_id ({error!r})"
        ) from error
    if len(corpora) < len(pairs):
        labels = [label for label, _ in pairs]
        twice = sorted({label for label in labels if labels.count(label) > 1})
        raise ValueError(f"{path}: labels that stand there twice: {first_few(twice)}")
    return corpora


def leave_out(data_pickle, speakers, corpus, output, only=False):
    """Write a task file without one corpus, or with nothing else.

    Parameters
    ----------
    data_pickle : str or Path
        Segments and labels, in a form that `data_prep.task_file` reads.
    speakers : str or Path
        As for `read_corpora`.
    corpus : str
        The corpus to leave out.
    output : str or Path
        The pickle ``[data, labels]`` to write, its labels as text.
    only : bool
        Whether to keep that corpus instead of leaving it out.

    Returns
    -------
    n_kept : int
        Segments written.

    Raises
    ------
    FileNotFoundError
        If a file does not exist.
    ValueError
        If a file is not as expected, a label is not in the table, or the data have no
        segment of the corpus, or no other.
    """
    segments, labels = read_task_file(data_pickle)
    if labels is None:
        raise ValueError(f"{data_pickle}: no labels, expected [data, labels]")
    corpora = read_corpora(speakers)
    unknown = sorted(set(labels) - corpora.keys())
    if unknown:
        raise ValueError(
            f"{speakers}: {len(unknown)} labels of {data_pickle} are missing, first"
            f" {first_few(unknown)}; do the two belong together?"
        )
    kept = [i for i, spk in enumerate(labels) if (corpora[spk] == corpus) == only]
    if len(kept) in (0, len(labels)):
        there = sorted({corpora[spk_id] for spk_id in labels})
        raise ValueError(f"{data_pickle} has the corpora {there}, asked for {corpus}")
    as_list = isinstance(segments, list)
    data = [segments[i] for i in kept] if as_list else segments[kept]
    Path(output).parent.mkdir(parents=True, exist_ok=True)
    with open_replacing(output, "wb") as file:
        pickle.dump([data, [labels[i] for i in kept]], file, protocol=4)
    logger.info("%s: %d of %d segments", output, len(kept), len(labels))
    return len(kept)


def main():
    """Run `leave_out` from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name in ("data_pickle", "speakers", "corpus", "output"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--only", action="store_true", help="keep that corpus alone")
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        leave_out(**vars(parser.parse_args()))
    except (ValueError, OSError) as error:
        parser.exit(1, f"error: {error}\n")


if __name__ == "__main__":
    main()
