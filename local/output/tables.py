"""How numbers and tables look on the pages of results and on the screen."""

import math

DASH = "–"


def show(value, spec, scale=1):
    """Show a number in a format, and no number as a dash.

    Examples
    --------
    >>> show(0.12345, ".2f", 100), show(None, ".2f")
    ('12.35', '–')
    """
    return format(scale * value, spec) if is_number(value) else DASH


def is_number(value):
    """Tell whether there is a value: neither nothing nor NaN."""
    return value is not None and not math.isnan(value)


def mean(values):
    """Return the mean of those values that are numbers, or None if none is.

    Examples
    --------
    >>> mean([1.0, None, 2.0]), mean([])
    (1.5, None)
    """
    values = [value for value in values if is_number(value)]
    return sum(values) / len(values) if values else None


def show_spread(values, spec, scale=1):
    """Show the mean of some values and, if they differ, the lowest and the highest.

    Examples
    --------
    >>> show_spread([0.70, None, 0.74], ".1f", 100), show_spread([0.7, 0.7], ".1f")
    ('72.0 (70.0 to 74.0)', '0.7')
    """
    values = [value for value in values if is_number(value)]
    if not values:
        return DASH
    low, high = (show(value, spec, scale) for value in (min(values), max(values)))
    return (
        low if low == high else f"{show(mean(values), spec, scale)} ({low} to {high})"
    )


def show_figure(found, spec, scale=1):
    """Show a figure with its interval, if it has one that is wider than a point.

    Examples
    --------
    >>> show_figure({"value": 0.5, "low": 0.4, "high": 0.6}, ".0f", 100)
    '50 [40, 60]'
    """
    value, low, high = (
        show(found.get(bound), spec, scale) for bound in ("value", "low", "high")
    )
    if low == high or DASH in (value, low, high):
        return value
    return f"{value} [{low}, {high}]"


def percent(found):
    """Show a share, alone or with its interval, in percent.

    Examples
    --------
    >>> percent(0.5), percent({"mean": 0.5, "low": 0.25, "high": 0.75}), percent(None)
    ('50.0', '50.0 [25.0, 75.0]', '–')
    """
    if not isinstance(found, dict):
        return show(found, ".1f", 100)
    return show_figure(found | {"value": found.get("mean")}, ".1f", 100)


def show_setting(value):
    """Show a setting, numbers to three digits.

    Examples
    --------
    >>> show_setting(0.00123456), show_setting("[2, 4]"), show_setting(512)
    ('0.00123', '[2, 4]', '512')
    """
    return f"{value:.3g}" if isinstance(value, float) else f"{value}"


def dig(found, *keys):
    """Return what lies at the end of a path of keys, or None.

    Examples
    --------
    >>> dig({"a": {"b": 1}}, "a", "b"), dig({}, "a", "b")
    (1, None)
    """
    for key in keys:
        found = (found or {}).get(key)
    return found


def markdown_table(headings, rows, n_texts):
    """Lay out a Markdown table: texts to the left, numbers to the right.

    Parameters
    ----------
    headings : sequence of str, (n_columns,)
        The first row.
    rows : iterable of sequence of str
        The others.
    n_texts : int
        How many columns, from the left, are texts.

    Returns
    -------
    table : str
        One line a row; a bar in a cell makes no column.

    Examples
    --------
    >>> print(markdown_table(["System", "EER %"], [["cosine", "7.4"]], n_texts=1))
    | System | EER % |
    | --- | ---: |
    | cosine | 7.4 |
    <BLANKLINE>
    """
    rules = ["---"] * n_texts + ["---:"] * (len(headings) - n_texts)
    escaped = ([cell.replace("|", r"\|") for cell in row] for row in rows)
    lines = [" | ".join(row) for row in (headings, rules, *escaped)]
    return "".join(f"| {line} |\n" for line in lines)
