"""array_rebuild: arrays come back as numpy wrote them, forged ones are refused."""

import os
import pickle

import numpy as np
import pytest

from data_prep.array_rebuild import nest
from data_prep.safe_pickle import UnsafePickleError, load_pickle

PROTOCOLS = range(6)
DTYPES = "? i1 <i2 >i4 <i8 u1 >u2 <u4 u8 <f2 >f4 <f4 >f8 <f8 <U3 >U3 S3".split()
RECONSTRUCT = np.zeros(1).__reduce__()[0]
SCALAR = np.float64(0).__reduce__()[0]
FROMBUFFER = np.zeros(1).__reduce_ex__(5)[0]
PLAIN_STATE = (3, "<", None, None, None, -1, -1, 0)


class Reduced:
    """Pickles as the call and the state that it is made of."""

    def __init__(self, *reduced):
        self.reduced = reduced

    def __reduce__(self):
        return self.reduced


@pytest.fixture
def load(tmp_path):
    """Pickle an object to a file and load that."""

    def load_dumped(content, protocol=4):
        (tmp_path / "task.pkl").write_bytes(pickle.dumps(content, protocol))
        return load_pickle(tmp_path / "task.pkl")

    return load_dumped


def array_layouts(dtype):
    """Arrays of one type in every layout that pickle treats in its own way."""
    row = np.array([0, 1, 1, 0, 1, 1] * 4).astype(dtype)
    cube = row.reshape(2, 3, 4)
    read_only = row.copy()
    read_only.flags.writeable = False
    layouts = [row, row[::-1], row[:1].reshape(()), read_only, cube, cube[:, ::2]]
    return [*layouts, np.asfortranarray(cube), cube.transpose(1, 0, 2)]


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_arrays_come_back_in_every_layout(load, protocol, dtype):
    content = array_layouts(dtype)
    for found, expected in zip(load(content, protocol), content, strict=True):
        np.testing.assert_array_equal(found, expected)
        assert found.dtype == expected.dtype.newbyteorder("=")


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_arrays_own_native_contiguous_memory(load, protocol):
    for array in load(array_layouts(">f4"), protocol):
        assert type(array) is np.ndarray and array.dtype.isnative
        assert (
            array.flags.c_contiguous and array.flags.writeable and array.flags.owndata
        )


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("shape", [(0,), (3, 0), (0, 11025), (2, 0, 4)])
def test_empty_arrays_keep_their_shape(load, protocol, shape):
    for dtype in ("f4", ">i2", "U3", "S3"):
        found = load(np.empty(shape, dtype), protocol)
        assert found.shape == shape and found.dtype.kind == np.dtype(dtype).kind


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_scalars_come_as_python_values(load, protocol):
    scalars = [np.float32(1.5), np.int64(-3), np.bool_(True), np.float16(2)]
    scalars += [np.str_("abc"), np.str_(""), np.bytes_(b"ab"), np.uint8(255)]
    found = load(scalars, protocol)
    assert found == [1.5, -3, True, 2.0, "abc", "", b"ab", 255]
    types = [float, int, bool, float, str, str, bytes, int]
    assert [type(value) for value in found] == types


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_ragged_array_comes_as_list_of_arrays(load, protocol):
    ragged = np.empty(2, dtype=object)
    ragged[:] = [np.arange(2.0), np.arange(3.0)]
    found = load(ragged, protocol)
    assert type(found) is list and [len(array) for array in found] == [2, 3]


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("order", [np.ascontiguousarray, np.asfortranarray])
def test_object_array_comes_as_nested_lists(load, protocol, order):
    table = order(np.array([["a", 1], [None, 2.5]], dtype=object))
    assert load(table, protocol) == [["a", 1], [None, 2.5]]


def test_nest_knows_empty_and_zero_axes():
    assert nest([], (2, 0)) == [[], []]
    assert nest([], (0, 2)) == []
    assert nest(["x"], ()) == "x"
    assert nest(list("abcdefgh"), (2, 2, 2))[1] == [["e", "f"], ["g", "h"]]


