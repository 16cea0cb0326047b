"""A LibriSpeech folder of tones and pauses: its files, speakers and speech."""

import numpy as np
import pytest
import soundfile

from data_prep.librispeech import (
    SEGMENT,
    count_samples,
    find_utterances,
    read_utterance,
    speech_segments,
)


def tone(seconds, rate=11025, hz=500.0, level=0.3):
    return level * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)


def silence(seconds):
    return np.zeros(round(seconds * SEGMENT))


def test_find_utterances_groups_the_files_of_a_speaker_over_chapters(tmp_path):
    names = ["19/198/19-198-0001.flac", "19/198/19-198-0000.flac", "19/2/19-2-0.flac"]
    for name in names:
        path = tmp_path / "dev-clean" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    twin = tmp_path / "dev-clean/19/198/._19-198-0000.flac"
    twin.touch()
    found = find_utterances(tmp_path, ["dev-clean"])
    assert [path.name for path in found["19"]] == [
        "19-198-0000.flac",
        "19-198-0001.flac",
        "19-2-0.flac",
    ]


def test_a_missing_subset_is_answered_with_what_to_download(tmp_path):
    message = r"download train-clean-360.tar.gz \(23 GB, 921 .*openslr.org/12.*unpack"
    with pytest.raises(FileNotFoundError, match=message):
        find_utterances(tmp_path, ["train-clean-360"])


def test_an_unknown_subset_is_answered_with_the_known_ones(tmp_path):
    with pytest.raises(FileNotFoundError, match="subsets .* are dev-clean, test-clean"):
        find_utterances(tmp_path, ["train-100"])


def test_read_utterance_resamples_without_moving_the_pitch(tmp_path):
    soundfile.write(tmp_path / "1.flac", tone(2, rate=16000, hz=1000), 16000)
    wav = read_utterance(tmp_path / "1.flac")
    assert wav.dtype == np.float32
    assert len(wav) == 2 * SEGMENT
    assert np.abs(np.fft.rfft(wav)).argmax() == 2000  # bins of 0.5 Hz


def test_read_utterance_removes_what_11025_hz_cannot_hold(tmp_path):
    soundfile.write(tmp_path / "1.flac", tone(1, rate=16000, hz=7000), 16000)
    wav = read_utterance(tmp_path / "1.flac")
    assert np.abs(wav[500:-500]).max() < 0.003  # 40 dB below the 0.3 of the tone


def test_read_utterance_stays_within_full_scale(tmp_path):
    square = np.sign(tone(1, rate=16000, hz=440))
    soundfile.write(tmp_path / "1.flac", square, 16000)
    assert np.abs(read_utterance(tmp_path / "1.flac")).max() <= 1


def test_read_utterance_rejects_another_rate(tmp_path):
    soundfile.write(tmp_path / "1.flac", tone(1, rate=8000), 8000)
    with pytest.raises(
        ValueError, match=r"1.flac: expected mono at 16000 Hz, got 8000"
    ):
        read_utterance(tmp_path / "1.flac")


def test_read_utterance_names_a_damaged_file(tmp_path):
    (tmp_path / "1.flac").write_bytes(b"fLaC, half of it")
    with pytest.raises(ValueError, match=r"1.flac: .*download the subset again"):
        read_utterance(tmp_path / "1.flac")


def test_count_samples_counts_what_reading_gives(tmp_path):
    soundfile.write(tmp_path / "1.flac", tone(2.5, rate=16000), 16000)
    assert count_samples(tmp_path / "1.flac") == 40000


def test_count_samples_names_a_file_of_another_form(tmp_path):
    path = tmp_path / "1.flac"
    soundfile.write(path, tone(1, rate=8000), 8000)
    with pytest.raises(ValueError, match="1.flac: expected mono at 16000 Hz, got 8000"):
        count_samples(path)
    soundfile.write(path, np.zeros((90, 2)), 16000)
    with pytest.raises(ValueError, match="1.flac: .* got 16000 Hz and 2 channels"):
        count_samples(path)
    path.write_bytes(b"fLaC, half of it")
    with pytest.raises(ValueError, match=r"1.flac: .*download the subset again"):
        count_samples(path)


def test_count_samples_refuses_a_stream_without_a_length(tmp_path):
    path = tmp_path / "1.flac"
    soundfile.write(path, tone(1, rate=16000), 16000)
    flac = bytearray(path.read_bytes())
    flac[21] &= 0xF0  # bytes 21.5 to 26 of the header: the number of samples
    flac[22:26] = bytes(4)
    path.write_bytes(flac)
    with pytest.raises(ValueError, match="1.flac: its header tells no length"):
        count_samples(path)


def test_segments_start_with_speech_and_skip_the_pauses():
    wav = np.concatenate([silence(0.7), tone(1.2), silence(0.8), tone(1.1)])
    segments = speech_segments(wav)
    # __####__###   the pause between the two tones is in neither segment
    assert segments.shape == (2, SEGMENT)
    assert (np.abs(segments) > 0.01).mean(axis=1).min() > 0.95


def test_segments_do_not_overlap():
    wav = np.random.default_rng(0).normal(size=5 * SEGMENT + 999)
    segments = speech_segments(wav)
    assert len(segments) == 5
    np.testing.assert_array_equal(segments.ravel(), wav[: 5 * SEGMENT])


def test_a_second_with_half_a_second_of_speech_is_no_segment():
    assert len(speech_segments(np.concatenate([tone(0.5), silence(2.5)]))) == 0


def test_speech_is_judged_relative_to_the_level_of_the_utterance():
    wav = np.concatenate([tone(1.5), tone(2.0, level=0.3 * 10 ** (-30 / 20))])
    assert len(speech_segments(wav)) == 1  # the tail, 30 dB down, is a pause
    assert len(speech_segments(wav / 10)) == 1


def test_a_constant_offset_is_not_speech():
    wav = np.concatenate([tone(1.2, level=0.1), silence(3)])
    np.testing.assert_array_equal(
        speech_segments(wav + 0.25), speech_segments(wav) + 0.25
    )


@pytest.mark.parametrize("n_samples", [0, 50, SEGMENT - 1])
def test_less_than_a_second_gives_no_segment(n_samples):
    assert speech_segments(tone(1)[:n_samples]).shape == (0, SEGMENT)


def test_digital_silence_gives_no_segment():
    assert speech_segments(silence(4)).shape == (0, SEGMENT)
