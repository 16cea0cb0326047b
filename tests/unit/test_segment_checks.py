"""Errors and findings of the checks, each by its message."""

import pickle
import time

import numpy as np
import pytest

from data_prep.sample_scale import segment_digests
from data_prep.segment_checks import (
    check_labels,
    check_segments,
    find_leaks,
    fit_length,
    read_checked,
)


@pytest.fixture
def segments():
    """Eight segments of noise."""
    return np.random.default_rng(5).uniform(-0.5, 0.5, (8, 1000)).astype(np.float32)


def check(samples, labels=None, **thresholds):
    return check_segments(samples, segment_digests(samples), labels, **thresholds)


def kinds_and_indices(findings):
    return [(finding.kind, finding.indices) for finding in findings]


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (None, r"no labels; training needs \[data, labels\]"),
        (["a", "b"], "3 segments but 2 labels; give one label each"),
        (["a", "a", "a"], "all 3 segments are of one speaker, 'a'; add segments"),
        (["a", " b", "$c"], r"2 of 3 segments, at 1, 2, have labels with a \$"),
        (["a", "b\n", "c"], "1 of 3 segments, at 1, have labels"),
    ],
)
def test_labels_of_no_use_for_training_are_refused(labels, message):
    with pytest.raises(ValueError, match=message):
        check_labels(labels, 3)


def test_speakers_with_one_segment_are_noted_at_its_position():
    (finding,) = check_labels(["b", "a", "b", "c"], 4)
    assert (finding.kind, finding.indices) == ("single", (1, 3))


def test_other_lengths_are_refused_with_the_lengths_found():
    ragged = [np.zeros(4), np.zeros(3), np.zeros(4), np.zeros(9)]
    message = "2 of 4 segments, at 1, 3, have 3, 9 samples, not 4; set on_wrong_length"
    with pytest.raises(ValueError, match=message):
        fit_length(ragged, 4)


def test_transposed_data_are_recognised():
    with pytest.raises(ValueError, match="3 samples, not 8; are they transposed"):
        fit_length(np.zeros((8, 3)), 8, "error")


def test_pad_crop_keeps_the_middle():
    #  longer: 0 [1 2 3] 4     shorter: [0 5 0]
    ragged = [np.arange(5), np.array([5]), np.array([6, 7]), np.array([1, 2, 3])]
    fitted, (finding,) = fit_length(ragged, 3, "pad_crop")
    np.testing.assert_array_equal(fitted, [[1, 2, 3], [0, 5, 0], [6, 7, 0], [1, 2, 3]])
    assert (finding.kind, finding.indices) == ("length", (0, 1, 2))


def test_pad_crop_pads_uint8_with_its_own_silence():
    fitted, _ = fit_length(np.array([[255]], np.uint8), 3, "pad_crop")
    np.testing.assert_array_equal(fitted, np.array([[128, 255, 128]], np.uint8))


def test_the_right_length_is_not_copied(segments):
    fitted, findings = fit_length(segments, 1000)
    assert fitted is segments
    assert findings == []


@pytest.mark.parametrize("on_wrong_length", ["error", "pad_crop"])
def test_segments_without_samples_are_refused(on_wrong_length):
    ragged = [np.zeros(4), np.zeros(0), np.zeros(0)]
    with pytest.raises(ValueError, match="2 of 3 segments, at 1, 2, have no samples"):
        fit_length(ragged, 4, on_wrong_length)


@pytest.mark.parametrize("empty", [[], np.zeros((0, 4))])
def test_no_segments_are_refused(empty):
    with pytest.raises(ValueError, match="no segments; give at least one"):
        fit_length(empty, 4)


def test_settings_of_the_length_are_checked():
    with pytest.raises(ValueError, match="'crop', expected error or pad_crop"):
        fit_length(np.zeros((1, 4)), 4, "crop")
    with pytest.raises(ValueError, match="segment_samples is 0, expected 1 or more"):
        fit_length(np.zeros((1, 4)), 0, "pad_crop")


