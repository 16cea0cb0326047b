"""The YAML of a run, to run elsewhere: its places replaced, and named once."""

from io import StringIO
from pathlib import PurePath

from ruamel.yaml import YAML
from ruamel.yaml.comments import TaggedScalar


def relocate(settings, places):
    r"""Return the YAML of a run with other places.

    SpeechBrain keeps it with references resolved, so a folder stands in many keys. Here
    it stands in one again, and the others refer to it: the command line can change it.

    Parameters
    ----------
    settings : CommentedMap
        As SpeechBrain kept it; changed in place.
    places : dict of str to str or None
        Key -> path from now on.

    Returns
    -------
    text : str
        The YAML.

    Raises
    ------
    ValueError
        If it names another place of this machine, which nobody else has.

    Examples
    --------
    >>> text = "data: /mine/a.pkl\nprepare: !name:a.b {pickle: /mine/a.pkl}"
    >>> print(relocate(YAML().load(text), {"data": "a.pkl"}), end="")
    data: a.pkl
    prepare: !name:a.b {pickle: !ref <data>}
    """
    before = {str(settings[key]): key for key in places if settings.get(key)}
    visit(settings, lambda text: refer(text, before))
    settings.update(places)
    left = set()
    visit(settings, lambda text: left.add(text) if is_absolute(text) else None)
    if left:
        raise ValueError(
            f"the run was given places of this machine alone: {', '.join(sorted(left))}"
        )
    stream = StringIO()
    YAML().dump(settings, stream)
    lines = stream.getvalue().splitlines(keepends=True)
    # SpeechBrain's first lines tell the day and a path of this machine.
    return "".join(lines[3:] if lines[0].startswith("# Generated ") else lines)


def refer(text, before):
    """Return a reference to the key whose path this is, or is below, or None.

    Examples
    --------
    >>> refer("runs/1/save", {"runs/1": "output_folder"}).value
    '<output_folder>/save'
    """
    for path in sorted(before, key=len, reverse=True):
        if text == path or text.startswith(f"{path}/"):
            return TaggedScalar(f"<{before[path]}>{text[len(path) :]}", tag="!ref")
    return None


def visit(node, change):
    """Call ``change`` with every text in a YAML, and put in its place what it returns.

    Parameters
    ----------
    node : dict or list
        What a YAML holds; of an anchor, the same object wherever it stands.
    change : callable
        Takes a text; None leaves it.
    """
    items = node.items() if isinstance(node, dict) else enumerate(node)
    for key, value in list(items):
        if isinstance(value, dict | list):
            visit(value, change)
        elif isinstance(value, str):
            changed = change(value)
            if changed is not None:
                node[key] = changed


def is_absolute(text):
    """Tell whether a text is a path from the root of a machine."""
    return PurePath(text).is_absolute()
