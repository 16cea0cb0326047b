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
NOTE = "published"  # so begins a comment that does not tell what the key is
RUN_OPTIONS_HEADING = "SpeechBrain's run options, where a network runs"
# SpeechBrain has more of them; these are of use here.
RUN_OPTIONS = {
    "device": "cpu, cuda, cuda:1; left out: the GPU if there is one",
    "precision": "fp32, bf16 or fp16, where clips are embedded",
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
    usual = usual_yaml(about)
    if usual is None:
        raise ValueError("no help: the docstring of the script names no YAML")
    known = _all_explanations(_read(ROOT / usual)[1])
    path, file = usual, ROOT / usual
    if not arguments[0].startswith("-"):
        path = file = arguments[0]
    description, sections, values = _read(file)
    parts = [_explained(section, values, known) for section in sections]
    parts.append((RUN_OPTIONS_HEADING, _run_options(values)))
    widest = max(len(setting) for _, rows in parts for setting in rows)
    n_setting = min(widest, int(SETTING_SHARE * width))
    lines = [*_about_lines(about, width), "", *_fill(f"{path}: {description}", width)]
    lines += _fill(HOW_TO_CHANGE, width)
    for heading, rows in parts:
        lines += ["", *_fill(heading, width)]
        lines += [_format_row(*row, n_setting, width) for row in rows.items()]
    return "\n".join(lines)


def explain(usually, here):
    """Return what a key is, of what the usual YAML and the one at hand say.

    Parameters
    ----------
    usually, here : str or None
        Comments. One that begins with "published" is a note on the value alone.

    Returns
    -------
    explanation : str
        "" where neither says anything.

    Examples
    --------
    >>> explain("segments a step", "published: 200"), explain("a", "b")
    ('segments a step; published: 200', 'b')
    """
    if usually and here != usually and here.startswith(NOTE):
        return f"{usually}; {here}"
    return here or usually or ""


def format_value(value):
    """Return a value of a YAML in a few words: of an object, its class alone.

    Parameters
    ----------
    value : object
        As from `local.settings.read_values`.

    Returns
    -------
    text : str

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


def _explained(section, values, known):
    """Return heading and explanations by ``--key value`` of what a user may change."""
    return section.heading, {
        f"--{key} {format_value(values[key])}": explain(known.get(key), here)
        for key, here in section.explanations.items()
        # Not what is made for its effect, nor a merge, nor a number.
        if key in values and not key.startswith("__")
    }


def _run_options(values):
    """Return the explanations of the run options that are no keys of the YAML."""
    options = RUN_OPTIONS | (TRAINING_OPTIONS if "modules" in values else {})
    return {f"--{key}": text for key, text in options.items() if key not in values}


def _about_lines(about, width):
    """Return the lines of a docstring; paragraphs that are too wide are filled anew."""
    lines = []
    for paragraph in about.strip().replace("``", "").split("\n\n"):
        part = paragraph.splitlines()
        is_prose = not paragraph.startswith((" ", "- "))
        if is_prose and max(map(len, part)) > width:
            part = _fill(paragraph, width)
        lines += [*part, ""]
    return lines[:-1]


def _format_row(setting, explanation, n_setting, width):
    """Return the line of a key with its value, and what explains them."""
    explanation = _cut(explanation, width - n_setting - 4)
    return f"  {_cut(setting, n_setting):<{n_setting}}  {explanation}".rstrip()


def _fill(text, width):
    return textwrap.wrap(text, width, break_on_hyphens=False)


def _cut(text, width):
    """Cut a text that is too wide; the dots are ASCII, which every terminal has."""
    return text if len(text) <= width else f"{text[: width - 3].rstrip()}..."
