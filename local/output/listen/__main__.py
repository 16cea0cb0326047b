"""A verification -> a page to listen to it: `listen.html`, one file, no network.

    python -m local.output.listen results/verify/dev_ls

Map of the segments, each to be played, with its nearest; and where the speakers are
known the hardest errors, ROC and DET with a threshold to move, and a table of the
speakers. The page holds voices: mind whom you give it to. Needs ``pip install -r
requirements-listen.txt``.
"""

import argparse
import logging
from pathlib import Path

from local.files import replacing
from local.output.listen.page import build_page
from local.output.listen.verified import read_verified

SECONDS_A_SEGMENT = 0.005  # on one core, of that most for the map

logger = logging.getLogger(__name__)


def listen(folder, n_pairs, n_neighbors, max_mb, **changes):
    """Write the page into the folder of the verification.

    Parameters
    ----------
    folder : Path
        Output folder of ``verify.py``.
    n_pairs, n_neighbors, max_mb
        As of `build_page`.
    **changes
        As of `read_verified`.

    Returns
    -------
    path : Path
        The page.
    """
    verified = read_verified(folder, **changes)
    n_segments = len(verified.segments)
    seconds = n_segments * SECONDS_A_SEGMENT
    print(
        f"Map and figures of {n_segments} segments: about {seconds:.0f} s", flush=True
    )
    page = build_page(verified, n_pairs, n_neighbors, max_mb)
    with replacing(folder / "listen.html") as temporary:
        temporary.write_text(page, encoding="utf-8")
    return folder / "listen.html"


def main(arguments=None):
    """Run `listen` from the command line.

    Parameters
    ----------
    arguments : list of str, optional
        By default those the program was started with.
    """
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="output folder of verify.py")
    for name, what in (
        ("test_data", "task pickle, or manifest, .csv"),
        ("test_labels", ".npy, .csv or text"),
        ("model", "model folder, or output folder of a training"),
    ):
        told = f"{what}; by default where it was when verified"
        parser.add_argument(f"--{name}", type=Path, help=told)
    parser.add_argument("--n_pairs", type=int, default=20, help="errors of each kind")
    parser.add_argument("--n_neighbors", type=int, default=10, help="of each segment")
    parser.add_argument("--max_mb", type=float, default=16, help="size of the page")
    options = vars(parser.parse_args(arguments))
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    given = {key: value for key, value in options.items() if value is not None}
    try:
        path = listen(**given)
    except (ValueError, OSError) as error:
        parser.exit(1, f"error: {error}\n")
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB, open it in a browser")


if __name__ == "__main__":
    main()
