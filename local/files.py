"""Files and folders that appear complete or not at all."""

import os
import shutil
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path):
    """Lend a temporary name; rename it to ``path`` unless the block fails.

    Parameters
    ----------
    path : str or Path
        Final name; its folder is made, and what stood there stays if anything fails.

    Yields
    ------
    temporary : Path
        In the same folder and with the same suffix, for the block to write.

    Examples
    --------
    >>> folder = getfixture("tmp_path")
    >>> with replacing(folder / "a.txt") as temporary:
    ...     _ = temporary.write_text("done")
    >>> [path.name for path in folder.iterdir()]
    ['a.txt']
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def replacing_folder(folder):
    """Lend a new, empty folder; let it take the place of ``folder`` at the end.

    Parameters
    ----------
    folder : str or Path
        What stood there goes if the block succeeds, and stays if it fails.

    Yields
    ------
    staging : Path
        Beside it, named ``<folder>.partial``.
    """
    folder = Path(folder)
    staging = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    yield staging
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(staging, folder)
