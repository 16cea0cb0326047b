"""The form of a JSON file of figures; a file of another form is refused.

A form is a dict of names, each with the form of what it holds, ``[form]`` for a list of
such, or a pair of words and a test, as those below. Names that a form does not have
may hold anything, and all may be missing but those in ``NEEDED``.
"""

import json
from numbers import Real
from reprlib import repr as shortened

# As keys of a form.
EACH, EACH_NUMBER, NEEDED = "each name", "each whole number", "needed names"


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


NUMBER = "a number", is_number
SHARE = "a number in 0..1", is_share
TEXT = "a text", lambda found: isinstance(found, str)
ANYTHING = "anything", lambda found: True
TRUTH = "true or false", lambda found: isinstance(found, bool)
INTERVAL = "mean, low, high in 0..1", is_interval


def read_form(path, form, remedy):
    """Read a JSON file of some form.

    Parameters
    ----------
    path : Path
        File to read.
    form : dict
        Its form.
    remedy : str
        What to do if it is not of that form, as the end of a sentence.

    Returns
    -------
    found : dict
        What is null in the file is missing in it.

    Raises
    ------
    ValueError
        If it is not JSON, or not of that form.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"), object_hook=without_nulls)
    except ValueError as error:
        raise ValueError(f"{path}: not JSON ({error}); {remedy}") from error
    for problem in problems(found, form):
        raise ValueError(f"{path}: {problem}; {remedy}")
    return found


def without_nulls(found):
    """Return an object without what is null in it."""
    return {key: value for key, value in found.items() if value is not None}


def problems(found, form, place=()):
    """Yield where something differs from a form, and how.

    Parameters
    ----------
    found : object
        What a JSON file holds.
    form : dict, list or tuple
        As this module describes.
    place : tuple of str
        The names that lead to ``found``.

    Yields
    ------
    problem : str
        One sentence.

    Examples
    --------
    >>> list(problems({"tasks": [7, "many"]}, {"tasks": [NUMBER]}))
    ["tasks.1: expected a number, got 'many'"]
    """
    where = ".".join(map(str, place)) + ": " if place else ""
    if isinstance(form, tuple):
        expected, fits = form
        if not fits(found):
            yield f"{where}expected {expected}, got {shortened(found)}"
    elif isinstance(form, list):
        if not isinstance(found, list):
            yield f"{where}expected a list, got {shortened(found)}"
            return
        for n, part in enumerate(found):
            yield from problems(part, form[0], (*place, f"{n}"))
    else:
        yield from _problems_of_names(found, form, where, place)


def _problems_of_names(found, form, where, place):
    """Yield how something differs from an object of a form."""
    needed = form.get(NEEDED, ())
    if not isinstance(found, dict) or not set(needed) <= found.keys():
        named = f" with {' and '.join(needed)}" if needed else ""
        yield f"{where}expected an object{named}, got {shortened(found)}"
        return
    for key, part in found.items():
        if EACH_NUMBER in form and not key.isdecimal():
            yield f"{where}expected whole numbers as names, got {key!r}"
        inner = [form[name] for name in (key, EACH, EACH_NUMBER) if name in form]
        if inner:
            yield from problems(part, inner[0], (*place, key))
