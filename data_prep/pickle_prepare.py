r"""Prepare a pickle ``[data, labels]``: WAVs, manifests, validation trials.

Into the prepared folder go

``wav/train-000000.wav``, ...
    One WAV a segment, named by its position in the pickle. Reading it gives the
    samples of the pickle exactly; `data_prep.sample_scale` tells the scale of each
    type.
``train.csv``, ``valid.csv``
    Manifests (`data_prep.manifest`) of training and validation, no speaker in both.
``valid_trials.csv``
    Trials (`data_prep.trials`) between the segments of validation.
``segment_digests.txt``
    A digest of each training and validation segment, by which a later verification
    recognises them in its test without having the audio.
``test.csv``, ``wav/test-000000.wav``, ...
    The unlabelled test pickle, if one is given.

Beside it goes ``<prepared_folder>_shards``, if asked for: see `data_prep.shards`.
All or none of it appears, and what is there already is not made again: see
`data_prep.prepared_folder`. For example::

    python -m data_prep.pickle_prepare --data_pickle raw_data.pkl \
        --test_pickle test_data.pkl --prepared_folder prepared
"""

import argparse
import logging
import re
import time
from pathlib import Path

import numpy as np

from data_prep.files import open_replacing
from data_prep.findings import keep_findings, tell_again
from data_prep.manifest import DATA_ROOT, Row, write_manifest
from data_prep.prepared_folder import file_sha256, replacing_folder
from data_prep.sample_scale import write_wavs
from data_prep.segment_checks import find_leaks, log_findings, read_checked
from data_prep.shards import prepare_shards
from data_prep.splits import split_speakers
from data_prep.trials import draw_trials, write_trials

VERSION = 1  # raise it whenever the same input and settings give other output
logger = logging.getLogger(__name__)


def prepare_pickle(
    data_pickle,
    prepared_folder,
    test_pickle=None,
    n_valid_speakers=60,
    n_valid_trials=20000,
    seed=1986,
    sample_rate=11025,
    segment_samples=11025,
    on_wrong_length="error",
    rescale=False,
    shards=0,
):
    """Write the prepared folder of a labelled pickle, unless it is there already.

    Parameters
    ----------
    data_pickle : str or Path
        Segments and labels, in a form that `data_prep.task_file` reads.
    prepared_folder : str or Path
        Folder for all that is written; made, or replaced if this function made it.
    test_pickle : str or Path, optional
        Segments to prepare as a test besides; labels in it are not used.
    n_valid_speakers : int
        Speakers held out for validation.
    n_valid_trials : int
        Validation trials, half of them target trials if there are so many.
    seed : int
        Chooses the validation speakers and trials.
    sample_rate : int
        Rate of the segments, Hz.
    segment_samples : int
        Length of each segment.
    on_wrong_length : {"error", "pad_crop"}
        Whether to refuse segments of another length, or pad and crop them.
    rescale : bool
        Whether to divide a file of floats beyond -1..1 by its peak.
    shards : int
        Tar files to write the training segments to besides (`data_prep.shards`).

    Returns
    -------
    findings : list of Finding
        What was odd, as logged; empty if the folder is up to date.

    Raises
    ------
    ValueError
        If a pickle, a setting or the folder is not as expected.
    FileNotFoundError
        If a pickle does not exist.
    """
    start = time.monotonic()
    form = {
        "segment_samples": segment_samples,
        "on_wrong_length": on_wrong_length,
        "rescale": rescale,
    }
    fingerprint = {
        "kind": "training",
        "version": VERSION,
        "data_sha256": file_sha256(data_pickle),
        "test_sha256": file_sha256(test_pickle) if test_pickle else None,
        "n_valid_speakers": n_valid_speakers,
        "n_valid_trials": n_valid_trials,
        "seed": seed,
        "sample_rate": sample_rate,
        **form,
    }
    findings = []
    with replacing_folder(prepared_folder, fingerprint) as staging:
        if staging:
            train = read_checked(data_pickle, labelled=True, **form)
            test = _read_test(test_pickle, form, train.digests) if test_pickle else None
            _write_training(
                staging, train, n_valid_speakers, n_valid_trials, seed, sample_rate
            )
            if test:
                _write_test(staging, test, sample_rate)
            findings = train.findings + (test.findings if test else [])
            seconds = time.monotonic() - start
            _log_summary(prepared_folder, train, sample_rate, seconds)
    if shards:
        prepare_shards(prepared_folder, shards, seed)
    return findings


