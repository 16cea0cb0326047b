"""Packages that some commands alone need, imported when they run."""

from importlib import import_module


def import_optional(name, purpose):
    """Import a module of a package that has a requirements file of its own.

    Parameters
    ----------
    name : str
        Dotted.
    purpose : str
        Of ``requirements-<purpose>.txt``.

    Returns
    -------
    module : module
        The one named.

    Raises
    ------
    ValueError
        If it is not installed.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise ValueError(
            f"no {error.name}: pip install -r requirements-{purpose}.txt"
        ) from error
