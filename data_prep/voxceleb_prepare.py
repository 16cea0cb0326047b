r"""Prepare utterances of VoxCeleb for training, as `data_prep.voxceleb_subset` lists.

Utterances are cut into segments of one length, one after the other; what is left at the
end is not used, and an utterance shorter than a segment is repeated up to it. Into the
prepared folder go

``train.csv``, ``valid.csv``
    Manifests (`data_prep.manifest`) of the training and the validation list, no speaker
    in both. A WAV at the rate asked for stays where it lies, and is named by its place.
``wav/<speaker>/<video>/<n>.wav``
    All others: M4A, resampled, or repeated, in 16 bits.
``segment_digests.txt``
    A digest of each segment, by which a later test recognises it.

All or none of it appears, what is there already is not made again, and a run that was
killed goes on with the next WAV: see `data_prep.prepared_folder`. For example::

    python -m data_prep.voxceleb_prepare --voxceleb_folder voxceleb1/wav \
        --lists_folder data/voxceleb1_5 --prepared_folder data/voxceleb1_5_prepared
"""

import argparse
import logging
from collections import Counter
from itertools import chain
from math import gcd
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import resample_poly
from tqdm import tqdm

from data_prep.files import open_replacing
from data_prep.findings import first_few
from data_prep.manifest import DATA_ROOT, Row, write_manifest
from data_prep.prepared_folder import digest_files, file_sha256, replacing_folder
from data_prep.sample_scale import segment_digests
from data_prep.shards import prepare_shards
from data_prep.voxceleb import CORPUS_RATE, locate, read_utterance
from data_prep.voxceleb_lists import read_list

VERSION = 1  # raise it whenever the same input and settings give other output
LISTS = {"train": "train_list.txt", "valid": "dev_list.txt"}

logger = logging.getLogger(__name__)


def prepare_voxceleb(
    voxceleb_folder,
    lists_folder,
    prepared_folder,
    sample_rate=CORPUS_RATE,
    segment_samples=4 * CORPUS_RATE,
    max_per_speaker=None,
    seed=1986,
    shards=0,
):
    """Write the prepared folder of two lists, unless it is there already.

    Parameters
    ----------
    voxceleb_folder : str or Path
        Folder that holds the speakers' folders.
    lists_folder : str or Path
        Folder of ``train_list.txt`` and ``dev_list.txt``.
    prepared_folder : str or Path
        Folder for all that is written; made, or replaced if this function made it.
    sample_rate : int
        Of the segments, Hz.
    segment_samples : int
        Length of each segment, at this rate.
    max_per_speaker : int, optional
        Most segments of a speaker, from utterances in an order drawn; None: all.
    seed : int
        Seed of the draws.
    shards : int
        Tar files to write the training segments to besides (`data_prep.shards`).

    Raises
    ------
    FileNotFoundError
        If a list, or a file it names, is missing.
    ValueError
        If a setting, a list, a file or the folder is not as expected, or a speaker
        stands in both lists.
    """
    for name, value in (
        ("sample_rate", sample_rate),
        ("segment_samples", segment_samples),
        ("max_per_speaker", max_per_speaker),
    ):
        if value is not None and value < 1:
            raise ValueError(f"{name} is {value}, expected 1 or more")
    paths = {side: Path(lists_folder, name) for side, name in LISTS.items()}
    sides = {side: _read_side(path, voxceleb_folder) for side, path in paths.items()}
    _refuse_shared(sides, lists_folder)
    spoken = [paths for side in sides.values() for paths in side.values()]
    fingerprint = {
        "kind": "VoxCeleb segments",
        "version": VERSION,
        "voxceleb_folder": str(Path(voxceleb_folder).resolve()),
        "lists_sha256": [file_sha256(path) for path in paths.values()],
        "files_sha256": digest_files(voxceleb_folder, chain(*spoken)),
        "sample_rate": sample_rate,
        "segment_samples": segment_samples,
        "max_per_speaker": max_per_speaker,
        "seed": seed,
    }
    with replacing_folder(prepared_folder, fingerprint, resume=True) as staging:
        if staging:
            cutter = Cutter(voxceleb_folder, staging, sample_rate, segment_samples)
            write_sides(staging, sides, cutter, max_per_speaker, seed)
    if shards:
        prepare_shards(prepared_folder, shards, seed)


def _read_side(path, voxceleb_folder):
    """Return the speakers of a list, each with the files of its utterances."""
    spoken = {}
    for spk_id, name in read_list(path, voxceleb_folder):
        spoken.setdefault(spk_id, []).append(locate(voxceleb_folder, name))
    return spoken


def _refuse_shared(sides, lists_folder):
    shared = sorted(set(sides["train"]) & set(sides["valid"]))
    if shared:
        raise ValueError(
            f"{lists_folder}: {len(shared)} speakers stand in both"
            f" {' and '.join(LISTS.values())}, first {first_few(shared)}; draw the"
            " lists anew by data_prep.voxceleb_subset"
        )


