"""Recordings -> features of their fragments, in a file that is whole or not there.

Until it is whole it is ``<key>.partial.npy``, beside which ``<key>.done.npy`` marks the
rows that are there: a run that was killed is gone on with. One run at a time works on
it, by a lock.
"""

import contextlib
import logging
import os
import shutil

import numpy as np
import torch
from filelock import FileLock
from tqdm import tqdm

from local.distributed import no_bar
from local.files import replacing
from local.hardware import map_by_cores
from local.input.recordings import read_recording, resample

logger = logging.getLogger(__name__)


def compute_features(path, rows, wavs, representation, batch_size, device):
    """Compute the features of fragments and write them to a file.

    Recordings are read once and go by batches, on a CPU one to a core, so that memory
    holds a few of them whatever the size of the corpus.

    Parameters
    ----------
    path : Path
        The ``.npy`` to write, (n, ...).
    rows : sequence of data_prep.fragments.Fragment
        The manifest.
    wavs : sequence of Path
        Recording of each row.
    representation : torch.nn.Module
        As in `local.input.representations`; moved to the device.
    batch_size : int
        Fragments at a time.
    device : str
        Where to compute.
    """
    representation = representation.to(device).eval()
    n_samples = fragment_samples(rows, representation.sample_rate)

    @torch.inference_mode()  # in each thread
    def represent(pieces):
        return representation(torch.from_numpy(pieces).to(device)).cpu()

    shape = represent(np.zeros((1, n_samples), dtype=np.float32)).shape[1:]
    with resuming(path, representation.dtype, (len(rows), *shape)) as (feats, done):

        def fill(recordings):
            """Write the features of some recordings; return how many they were."""
            places, pieces = read_pieces(
                recordings, rows, n_samples, representation.sample_rate
            )
            for start in range(0, len(places), batch_size):
                batch = slice(start, start + batch_size)
                found = represent(pieces[batch])
                refuse_infinite(found, rows, places[batch])
                feats[places[batch]] = found.numpy()
            feats.flush()  # before the mark, should the power fail
            done[places] = True
            return len(places)

        groups = group_recordings(wavs, done, batch_size)
        name = type(representation).__name__
        bar = tqdm(desc=name, total=len(rows), unit="fragment", disable=no_bar())
        with bar:
            bar.update(int(done.sum()))
            for n_done in map_by_cores(fill, groups, device):
                bar.update(n_done)


