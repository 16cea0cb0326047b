"""Forms of task files: containers, shapes, types, suffixes, labels, damage."""

import gzip
import lzma
import pickle
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_prep.task_file import read_task_file

DATA = np.arange(12, dtype=np.float32).reshape(3, 4) / 16
LABELS = [7, 7, 9]
SPK_IDS = ["7", "7", "9"]


@pytest.fixture
def read(tmp_path):
    """Pickle a content and read it back as a task file."""

    def read_content(content):
        path = tmp_path / "task.pkl"
        path.write_bytes(pickle.dumps(content, protocol=4))
        return read_task_file(path)

    return read_content


@pytest.mark.parametrize(
    "content",
    [
        [DATA, LABELS],
        (DATA, LABELS),
        {"data": DATA, "labels": LABELS},
        [DATA, tuple(LABELS)],
        [DATA, np.array(LABELS)],
        [DATA.tolist(), LABELS],
        [list(DATA), LABELS],
        [DATA[None], LABELS],
    ],
)
def test_data_and_labels_are_found_in_every_container(read, content):
    task = read(content)
    np.testing.assert_array_equal(task.segments, DATA)
    assert task.labels == SPK_IDS


@pytest.mark.parametrize(
    "content",
    [[DATA], (DATA,), DATA, {"data": DATA}, {"data": DATA, "labels": None}]
    + [[DATA, None], DATA[None], DATA[:, None], DATA[..., None], list(DATA)],
)
def test_data_without_labels_are_found_in_every_container(read, content):
    task = read(content)
    np.testing.assert_array_equal(task.segments, DATA)
    assert task.labels is None


@pytest.mark.parametrize(
    "content",
    [
        [DATA[0], DATA[1]],
        (DATA[0].tolist(), DATA[1].tolist()),
        [DATA[:1], DATA[1:2]],
        [DATA[0][:, None], DATA[1][:, None]],
    ],
)
def test_two_items_of_one_shape_are_two_segments(read, content):
    task = read(content)
    np.testing.assert_array_equal(task.segments, DATA[:2])
    assert task.labels is None


def test_two_segments_may_differ_in_length(read):
    task = read([DATA[0], DATA[1, :2]])
    assert [len(segment) for segment in task.segments] == [4, 2]
    assert task.labels is None


def test_one_segment_with_its_label_is_data_and_labels(read):
    task = read([DATA[:1], ["anna"]])
    assert task.segments.shape == (1, 4)
    assert task.labels == ["anna"]


def test_a_list_of_one_waveform_is_one_segment(read):
    np.testing.assert_array_equal(read([DATA[0]]).segments, DATA[:1])


def test_ragged_segments_stay_a_list(read):
    task = read([[DATA[0], DATA[1, :2], DATA[2]], LABELS])
    assert [len(segment) for segment in task.segments] == [4, 2, 4]
    assert task.labels == SPK_IDS


@pytest.mark.parametrize("kind", ["i1", "u1", "<i2", ">i2", ">i4", "i8", ">f4", "f8"])
def test_numbers_keep_value_and_type_in_native_order(tmp_path, kind):
    data = np.array([[1, 2], [3, 100]], dtype=kind)
    np.save(tmp_path / "task.npy", data)
    segments = read_task_file(tmp_path / "task.npy").segments
    np.testing.assert_array_equal(segments, data)
    assert segments.dtype == data.dtype.newbyteorder("=")


def test_packed_pickles_are_read(tmp_path):
    content = pickle.dumps([DATA, LABELS])
    (tmp_path / "a.pkl.gz").write_bytes(gzip.compress(content))
    (tmp_path / "b.pkl.xz").write_bytes(lzma.compress(content))
    for name in ("a.pkl.gz", "b.pkl.xz"):
        task = read_task_file(tmp_path / name)
        np.testing.assert_array_equal(task.segments, DATA)
        assert task.labels == SPK_IDS


def test_npz_arrays_are_taken_by_name_or_in_order(tmp_path):
    np.savez(tmp_path / "a.npz", labels=LABELS, data=DATA)
    np.savez(tmp_path / "b.npz", DATA, LABELS)
    for name in ("a.npz", "b.npz"):
        task = read_task_file(tmp_path / name)
        np.testing.assert_array_equal(task.segments, DATA)
        assert task.labels == SPK_IDS


