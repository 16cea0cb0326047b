"""Rebuild numpy arrays from what an untrusted pickle says of them.

A pickle rebuilds an array by calling numpy functions and handing numpy a state that
numpy believes; a forged one crashes the interpreter. Here each admitted name stands
for a function of our own, which checks what it is given, copies the raw bytes into
a fresh array and calls nothing that the pickle chose.

`ADMITTED` maps the names of numpy 1 and 2, as (module, name), to these functions.
Each takes the untrusted tuple of arguments.
"""

import math
import re

import numpy as np

MAX_AXES = 32  # what numpy 1 can hold
MAX_ITEMS = 2**40  # keeps the lengths of an empty array within numpy's integers
DTYPE_CODE = re.compile(r"b1|[iu][1248]|f[248]|[SU][0-9]{1,7}|O[48]?")


class PickledDtype:
    """The element type a pickle asks for.

    Parameters
    ----------
    code : str
        numpy's short name without the byte order, such as ``f4`` or ``U12``.
    """

    def __init__(self, code):
        if not DTYPE_CODE.fullmatch(code):
            raise ValueError(
                f"refused element type {code[:20]!a}; expected bool, int, uint, "
                "float of at most 64 bits, str or bytes"
            )
        self.is_object = code.startswith("O")
        self.dtype = None if self.is_object else np.dtype(code)

    def build(self, state):
        """Take over the byte order and refuse any other change.

        Parameters
        ----------
        state : object
            Untrusted; numpy writes (3, order, None, None, None, size, align, flags).

        Raises
        ------
        ValueError
            If the state names fields, a shape, metadata or another size.
        """
        match state:
            case (3, "<" | ">" | "|" as order, None, None, None, int(size), _, _):
                if self.is_object:
                    return
                if size in (-1, self.dtype.itemsize):
                    self.dtype = self.dtype.newbyteorder(order)
                    return
        raise ValueError("refused a forged numpy.dtype state")


class PickledArray:
    """An array of a pickle, without content until its state has come.

    The content is then a checked ndarray, or for an object array the list of its
    items in C order, which are still unchecked.
    """

    content = None
    shape = None

    def build(self, state):
        """Fill the array from the state that numpy writes.

        Parameters
        ----------
        state : object
            Untrusted; numpy writes (1, shape, dtype, is_fortran, bytes or list).

        Raises
        ------
        ValueError
            If the state is not numpy's, contradicts itself or is the second one.
        """
        match state:
            case (1, shape, PickledDtype() as kind, int(is_fortran), content):
                if self.content is None:
                    order = "F" if is_fortran else "C"
                    self.fill(shape, kind, content, order)
                    return
        raise ValueError("refused a forged numpy.ndarray state")

    def fill(self, shape, kind, content, order="C", axes=None):
        """Check the parts against each other and keep a copy of our own.

        Parameters
        ----------
        shape : object
            Untrusted; the length of each axis.
        kind : PickledDtype
            Element type.
        content : object
            Untrusted; raw bytes, or a list for the object type.
        order : object
            Untrusted; "C", "F", or "K" for a C-ordered array to be transposed.
        axes : object
            Untrusted; how to transpose, for the order "K" only.

        Raises
        ------
        ValueError
            If shape, element type, content, order and axes do not fit together.
        """
        n_items = _n_items(shape)
        self.shape = shape
        if not kind.is_object:
            raw = _raw_bytes(content)
            stored_shape, axes = _layout(shape, order, axes)
            flat = _checked_items(kind.dtype, n_items, raw)
            # A contiguous copy in native byte order: nothing of the pickle is left.
            native = flat.dtype.newbyteorder("=")
            grid = flat.reshape(stored_shape).transpose(axes)
            self.content = np.array(grid, dtype=native, order="C")
        elif type(content) is list and len(content) == n_items:
            self.content = content
        else:
            raise ValueError("refused an object array that is no list of its items")


def nest(items, shape):
    """Fold a flat list into lists of lists.

    Parameters
    ----------
    items : list
        As many items as the shape holds, in C order.
    shape : tuple of int
        The length of each axis.

    Returns
    -------
    nested : list
        Or the only item itself where the shape is ().

    Examples
    --------
    >>> nest(["a", "b", "c", "d"], (2, 2))
    [['a', 'b'], ['c', 'd']]
    """
    if not shape:
        return items[0]
    step = len(items) // (shape[0] or 1)
    rows = (items[row * step : (row + 1) * step] for row in range(shape[0]))
    return [nest(row, shape[1:]) for row in rows] if shape[1:] else items


