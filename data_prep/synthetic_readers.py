"""The embedded demo corpus: synthetic readers, each with a voice of their own.

eSpeak NG reads sentences of public-domain books. A reader is a voice drawn at random:
pitch, liveliness, vocal tract, each formant, roughness, breath, speed and accent. A
segment is one second of it as some device in some room picked it up, with its own
level, microphone, echo and noise, which a comparison of average spectra mistakes for
the voice. Written into the output folder, in the form of the main job:

- ``raw_data.pkl``: ``[data, labels]``, data float32 (n, 11025) in -1..1 on the steps
  of a 16-bit WAV, labels int64 (n,); rows sorted by reader. Labels are numbers of
  readers as a library gives them, neither consecutive nor starting at 0, so that
  nothing downstream can take them for row or class indices.
- ``test_data.pkl``: ``[data]``, other readers, rows shuffled.
- ``test_labels.npy``: who reads each row of ``test_data.pkl``, for scoring alone.

The same seed gives the same bytes on the same machine and package versions::

    python -m data_prep.synthetic_readers --output_folder data/demo
"""

import argparse
import logging
from pathlib import Path

import numpy as np
from scipy import signal
from tqdm import tqdm

from data_prep.espeak import Espeak
from data_prep.task_writer import write_task

logger = logging.getLogger(__name__)

SAMPLE_RATE = 11025  # Hz; eSpeak speaks at twice this
SEGMENT_SAMPLES = 11025  # one second
SENTENCES_FILE = Path(__file__).with_name("public_domain_sentences.txt")
NUMBERS_PER_READER = 10  # labels are drawn from so many numbers for each reader

# Voices. A pair is the lowest and highest of a uniform draw, a spread is the standard
# deviation of a log-normal draw. Each tendency: share of readers, bottom of the
# intonation (Hz; voices centre 20 % above it, near the 132, 223 and 264 Hz that
# Peterson and Barney 1952 found in men, women and children), formant scale.
TENDENCIES = ((0.45, 112, 1.00), (0.45, 190, 1.10), (0.10, 225, 1.15))
PITCH_SPREAD = 0.13
LIVELINESS = (1.2, 1.5)  # top of the intonation, times its bottom
TRACT_SPREAD = 0.045  # moves all formants together, as the length of the throat does
FORMANT_SPREAD = 0.055  # moves each formant by itself
FORMANT_HEIGHT_PERCENT = (65, 135)
FORMANT_WIDTH_PERCENT = (70, 140)
BREATH = (0, 6)
ROUGHNESS = (0, 5)
FLUTTER = (0, 8)
CONSONANTS_PERCENT = (70, 130)
WORDS_PER_MINUTE = (150, 195)
ACCENTS = (
    "en",
    "en-us",
    "en-us-nyc",
    "en-gb-x-rp",
    "en-gb-scotland",
    "en-gb-x-gbclan",
    "en-gb-x-gbcwmd",
    "en-029",
)

# How a reader varies from sentence to sentence, on eSpeak's scales around 50.
UTTERANCE_PITCH = (44, 56)
UTTERANCE_PITCH_RANGE = (35, 65)
UTTERANCE_RATE = (0.9, 1.1)  # times the reader's own

# Pauses: frames this far below the loudest are cut down to the longest pause kept.
FRAME_SAMPLES = 110  # 10 ms
SILENCE_DB = -35
LONGEST_PAUSE_FRAMES = 8

# Recording conditions, drawn for every segment.
ROOM_DECAY_S = (0.1, 0.35)  # time for the echo to fall by 60 dB
ROOM_ECHO_DB = (-25, -12)  # energy of the echo against the direct sound
MICROPHONE_BANDS_HZ = (0, 150, 300, 600, 1200, 2400, 4000, 5512.5)
MICROPHONE_SPREAD_DB = 2.0
NOISE_SNR_DB = (15, 30)
NOISE_COLOUR = (0.0, 0.95)  # pole of the noise: 0 is white, towards 1 is a rumble
LEVEL_DB = (-32, -18)  # root mean square, full scale is 0


