"""Scales: what is refused, what is noted, and the same samples back from the WAV."""

import pickle

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from data_prep.sample_scale import scale_segments, segment_digests, write_wavs
from data_prep.task_file import read_task_file

FULL = {"int8": 2**7, "uint8": 2**7, "int16": 2**15, "int32": 2**31, "int64": 2**15}
KINDS = ["int8", "uint8", "int16", "int32", "int64", "float16", "float32", "float64"]
HOLDERS = [
    lambda array: [array],
    lambda array: [array, ["spk"] * len(array)],
    lambda array: {"data": array[None]},
    lambda array: array[..., None],
    lambda array: array[:, None],
    lambda array: np.asfortranarray(array),
    lambda array: array.astype(array.dtype.newbyteorder(">")),
    list,
]


def values_of(kind):
    """Draw samples whose scale is known."""
    if kind.startswith("float"):
        width = int(kind.removeprefix("float"))
        return st.floats(-1, 1, width=width, allow_subnormal=False)
    low = 0 if kind == "uint8" else -FULL[kind]
    return st.integers(low, low + 2 * FULL[kind] - 1)


def expected_samples(data):
    """Scale by type, written out apart from the code under test."""
    centre = 128 if data.dtype == np.uint8 else 0
    return (data.astype(np.float64) - centre) / FULL.get(data.dtype.name, 1)


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_pickle_to_wav_and_back_gives_the_same_samples(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("round_trip")
    kind = data.draw(st.sampled_from(KINDS))
    shape = data.draw(npst.array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=9))
    content = data.draw(npst.arrays(kind, shape, elements=values_of(kind)))
    path = folder / "task.pkl"
    held = data.draw(st.sampled_from(HOLDERS))(content)
    path.write_bytes(pickle.dumps(held))
    samples, _ = scale_segments(read_task_file(path).segments)
    names = [f"{i}" for i in range(len(content))]
    write_wavs(folder / "wav", names, samples, 11025)
    wavs = [soundfile.read(folder / f"wav/{name}.wav")[0] for name in names]
    np.testing.assert_array_equal(wavs, expected_samples(content))
    assert segment_digests(np.array(wavs)) == segment_digests(samples)


@pytest.mark.parametrize(
    ("kind", "value", "subtype"),
    [("i2", 3, "PCM_16"), ("i1", 3, "PCM_16"), ("u1", 3, "PCM_16"), ("i8", 3, "PCM_16")]
    + [("i4", 2**20, "PCM_32"), ("f2", 0.1, "FLOAT"), ("f4", 0.1, "FLOAT")]
    + [("f8", 0.5, "FLOAT"), ("f8", 0.1, "DOUBLE")],
)
def test_the_wav_is_no_wider_than_the_samples_need(tmp_path, kind, value, subtype):
    samples, _ = scale_segments(np.full((1, 8), value, dtype=kind))
    write_wavs(tmp_path, ["a"], samples, 8000)
    info = soundfile.info(tmp_path / "a.wav")
    assert (info.subtype, info.samplerate, info.channels) == (subtype, 8000, 1)


def test_int16_and_float32_are_not_copied():
    for kind in ("int16", "float32"):
        segments = np.zeros((2, 3), kind)
        assert scale_segments(segments)[0] is segments


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_samples_that_are_no_numbers_are_refused(bad):
    segments = np.zeros((6, 4), np.float32)
    segments[[2, 5], [0, 3]] = bad
    with pytest.raises(ValueError, match="2 of 6 segments, at 2, 5, have NaN or inf"):
        scale_segments(segments, rescale=True)


def test_floats_beyond_full_scale_are_refused_with_the_remedy():
    segments = np.array([[0.5, -1.0], [0.1, -20000.0]])
    message = "1 of 2 segments, at 1, go beyond -1..1, up to 20000; set rescale to true"
    with pytest.raises(ValueError, match=message):
        scale_segments(segments)


@pytest.mark.parametrize("kind", ["float16", "float32", "float64"])
def test_rescale_divides_the_whole_file_by_its_peak(kind):
    segments = np.array([[0.5, -1.0], [3.0, -4.0]], kind)
    samples, (finding,) = scale_segments(segments, rescale=True)
    np.testing.assert_array_equal(samples, segments / 4)
    assert (finding.kind, finding.indices) == ("scale", (1,))
    assert "up to 4; divided the file by this peak" in finding.message


def test_rescale_leaves_a_file_within_full_scale_as_it_is():
    segments = np.array([[0.25, -0.5]], np.float32)
    samples, findings = scale_segments(segments, rescale=True)
    np.testing.assert_array_equal(samples, segments)
    assert findings == []


@pytest.mark.parametrize("kind", ["uint16", "uint32", "uint64", "longdouble"])
def test_types_without_an_agreed_scale_are_refused(kind):
    with pytest.raises(ValueError, match="have no agreed scale; store int16"):
        scale_segments(np.zeros((1, 2), kind))


def test_int64_beyond_16_bits_is_refused():
    with pytest.raises(ValueError, match="int64 samples from 0 to 32768 go beyond 16"):
        scale_segments(np.array([[0, 2**15]]))


@pytest.mark.parametrize("kind", ["int32", "int64"])
def test_wide_integers_with_16_bit_values_are_noted(kind):
    _, (finding,) = scale_segments(np.full((3, 2), -(2**15), kind))
    assert (finding.kind, finding.indices) == ("scale", (0, 1, 2))
    assert f"16-bit values in {kind}" in finding.message


def test_digests_do_not_depend_on_the_type_but_on_every_sample():
    whole = np.array([[0, 2**14], [1, 2**14]], np.int16)
    as_floats = whole.astype(np.float32) / 2**15
    as_floats[0, 0] = -0.0
    wide = whole.astype(np.int32) * 2**16
    digests = segment_digests(whole)
    assert digests == segment_digests(as_floats) == segment_digests(wide)
    assert digests[0] != digests[1]


def test_digests_are_the_same_across_blocks():
    segments = np.random.default_rng(0).uniform(-1, 1, (600, 3))
    assert segment_digests(segments)[300:] == segment_digests(segments[300:])


def test_a_rate_below_one_is_refused(tmp_path):
    with pytest.raises(ValueError, match="sample_rate is 0, expected 1 Hz or more"):
        write_wavs(tmp_path, ["a"], np.zeros((1, 2), np.int16), 0)
