"""Read a `one_shot.json`; refuse one of another form before it is laid out."""

import json
from numbers import Real

EACH, EACH_NUMBER = "each name", "each whole number"  # as keys of a form


def is_number(found):
    """Tell whether something is a number, which true and false are not."""
    return isinstance(found, Real) and not isinstance(found, bool)


def is_share(found):
    """Tell whether something is a number in 0..1."""
    return is_number(found) and 0 <= found <= 1


def is_interval(found):
    """Tell whether something is a share with its interval."""
    return isinstance(found, dict) and all(
        is_share(found.get(key)) for key in ("mean", "low", "high")
    )


def is_rates(found):
    """Tell whether something is a threshold and what it is worth."""
    return (
        isinstance(found, dict)
        and is_number(found.get("threshold"))
        and all(is_share(found.get(key)) for key in ("accuracy", "p_miss", "p_fa"))
    )


NUMBER = "a number", is_number
TEXT = "a text", lambda found: isinstance(found, str)
INTERVAL = "mean, low, high in 0..1", is_interval
RATES = "a threshold with accuracy, p_miss, p_fa in 0..1", is_rates
FORM = {
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
    """Read one `one_shot.json`.

    Parameters
    ----------
    path : Path
        File that evaluating a network wrote.

    Returns
    -------
    run : dict
        With ``run`` and ``seed``; all else may be missing, as is what is null.

    Raises
    ------
    ValueError
        If it is not JSON, or not of that form.
    """
    try:
        text = path.read_text(encoding="utf-8")
        run = json.loads(text, object_hook=without_nulls)
    except ValueError as error:
        raise ValueError(
            f"{path}: not JSON ({error}); evaluate that run again"
        ) from error
    if not isinstance(run, dict) or not {"run", "seed"} <= run.keys():
        raise ValueError(f"{path}: expected an object with run and seed")
    for problem in problems(run, FORM):
        raise ValueError(f"{path}: {problem}; evaluate that run again")
    return run


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


def without_nulls(found):
    """Return an object without what is null in it."""
    return {key: value for key, value in found.items() if value is not None}


def problems(found, form, place=()):
    """Yield where something differs from a form, and how.

    Examples
    --------
    >>> list(problems({"n_tasks": "many"}, FORM))
    ["n_tasks: expected a number, got 'many'"]
    """
    where = ".".join(place)
    if isinstance(form, tuple):
        expected, fits = form
        if not fits(found):
            yield f"{where}: expected {expected}, got {found!r}"
    elif not isinstance(found, dict):
        yield f"{where}: expected an object, got {found!r}"
    else:
        for key, part in found.items():
            if EACH_NUMBER in form and not key.isdecimal():
                yield f"{where}: expected whole numbers as names, got {key!r}"
            inner = form.get(key) or form.get(EACH) or form.get(EACH_NUMBER)
            if inner:  # names that the tables do not show may hold anything
                yield from problems(part, inner, (*place, key))