def make_synthetic_readers(
    output_folder, n_train_readers=120, n_test_readers=20, n_segments=16, seed=1234
):
    """Write the demo corpus: two pickles and the labels of the test.

    Parameters
    ----------
    output_folder : str or Path
        Created if need be; files of an earlier run are replaced.
    n_train_readers, n_test_readers : int
        Readers in ``raw_data.pkl`` and, none of them the same, in ``test_data.pkl``.
    n_segments : int
        Segments of each reader.
    seed : int
        Chooses voices, sentences and recording conditions, at least 0.

    Raises
    ------
    ValueError
        If a count or the seed is too low, or the sentences end too soon.
    """
    n_readers = n_train_readers + n_test_readers
    if min(n_train_readers, n_test_readers, n_segments) < 1 or seed < 0:
        raise ValueError(
            "expected at least 1 reader on each side, 1 segment and a seed of 0, got"
            f" {n_train_readers}, {n_test_readers}, {n_segments} and {seed}"
        )
    rng = np.random.default_rng(seed)
    sentences = _read_sentences()
    with Espeak(seed) as espeak:
        data = np.concatenate(
            [
                _record_reader(espeak, sentences, n_segments, reader_rng)
                for reader_rng in tqdm(rng.spawn(n_readers), "readers", disable=None)
            ]
        )  # (n_readers * n_segments, 11025)
    numbers = 1 + rng.choice(n_readers * NUMBERS_PER_READER, n_readers, replace=False)
    numbers[:n_train_readers].sort()
    labels = np.repeat(numbers, n_segments)
    n_train = n_train_readers * n_segments
    train, test = (
        (data[side], labels[side])
        for side in (slice(None, n_train), slice(n_train, None))
    )
    write_task(output_folder, train, test, rng)
    summary = (
        f"{n_train_readers} + {n_test_readers} readers, {n_segments} segments each"
    )
    logger.info("%s: %s, seed %d", output_folder, summary, seed)


def trim_pauses(wav):
    """Shorten every silence to the longest pause kept.

    Parameters
    ----------
    wav : ndarray, (n_samples,)
        Speech at 11025 Hz.

    Returns
    -------
    trimmed : ndarray, (at most n_samples,)
        Whole frames of it.
    """
    n_frames = len(wav) // FRAME_SAMPLES
    frames = wav[: n_frames * FRAME_SAMPLES].reshape(n_frames, -1)
    energy = (frames**2).mean(axis=1)
    silent = energy < energy.max() * 10 ** (SILENCE_DB / 10)
    # How many silent frames in a row end at each frame: 0 0 1 2 3 0 1 ...
    index = np.arange(n_frames)
    last_spoken = np.maximum.accumulate(np.where(silent, -1, index))
    return frames[index - last_spoken <= LONGEST_PAUSE_FRAMES].ravel()


def record(segment, rng):
    """Pick a segment up with a room, a device, a noise and a level of its own.

    Parameters
    ----------
    segment : ndarray, (n_samples,)
        Clean speech at 11025 Hz.
    rng : numpy.random.Generator
        Source of the conditions.

    Returns
    -------
    recorded : ndarray of float32, (n_samples,)
        In -1..1, on the steps of a 16-bit WAV.
    """
    segment = _add_echo(segment, rng)
    segment = _through_microphone(segment, rng)
    noise = signal.lfilter(
        [1.0], [1.0, -rng.uniform(*NOISE_COLOUR)], rng.normal(size=len(segment))
    )
    segment = segment + _scaled(noise, _rms(segment), -rng.uniform(*NOISE_SNR_DB))
    segment = _scaled(segment, 1.0, rng.uniform(*LEVEL_DB))
    segment = segment / max(1.0, np.abs(segment).max())
    return (np.round(segment * 32767) / 32768).astype(np.float32)


