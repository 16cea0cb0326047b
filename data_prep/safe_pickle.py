"""Read a pickle without trusting it.

Python's own unpickler calls whatever a pickle names. This one is a small machine
that knows the opcodes of plain data only: it imports nothing, calls nothing the file
chose, and takes the names that numpy writes for functions of `array_rebuild`. What
it read is then copied out once more, to a bounded depth and size, so that a small
file cannot unfold into a large or endless object.

Admitted: dict (keys str, bytes or int), list, tuple, str, bytes, int of 64 bits,
float, bool, None and numpy arrays and scalars of bool, int, uint, float, str and
bytes. Scalars come as Python values, arrays in C order and native byte order, object
arrays as nested lists. Text of Python 2 is read as latin1.
"""

import gzip
import lzma
import pickle
import zlib
from itertools import accumulate
from operator import mul
from pathlib import Path

from data_prep.array_rebuild import PickledArray, nest
from data_prep.pickle_machine import PickledDict, PickleMachine

# 9600 one-second segments take 0.4 GiB as float32, 0.9 as float64 or lists of floats.
MAX_BYTES = 4 * 2**30
# Speech packs less than 10 times; beyond the floor a higher ratio is a bomb.
MAX_RATIO, RATIO_FLOOR = 100, 16 * 2**20
# [data, labels] is 3 deep. Far below the depth at which Python's own code gives up.
MAX_DEPTH = 50
# Whoever writes the file chooses the hashes of its int keys; text is hashed at random.
MAX_INT_KEYS = 2**16
# What may be handed on, shared parts counted each time they appear.
UNFOLD_RATIO, UNFOLD_FLOOR = 16, 64 * 2**20
VALUE_COST, OBJECT_COST = 8, 64  # bytes, a pointer and a small container
CHUNK = 2**20
NUMBERS = {int, float, bool, type(None)}
REMEDY = "if you trust its source, save it again as a pickle of [data, labels] made of"
REMEDY += " numpy arrays (no object arrays), lists, numbers and text"


class UnsafePickleError(ValueError):
    """A file that is no pickle of plain data, or asks for more than that."""


def load_pickle(path, max_bytes=MAX_BYTES):
    """Read a pickle of plain data, be it packed by gzip or xz or not at all.

    Parameters
    ----------
    path : str or Path
        The file; how it is packed is seen from its first bytes.
    max_bytes : int
        Largest size of the unpacked pickle. Loading takes about twice that size for
        arrays, and up to 14 times for lists of numbers.

    Returns
    -------
    content : object
        Made of plain containers, Python values and numpy arrays that own their data.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    UnsafePickleError
        If the file is damaged, too large, or holds anything but plain data.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file; expected a pickle")
    data = b""
    try:
        data = _read_unpacked(path, max_bytes)
        return _Unfolding(len(data)).plain(PickleMachine(data).run())
    except ValueError as error:
        start = bytes(data[:8])
        # Only protocols 0 and 1 begin otherwise, and so do files of other kinds.
        hint = "" if start[:1] in pickle.PROTO else f" (begins with {start}: a pickle?)"
        raise UnsafePickleError(f"{path}: {error}{hint}; {REMEDY}") from error
    except MemoryError as error:
        raise UnsafePickleError(
            f"{path}: too large for the memory of this machine; {REMEDY}"
        ) from error


def _read_unpacked(path, max_bytes):
    """Return the bytes of the pickle, at most max_bytes of them."""
    packed_size = path.stat().st_size
    with path.open("rb") as stream:
        magic = stream.read(6)
    if not magic:
        raise ValueError("the file is empty")
    if magic[:2] == b"\x1f\x8b":
        opener = gzip.open
    elif magic == b"\xfd7zXZ\x00":
        opener = lzma.open
    elif packed_size > max_bytes:
        raise ValueError(f"{packed_size} bytes, expected at most {max_bytes} bytes")
    else:
        return path.read_bytes()
    limit = min(max_bytes, max(RATIO_FLOOR, MAX_RATIO * packed_size))
    try:
        with opener(path) as stream:
            return _read_at_most(stream, limit)
    except (EOFError, gzip.BadGzipFile, zlib.error, lzma.LZMAError) as error:
        raise ValueError(f"damaged packing ({error})") from error


def _read_at_most(stream, limit):
    """Read a stream in small pieces, so that a bomb is seen before it has grown."""
    data = bytearray()
    while piece := stream.read(CHUNK):
        data += piece
        if len(data) > limit:
            raise ValueError(
                f"unpacks to more than the expected at most {limit} bytes; if it is"
                " honest, unpack it by hand"
            )
    return data


class _Unfolding:
    """Copies what the machine read into plain values, within a size and a depth."""

    def __init__(self, pickle_size):
        self.size_left = UNFOLD_FLOOR + UNFOLD_RATIO * pickle_size
        self.n_int_keys = 0

    def plain(self, value, depth=0):
        """Return the plain value for one of the machine's values."""
        if depth > MAX_DEPTH:
            raise ValueError(f"refused content nested more than {MAX_DEPTH} deep")
        kind = type(value)
        self._spend(VALUE_COST if kind in NUMBERS else OBJECT_COST)
        if kind in NUMBERS:
            return value
        if kind is str:
            self._spend(len(value))
            value.encode("utf-8")  # a lone surrogate would fail in the first CSV
            return value
        if kind is memoryview or kind is bytes:
            self._spend(len(value))
            return bytes(value)
        if kind is list:
            return self._plain_list(value, depth)
        if kind is tuple:
            return tuple(self._plain_list(value, depth))
        if kind is PickledDict:
            return self._plain_dict(value, depth)
        if kind is PickledArray:
            return self._plain_array(value, depth)
        raise ValueError("refused a name or an element type that stands for no data")

    def _spend(self, amount):
        self.size_left -= amount
        if self.size_left < 0:
            raise ValueError(
                "refused content that unfolds to much more than the size of the file,"
                " because the same parts appear many times"
            )

    def _plain_list(self, values, depth):
        if NUMBERS.issuperset(map(type, values)):  # millions of samples, no loop here
            self._spend(VALUE_COST * len(values))
            return values
        return [self.plain(value, depth + 1) for value in values]

    def _plain_dict(self, flat, depth):
        if len(flat) % 2:
            raise ValueError("refused a dict with a key that has no value")
        result = {}
        for key, value in zip(flat[::2], flat[1::2], strict=True):
            key = self.plain(key, depth + 1)
            self.n_int_keys += type(key) is int
            if type(key) not in (str, bytes, int) or self.n_int_keys > MAX_INT_KEYS:
                raise ValueError(
                    f"refused a dict key of type {type(key).__name__}; expected str,"
                    f" bytes or at most {MAX_INT_KEYS} int"
                )
            result[key] = self.plain(value, depth + 1)
        return result

    def _plain_array(self, array, depth):
        if array.content is None:
            raise ValueError("refused a numpy.ndarray without content")
        # Zeros count as one: an empty axis may hide a long one from a sum of bytes.
        n_rows = list(accumulate((n or 1 for n in array.shape), mul, initial=1))
        if type(array.content) is not list:
            self._spend(array.content.nbytes + n_rows[-1])
            return array.content
        self._spend(OBJECT_COST * sum(n_rows))
        items = self.plain(array.content, depth + len(array.shape))
        return nest(items, array.shape)