def prepare_test_pickle(
    test_pickle,
    prepared_folder,
    train_digests=None,
    sample_rate=11025,
    segment_samples=11025,
    on_wrong_length="error",
    rescale=False,
):
    """Write ``test.csv`` and the WAVs of an unlabelled test pickle by itself.

    Parameters
    ----------
    test_pickle : str or Path
        Segments; labels in it are not used.
    prepared_folder : str or Path
        Folder for the test alone, not that of `prepare_pickle`.
    train_digests : str or Path, optional
        ``segment_digests.txt`` of the training, to recognise its segments.
    sample_rate, segment_samples, on_wrong_length, rescale
        As for `prepare_pickle`.

    Returns
    -------
    findings : list of Finding
        What was odd, as logged; empty if the folder is up to date.

    Raises
    ------
    ValueError
        If the pickle, a setting or the folder is not as expected.
    FileNotFoundError
        If the pickle or the digests do not exist.
    """
    start = time.monotonic()
    form = {
        "segment_samples": segment_samples,
        "on_wrong_length": on_wrong_length,
        "rescale": rescale,
    }
    fingerprint = {
        "kind": "test",
        "version": VERSION,
        "test_sha256": file_sha256(test_pickle),
        "train_digests_sha256": file_sha256(train_digests) if train_digests else None,
        "sample_rate": sample_rate,
        **form,
    }
    with replacing_folder(prepared_folder, fingerprint) as staging:
        if staging is None:
            tell_again(prepared_folder)
            return []
        known = _read_digests(train_digests) if train_digests else []
        test = _read_test(test_pickle, form, known)
        _write_test(staging, test, sample_rate)
        keep_findings(staging, test.findings)
    _log_summary(prepared_folder, test, sample_rate, time.monotonic() - start)
    return test.findings


def _read_test(path, form, train_digests):
    test = read_checked(path, labelled=False, **form)
    leaks = find_leaks(test.digests, train_digests)
    log_findings(path, leaks)
    return test._replace(findings=test.findings + leaks)


def _read_digests(path):
    lines = Path(path).read_bytes().split()
    if not all(re.fullmatch(rb"[0-9a-f]{64}", line) for line in lines):
        raise ValueError(
            f"{path}: expected one SHA-256 a line, as prepare_pickle writes"
        )
    return {line.decode() for line in lines}


def _write_training(
    staging, train, n_valid_speakers, n_valid_trials, seed, sample_rate
):
    train_side, valid_side = split_speakers(train.labels, n_valid_speakers, seed)
    ids = _ids("train", train)
    trials = draw_trials(
        [ids[i] for i in valid_side],
        [train.labels[i] for i in valid_side],
        n_valid_trials,
        seed,
    )
    rows = _write_wavs(staging, ids, train, sample_rate)
    for name, side in (("train", train_side), ("valid", valid_side)):
        side_rows = [rows[i] for i in side]
        write_manifest(staging / f"{name}.csv", side_rows, staging, labelled=True)
    write_trials(staging / "valid_trials.csv", trials)
    with open_replacing(staging / "segment_digests.txt") as file:
        file.writelines(f"{digest}\n" for digest in sorted(train.digests))


def _write_test(staging, test, sample_rate):
    rows = _write_wavs(staging, _ids("test", test), test, sample_rate)
    write_manifest(staging / "test.csv", rows, staging, labelled=False)


def _ids(side, checked):
    return [f"{side}-{i:06d}" for i in range(len(checked.samples))]


def _write_wavs(staging, ids, checked, sample_rate):
    """Write the WAVs and return their rows."""
    write_wavs(staging / "wav", ids, checked.samples, sample_rate)
    n_samples = checked.samples.shape[1]
    duration = n_samples / sample_rate
    return [
        Row(i, duration, f"{DATA_ROOT}/wav/{i}.wav", 0, n_samples, spk_id)
        for i, spk_id in zip(ids, checked.labels or [""] * len(ids), strict=True)
    ]


def _log_summary(folder, checked, sample_rate, seconds):
    speakers = ""
    if checked.labels:
        counts = np.unique(checked.labels, return_counts=True)[1]
        low, median, high = np.quantile(counts, [0, 0.5, 1])
        speakers = (
            f" of {len(counts)} speakers ({low:g}/{median:g}/{high:g} segments each,"
            " min/median/max)"
        )
    hours = checked.samples.size / sample_rate / 3600
    n = len(checked.samples)
    logger.info(
        "%s: %d segments%s, %.2f h, in %.1f s", folder, n, speakers, hours, seconds
    )


def main():
    """Run `prepare_pickle` from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        argument_default=argparse.SUPPRESS,  # the defaults stand in prepare_pickle
    )
    parser.add_argument("--data_pickle", required=True)
    parser.add_argument("--prepared_folder", required=True)
    parser.add_argument("--test_pickle")
    for name in (
        "n_valid_speakers",
        "n_valid_trials",
        "seed",
        "sample_rate",
        "segment_samples",
        "shards",
    ):
        parser.add_argument(f"--{name}", type=int)
    parser.add_argument("--on_wrong_length", choices=("error", "pad_crop"))
    parser.add_argument("--rescale", action="store_true")
    logging.basicConfig(level=logging.INFO, format="%(levelname)s: %(message)s")
    try:
        prepare_pickle(**vars(parser.parse_args()))
    except (ValueError, OSError, MemoryError) as error:
        parser.exit(1, f"error: {' '.join(str(error).splitlines())}\n")


if __name__ == "__main__":
    main()