def _read_sentences():
    """Read the texts, without the comments that name the works."""
    lines = SENTENCES_FILE.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def _record_reader(espeak, sentences, n_segments, rng):
    """Draw a voice and record it reading sentences in an order of its own."""
    espeak.set_voice(rng.choice(ACCENTS), _draw_voice(rng))
    rate = rng.uniform(*WORDS_PER_MINUTE)
    segments = []
    for text in rng.permutation(sentences):
        wav = trim_pauses(_read_aloud(espeak, text, rate, rng))
        whole = wav[: len(wav) // SEGMENT_SAMPLES * SEGMENT_SAMPLES]
        for segment in whole.reshape(-1, SEGMENT_SAMPLES):
            segments.append(record(segment, rng))
            if len(segments) == n_segments:
                return np.stack(segments)
    raise ValueError(
        f"all {len(sentences)} sentences last for {len(segments)} segments of this"
        f" reader, n_segments asks for {n_segments}; ask for fewer"
    )


def _draw_voice(rng):
    """Draw the lines of an eSpeak voice file, in whole numbers as it wants them."""
    shares, pitches, tracts = zip(*TENDENCIES, strict=True)
    tendency = rng.choice(len(TENDENCIES), p=shares)
    pitch = pitches[tendency] * rng.lognormal(0, PITCH_SPREAD)
    tract = tracts[tendency] * rng.lognormal(0, TRACT_SPREAD)
    lines = [f"pitch {pitch:.0f} {pitch * rng.uniform(*LIVELINESS):.0f}"]
    for formant in range(9):
        frequency = 100 * tract * rng.lognormal(0, FORMANT_SPREAD)
        height = rng.uniform(*FORMANT_HEIGHT_PERCENT)
        width = rng.uniform(*FORMANT_WIDTH_PERCENT)
        lines.append(f"formant {formant} {frequency:.0f} {height:.0f} {width:.0f}")
    for name, bounds, n_values in (
        ("breath", BREATH, 8),  # noise in each formant
        ("consonants", CONSONANTS_PERCENT, 2),  # unvoiced, voiced
        ("roughness", ROUGHNESS, 1),
        ("flutter", FLUTTER, 1),
    ):
        values = rng.integers(*bounds, size=n_values, endpoint=True)
        lines.append(f"{name} {' '.join(map(str, values))}")
    return "\n".join(lines)


def _read_aloud(espeak, text, rate, rng):
    """Speak a sentence in the reader's mood of the moment, at 11025 Hz."""
    wav = espeak.speak(
        text,
        round(rate * rng.uniform(*UTTERANCE_RATE)),
        rng.integers(*UTTERANCE_PITCH, endpoint=True),
        rng.integers(*UTTERANCE_PITCH_RANGE, endpoint=True),
    )
    return signal.resample_poly(wav / 32768, SAMPLE_RATE, espeak.sample_rate)


def _add_echo(segment, rng):
    """Add the tail of a small room: noise that dies away exponentially."""
    decay_s = rng.uniform(*ROOM_DECAY_S)
    time_s = np.arange(int(decay_s * SAMPLE_RATE)) / SAMPLE_RATE
    tail = rng.normal(size=len(time_s)) * 10 ** (-3 * time_s / decay_s)
    echo = signal.fftconvolve(segment, tail)[: len(segment)]
    return segment + _scaled(echo, _rms(segment), rng.uniform(*ROOM_ECHO_DB))


def _through_microphone(segment, rng):
    """Colour the spectrum with a smooth random response."""
    gains_db = rng.normal(0, MICROPHONE_SPREAD_DB, len(MICROPHONE_BANDS_HZ))
    frequencies = np.fft.rfftfreq(len(segment), 1 / SAMPLE_RATE)
    response = 10 ** (np.interp(frequencies, MICROPHONE_BANDS_HZ, gains_db) / 20)
    return np.fft.irfft(np.fft.rfft(segment) * response, len(segment))


def _rms(wav):
    """Return the root mean square."""
    return np.sqrt((wav**2).mean())


def _scaled(wav, reference, level_db):
    """Scale to so many decibels against a root mean square."""
    return wav * (reference / _rms(wav) * 10 ** (level_db / 20))


def main():
    """Run `make_synthetic_readers` from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--output_folder", required=True)
    parser.add_argument("--n_train_readers", type=int, default=120)
    parser.add_argument("--n_test_readers", type=int, default=20)
    parser.add_argument("--n_segments", type=int, default=16)
    parser.add_argument("--seed", type=int, default=1234)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        make_synthetic_readers(**vars(parser.parse_args()))
    except (ImportError, OSError, RuntimeError, ValueError) as error:
        parser.exit(1, f"error: {error}\n")


if __name__ == "__main__":
    main()
