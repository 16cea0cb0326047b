"""Read a `one_shot.json`; refuse one of another form before it is laid out."""

import json

from local.output.json_form import (
    EACH,
    EACH_NUMBER,
    INTERVAL,
    NEEDED,
    NUMBER,
    TEXT,
    is_number,
    is_share,
    read_form,
)


def is_rates(found):
    """Tell whether something is a threshold and what it is worth."""
    return (
        isinstance(found, dict)
        and is_number(found.get("threshold"))
        and all(is_share(found.get(key)) for key in ("accuracy", "p_miss", "p_fa"))
    )


RATES = "a threshold with accuracy, p_miss, p_fa in 0..1", is_rates
FORM = {
    NEEDED: ("run", "seed"),
    "run": TEXT,
    "seed": NUMBER,
    "n_tasks": NUMBER,
    "data": {"corpus": TEXT, EACH: NUMBER},
    "model": {"device": TEXT, "note": TEXT, EACH: NUMBER},
    "curve": {EACH: {EACH_NUMBER: INTERVAL}},
    "shots": {EACH: {EACH_NUMBER: {EACH_NUMBER: INTERVAL}}},
    "classes": {EACH: {EACH_NUMBER: INTERVAL}},
    "verification": {
        "eer": INTERVAL,
        "auc": INTERVAL,
        "thresholds": {EACH: RATES},
        "n_targets": NUMBER,
        "n_nontargets": NUMBER,
    },
}


def read_run(path):
    """Read one `one_shot.json`, with ``run`` and ``seed``; all else may be missing."""
    return read_form(path, FORM, "evaluate that run again")


def read_search(path):
    """Read one `search.json`.

    Raises
    ------
    ValueError
        If it is not that of a search with trials.
    """
    try:
        search = json.loads(path.read_text(encoding="utf-8"))
        accuracies = [trial["accuracy"] for trial in search["trials"]]
        is_one = bool(accuracies) and {"experiment", "common"} <= search.keys()
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"{path}: not of a search ({error}); search again") from error
    if not is_one or not all(map(is_share, accuracies)):
        raise ValueError(f"{path}: no trials with accuracies in 0..1; search again")
    return search
