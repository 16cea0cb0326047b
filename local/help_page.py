"""What ``--help`` prints: what a script does, and every key of its YAML in a line.

The explanations are the YAML's own comments, so that they are written once. A key that
the YAML at hand leaves unexplained is explained as in the script's usual one.
"""

import re
import shutil
import textwrap
from pathlib import Path

from local.settings import read_sections, read_values, yaml_errors

WIDTH_IN_A_PIPE = 100  # columns
NARROWEST = 60  # a narrower terminal folds the lines
SETTING_SHARE = 0.4  # of the width, at most, for a key and its value
ROOT = Path(__file__).parents[1]  # scripts name their usual YAML from there
HOW_TO_CHANGE = "--key value changes a key, --key '{part: value}' parts of one."
RUN_OPTIONS_HEADING = "SpeechBrain's run options, where a network runs"
# SpeechBrain has more of them; these are of use here.
RUN_OPTIONS = {
    "device": "cpu, cuda, cuda:1; left out: the GPU if there is one",
    "precision": "of the network: fp32, bf16 or fp16",
}
TRAINING_OPTIONS = {
    "debug": "two batches of two epochs, to see that all is wired",
    "debug_batches": "so many batches an epoch, with --debug",
    "debug_epochs": "so many epochs, with --debug",
    "max_grad_norm": "longer gradients are scaled down to it; 5.0",
    "nonfinite_patience": "batches an epoch without a finite loss before it ends; 3",
    "noprogressbar": "no progress bar",
}


def asks_for_help(arguments):
    """Tell whether a command line asks what there is.

    Examples
    --------
    >>> asks_for_help(["hparams/ecapa.yaml", "--help"]), asks_for_help([])
    (True, False)
    """
    return not {"-h", "--help"}.isdisjoint(arguments)


def usual_yaml(about):
    """Return the YAML that a script's docstring runs it with first, or None.

    Parameters
    ----------
    about : str or None
        Docstring of the script.

    Examples
    --------
    >>> usual_yaml("Do. python a.py hparams/a.yaml --key 1; or hparams/b.yaml.")
    'hparams/a.yaml'
    """
    found = re.search(r"[\w./-]+\.yaml", about or "")
    return found and found[0]


def help_page(about, arguments):
    """Return the help of a script, as wide as the terminal.

    Parameters
    ----------
    about : str
        Docstring of the script.
    arguments : list of str
        Its command line; a YAML in the first place is explained instead of the usual.

    Returns
    -------
    page : str
        Without a line end.

    Raises
    ------
    FileNotFoundError
        If there is no such YAML.
    ValueError
        If there is something wrong with it.
    """
    width = max(shutil.get_terminal_size((WIDTH_IN_A_PIPE, 0)).columns, NARROWEST)
    path = usual = usual_yaml(about)
    description, sections, values = usually = _read(ROOT / usual)
    if not arguments[0].startswith("-"):
        path = arguments[0]
        description, sections, values = _read(path)
    known = _all_explanations(usually[1])
    rows = [
        {
            f"--{key} {format_value(values[key])}": explanation or known.get(key, "")
            for key, explanation in section.explanations.items()
            if not key.startswith("__")  # made for its effect
        }
        for section in sections
    ]
    options = RUN_OPTIONS | (TRAINING_OPTIONS if "modules" in values else {})
    rows += [{f"--{key}": text for key, text in options.items() if key not in values}]
    headings = [*(section.heading for section in sections), RUN_OPTIONS_HEADING]
    widest = max(len(setting) for part in rows for setting in part)
    n_setting = min(widest, int(SETTING_SHARE * width))
    lines = [*_about_lines(about, width), "", *_fill(f"{path}: {description}", width)]
    lines += _fill(HOW_TO_CHANGE, width)
    for heading, part in zip(headings, rows, strict=True):
        lines += ["", *_fill(heading, width)]
        lines += [_format_row(*row, n_setting, width) for row in part.items()]
    return "\n".join(lines)


def format_value(value):
    """Return a value of a YAML in a few words: of an object, its class alone.

    Parameters
    ----------
    value : object
        As from `local.settings.read_values`.

    Examples
    --------
    >>> format_value([1, None, {"a": 2}])
    '[1, null, {a: 2}]'
    """
    tag = getattr(getattr(value, "tag", None), "value", None) or ""
    if tag.startswith("!"):
        return re.split("[.:]", tag)[-1]
    if isinstance(value, dict):
        return f"{{{', '.join(f'{k}: {format_value(v)}' for k, v in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(format_value, value))}]"
    return "null" if value is None else str(value)


def _read(path):
    """Return description, sections and values of a YAML."""
    if not Path(path).is_file():
        raise FileNotFoundError(f"{path}: no such YAML")
    with yaml_errors(path):
        return *read_sections(path), read_values(path)


def _all_explanations(sections):
    """Return the explanations of a YAML, by key."""
    return {key: text for part in sections for key, text in part.explanations.items()}


def _about_lines(about, width):
    """Return the lines of a docstring; paragraphs that are too wide are filled anew."""
    lines = []
    for paragraph in about.strip().replace("``", "").split("\n\n"):
        as_they_are = paragraph.splitlines()
        too_wide = any(len(line) > width for line in as_they_are)
        is_prose = not paragraph.startswith((" ", "- "))
        lines += [
            *(_fill(paragraph, width) if too_wide and is_prose else as_they_are),
            "",
        ]
    return lines[:-1]


def _format_row(setting, explanation, n_setting, width):
    """Return the line of a key with its value, and what explains them."""
    explanation = _cut(explanation, width - n_setting - 4)
    return f"  {_cut(setting, n_setting):<{n_setting}}  {explanation}".rstrip()


def _fill(text, width):
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)


def _cut(text, width):
    """Cut a text that is too wide; the dots are ASCII, which every terminal has."""
    return text if len(text) <= width else f"{text[: width - 3].rstrip()}..."