@pytest.mark.parametrize(
    "labels",
    [[7.0, 7.0, 9.0], np.array(LABELS, ">f4"), np.array(LABELS, "u1"), SPK_IDS]
    + [np.array(SPK_IDS), np.array(SPK_IDS, "S"), [b"7", "7", "9"]],
)
def test_labels_of_every_kind_become_text(read, labels):
    assert read([DATA, labels]).labels == SPK_IDS


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([7, 7.5, 9], "1 of 3 labels are no speaker labels, at 1: 7.5"),
        (np.array([7, np.nan, np.inf]), "2 of 3 labels .* at 1, 2: nan, inf"),
        (["a", "", " "], "2 of 3 labels .* at 1, 2"),
        ([7, None, True], "2 of 3 labels .* at 1, 2: None, True"),
        (np.array([[7], [7], [9]]), "3 of 3 labels .*one each"),
        ([7, "7", 9], "mix numbers and text"),
        (7, "expected a list of labels, got int"),
    ],
)
def test_labels_that_name_no_speaker_are_refused(read, labels, message):
    with pytest.raises(ValueError, match=f"task.pkl: .*{message}"):
        read({"data": DATA, "labels": labels})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (DATA[0], r"data of shape \(4,\)"),
        (np.zeros((2, 3, 4)), r"data of shape \(2, 3, 4\)"),
        (np.zeros((1, 3, 1)), "more than one way"),
        (np.zeros((1, 1, 3, 4)), r"data of shape \(1, 1, 3, 4\)"),
        (np.zeros((2, 4), bool), "expected integers or floats, got bool"),
        (np.zeros((2, 4), "U3"), "expected integers or floats, got <U3"),
        ([["a", "b"], ["c", "d"]], "segment 0 is no row of numbers"),
        ([[0.5, [0.5]], [0.5, 0.5]], "segment 0 is no row of numbers"),
        ([LABELS, DATA], r"labels, then data; store \[data, labels\]"),
        ([DATA, LABELS, LABELS], r"shape \(3, 4\).*expected \[data, labels\]"),
        ([0.5, 0.5, 0.5], r"segment 0 has shape \(\)"),
        ([DATA[0], DATA[1].astype("i2"), DATA[2]], "different types .float32, int16"),
        ({"x": DATA}, r"""the keys "data" and "labels", got \['x'\]"""),
        ({"data": DATA, "label": LABELS}, "the keys"),
        ("data", "got str"),
        (None, "got NoneType"),
    ],
)
def test_other_forms_are_refused_with_what_came(read, content, message):
    with pytest.raises(ValueError, match=f"task.pkl: .*{message}"):
        read(content)


@pytest.mark.parametrize("content", [[], {"data": []}])
def test_no_segments_are_an_empty_list(read, content):
    assert read(content).segments == []


@given(
    speakers=st.lists(st.integers(-(2**31), 2**31), min_size=1, max_size=9),
    kind=st.sampled_from([list, tuple, np.array, "f8", ">i8", "U", "S", str, float]),
)
def test_a_number_gives_the_same_text_in_every_type(speakers, kind):
    if kind in (str, float):
        labels = [kind(speaker) for speaker in speakers]
    elif isinstance(kind, str):
        labels = np.array(speakers).astype(kind)
    else:
        labels = kind(speakers)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "task.pkl")
        path.write_bytes(pickle.dumps([np.zeros((len(speakers), 3)), labels]))
        assert read_task_file(path).labels == [str(speaker) for speaker in speakers]


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="nothing.pkl: no such file"):
        read_task_file(tmp_path / "nothing.pkl")


def test_another_suffix_is_refused(tmp_path):
    (tmp_path / "task.mat").touch()
    with pytest.raises(ValueError, match="task.mat: expected a file name ending in"):
        read_task_file(tmp_path / "task.mat")


@pytest.mark.parametrize("suffix", ["npy", "npz"])
def test_every_cut_of_a_numpy_file_is_refused_by_name(tmp_path, suffix):
    whole, cut = tmp_path / f"whole.{suffix}", tmp_path / f"cut.{suffix}"
    if suffix == "npy":
        np.save(whole, DATA)
    else:
        np.savez_compressed(whole, data=DATA)
    content = whole.read_bytes()
    for size in range(0, len(content), 7):
        cut.write_bytes(content[:size])
        with pytest.raises(ValueError, match=f"cut.{suffix}: not a readable"):
            read_task_file(cut)


def test_a_pickle_in_a_numpy_file_is_not_opened(tmp_path):
    np.save(tmp_path / "task.npy", np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match="task.npy: not a readable .npy file"):
        read_task_file(tmp_path / "task.npy")


def test_a_small_npz_that_unpacks_to_much_is_refused(tmp_path):
    np.savez_compressed(tmp_path / "bomb.npz", data=np.zeros((8, 2**20), np.float32))
    with pytest.raises(ValueError, match="unpacks to .* expected at most"):
        read_task_file(tmp_path / "bomb.npz")
