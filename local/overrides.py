"""The command line's changes to an experiment: read, and such as the YAML can take."""

import json
from difflib import get_close_matches
from itertools import takewhile
from numbers import Number

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

# Keys that take several values, as a list of texts.
N_VALUES = {"pair": 2}
# What a value of the YAML may be replaced by; a bool is no number here.
KINDS = {
    bool: "true or false",
    Number: "a number",
    str: "a text (if it looks like a number, in quotes within quotes: \"'7'\")",
    list: "a list, like [1, 5]",
    dict: "its keys to change, like {key: value}",
}
# Below these nothing runs; of whole numbers, but for those given as 0.0.
LEAST = {
    "max_memory_gb": 0.0,
    **dict.fromkeys(("seed", "num_workers", "shards"), 0),
    **dict.fromkeys(("n_epochs", "n_keep", "n_average", "n_galleries"), 1),
    **dict.fromkeys(("batch_size", "n_mels", "emb_dim", "n_blocks"), 1),
    **dict.fromkeys(("sample_rate", "network_sample_rate", "port"), 1),
    **dict.fromkeys(("max_voices", "max_clips", "longest_name"), 1),
    **dict.fromkeys(("most_channels", "pair_least_trials"), 1),
    **dict.fromkeys(("steps_per_epoch", "embed_batch_size"), 1),
    "n_calibration_galleries": 1,
    **dict.fromkeys(("gallery_speakers", "gallery_segments", "top_n"), 2),
}


def parse_overrides(arguments):
    """Turn ``--key value`` and ``--key=value`` into a dict of YAML values.

    SpeechBrain's own parser cuts values at every "=", so that ``--folder /a=b``
    silently becomes ``/a b``.

    Parameters
    ----------
    arguments : list of str
        What is left of the command line after SpeechBrain's options.

    Returns
    -------
    overrides : dict
        Values parsed as YAML, so ``0.5`` is a number and ``null`` is None; lists of
        texts for the keys of `N_VALUES`.

    Raises
    ------
    ValueError
        If an argument has no ``--key`` before it, or a key has too few values.

    Examples
    --------
    >>> parse_overrides(["--seed", "3", "--output_folder=a=b"])
    {'seed': 3, 'output_folder': 'a=b'}
    >>> parse_overrides(["--pair", "a.wav", "b.wav"])
    {'pair': ['a.wav', 'b.wav']}
    """
    overrides = {}
    rest = list(arguments)
    while rest:
        argument = rest.pop(0)
        key, equals, value = argument.partition("=")
        if not key.startswith("--"):
            raise ValueError(
                f"expected --key value, got {argument!r}; keys begin with --, and what"
                " has spaces in it goes in quotes"
            )
        name = key[2:]
        n_values = N_VALUES.get(name, 1)
        values = [value]
        if not equals:
            values = list(takewhile(lambda x: not x.startswith("--"), rest[:n_values]))
            del rest[: len(values)]
        if len(values) < n_values:
            needed = "a value" if n_values == 1 else f"{n_values} values"
            raise ValueError(f"{key} needs {needed}: {key}{n_values * ' <value>'}")
        overrides[name] = values if name in N_VALUES else _yaml_value(values[0])
    return overrides


def format_overrides(overrides):
    """Turn changes into the command line that says them, for those who have none.

    Parameters
    ----------
    overrides : dict
        Key -> value that JSON has.

    Returns
    -------
    arguments : list of str
        As `parse_overrides` takes them.

    Examples
    --------
    >>> format_overrides({"seed": 7, "readers": "any", "svm": {"C": [1, 10]}})
    ['--seed=7', '--readers="any"', '--svm={"C": [1, 10]}']
    """
    return [
        f"--{name}={value if '#' in str(value) else json.dumps(value)}"
        for name, value in overrides.items()
    ]


def _yaml_value(text):
    if "#" in text:  # a path with a number sign: YAML would cut it there
        return text
    try:
        return YAML(typ="safe").load(text)
    except (YAMLError, ValueError):  # an unusual path, not YAML
        return text


def refuse_unknown(overrides, known):
    """Refuse a change of a key that there is not, and tell which may be meant.

    Parameters
    ----------
    overrides : dict
        As from `parse_overrides`.
    known : iterable of str
        Keys of the YAML.

    Raises
    ------
    ValueError
        If a key is not in the YAML.

    Examples
    --------
    >>> refuse_unknown({"epochs": 3}, ["seed", "n_epochs"])
    Traceback (most recent call last):
    ...
    ValueError: --epochs: no such key; did you mean --n_epochs? --help lists all
    """
    known = list(known)
    for key in overrides:
        if key in known:
            continue
        parts = [name for name in known if key in name.split("_")]
        near = (get_close_matches(key, known) or parts)[:1]
        meant = f"did you mean --{near[0]}? " if near else ""
        raise ValueError(f"--{key}: no such key; {meant}--help lists all")


def check_kinds(overrides, settings, within="--"):
    """Refuse a change that is of another kind than what it replaces.

    Parameters
    ----------
    overrides : dict
        As from `parse_overrides`.
    settings : dict
        The YAML before the changes, references resolved. What is null there may become
        anything.
    within : str
        What to name before a key.

    Raises
    ------
    ValueError
        If a text is given for a number and the like; tells what was expected.

    Examples
    --------
    >>> check_kinds({"top_n": "many"}, {"top_n": 200})
    Traceback (most recent call last):
    ...
    ValueError: --top_n: expected a number, as 200 is, got 'many'
    """
    for key, value in overrides.items():
        before = settings.get(key)
        if before is None:
            if key in settings and isinstance(value, dict):
                raise ValueError(f"{within}{key}: has no keys to change, got {value}")
            continue
        if _kind(value) is not _kind(before):
            expected = KINDS[_kind(before)]
            example = "" if isinstance(before, dict) else f", as {before} is"
            raise ValueError(
                f"{within}{key}: expected {expected}{example}, got {value!r}"
            )
        if isinstance(before, dict):
            check_kinds(value, before, f"{within}{key}.")


def check_least(settings):
    """Refuse counts that are none, or that some library would stumble over.

    Parameters
    ----------
    settings : dict
        The YAML with its changes.

    Raises
    ------
    ValueError
        If one of `LEAST` is smaller, or no such number.

    Examples
    --------
    >>> check_least({"n_epochs": 0})
    Traceback (most recent call last):
    ...
    ValueError: n_epochs must be at least 1, got 0
    """
    for key, least in LEAST.items():
        value = settings.get(key)
        whole = isinstance(least, int)
        if value is None:
            continue
        if not isinstance(value, int if whole else Number):
            kind = "a whole number" if whole else "a number"
            raise ValueError(f"{key}: expected {kind}, got {value!r}")
        if value < least:
            raise ValueError(f"{key} must be at least {least}, got {value}")


def _kind(value):
    """Return the first of `KINDS` that a value is of, or None."""
    return next((kind for kind in KINDS if isinstance(value, kind)), None)
