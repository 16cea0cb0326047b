"""`metrics.json`: what one run measures on one test set; measured, read, checked."""

import json
from pathlib import Path
from typing import NamedTuple

from local.evaluation.gallery import evaluate_gallery
from local.progress import named_steps


class Figure(NamedTuple):
    """How one figure of `metrics.json` is shown."""

    key: str
    heading: str
    percent: bool


# What stands before the @ of a key -> heading, with what stands behind it, and whether
# it is shown in percent. Tables have the figures in this order.
FAMILIES = {
    "r_precision": ("R-precision %", True),
    "cmc": ("CMC@{} %", True),
    "map": ("mAP %", True),
    "map_top": ("mAP@{} %", True),
    "eer": ("EER %", True),
    "min_dcf": ("minDCF({})", False),
    "auc": ("AUC", False),
    "cllr": ("Cllr", False),
    "act_dcf": ("actDCF({})", False),
}
MODEL_TEXTS = ("name", "device")
MODEL_NUMBERS = (
    "n_parameters",
    "n_train_segments",
    "n_train_speakers",
    "epochs",
    "train_seconds",
    "train_clips_per_second",
)
TRIALS = ("n_segments", "n_speakers", "n_target_trials", "n_nontarget_trials")
REQUIRED = {
    "": ("test_set", "experiment", "seed", "model", "trials", "bootstrap", "systems"),
    "model": MODEL_TEXTS + MODEL_NUMBERS,
    "trials": TRIALS,
    "bootstrap": ("n", "confidence", "over"),
    "systems": (),
}


def measure_systems(systems, spk_ids, options, evaluate=evaluate_gallery):
    """Measure the systems of one test set.

    Parameters
    ----------
    systems : dict of str to (ndarray, ndarray or None)
        Scores (n_segments, n_segments) and log-likelihood ratios, if there are any, or
        what else ``evaluate`` takes.
    spk_ids : ndarray, (n_segments,)
        Speaker of each segment.
    options : dict
        ``p_targets``, ``ks``, ``n_bootstrap``, ``confidence`` and ``seed`` of
        `local.evaluation.gallery.evaluate_gallery`.
    evaluate : callable, optional
        In place of that.

    Returns
    -------
    measured : dict
        ``trials``, ``bootstrap`` and ``systems`` of `metrics.json`.
    """
    results = {
        name: evaluate(scores, spk_ids, llrs=llrs, **options)
        for name, (scores, llrs) in named_steps(systems, "measure", "system")
    }
    some = next(iter(results.values()))
    counts = {key: n for key, n in some.items() if key.startswith("n_")}
    return {
        "trials": counts,
        "bootstrap": {
            "n": options["n_bootstrap"],
            "confidence": options["confidence"],
            "over": "speakers",
        },
        "systems": {
            name: {key: value for key, value in figures.items() if key not in counts}
            for name, figures in results.items()
        },
    }


def figures_of(runs):
    """Return the figures that the runs hold, whatever their ranks and priors.

    Parameters
    ----------
    runs : iterable of dict
        As from `read_metrics`.

    Returns
    -------
    figures : list of Figure
        In the order of `FAMILIES`, then as first met.

    Examples
    --------
    >>> runs = [{"systems": {"cosine": {"eer": {}, "cmc@7": {}, "unknown": {}}}}]
    >>> [figure.heading for figure in figures_of(runs)]
    ['CMC@7 %', 'EER %']
    """
    systems = [figures for run in runs for figures in run["systems"].values()]
    found = [_figure(key) for key in dict.fromkeys(key for f in systems for key in f)]
    order = list(FAMILIES)
    known = (figure for figure in found if figure)
    return sorted(known, key=lambda figure: order.index(figure.key.split("@")[0]))


def _figure(key):
    """Return how a key is shown, or None if it is not."""
    family, _, argument = key.partition("@")
    if family not in FAMILIES:
        return None
    heading, percent = FAMILIES[family]
    return Figure(key, heading.format(argument), percent)


def read_metrics(path):
    """Read a `metrics.json` and check that nothing is missing.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    metrics : dict
        What the file holds.

    Raises
    ------
    ValueError
        If it is not JSON, lacks a key or holds a figure that is not a number; the
        message names the place.
    """
    try:
        metrics = json.loads(Path(path).read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path}: not JSON: {error}; run verify.py again") from error
    for place, keys in REQUIRED.items():
        _require(metrics[place] if place else metrics, keys, place, path)
    if not metrics["systems"]:
        raise ValueError(f"{path}: no system was measured; run verify.py again")
    _require_model(metrics["model"], "model", path)
    for n, member in enumerate(metrics["model"].get("members", [])):
        _require_model(member, f"model.members.{n}", path)
    for place in ("trials", "bootstrap"):
        counted = {k: v for k, v in metrics[place].items() if k != "over"}
        _require_numbers(counted, place, path)
    for name, figures in metrics["systems"].items():
        _require(figures, (), f"systems.{name}", path)
        for key in filter(_figure, figures):
            place = f"systems.{name}.{key}"
            _require(figures[key], ("value",), place, path)
            _require_numbers(figures[key], place, path)
    return metrics


def _require_model(model, place, path):
    """Refuse facts of a training that lack one, or hold a text for a number."""
    _require(model, REQUIRED["model"], place, path)
    numbers = (*MODEL_NUMBERS, "n_flops", "weight")
    _require_numbers({key: model.get(key) for key in numbers}, place, path)


def _require(part, keys, place, path):
    """Refuse a part of the metrics that is no object or lacks a key."""
    if not isinstance(part, dict):
        raise ValueError(
            f"{path}: {place or 'the file'} is not an object: {part!r:.60}"
        )
    for key in keys:
        if key not in part:
            name = f"{place}.{key}" if place else key
            raise ValueError(f"{path}: missing key {name}; run verify.py again")


def _require_numbers(part, place, path):
    """Refuse a part that holds anything but numbers and nulls."""
    for key, number in part.items():
        if not isinstance(number, int | float | None):
            raise ValueError(
                f"{path}: {place}.{key}: expected a number, got {number!r}"
            )