@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
@pytest.mark.parametrize("old, new", [(b"_core", b"core"), (b"core", b"_core")])
def test_names_of_numpy_1_and_2_are_known(tmp_path, protocol, old, new):
    dumped = pickle.dumps([np.arange(3.0), np.float32(1)], protocol)
    for module in (b"numpy.%s.multiarray", b"numpy.%s.numeric"):
        was, becomes = module % old, module % new
        dumped = dumped.replace(b"c" + was, b"c" + becomes)
        # SHORT_BINUNICODE is preceded by its length
        dumped = dumped.replace(
            bytes([len(was)]) + was, bytes([len(becomes)]) + becomes
        )
    (tmp_path / "task.pkl").write_bytes(dumped)
    array, scalar = load_pickle(tmp_path / "task.pkl")
    assert array.tolist() == [0.0, 1.0, 2.0] and scalar == 1.0


def forged_array(shape, dtype, content, is_fortran=False, version=1):
    state = (version, shape, dtype, is_fortran, content)
    return Reduced(RECONSTRUCT, (np.ndarray, (0,), b"b"), state)


def forged_dtype(code, *state):
    return forged_array((1,), Reduced(np.dtype, (code, False, True), state), bytes(8))


F8 = np.dtype("f8")
FORGED_ARRAYS = {
    "too few bytes": ((10**6,), F8, bytes(8)),
    "too many bytes": ((1,), F8, bytes(16)),
    "overflowing shape": ((2**62, 4), F8, b""),
    "product wraps to size": ((2**32, 2**32), F8, b""),
    "negative shape": ((-1,), F8, bytes(8)),
    "two negative axes": ((-1, -1), F8, bytes(8)),
    "float shape": ((1.0,), F8, bytes(8)),
    "nested shape": (((1,),), F8, bytes(8)),
    "list shape": ([1], F8, bytes(8)),
    "33 axes": ((1,) * 33, F8, bytes(8)),
    "long axis behind an empty one": ((2**63, 0), F8, b""),
    "items of zero size": ((10**9,), np.dtype("U0"), b""),
    "object type over bytes": ((1,), np.dtype("O"), bytes(8)),
    "too few objects": ((2,), np.dtype("O"), [None]),
    "objects as tuple": ((1,), np.dtype("O"), (None,)),
    "list over floats": ((1,), F8, [None]),
    "no content": ((1,), F8, None),
    "wide text": ((1,), F8, "\u20ac" * 8),
    "no dtype": ((1,), "f8", bytes(8)),
    "bool of 2": ((1,), np.dtype("?"), b"\x02"),
    "character beyond Unicode": ((1,), np.dtype("<U1"), b"\0\0\x11\0"),
    "surrogate": ((1,), np.dtype("<U1"), b"\0\xd8\0\0"),
}


@pytest.mark.parametrize("parts", FORGED_ARRAYS.values(), ids=FORGED_ARRAYS)
def test_forged_array_is_refused(load, parts):
    with pytest.raises(UnsafePickleError, match="task.pkl: (refused|'latin-1')"):
        load(forged_array(*parts))


@pytest.mark.parametrize("shape", [(10**8, 0), (0, 10**8), (1000, 1000, 0, 1000)])
@pytest.mark.parametrize("dtype, content", [("f8", b""), ("O", [])])
def test_empty_array_with_a_huge_axis_is_refused(load, shape, dtype, content):
    with pytest.raises(UnsafePickleError, match="refused"):
        load(forged_array(shape, np.dtype(dtype), content))


FORGED_STATES = {
    "another version": (4, "<", None, None, None, -1, -1, 0),
    "metadata": (4, "<", None, None, None, -1, -1, 0, {"a": 1}),
    "subarray": (3, "<", (np.dtype("f8"), (9,)), None, None, -1, -1, 0),
    "names": (3, "<", None, ("a",), None, -1, -1, 0),
    "fields": (3, "<", None, None, {"a": (np.dtype("f8"), 0)}, -1, -1, 0),
    "another size": (3, "<", None, None, None, 800, -1, 0),
    "size of zero": (3, "<", None, None, None, 0, -1, 0),
    "unknown order": (3, "!", None, None, None, -1, -1, 0),
    "too short": (3, "<"),
    "empty": (),
}


@pytest.mark.parametrize("state", FORGED_STATES.values(), ids=FORGED_STATES)
def test_forged_dtype_state_is_refused(load, state):
    with pytest.raises(UnsafePickleError, match="refused a forged numpy.dtype state"):
        load(forged_dtype("f8", *state))