def test_ordinary_segments_give_no_findings(segments):
    assert check(segments, list("aabbccdd")) == []


def test_silent_constant_and_clipped_segments_are_found(segments):
    segments[1] = 0
    segments[2] *= 1e-4
    segments[3] = 0.25
    segments[4, :10] = 1
    segments[6, ::100] = -1
    assert kinds_and_indices(check(segments)) == [
        ("silent", (1, 2)),
        ("constant", (3,)),
        ("clipped", (4, 6)),
    ]


def test_a_click_is_neither_silent_nor_clipped(segments):
    segments[1] = 0
    segments[1, 500] = 1
    assert check(segments, clipped_share=0.002) == []


def test_thresholds_are_arguments(segments):
    findings = check(segments, silent_rms=0.4, clipped_level=0.4, clipped_share=0.1)
    assert kinds_and_indices(findings)[0] == ("silent", tuple(range(8)))
    assert ("clipped", tuple(range(8))) in kinds_and_indices(findings)


def test_full_scale_int16_is_clipped(segments):
    samples = (segments * 2**15).astype(np.int16)
    samples[2, :9], samples[3, :9] = 2**15 - 1, -(2**15)
    assert kinds_and_indices(check(samples)) == [("clipped", (2, 3))]


def test_copies_under_one_label_are_noted_with_their_origin(segments):
    segments[[3, 5]] = segments[2]
    (finding,) = check(segments, list("aabbbbdd"))
    assert (finding.kind, finding.indices) == ("duplicate", (3, 5))
    assert "3 = 2, 5 = 2" in finding.message


def test_copies_under_two_labels_are_refused(segments):
    segments[1], segments[5] = segments[0], segments[2]
    message = r"1 of 8 segments, at 5, are copies of .* another label.*\(5 = 2\)"
    with pytest.raises(ValueError, match=message):
        check(segments, list("aabbccdd"))


def test_silence_under_two_labels_is_no_contradiction(segments):
    segments[[1, 5]] = 0
    assert kinds_and_indices(check(segments, list("aabbccdd"))) == [("silent", (1, 5))]


def test_leaks_are_found_across_types(segments):
    train = (segments * 2**15).astype(np.int16)
    test = np.concatenate([segments[:3], train[4:6].astype(np.float32) / 2**15])
    (finding,) = find_leaks(segment_digests(test), segment_digests(train))
    assert (finding.kind, finding.indices) == ("leak", (3, 4))
    assert "2 of 5 segments, at 3, 4, are in the training data" in finding.message


def test_errors_and_warnings_name_the_file(tmp_path, segments, caplog):
    path = tmp_path / "task.pkl"
    segments[1] = 0
    path.write_bytes(pickle.dumps([segments, list("aabbccdd")]))
    checked = read_checked(path, True, 1000, "error", False)
    assert kinds_and_indices(checked.findings) == [("silent", (1,))]
    assert "task.pkl: 1 of 8 segments, at 1, are silent" in caplog.text
    with pytest.raises(ValueError, match="task.pkl: 8 of 8 segments"):
        read_checked(path, True, 999, "error", False)


def test_labels_of_a_test_are_left_aside_whatever_they_say(tmp_path, segments, caplog):
    path = tmp_path / "task.pkl"
    path.write_bytes(pickle.dumps([segments, ["a", "b"]]))
    caplog.set_level("INFO")
    assert read_checked(path, False, 1000, "error", False).labels is None
    assert "task.pkl: its labels are not used" in caplog.text


def test_checks_do_not_loop_over_samples():
    """The limit is several times what they need, and far below what a loop needs."""
    samples = np.random.default_rng(0).uniform(-1, 1, (300, 11025))
    start = time.process_time()
    check(samples, ["a"] * 300)
    assert time.process_time() - start < samples.size * 1e-7