def write_sides(staging, sides, cutter, max_per_speaker, seed):
    """Cut the utterances of both lists, write manifests and digests, and log counts.

    Parameters
    ----------
    staging : Path
        Folder to write into.
    sides : dict of str to dict of str to list of Path
        train and valid -> speaker -> utterances.
    cutter : Cutter
        Cuts an utterance.
    max_per_speaker : int or None
        Most segments of a speaker.
    seed : int
        Draws the order in which utterances of a speaker are taken.
    """
    digests = []
    for side, spoken in sides.items():
        rng = np.random.default_rng(seed)
        rows = []
        for spk_id, paths in tqdm(spoken.items(), side, unit=" speakers", disable=None):
            cut = {}  # by ID, so that a smaller draw is in the same order
            for path in rng.permutation(paths).tolist():
                if max_per_speaker is None or len(cut) < max_per_speaker:
                    cut.update(cutter(path, spk_id))
            kept = sorted(list(cut)[:max_per_speaker])
            rows += [cut[identifier][0] for identifier in kept]
            digests += [cut[identifier][1] for identifier in kept]
        write_manifest(staging / f"{side}.csv", rows, staging, labelled=True)
        _log_counts(side, rows)
    with open_replacing(staging / "segment_digests.txt") as file:
        file.writelines(f"{digest}\n" for digest in sorted(set(digests)))


def _log_counts(side, rows):
    counts = Counter(row.spk_id for row in rows).values()
    low, median, high = np.quantile(list(counts), [0, 0.5, 1])
    hours = sum(row.duration for row in rows) / 3600
    logger.info(
        "%s: %d speakers, %d segments (%g/%g/%g each, min/median/max), %.2f h",
        *(side, len(counts), len(rows), low, median, high, hours),
    )


class Cutter:
    """Cuts utterances into segments, and converts those that cannot stay as they are.

    Parameters
    ----------
    voxceleb_folder : str or Path
        Folder that holds the speakers' folders.
    staging : Path
        Folder of ``wav/``.
    sample_rate : int
        Of the segments, Hz.
    segment_samples : int
        Length of each, at this rate.
    """

    def __init__(self, voxceleb_folder, staging, sample_rate, segment_samples):
        self.voxceleb_folder = voxceleb_folder
        self.staging = staging
        self.sample_rate = sample_rate
        self.segment_samples = segment_samples

    def __call__(self, path, spk_id):
        """Return the segments of an utterance, ID to row and digest."""
        name = Path(path).relative_to(self.voxceleb_folder).with_suffix("")
        wav, place = self.ready(Path(path), name)
        n = len(wav) // self.segment_samples
        segments = wav[: n * self.segment_samples].reshape(n, self.segment_samples)
        duration = self.segment_samples / self.sample_rate
        cut = {}
        for number, digest in enumerate(segment_digests(segments)):
            identifier = f"{'-'.join(name.parts)}-{number:03d}"
            start = number * self.segment_samples
            stop = start + self.segment_samples
            row = Row(identifier, duration, place, start, stop, spk_id)
            cut[identifier] = row, digest
        return cut

    def ready(self, path, name):
        """Return the samples of an utterance as training will read them, and where."""
        target = self.staging / "wav" / name.with_suffix(".wav")
        if not target.is_file():
            wav = read_utterance(path)
            fits = len(wav) >= self.segment_samples
            if fits and path.suffix == ".wav" and self.sample_rate == CORPUS_RATE:
                return wav, str(path.resolve())
            self.write(target, self.convert(wav, path))
        wav, _ = soundfile.read(target, dtype="float32")
        return wav, f"{DATA_ROOT}/wav/{name.as_posix()}.wav"

    def convert(self, wav, path):
        """Return an utterance at the rate, by scipy's resample_poly, and repeated."""
        if not len(wav):
            raise ValueError(f"{path}: holds no samples; unpack the archive again")
        common = gcd(self.sample_rate, CORPUS_RATE)
        up, down = self.sample_rate // common, CORPUS_RATE // common
        # The filter overshoots where the recording is at full scale.
        wav = resample_poly(wav, up, down).clip(-1, 1)
        return np.resize(wav, max(len(wav), self.segment_samples))  # repeats

    def write(self, target, wav):
        """Write a WAV that appears complete."""
        target.parent.mkdir(parents=True, exist_ok=True)
        with open_replacing(target, "wb") as file:
            soundfile.write(file, wav, self.sample_rate, "PCM_16", format="WAV")


def main():
    """Run `prepare_voxceleb` from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        argument_default=argparse.SUPPRESS,  # the defaults stand in prepare_voxceleb
    )
    for name in ("voxceleb_folder", "lists_folder", "prepared_folder"):
        parser.add_argument(f"--{name}", required=True)
    for name in ("sample_rate", "segment_samples", "max_per_speaker", "seed", "shards"):
        parser.add_argument(f"--{name}", type=int)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        prepare_voxceleb(**vars(parser.parse_args()))
    except (ValueError, OSError) as error:
        parser.exit(1, f"error: {error}\n")


if __name__ == "__main__":
    main()