def _n_items(shape):
    """Count the items of a shape that is proved sane."""
    if type(shape) is not tuple or len(shape) > MAX_AXES:
        raise ValueError(f"refused an array shape that is no tuple of <= {MAX_AXES}")
    if not all(type(length) is int and length >= 0 for length in shape):
        raise ValueError("refused an array shape of other than whole numbers >= 0")
    if math.prod(length or 1 for length in shape) > MAX_ITEMS:
        raise ValueError(f"refused an array of shape {shape}")
    return math.prod(shape)


def _raw_bytes(content):
    """Return the bytes of an array; Python 2 wrote them as text in latin1."""
    if type(content) is str:
        content = content.encode("latin1")
    if type(content) not in (bytes, memoryview):
        raise ValueError("refused an array whose content is not bytes")
    return content


def _layout(shape, order, axes):
    """Return the C-ordered shape in the file and how to transpose it."""
    straight = tuple(range(len(shape)))
    match order, axes:
        case "C", None:
            return shape, straight
        case "F", None:
            return shape[::-1], straight[::-1]
        case "K", tuple():
            if all(type(axis) is int for axis in axes):
                if tuple(sorted(axes)) == straight:
                    return shape, axes
    raise ValueError("refused an unknown array order; expected C, F or K with axes")


def _checked_items(dtype, n_items, raw):
    """View raw bytes as a flat array if every item is a value of its type."""
    if n_items * dtype.itemsize != len(raw):
        raise ValueError(
            f"refused {len(raw)} bytes for an array of {n_items} {dtype} items"
        )
    if not raw:
        # The empty str_ has no size at all, and only one such item is honest.
        if n_items > 1:
            raise ValueError(f"refused {n_items} items of zero size")
        return np.zeros(n_items, dtype.kind if dtype.kind in "SU" else dtype)
    if dtype.kind == "b" and np.frombuffer(raw, "u1").max() > 1:
        raise ValueError("refused a bool array with bytes other than 0 and 1")
    if dtype.kind == "U":
        codes = np.frombuffer(raw, np.dtype("u4").newbyteorder(dtype.byteorder))
        if codes.max() > 0x10FFFF or (codes >> 11 == 0xD800 >> 11).any():
            raise ValueError("refused a str array with impossible characters")
    return np.frombuffer(raw, dtype)


def _dtype(args):
    """Stand in for numpy.dtype."""
    match args:
        case (str(code), int(), int()):
            return PickledDtype(code)
    raise ValueError("refused forged arguments of numpy.dtype")


def _ndarray(args):
    """Stand in for numpy.ndarray, which a pickle names but never calls itself."""
    raise ValueError("refused a call of numpy.ndarray")


def _reconstruct(args):
    """Stand in for numpy's empty array, whose state comes later."""
    if len(args) != 3 or args[0] is not _ndarray:
        raise ValueError("refused forged arguments of numpy's _reconstruct")
    return PickledArray()


def _frombuffer(args):
    """Stand in for numpy's array from a buffer (protocol 5)."""
    match args:
        case (content, PickledDtype() as kind, shape, order, *axes) if len(axes) < 2:
            array = PickledArray()
            array.fill(shape, kind, content, order, *axes)
            return array
    raise ValueError("refused forged arguments of numpy's _frombuffer")


def _scalar(args):
    """Stand in for a numpy scalar; gives the plain Python value."""
    match args:
        case (PickledDtype(is_object=False) as kind, content):
            array = PickledArray()
            array.fill((), kind, content)
            return array.content.item()
    raise ValueError("refused forged arguments of numpy's scalar")


def _encode(args):
    """Stand in for _codecs.encode, by which protocols 0 to 2 write bytes."""
    match args:
        case (str(text), "latin1"):
            return text.encode("latin1")
    raise ValueError("refused forged arguments of _codecs.encode; expected latin1")


def _bytes(args):
    """Stand in for bytes(), by which protocols 0 to 2 write empty bytes."""
    if args:
        raise ValueError("refused forged arguments of bytes; expected none")
    return b""


ADMITTED = {
    ("numpy", "dtype"): _dtype,
    ("numpy", "ndarray"): _ndarray,
    ("numpy.core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy._core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy.core.multiarray", "scalar"): _scalar,
    ("numpy._core.multiarray", "scalar"): _scalar,
    ("numpy.core.numeric", "_frombuffer"): _frombuffer,
    ("numpy._core.numeric", "_frombuffer"): _frombuffer,
    ("_codecs", "encode"): _encode,
    ("builtins", "bytes"): _bytes,
    ("__builtin__", "bytes"): _bytes,
}
