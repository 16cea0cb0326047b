"""Files that are there, and files that appear complete or not at all."""

import contextlib
import os
from pathlib import Path


@contextlib.contextmanager
def open_replacing(path, mode="w"):
    """Open a file that takes its name only once it is written in full.

    Parameters
    ----------
    path : str or Path
        Final name; what stood there stays if anything fails.
    mode : {"w", "wb"}
        Text in UTF-8 with line ends as written, or bytes.

    Yields
    ------
    file : file object
        Opened for writing under a temporary name in the same folder.

    Examples
    --------
    >>> folder = getfixture("tmp_path")
    >>> with open_replacing(folder / "a.txt") as file:
    ...     _ = file.write("done")
    >>> [path.name for path in folder.iterdir()]
    ['a.txt']
    """
    temporary = Path(f"{path}.tmp")
    text = {"encoding": "utf-8", "newline": ""} if mode == "w" else {}
    try:
        with open(temporary, mode, **text) as file:
            yield file
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def require_file(path):
    """Return the path of a file that is there.

    Parameters
    ----------
    path : str or Path
        As the user gave it.

    Returns
    -------
    path : Path
        The same.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    IsADirectoryError
        If it is a folder.
    """
    path = Path(path)
    if path.is_dir():
        raise IsADirectoryError(f"{path}: a folder; give the file in it")
    if not path.is_file():
        raise FileNotFoundError(
            f"{path}: no such file; say where yours lies, in the YAML or on the command"
            " line, such as --data_pickle my/raw_data.pkl or --test_data my/test.pkl"
        )
    return path
