"""Made-up `classification.json` files, for the tests of the recipes' reports."""

import json


def share(mean, spread=0.05):
    """Return a share with its interval."""
    return {"mean": mean, "low": max(0, mean - spread), "high": min(1, mean + spread)}


def made_up_system(feats="mfcc", hears="chunk", chosen=None, **changes):
    """Return what a run tells of a system."""
    found = {"note": "made up", "feats": feats, "hears": hears, "n_inputs": 40}
    costs = {"n_parameters": None, "seconds": 12.34, "chosen": chosen or []}
    return found | costs | changes


def made_up_result(system, accuracy, split, level, rule="own", **changes):
    """Return one result, precision, recall and F1 some points below the accuracy."""
    below = {
        name: share(accuracy - n / 100)
        for n, name in enumerate(("accuracy", "precision", "recall", "f1"))
    }
    spread = share(accuracy, 0.02) | {"each": [accuracy, accuracy]}
    key = {"system": system, "split": split, "level": level, "rule": rule}
    return key | {"readers": "all", "n": 100} | below | {"folds": spread} | changes


def made_up_run(run, systems, results, seed=1, **changes):
    """Return a run."""
    data = {"corpus": "LibriSpeech dev-clean", "n_speakers": 40, "n_utterances": 2703}
    data |= {"n_chunks": 18000, "hours": 5.25, "chunk_seconds": 1.0, "n_folds": 5}
    found = {"run": run, "seed": seed, "data": data | {"one_utterance_speakers": 0.0}}
    return found | {"systems": systems, "results": results, "device": "CPU"} | changes


def write_run(folder, run, name="classification.json"):
    """Write a run into ``<folder>/<seed>``."""
    path = folder / str(run.get("seed", 1)) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(run), encoding="utf-8")
    return path


def headings(page):
    """Return the headings of a generated page."""
    return [line[4:] for line in page.splitlines() if line.startswith("### ")]