@contextlib.contextmanager
def resuming(path, dtype, shape):
    """Lend arrays on disk to fill; the first becomes the file once the block is done.

    Parameters
    ----------
    path : Path
        The ``.npy`` in the end. If another run makes it meanwhile, it is waited for,
        and there is nothing left to do.
    dtype : str
        Of the features.
    shape : tuple of int
        Of the features, rows first.

    Yields
    ------
    feats : ndarray
        Features, those of an earlier run that was stopped included.
    done : ndarray of bool, (n_rows,)
        Rows that are there, to be marked.

    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial, marks = path.with_suffix(".partial.npy"), path.with_suffix(".done.npy")
    with FileLock(path.with_name(f".{path.stem}.lock")):
        if path.is_file():
            yield map_array(path), np.ones(shape[0], dtype=bool)
            return
        if not partial.is_file():
            marks.unlink(missing_ok=True)
            make_array(partial, dtype, shape)
        if not marks.is_file():
            make_array(marks, "bool", shape[:1])
        feats, done = (map_array(array, "r+") for array in (partial, marks))
        yield feats, done
        marks.unlink()  # first: marks without features would be believed
        os.replace(partial, path)


def map_array(path, mode="r"):
    """Map an array on disk into memory.

    Raises
    ------
    ValueError
        If the file is damaged.
    """
    try:
        return np.load(path, mmap_mode=mode)
    except (ValueError, EOFError) as error:
        raise ValueError(f"{path}: damaged; remove it") from error


def make_array(path, dtype, shape):
    """Make an array of zeros on disk.

    Raises
    ------
    OSError
        If the disk cannot hold it: the process would be killed as it is filled.
    """
    n_bytes = int(np.prod(shape)) * np.dtype(dtype).itemsize
    free = shutil.disk_usage(path.parent).free
    if n_bytes > free:
        raise OSError(
            f"{path.parent}: {free / 1e9:.1f} GB free, the features take"
            f" {n_bytes / 1e9:.1f} GB; make room or give another prepared_folder"
        )
    with replacing(path) as temporary:
        np.lib.format.open_memmap(temporary, "w+", dtype, shape)


def sample_rate(row):
    """Return the sample rate of the recording of a row, Hz."""
    return round((row.stop - row.start) / float(row.duration))


def fragment_samples(rows, rate):
    """Return how many samples a fragment has at a rate, and warn of a higher rate.

    Parameters
    ----------
    rows : sequence of Fragment
        All of one length.
    rate : int
        Hz.

    Returns
    -------
    n_samples : int
        The same for all.

    Raises
    ------
    ValueError
        If they are of several lengths.
    """
    lengths = {}
    for row in rows:
        seconds = (row.stop - row.start) / sample_rate(row)
        lengths.setdefault(round(seconds * rate), row.ID)
    if len(lengths) > 1:
        (few, short), *_, (many, long) = sorted(lengths.items())
        raise ValueError(
            f"fragments of several lengths, such as {few / rate:g} s ({short}) and"
            f" {many / rate:g} s ({long}); prepare the data with one fragment_seconds"
        )
    lowest = min(map(sample_rate, rows))
    if lowest < rate:
        logger.warning(
            "recordings of %d Hz, but features of %d Hz: nothing lies above %d Hz",
            *(lowest, rate, lowest // 2),
        )
    return next(iter(lengths))


def group_recordings(wavs, done, least):
    """Group the rows that are left by recording, and recordings to whole batches.

    Parameters
    ----------
    wavs : sequence of Path
        Recording of each row, in any order.
    done : sequence of bool
        Rows to leave out.
    least : int
        Rows in each group but the last.

    Returns
    -------
    groups : list of list of (Path, list of int)
        Recordings and their rows.

    Examples
    --------
    >>> group_recordings(["a", "b", "a", "c", "c"], [False] * 4 + [True], 3)
    [[('a', [0, 2]), ('b', [1])], [('c', [3])]]
    """
    places = {}
    for place in np.flatnonzero(~np.asarray(done)).tolist():
        places.setdefault(wavs[place], []).append(place)
    groups, n_rows = [], least
    for recording in places.items():
        if n_rows >= least:
            groups.append([])
            n_rows = 0
        groups[-1].append(recording)
        n_rows += len(recording[1])
    return groups


def read_pieces(recordings, rows, n_samples, rate):
    """Read recordings and cut the fragments out of them.

    Parameters
    ----------
    recordings : list of (Path, list of int)
        As in `group_recordings`.
    rows : sequence of Fragment
        The whole manifest.
    n_samples : int
        Of a fragment, at the rate.
    rate : int
        Hz, to which the recordings are resampled.

    Returns
    -------
    places : ndarray, (n_fragments,)
        Their rows.
    pieces : ndarray, (n_fragments, n_samples)
        float32.

    Raises
    ------
    ValueError
        If a recording is not the one of the manifest.
    """
    places, pieces = [], []
    for path, of_recording in recordings:
        wav, native = read_recording(path)
        last = max((rows[place] for place in of_recording), key=lambda row: row.stop)
        if sample_rate(last) != native or last.stop > len(wav):
            raise ValueError(
                f"{path}: {len(wav)} samples at {native} Hz, fragment {last.ID} ends at"
                f" {last.stop} at {sample_rate(last)} Hz; prepare the data again"
            )
        wav = resample(wav, native, rate)
        for place in of_recording:
            # Both ends are rounded: one flush with the end may reach a sample over it.
            start = round(rows[place].start * rate / native)
            start = min(start, len(wav) - n_samples)
            pieces.append(wav[start : start + n_samples])
        places += of_recording
    return np.array(places), np.stack(pieces)


def refuse_infinite(feats, rows, places):
    """Refuse features that are not finite.

    Raises
    ------
    ValueError
        If there are any.
    """
    finite = torch.isfinite(feats).flatten(1).all(dim=1)
    if not finite.all():
        bad = rows[places[int(finite.int().argmin())]].ID
        raise ValueError(
            f"fragment {bad} has features of NaN or infinity; leave it out"
        )
