"""A matrix as text, one row a line, cells separated by ``;``, many times faster.

What is written has the bytes that ``np.savetxt`` writes, and what is read the bits that
``np.loadtxt`` reads. The speed comes from cells that are all of one width, one digit
before the point: then the text is an array of bytes, worked on a digit at a time. Any
other matrix or text is left to NumPy.
"""

from pathlib import Path

import numpy as np

SEPARATOR, POINT, ZERO, NEWLINE = b";.0\n"
MOST_DECIMALS = 14  # with the digit before the point 15: exact as float64
BLOCK_CELLS = 1 << 18  # worked on at a time: keeps the work arrays in the cache


def write_matrix(path, matrix, decimals):
    r"""Write a matrix as ``np.savetxt`` does.

    Parameters
    ----------
    path : str or Path
        The file.
    matrix : ndarray of float, (n_rows, n_columns)
        Finite numbers.
    decimals : int
        Digits after the point, >= 1.

    Examples
    --------
    >>> path = getfixture("tmp_path") / "a.txt"
    >>> write_matrix(path, np.array([[0, 0.125], [1, 0.375]]), decimals=2)
    >>> path.read_bytes()
    b'0.00;0.12\n1.00;0.38\n'
    """
    one_width = not np.signbit(matrix).any() and matrix.max() < 9  # 9.99 may become 10
    if not one_width or decimals > MOST_DECIMALS:
        np.savetxt(path, matrix, fmt=f"%.{decimals}f", delimiter=chr(SEPARATOR))
        return
    with Path(path).open("wb") as file:
        for rows in _blocks(matrix):
            file.write(_to_text(_to_integers(rows, decimals), decimals))


def read_matrix(path):
    """Read a matrix as ``np.loadtxt`` does.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    matrix : ndarray of float, (n_rows, n_columns)
        The numbers.

    Raises
    ------
    ValueError
        If it is not a table of numbers.
    """
    cells = _cells_of_one_width(Path(path))
    if cells is not None:
        decimals = cells.shape[2] - 3
        matrix = np.empty(cells.shape[:2])
        for rows, text in zip(_blocks(matrix), _blocks(cells), strict=True):
            integers = _from_text(text)
            if integers is None:
                break
            np.divide(integers, 10**decimals, out=rows)  # to the nearest float64
        else:
            return matrix
    with Path(path).open(encoding="utf-8") as file:
        return np.loadtxt(file, delimiter=chr(SEPARATOR), comments=None, ndmin=2)


def _blocks(matrix):
    """Return some rows at a time, as views."""
    n_rows = max(1, BLOCK_CELLS // matrix.shape[1])
    return [matrix[i : i + n_rows] for i in range(0, len(matrix), n_rows)]


def _to_integers(rows, decimals):
    """Return each number times 10**decimals, rounded as C's printf does."""
    scaled = rows * 10.0**decimals
    integers = np.rint(scaled)
    # The product is rounded too: near a half only the number itself can tell.
    unsure = 0.5 - np.abs(scaled - integers) <= np.spacing(scaled)
    integers = integers.astype(np.int64)
    for at in zip(*unsure.nonzero(), strict=True):
        integers[at] = int(f"{rows[at]:.{decimals}f}".replace(".", ""))
    return integers


def _to_text(integers, decimals):
    """Return the bytes of integers with a point before the last decimals."""
    cells = np.empty((*integers.shape, decimals + 3), dtype=np.uint8)
    for place in range(decimals + 1, 1, -1):
        tenths = integers // 10
        cells[..., place] = integers - 10 * tenths + ZERO
        integers = tenths
    cells[..., 0] = integers + ZERO
    cells[..., 1] = POINT
    cells[..., -1] = SEPARATOR
    cells[:, -1, -1] = NEWLINE
    return cells


def _cells_of_one_width(path):
    """Return a text as bytes (n_rows, n_columns, width), None if it cannot be that."""
    with path.open("rb") as file:
        first_row = file.readline()
    n_columns = first_row.count(SEPARATOR) + 1
    width, rest = divmod(len(first_row), n_columns)
    n_rows, incomplete = divmod(path.stat().st_size, max(len(first_row), 1))
    if rest or incomplete or not 1 <= width - 3 <= MOST_DECIMALS:
        return None
    return np.memmap(path, np.uint8, mode="r", shape=(n_rows, n_columns, width))


def _from_text(cells):
    """Return the digits of cells as integers, None if a cell is not as written here."""
    ends = cells[..., -1]
    plain = (ends[:, :-1] == SEPARATOR).all() and (ends[:, -1] == NEWLINE).all()
    if not plain or (cells[..., 1] != POINT).any():
        return None
    integers = np.zeros(cells.shape[:2], dtype=np.int64)
    for place in (0, *range(2, cells.shape[2] - 1)):
        digits = cells[..., place] - np.uint8(ZERO)  # below "0" wraps round to above 9
        if digits.max() > 9:
            return None
        integers *= 10
        integers += digits
    return integers
