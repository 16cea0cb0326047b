"""safe_pickle: honest pickles come back, hostile and broken files are refused."""

import gzip
import lzma
import pickle

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from data_prep import safe_pickle
from data_prep.pickle_machine import HANDLERS
from data_prep.safe_pickle import UnsafePickleError, load_pickle

PROTOCOLS = range(6)


@pytest.fixture
def load(tmp_path):
    """Write bytes to a file and load them from there."""

    def load_bytes(content, name="task.pkl", **kwargs):
        (tmp_path / name).write_bytes(content)
        return load_pickle(tmp_path / name, **kwargs)

    return load_bytes


def assert_same(found, expected):
    """Compare plain content, arrays by dtype, shape and items."""
    if isinstance(expected, np.ndarray):
        assert type(found) is np.ndarray
        assert found.dtype.isnative and found.dtype.kind == expected.dtype.kind
        if expected.size:  # an empty array of text has no longest text
            assert found.dtype == expected.dtype.newbyteorder("=")
        assert found.flags.c_contiguous and found.flags.writeable
        np.testing.assert_array_equal(found, expected)
    elif isinstance(expected, list | tuple):
        assert type(found) is type(expected) and len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            assert_same(one, other)
    elif isinstance(expected, dict):
        assert_same(list(found), list(expected))
        assert_same(list(found.values()), list(expected.values()))
    else:
        assert found == expected and type(found) is type(expected)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_plain_values_come_back(load, protocol):
    content = [0, -1, 2**63, -(2**63), 255, 65536, 1.5, -1e300, True, False, None]
    content += ["", "é\n\\\u20ac", b"", b"\x00\xff", (), (1,), (1, 2), (1, 2, 3, 4)]
    content += [[], [[]], {}, {"a": [1], b"b": (2,), 3: None}, "x" * 300, b"x" * 300]
    assert_same(load(pickle.dumps(content, protocol)), content)


def test_python_2_pickle_is_read_as_latin1(load):
    # cPickle.dumps([numpy.array([1.0], "f4"), "\xe9"], 2) and its memo from 1
    array = (
        b"cnumpy.core.multiarray\n_reconstruct\nq\x02cnumpy\nndarray\nq\x03K\x00\x85"
    )
    array += b"U\x01b\x87Rq\x04(K\x01K\x01\x85cnumpy\ndtype\nq\x05U\x02f4K\x00K\x01\x87"
    array += b"Rq\x06(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89"
    array += b"U\x04\x00\x00\x80?tb"
    found = load(b"\x80\x02]q\x01(" + array + b"U\x01\xe9e.")
    assert_same(found, [np.array([1.0], "f4"), "é"])


def test_python_2_text_protocol_is_read(load):
    assert load(b"(lp1\nS'a\\xe9\\n\\\\'\np2\naI5\naL7L\naF1.5\naI01\naS\"'\"\na.") == [
        *("aé\n\\", 5, 7, 1.5, True, "'")
    ]


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
def test_packing_is_recognised_by_content(load, pack):
    content = [np.arange(5.0), ["a"] * 5]
    assert_same(load(pack(pickle.dumps(content)), name="task.pkl"), content)


