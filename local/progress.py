"""Progress bars where tqdm's defaults say too little or too much.

Shown on a terminal alone. Work that several processes share asks
`local.distributed.no_bar` besides.
"""

from tqdm import tqdm

PATIENCE_S = 1  # a bar for less would only flicker


def named_steps(parts, what, unit):
    """Go through a dict; the bar says which part is at work.

    Parameters
    ----------
    parts : dict of str to object
        The steps, each long enough to be told apart.
    what, unit : str
        What is done, and what a step is called.

    Yields
    ------
    name : str
        Of the step.
    part : object
        What stands under it.

    Examples
    --------
    >>> dict(named_steps({"cosine": 1, "as-norm": 2}, "score", "system"))
    {'cosine': 1, 'as-norm': 2}
    """
    with tqdm(parts.items(), what, unit=unit, disable=None) as bar:
        for name, part in bar:
            bar.set_postfix_str(name)
            yield name, part


def inner_steps(items, what, unit):
    """Go through the steps inside a step: their bar leaves no trace.

    Parameters
    ----------
    items : sequence
        The steps.
    what, unit : str
        As of `named_steps`.

    Returns
    -------
    items : iterable
        The same; the bar appears if they take more than `PATIENCE_S`.

    Examples
    --------
    >>> sum(inner_steps(range(4), "bootstrap", "draw"))
    6
    """
    options = {"unit": unit, "delay": PATIENCE_S, "leave": False, "disable": None}
    return tqdm(items, what, **options)
