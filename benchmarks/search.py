"""AS-norm of galleries of growing size: the whole matrix beside the nearest k.

Each measurement is a process of its own, so that its peak of memory is its own:

    python -m benchmarks.search <arguments of `measure` as JSON>
"""

import json
import re
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from benchmarks.timing import N_ROUNDS, Ratio, Result
from local.scoring.normalization import normalize_scores
from local.scoring.search import ApproximateSearch, ExactSearch, find_nearest
from local.scoring.sparse import pair_scores

COUNTS = (1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000)
# Largest gallery of each, so that the whole takes less than 25 minutes on two cores; of
# 20,000 the matrix and its copies are 13 GB.
LARGEST = {"matrix": 20_000, "exact": 100_000, "approximate": 200_000}
FULL = {"n_cohort": 5000, "top_n": 300, "emb_dim": 192, "top_k": 100}
QUICK = {"n_cohort": 60, "top_n": 10, "emb_dim": 16, "top_k": 5}
BAR_COUNT = 50_000  # at which memory has a bar
YAML = "hparams/verify.yaml"  # has the settings of the search
MATRIX = "matrix"
NOTE = """\
Synthetic embeddings, 16 segments a speaker; the EER of their cosines is near 4 %, and
their variance falls over the dimensions, as that of speakers does. Times are of
statistics and scores, from the embeddings, medians of five in one process. Peak memory
is that of the whole process: Python, libraries, embeddings, cohort, results. Recall is
measured on 500 segments, within the time given. Larger galleries than those shown of a
method would take too long, or too much memory, for this page.
"""


def run(quick=False):
    """Time and weigh each method at each size.

    Parameters
    ----------
    quick : bool
        One tiny gallery, to see that it runs.

    Returns
    -------
    result : Result
        With curves of time and memory.
    """
    sizes, counts = (QUICK, (700,)) if quick else (FULL, COUNTS)
    sizes = {**sizes, "n_rounds": 1 if quick else N_ROUNDS}
    settings = search_settings()
    found = {
        (method, n): measure_alone(method, n, sizes, settings)
        for method, largest in LARGEST.items()
        for n in counts
        if n <= largest
    }
    at = {key: f"{title(key[0])}, N = {key[1]:,}" for key in found}
    ratios = {}
    for key, figures in found.items():
        bar = "at most 4" if key[1] == BAR_COUNT else ""
        name = f"peak memory, GB: {at[key]}"
        ratios[name] = Ratio(figures["peak_gb"], bar)
    for key, figures in found.items():
        if key[0] == "approximate":
            bar = "at least 0.9" if key[1] == BAR_COUNT else ""
            ratios[f"recall: {at[key]}"] = Ratio(figures["recall"], bar)
    return Result(
        title="AS-norm of large galleries",
        sizes=sizes,
        seconds={at[key]: figures["seconds"] for key, figures in found.items()},
        ratios=ratios,
        note=NOTE,
        curves={
            label: {
                title(method): [
                    [n, f[unit]] for (m, n), f in found.items() if m == method
                ]
                for method in LARGEST
            }
            for label, unit in (
                ("Time (s)", "seconds"),
                ("Peak memory (GB)", "peak_gb"),
            )
        },
    )


def title(method):
    """Return what the page calls a method."""
    return "whole matrix" if method == MATRIX else f"{method} nearest"


def search_settings():
    """Return the arguments of the approximate search of verify.py."""
    from hyperpyyaml import load_hyperpyyaml  # what is measured does without torch

    with open(YAML, encoding="utf-8") as stream:
        return vars(load_hyperpyyaml(stream)["searches"]["approximate"])


def measure_alone(*arguments):
    """Return what `measure` finds in a process of its own."""
    words = ["-m", "benchmarks.search", json.dumps(arguments)]
    done = subprocess.run([sys.executable, *words], stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def measure(method, n_segments, sizes, settings):
    """Return the median time, the peak of memory and the recall of one method."""
    rng = np.random.default_rng(0)
    gallery = draw_embeddings(n_segments, 16, sizes["emb_dim"], rng)
    cohort = draw_embeddings(sizes["n_cohort"], 1, sizes["emb_dim"], rng)
    arguments = "as", gallery, cohort, sizes["top_n"]
    search = ExactSearch() if method == "exact" else ApproximateSearch(**settings)
    times, recall = [], 1.0
    for _ in range(sizes["n_rounds"]):
        start = time.perf_counter()
        if method == MATRIX:
            normalize_scores(*arguments)
        else:
            pairs = pair_scores(*arguments)
            recall = find_nearest(search, pairs, sizes["top_k"]).recall
        times.append(time.perf_counter() - start)
    median = statistics.median(times)
    return {"seconds": median, "peak_gb": peak_gb(), "recall": recall}


def peak_gb():
    """Return the most memory that this process, or the one it came of, ever held."""
    status = Path("/proc/self/status")
    if status.is_file():  # of this program alone; getrusage starts at its parent's
        peak = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())[1]
    else:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak) * 1024 / 1e9


def draw_embeddings(n_segments, n_group, emb_dim, rng):
    """Return embeddings of speakers of ``n_group`` segments around random centres."""
    # Of 192 such dimensions 62 are effective (participation ratio), as of the cohort.
    spread = (1 + np.arange(emb_dim, dtype=np.float32)) ** -0.35
    shape = -(-n_segments // n_group), emb_dim
    centres = rng.standard_normal(shape, dtype=np.float32).repeat(n_group, axis=0)
    noise = rng.standard_normal((n_segments, emb_dim), dtype=np.float32)
    return (centres[:n_segments] + 1.2 * noise) * spread


if __name__ == "__main__":
    print(json.dumps(measure(*json.loads(sys.argv[1]))))