def test_shared_parts_come_back(load):
    label, segment = "speaker_0001", np.zeros(100)
    content = [[segment, segment], [label] * 1000, [(1, "f")] * 10]
    assert_same(load(pickle.dumps(content)), content)


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.binary()
    | hnp.arrays(
        hnp.boolean_dtypes()
        | hnp.integer_dtypes(endianness="?")
        | hnp.floating_dtypes(endianness="?", sizes=(16, 32, 64))
        | hnp.unicode_string_dtypes(endianness="?")
        | hnp.byte_string_dtypes(),
        hnp.array_shapes(min_dims=0, min_side=0),
    ),
    lambda inner: (
        st.lists(inner)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text("ab"), inner)
    ),
    max_leaves=8,
)
QUICK = settings(
    derandomize=True,
    deadline=None,
    max_examples=100,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@QUICK
@given(PLAIN, st.sampled_from(PROTOCOLS))
def test_any_plain_content_comes_back(load, content, protocol):
    assert_same(load(pickle.dumps(content, protocol)), content)


@pytest.fixture
def low_floor(monkeypatch):
    """Let small files unfold to 16 times their size only."""
    monkeypatch.setattr(safe_pickle, "UNFOLD_FLOOR", 2**16)


@pytest.mark.parametrize("depth, width", [(40, 2), (9, 100)])
def test_shared_lists_that_unfold_without_end_are_refused(
    load, low_floor, depth, width
):
    tree = ["leaf"]
    for _ in range(depth):
        tree = [tree] * width  # unfolds to width**depth lists
    with pytest.raises(UnsafePickleError, match="same parts appear many times"):
        load(pickle.dumps(tree))


def test_list_that_holds_itself_is_refused(load):
    itself = []
    itself.append(itself)
    with pytest.raises(UnsafePickleError, match="nested more than 50 deep"):
        load(pickle.dumps(itself))


def test_array_repeated_beyond_the_size_of_the_file_is_refused(load):
    with pytest.raises(UnsafePickleError, match="same parts appear many times"):
        load(pickle.dumps([np.zeros(100_000)] * 1000))


def test_text_repeated_beyond_the_size_of_the_file_is_refused(load):
    with pytest.raises(UnsafePickleError, match="same parts appear many times"):
        load(pickle.dumps(["x" * 100_000] * 10_000))


@pytest.mark.parametrize("begin, end", [(b"]", b"a"), (b"", b"\x85")])
def test_deep_content_is_refused(load, begin, end):
    deep = 20_000
    with pytest.raises(UnsafePickleError, match="nested more than 50 deep"):
        load(begin * deep + b"N" + end * deep + b".")


@pytest.mark.parametrize("key", [1.5, None, True, ("a",)])
def test_dict_keys_that_are_not_text_or_int_are_refused(load, key):
    with pytest.raises(UnsafePickleError, match="refused a dict key of type"):
        load(pickle.dumps({key: 1}))


def test_shared_tuple_as_dict_key_is_refused_before_it_is_hashed(load, low_floor):
    # x0 = None, x1 = (x0, x0), x2 = (x1, x1) ... has 2**40 elements to hash
    key = b"N" + b"".join(b"\x94h" + bytes([index]) + b"\x86" for index in range(40))
    with pytest.raises(UnsafePickleError, match="same parts appear many times"):
        load(b"}" + key + b"Ns.")


def test_many_int_keys_are_refused(load, monkeypatch):
    monkeypatch.setattr(safe_pickle, "MAX_INT_KEYS", 10)
    assert len(load(pickle.dumps(dict.fromkeys(range(10))))) == 10
    with pytest.raises(UnsafePickleError, match="at most 10 int"):
        load(pickle.dumps([dict.fromkeys(range(6)), dict.fromkeys(range(6))]))


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
def test_bomb_is_refused(load, pack, monkeypatch):
    monkeypatch.setattr(safe_pickle, "RATIO_FLOOR", 2**20)
    with pytest.raises(UnsafePickleError, match="unpacks to more than .* by hand"):
        load(pack(pickle.dumps(bytes(3 * 2**20))))


def test_file_larger_than_max_bytes_is_refused(load):
    content = pickle.dumps(np.zeros(1000))
    for packed in (content, gzip.compress(content)):
        with pytest.raises(UnsafePickleError, match="expected at most 999 bytes"):
            load(packed, max_bytes=999)


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress])
def test_file_cut_short_at_any_byte_is_refused(load, pack):
    content = pack(pickle.dumps([1, "a"]))
    for size in range(len(content)):
        with pytest.raises(UnsafePickleError, match="task.pkl: .* save it again"):
            load(content[:size])


BROKEN = {
    "empty": (b"", "empty"),
    "text": (b"clip,spk_id\n1,a\n", "refused lip,spk_id.1,a"),
    "npy": (b"\x93NUMPY\x01\x00", r"begins with b.\\x93NUMPY"),
    "wav": (b"RIFF\x00\x00", "begins with b'RIFF"),
    "garbage behind": (pickle.dumps(1) + b"abc", "3 bytes follow the end"),
    "two pickles": (pickle.dumps(1) * 2, "bytes follow the end of the pickle"),
    "damaged gz": (gzip.compress(b"N." * 99)[:-9] + bytes(9), "damaged packing"),
    "damaged xz": (lzma.compress(b"N." * 99)[:-9] + bytes(9), "damaged packing"),
    "lone surrogate": (b"\x8c\x03\xed\xa0\x80.", "utf-8"),
}


@pytest.mark.parametrize("content, message", BROKEN.values(), ids=BROKEN)
def test_broken_file_is_refused_with_its_name_and_the_remedy(load, content, message):
    with pytest.raises(UnsafePickleError, match=f"(?s)task.pkl: .*{message}") as caught:
        load(content)
    assert "save it again as a pickle of [data, labels]" in str(caught.value)


def test_missing_file_is_named(tmp_path):
    for path in (tmp_path / "none.pkl", tmp_path):
        with pytest.raises(FileNotFoundError, match=str(path)):
            load_pickle(path)


def test_lack_of_memory_is_refused_too(load, monkeypatch):
    def exhaust(machine):
        raise MemoryError

    monkeypatch.setattr(safe_pickle.PickleMachine, "run", exhaust)
    with pytest.raises(UnsafePickleError, match="too large for the memory"):
        load(b"N.")


MIXED = [np.arange(4, dtype=">i2"), {"a": (1, b"b", 2.5)}, np.array(["x", None], "O")]


@QUICK
@given(st.data(), st.sampled_from(PROTOCOLS))
def test_mutated_pickle_loads_or_is_refused(load, data, protocol):
    content = bytearray(pickle.dumps(MIXED, protocol))
    places = st.integers(0, len(content) - 1)
    for place in data.draw(st.lists(places, min_size=1, max_size=4)):
        content[place] = data.draw(st.integers(0, 255))
    try:
        repr(load(bytes(content)))
    except UnsafePickleError:
        pass


@QUICK
@given(st.lists(st.sampled_from(sorted(HANDLERS)) | st.integers(0, 255)))
def test_any_opcodes_load_or_are_refused(load, codes):
    try:
        repr(load(bytes(codes) + b"."))
    except UnsafePickleError:
        pass