@pytest.mark.parametrize(
    "code", "V8 c8 c16 f16 g M8 m8 U99999999 S-1 f8,f8 (2,)f8 O8O O1 numpy.void".split()
)
def test_element_type_that_is_not_admitted_is_refused_by_name(load, code):
    with pytest.raises(UnsafePickleError, match="refused element type"):
        load(forged_dtype(code, *PLAIN_STATE))


def test_complex_dates_and_structures_are_refused(load):
    for dtype in ("c8", "c16", "M8[s]", [("a", "f8")]):
        with pytest.raises(UnsafePickleError, match="refused element type"):
            load(np.zeros(3, dtype))


FORGED_CALLS = {
    "array of another class": (RECONSTRUCT, (np.dtype, (0,), b"b")),
    "array of no class": (RECONSTRUCT, ()),
    "call of ndarray": (np.ndarray, ((10**6,),)),
    "dtype of a dict": (np.dtype, ({"names": ["a"]}, False, True)),
    "scalar of no type": (SCALAR, ("f8", bytes(8))),
    "scalar of an object": (SCALAR, (np.dtype("O"), None)),
    "scalar of too many bytes": (SCALAR, (F8, bytes(16))),
    "buffer of too few bytes": (FROMBUFFER, (b"", F8, (10**6,), "C")),
    "buffer of text order": (FROMBUFFER, (bytes(8), F8, (1,), "A")),
    "buffer without axes": (FROMBUFFER, (bytes(8), F8, (1,), "K")),
    "buffer with foreign axes": (FROMBUFFER, (bytes(8), F8, (1, 1), "K", (0, 7))),
    "buffer with axes of text": (FROMBUFFER, (bytes(8), F8, (1, 1), "K", ("0", 1))),
    "buffer with more": (FROMBUFFER, (bytes(8), F8, (1,), "C", None, None)),
    "bytes of a size": (bytes, (10**9,)),
}


@pytest.mark.parametrize("call", FORGED_CALLS.values(), ids=FORGED_CALLS)
def test_forged_call_is_refused(load, call):
    with pytest.raises(UnsafePickleError, match="refused"):
        load(Reduced(*call), protocol=2)


def test_buffer_of_a_transposed_array_is_known(load):
    # numpy 2.3 and later write order "K" and the axes
    cube = np.arange(24.0).reshape(2, 3, 4)
    content = Reduced(FROMBUFFER, (cube.tobytes(), F8, cube.shape, "K", (1, 0, 2)))
    np.testing.assert_array_equal(load(content), cube.transpose(1, 0, 2))


def test_array_without_its_state_is_refused(load):
    with pytest.raises(UnsafePickleError, match="numpy.ndarray without content"):
        load(Reduced(RECONSTRUCT, (np.ndarray, (0,), b"b")))


def test_dtype_alone_is_refused(load):
    with pytest.raises(UnsafePickleError, match="stands for no data"):
        load([F8])


def test_object_array_that_hides_a_call_is_refused(load, tmp_path):
    hiding = np.empty(2, dtype=object)
    hiding[:] = ["label", Reduced(os.mkdir, (str(tmp_path / "executed"),))]
    with pytest.raises(UnsafePickleError, match=f"refused {os.mkdir.__module__}.mkdir"):
        load([np.zeros(3), hiding])
    assert not (tmp_path / "executed").exists()


def test_object_array_that_holds_itself_is_refused(load):
    itself = np.empty(1, dtype=object)
    itself[0] = itself
    with pytest.raises(UnsafePickleError, match="nested more than 50 deep"):
        load(itself)


def test_object_array_counts_its_axes_as_depth(load):
    inner, outer = np.empty(1, dtype=object), np.empty(1, dtype=object)
    outer[0] = inner.reshape((1,) * 30)
    with pytest.raises(UnsafePickleError, match="nested more than 50 deep"):
        load(outer.reshape((1,) * 30))


def test_arrays_that_share_their_bytes_are_refused(load):
    raw = bytes(10_000)
    with pytest.raises(UnsafePickleError, match="larger together than the file"):
        load([forged_array((10_000,), np.dtype("u1"), raw) for _ in range(9)])
