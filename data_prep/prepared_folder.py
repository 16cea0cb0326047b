"""A folder that appears complete, stays if nothing changed, and replaces only itself.

The work is done in ``<folder>.partial``, which then takes the folder's name; what it
replaces is renamed to ``<folder>.old`` before it is removed. A run killed at any point
leaves nothing that the next run does not clear up, or go on with. ``prepared.json``
tells what a folder was made from, and that it is ours: any other folder is left alone.
One run at a time works on a folder, by a POSIX lock on ``.<folder>.lock``, which ends
with the process.
"""

import contextlib
import fcntl
import hashlib
import json
import logging
import shutil
from pathlib import Path

from data_prep.files import require_file
from data_prep.findings import first_few

FINGERPRINT = "prepared.json"

logger = logging.getLogger(__name__)


@contextlib.contextmanager
def replacing_folder(folder, fingerprint, resume=False):
    """Make a folder, unless it was made from the same already.

    Parameters
    ----------
    folder : str or Path
        The folder to make or replace.
    fingerprint : dict
        Everything that its content depends on, as JSON values; "kind" tells what
        sort of data it holds, which is never replaced by another sort.
    resume : bool
        Whether a run that was killed, or raised an error, leaves what it wrote to the
        next with the same fingerprint. Each file must then appear complete.

    Yields
    ------
    staging : Path or None
        Folder to fill, empty unless resumed, which becomes ``folder`` if no error is
        raised; None if there is nothing to do.

    Raises
    ------
    ValueError
        If something not made by this function, or of another kind, would be replaced.
    """
    folder = Path(folder).resolve()
    staging, old = _sibling(folder, ".partial"), _sibling(folder, ".old")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with locked(folder.with_name(f".{folder.name}.lock")):
        for place in (folder, staging, old):
            _refuse_foreign(place)
        if old.exists() and not folder.exists():
            old.rename(folder)  # killed between the two renames
        made_from, written = _read_fingerprint(folder, fingerprint["kind"])
        found = _files(folder)
        if made_from == fingerprint and written <= found:
            logger.info("%s is up to date", folder)
            yield None
            return
        if found - written:
            raise ValueError(
                f"{folder} has to be made anew, but also holds"
                f" {first_few(sorted(found - written))}; move them away"
            )
        _remove(old)
        if not (resume and _was_begun(staging, fingerprint)):
            _remove(staging)
            staging.mkdir()
            _write_fingerprint(
                staging, fingerprint
            )  # it is ours from the first file on
        try:
            yield staging
            files = sorted(_files(staging))
            _write_fingerprint(staging, {**fingerprint, "files": files})
        except BaseException:
            if not resume:
                _remove(staging)
            raise
        if folder.exists():
            folder.rename(old)
        staging.rename(folder)
        _remove(old)


def file_sha256(path):
    """Compute the SHA-256 of a file.

    Parameters
    ----------
    path : str or Path
        Any file.

    Returns
    -------
    digest : str
        In hexadecimal.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    """
    digest = hashlib.sha256()
    with open(require_file(path), "rb") as file:
        while chunk := file.read(2**20):
            digest.update(chunk)
    return digest.hexdigest()


def digest_files(folder, paths):
    """Compute a digest of the names and sizes of files, wherever their folder lies.

    Parameters
    ----------
    folder : str or Path
        Names are told from here.
    paths : iterable of Path
        The files, in this folder.

    Returns
    -------
    digest : str
        SHA-256, in hexadecimal.
    """
    digest = hashlib.sha256()
    for path in paths:
        name = path.relative_to(folder).as_posix()
        digest.update(f"{name} {path.stat().st_size}\n".encode())
    return digest.hexdigest()


def _sibling(folder, suffix):
    return folder.with_name(folder.name + suffix)


@contextlib.contextmanager
def locked(path):
    """Keep other runs waiting that lock the same file, until the block or run ends."""
    with open(path, "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            logger.info("waiting for another run to finish (%s)", path)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _refuse_foreign(folder):
    if folder.is_dir():
        if (folder / FINGERPRINT).is_file() or not any(folder.iterdir()):
            return
    elif not folder.exists():
        return
    raise ValueError(
        f"{folder} holds something else than prepared data and is left alone; choose"
        " another prepared_folder, or move it away"
    )


def _read_fingerprint(folder, kind):
    """Return what the folder was made from and its files; {} and none if it is new."""
    path = folder / FINGERPRINT
    if not path.is_file():
        return {}, set()
    try:
        made_from = dict(json.loads(path.read_text(encoding="utf-8")))
        written = set(made_from.pop("files"))
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"{path}: unreadable; remove {folder} yourself") from error
    if made_from.get("kind") != kind:
        raise ValueError(
            f"{folder} holds {made_from.get('kind')} data, not {kind} data, and is left"
            " alone; choose another prepared_folder"
        )
    return made_from, written


def _was_begun(staging, fingerprint):
    """Tell whether a folder was begun, but not ended, with a fingerprint."""
    try:
        text = (staging / FINGERPRINT).read_text(encoding="utf-8")
        return json.loads(text) == fingerprint
    except (OSError, ValueError):  # none, or killed while writing it
        return False


def _write_fingerprint(folder, fingerprint):
    text = json.dumps(fingerprint, indent=2) + "\n"
    (folder / FINGERPRINT).write_text(text, encoding="utf-8")


def _files(folder):
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix() for path in paths}


def _remove(*folders):
    for folder in folders:
        if folder.exists():
            shutil.rmtree(folder)
