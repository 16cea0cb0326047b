"""The figures of trial lists: measured, drawn, and the scores they come from."""

import numpy as np

from local.evaluation.decisions import evaluate_decisions
from local.evaluation.error_rates import det_curve
from local.evaluation.gallery import evaluate_trials
from local.evaluation.speaker_trials import some_trials
from local.files import replacing
from local.output.plots import (
    plot_det,
    plot_score_histogram,
    plot_training_curve,
    read_training_log,
)
from local.output.trial_plots import plot_error_rates

COUNTS = ("n_segments", "n_speakers", "n_target_trials", "n_nontarget_trials")


def measure(hparams, lists, scores, thresholds):
    """Return trials and systems of ``evaluation.json``.

    Figures are those of every list, decisions those on the test, if there is one.
    """
    systems = {name: {"decisions": _told(at)} for name, at in thresholds.items()}
    counts = {}
    for part, trials in lists.items():
        codes = np.unique(trials.spk_ids, return_inverse=True)[1]
        speakers = some_trials(codes, *map(tuple, trials.split(trials.pairs)))
        options = {key: hparams[key] for key in ("n_bootstrap", "confidence", "seed")}
        for name, values in scores[part].items():
            listed = codes, speakers, trials.split(values)
            found = _figures(*listed, hparams["p_targets"], options)
            counts[part] = {count: found.pop(count) for count in COUNTS}
            systems[name][part] = found
            if part == "test":
                for scenario, at in thresholds[name].items():
                    costs = hparams["scenarios"].get(scenario)
                    decided = evaluate_decisions(*listed, at, costs, **options)
                    systems[name]["decisions"][scenario] |= decided
    return {"trials": counts, "systems": systems}


def _told(thresholds):
    """Return thresholds as JSON has them: of what accepts none there is no number."""
    return {
        scenario: {"threshold": at if np.isfinite(at) else None}
        for scenario, at in thresholds.items()
    }


def _figures(codes, speakers, sides, p_targets, options):
    """Return figures and counts of trials that are in no gallery."""
    found = evaluate_trials(codes, {}, speakers, sides, p_targets, **options)
    del found["n_queries_excluded"]
    return found


def draw(folder, trials, scores, thresholds, model_folder):
    """Draw DET curves, of each system its scores and errors, and the training."""
    sides = {name: trials.split(s) for name, s in scores.items()}
    curves = {name: det_curve(*side) for name, side in sides.items()}
    plot_det(curves, folder / "det")
    for name, curve in curves.items():
        stem, chosen = name.replace(" ", "_"), thresholds[name]
        finite = {key: at for key, at in chosen.items() if np.isfinite(at)}
        plot_score_histogram(*sides[name], finite, folder / f"scores_{stem}", name)
        plot_error_rates(curve, chosen, folder / f"errors_{stem}", name)
    log = model_folder / "train_log.txt"
    if log.is_file():  # of a model trained elsewhere there is none
        plot_training_curve(read_training_log(log), folder / "training")


def write_scores(path, lists, scores):
    """Write both sides, truth and scores of all trials."""
    arrays = {}
    for part, trials in lists.items():
        enrol_ids, test_ids = trials.names[trials.pairs]
        arrays |= {f"{part}/enrol_id": enrol_ids, f"{part}/test_id": test_ids}
        arrays[f"{part}/label"] = trials.is_target.astype(np.uint8)
        arrays |= {f"{part}/{name}": values for name, values in scores[part].items()}
    with replacing(path) as temporary:
        np.savez_compressed(temporary, **arrays)
