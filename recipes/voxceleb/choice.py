"""One of several settings of a YAML, by its name."""


def choose(choices, name):
    """Return the choice of a name.

    In a YAML ``!applyref:recipes.voxceleb.choice.choose [!ref <choices>, !ref <name>]``
    stands for the very node, ``!name:`` and ``!new:`` included.

    Parameters
    ----------
    choices : dict
        By name.
    name : str
        One of them.

    Returns
    -------
    choice : object
        That of the name.

    Raises
    ------
    ValueError
        If it is another name.

    Examples
    --------
    >>> choose({"one": 1, "two": 2}, "two")
    2
    """
    if name not in choices:
        raise ValueError(f"{name!r} is none of {', '.join(choices)}; give one of them")
    return choices[name]
