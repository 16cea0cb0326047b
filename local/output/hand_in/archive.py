"""Zips that have the same bytes whenever they are written."""

import zipfile

from local.files import replacing

OLDEST = (1980, 1, 1, 0, 0, 0)  # of a zip


def write_archive(path, files):
    """Write a zip of some files.

    Parameters
    ----------
    path : str or Path
        The zip; what stood there stays if anything fails.
    files : dict of str to bytes
        Name -> content.

    Examples
    --------
    >>> folder = getfixture("tmp_path")
    >>> write_archive(folder / "a.zip", {"b.txt": b"b", "a.txt": b"a"})
    >>> zipfile.ZipFile(folder / "a.zip").namelist()
    ['a.txt', 'b.txt']
    """
    with (
        replacing(path) as temporary,
        zipfile.ZipFile(temporary, "w") as archive,
    ):
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, date_time=OLDEST)
            entry.create_system = 3  # as written on Unix, on any machine
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
