"""Writing, checking and packing the distances of a large gallery."""

import tempfile
import zipfile
from pathlib import Path

import numpy as np

from benchmarks.timing import Ratio, Result, median_seconds
from local.output.submission import ZIP_LEVEL, scores_to_distances, write_submission

N_SEGMENTS, N_SEGMENTS_QUICK = 5000, 60
DECIMALS = 9


def run(quick=False):
    """Time `write_submission` beside NumPy's text functions and a plain zip.

    Parameters
    ----------
    quick : bool
        A tiny gallery, to see that it runs.

    Returns
    -------
    result : Result
        From the scores to the zip.

    Raises
    ------
    ValueError
        If both texts differ in a byte.
    """
    n_segments = N_SEGMENTS_QUICK if quick else N_SEGMENTS
    scores = np.random.default_rng(0).standard_normal((n_segments, n_segments))
    scores += scores.T.copy()
    with tempfile.TemporaryDirectory() as folder:
        ours, numpy = Path(folder) / "ours", Path(folder) / "numpy"
        seconds = median_seconds(
            {
                "this project": lambda: write_submission(
                    scores_to_distances(scores), ours, DECIMALS
                ),
                "np.savetxt, np.loadtxt, zipfile": lambda: save_and_zip(scores, numpy),
            }
        )
        text = (ours / "answer.txt").read_bytes()
        if text != (numpy / "answer.txt").read_bytes():
            raise ValueError("this project and np.savetxt wrote different texts")
    whole, by_numpy = seconds.values()
    return Result(
        title="Submission of a gallery, from scores to zip",
        sizes={
            "n_segments": n_segments,
            "decimals": DECIMALS,
            "MB of text": round(len(text) / 1e6, 1),
        },
        seconds=seconds,
        ratios={
            "seconds in all": Ratio(whole, "at most 10"),
            "np.savetxt, np.loadtxt, zipfile / this project": Ratio(by_numpy / whole),
        },
        note="This project checks the distances, and what it reads back, besides.",
    )


def save_and_zip(scores, folder):
    """Write, read back and zip, without a check, as short as it can be said."""
    folder.mkdir(exist_ok=True)
    answer = folder / "answer.txt"
    distances = scores_to_distances(scores)
    np.savetxt(answer, distances, fmt=f"%.{DECIMALS}f", delimiter=";")
    np.loadtxt(answer, delimiter=";")
    options = {"compression": zipfile.ZIP_DEFLATED, "compresslevel": ZIP_LEVEL}
    with zipfile.ZipFile(folder / "submission.zip", "w", **options) as archive:
        archive.write(answer, answer.name)
