r"""Make readers of several chapters out of readers of a single recording.

Where every reader has one utterance, nobody can tell what other utterances and other
days would change. Here each reader's speech is cut into utterances, in their order, and
every few of them are a chapter, recorded by a device in a room of its own, both
simulated (`data_prep.simulated_recording`, whose band ends at 5.5 kHz). The voice, its
mood and its first recording are the same all through: what is measured on such a corpus
is what changes of device and room cost, no more. Another LibriSpeech folder comes of
it, with `SPEAKERS.TXT`::

    python -m data_prep.librispeech_sessions --librispeech_folder LibriSpeech \
        --output_folder data/sessions --subset train-clean-100
"""

import argparse
import logging
import shutil
from itertools import chain
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import resample_poly
from tqdm import tqdm

from data_prep.librispeech import (
    CORPUS_RATE,
    DOWN,
    UP,
    find_utterances,
    read_utterance,
)
from data_prep.librispeech_readers import read_listed
from data_prep.prepared_folder import digest_files, replacing_folder
from data_prep.simulated_recording import SEVERITIES, draw_device, record

VERSION = 1  # raise it whenever the same input and settings give other output
RATE = CORPUS_RATE * UP // DOWN  # Hz, of the simulation

logger = logging.getLogger(__name__)


def simulate_sessions(
    librispeech_folder,
    output_folder,
    subset,
    readers="any",
    n_chapters=2,
    n_utterances=2,
    severity="mild",
    seed=1986,
):
    """Write a LibriSpeech folder of simulated sessions, unless it is there already.

    Parameters
    ----------
    librispeech_folder : str or Path
        Holds the subset and ``SPEAKERS.TXT``.
    output_folder : str or Path
        Made, or replaced if this function made it.
    subset : str
        Name of the subset.
    readers : str or Path
        Text file with a reader a line; ``"any"``: all.
    n_chapters, n_utterances : int
        Chapters of each reader, and utterances of each chapter.
    severity : {"default", "mild"}
        How far the devices lie apart.
    seed : int
        Chooses the devices, at least 0.

    Raises
    ------
    ValueError
        If a setting, a file of the corpus or the output folder is not as expected.
    FileNotFoundError
        If the subset, ``SPEAKERS.TXT`` or the list of readers is missing.
    """
    if min(n_chapters, n_utterances) < 1 or severity not in SEVERITIES or seed < 0:
        raise ValueError(
            "expected n_chapters and n_utterances of 1 or more, a severity of"
            f" {', '.join(SEVERITIES)} and a seed of 0 or more; got {n_chapters},"
            f" {n_utterances}, {severity} and {seed}"
        )
    found = find_utterances(librispeech_folder, [subset])
    listed = read_listed(readers, found, subset) or sorted(found)
    fingerprint = {
        "kind": "LibriSpeech sessions",
        "version": VERSION,
        "files_sha256": digest_files(librispeech_folder, chain(*found.values())),
        "settings": [subset, listed, n_chapters, n_utterances, severity, seed],
    }
    speakers = Path(librispeech_folder, "SPEAKERS.TXT")
    if not speakers.is_file():
        raise FileNotFoundError(f"{speakers} is missing; it is in the subset's archive")
    with replacing_folder(output_folder, fingerprint) as staging:
        if staging:
            shutil.copy(speakers, staging)
            for reader in tqdm(listed, "sessions", unit=" readers", disable=None):
                speech = np.concatenate(
                    [read_utterance(path) for path in found[reader]]
                )
                parts = np.array_split(speech, n_chapters * n_utterances)
                for chapter in range(n_chapters):
                    of_chapter = parts[chapter * n_utterances :][:n_utterances]
                    rng = np.random.default_rng([seed, int(reader), chapter])
                    device = draw_device(SEVERITIES[severity], RATE, rng)
                    place = staging / subset / reader / str(chapter)
                    write_chapter(place, of_chapter, device, rng)


def write_chapter(folder, parts, device, rng):
    """Record the utterances of a chapter by one device, and write them.

    Parameters
    ----------
    folder : Path
        ``<subset>/<reader>/<chapter>``, to be made.
    parts : list of ndarray, (n_samples,)
        Speech at 11025 Hz.
    device : data_prep.simulated_recording.Device
        For all of them.
    rng : np.random.Generator
        Draws the noise.
    """
    folder.mkdir(parents=True)
    for number, part in enumerate(parts):
        wav = record(part, device, RATE, rng)
        wav = resample_poly(wav, DOWN, UP).clip(-1, 1)
        name = f"{folder.parent.name}-{folder.name}-{number:04d}.flac"
        soundfile.write(folder / name, wav, CORPUS_RATE, subtype="PCM_16")


def main():
    """Run `simulate_sessions` from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--librispeech_folder", required=True)
    parser.add_argument("--output_folder", required=True)
    parser.add_argument("--subset", required=True)
    parser.add_argument("--readers", default="any")
    parser.add_argument("--n_chapters", type=int, default=2)
    parser.add_argument("--n_utterances", type=int, default=2)
    parser.add_argument("--severity", default="mild", choices=SEVERITIES)
    parser.add_argument("--seed", type=int, default=1986)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        simulate_sessions(**vars(parser.parse_args()))
    except (ValueError, OSError) as error:
        parser.exit(1, f"error: {error}\n")


if __name__ == "__main__":
    main()
