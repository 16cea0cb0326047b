"""Made-up `metrics.json` files, for the tests of the pages of results."""

import json

KEYS = (
    ["r_precision", "cmc@1", "cmc@3", "cmc@5", "cmc@10", "map", "eer"]
    + ["min_dcf@0.01", "min_dcf@0.05", "auc", "cllr", "act_dcf@0.01", "act_dcf@0.05"]
)  # fmt: skip


def figure(value, spread=0.01):
    """Return a figure with its interval."""
    return {"value": value, "low": value - spread, "high": value + spread}


def made_up_metrics(
    experiment="ecapa", seed=1, test_set="dev_a", r_precision=0.8448, **model
):
    """Return metrics in which every figure of the cosine has its own value."""
    cosine = {key: figure(0.1 + n / 64) for n, key in enumerate(KEYS)}
    cosine["r_precision"] = figure(r_precision)
    return {
        "test_set": test_set,
        "experiment": experiment,
        "seed": seed,
        "model": {
            "name": "ECAPA-TDNN",
            "n_parameters": 6194000,
            "train_seconds": 1234.5,
            "train_clips_per_second": 2100.7,
            "device": "NVIDIA H100",
            "n_train_segments": 9600,
            "n_train_speakers": 600,
            "epochs": 30,
        }
        | model,
        "trials": {
            "n_segments": 320,
            "n_speakers": 20,
            "n_target_trials": 2400,
            "n_nontarget_trials": 48640,
        },
        "bootstrap": {"n": 1000, "confidence": 0.95, "over": "speakers"},
        "systems": {
            "cosine": cosine,
            "chance": {"r_precision": {"value": 0.047}, "eer": {"value": 0.5}},
        },
    }


def with_systems(metrics, **r_precisions):
    """Add systems of which only the R-precision is known."""
    for name, value in r_precisions.items():
        metrics["systems"][name] = {"r_precision": figure(value)}
    return metrics


def write_metrics(results, metrics, group=""):
    """Write metrics where a run does, perhaps in a group of experiments."""
    keys = ("experiment", "seed", "test_set")
    folder = results.joinpath(group, *(str(metrics[key]) for key in keys))
    folder.mkdir(parents=True)
    path = folder / "metrics.json"
    path.write_text(json.dumps(metrics), encoding="utf-8")
    return path


def cells(table):
    """Return the cells of a Markdown table, the heading row first."""
    return [
        [cell.strip() for cell in line[1:-1].split(" | ")]
        for line in table.splitlines()
        if line.startswith("|") and "---" not in line
    ]


def section(page, heading):
    """Return the cells under a heading of a page."""
    return cells(page.split(f"## {heading}\n")[1].split("\n## ")[0])
