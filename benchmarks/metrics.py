"""Figures of ten million trials: seconds and memory."""

import tracemalloc

import numpy as np
import torch
from sklearn.metrics import roc_curve
from speechbrain.utils.metric_stats import EER

from benchmarks.timing import Ratio, Result, median_seconds
from local.evaluation.detection import auc, eer, min_dcf
from local.evaluation.error_rates import det_curve
from local.evaluation.retrieval import per_query_metrics
from local.evaluation.speaker_trials import all_trials, curve_by_weights, split_matrix

# n (n - 1) / 2 trials of 4,473 segments are 10.0 million; so are 3,163 ranked rows.
FULL = {"n_segments": 4473, "n_queries": 3163, "n_loop_trials": 8000}
QUICK = {"n_segments": 48, "n_queries": 48, "n_loop_trials": 100}
SEGMENTS_PER_SPEAKER = 16
DETECTION = "DET curve, EER, minDCF, AUC"
DRAW = "the same of a bootstrap draw, sorted before"
RETRIEVAL = "CMC, R-precision, mAP"
SKLEARN = "scikit-learn's roc_curve"
LOOP = "SpeechBrain's EER of n_loop_trials"


def run(quick=False):
    """Time detection and retrieval figures of random scores.

    Parameters
    ----------
    quick : bool
        Tiny sizes, to see that it runs.

    Returns
    -------
    result : Result
        Beside scikit-learn, and beside a loop over thresholds.
    """
    sizes = QUICK if quick else FULL
    tar, non, curve_of, weights = random_trials(sizes["n_segments"])
    queries = random_gallery(sizes["n_queries"])
    n_loop = sizes["n_loop_trials"]
    some = torch.from_numpy(tar[: n_loop // 2]), torch.from_numpy(non[: n_loop // 2])
    jobs = {
        DETECTION: lambda: figures(det_curve(tar, non)),
        DRAW: lambda: figures(curve_of(weights)),
        RETRIEVAL: lambda: per_query_metrics(*queries),
        SKLEARN: lambda: sklearn_curve(tar, non),
        LOOP: lambda: EER(*some),
    }
    seconds = median_seconds(jobs)
    sizes = {**sizes, "n_trials": len(tar) + len(non), "n_ranked": queries[0].size}
    peaks = {
        DETECTION: peak_bytes(jobs[DETECTION]) / sizes["n_trials"],
        RETRIEVAL: peak_bytes(jobs[RETRIEVAL]) / sizes["n_ranked"],
    }
    return Result(
        title="Figures of ten million trials",
        sizes=sizes,
        seconds=seconds,
        ratios=ratios(seconds, sizes, peaks),
        note=(
            "SpeechBrain's EER passes over all trials at every threshold, so its time"
            " grows with their square: its time per trial, taken at n_loop_trials,"
            " would be longer at ten million."
        ),
    )


def ratios(seconds, sizes, peaks):
    """Return what the times tell."""
    loop = seconds[LOOP] / sizes["n_loop_trials"]
    ours = seconds[DETECTION] / sizes["n_trials"]
    return {
        **{f"s, {job}": Ratio(seconds[job], "at most 10") for job in peaks},
        **{
            f"peak MB per million trials, {job}": Ratio(peak, "at most 100")
            for job, peak in peaks.items()  # bytes per trial
        },
        f"{SKLEARN} / {DETECTION}": Ratio(seconds[SKLEARN] / seconds[DETECTION]),
        "time per trial, SpeechBrain's EER / this project": Ratio(loop / ours),
    }


def random_trials(n_segments):
    """Return both classes of trials, their curve by weights, and weights."""
    scores, spk_ids = random_gallery(n_segments)
    trials = all_trials(spk_ids)
    tar, non = split_matrix(scores, spk_ids)
    drawn = np.random.default_rng(0).integers(trials.n_speakers, size=trials.n_speakers)
    weights = np.bincount(drawn, minlength=trials.n_speakers)
    return tar, non, curve_by_weights(trials, tar, non), weights


def random_gallery(n_segments):
    """Return symmetric scores, higher within a speaker, and the speakers."""
    spk_ids = np.arange(n_segments) // SEGMENTS_PER_SPEAKER
    scores = np.random.default_rng(0).standard_normal((n_segments, n_segments))
    return scores + scores.T + 3 * (spk_ids[:, np.newaxis] == spk_ids), spk_ids


def figures(curve):
    """Return what the order of the trials decides."""
    return eer(curve), min_dcf(curve, 0.01), auc(curve)


def sklearn_curve(tar, non):
    """Return the same curve by scikit-learn."""
    labels = np.repeat([True, False], [len(tar), len(non)])
    return roc_curve(labels, np.concatenate([tar, non]), drop_intermediate=False)


def peak_bytes(job):
    """Return the most memory that a job held beyond what was there before."""
    tracemalloc.start()
    job()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak
