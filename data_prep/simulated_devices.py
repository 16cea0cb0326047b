r"""Let every segment of a test come from a device and a room of its own.

Where all segments of a person stem from one recording, a model can tell recordings
apart instead of people. Here each segment is played in a room and picked up by a
device, both simulated and drawn anew for each: room (`data_prep.simulated_room`),
noise, hum, microphone, level (`data_prep.simulated_recording`), line and codec
(`data_prep.simulated_line`). No code is shared with the augmentation of the training,
so no model can have learnt this very simulator. Into the folder of the output go

- the output, a pickle ``[data]``: float32 on the steps of a 16-bit WAV, in the order of
  the input;
- ``labels.npy`` or ``test_labels.npy``, copied if it lies beside the input;
- ``devices.csv``: what was drawn for each segment.

How far the devices lie apart is the severity, ``mild`` or ``default``. What is drawn
for a segment depends on the seed and its position alone::

    python -m data_prep.simulated_devices --test_data data/demo/test_data.pkl \
        --output data/demo_devices/test_data.pkl --seed 1986
"""

import argparse
import logging
import pickle
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from tqdm import tqdm

from data_prep.files import open_replacing
from data_prep.sample_scale import decoded_blocks
from data_prep.segment_checks import read_checked
from data_prep.simulated_recording import SEVERITIES, draw_device, record

logger = logging.getLogger(__name__)

SAMPLE_RATE = 11025  # Hz; a segment is one second
LABEL_FILES = ("labels.npy", "test_labels.npy")
DEVICES_FILE = "devices.csv"
HEADER = "segment,t60_s,distance_m,snr_db,hum_snr_db,level_db,line_hz,codec\n"


def simulate_devices(test_data, output, severity="default", seed=1986):
    """Write a test whose every segment has a device and a room of its own.

    Parameters
    ----------
    test_data : str or Path
        Segments, in a form that `data_prep.task_file` reads; labels in it are not used.
    output : str or Path
        The pickle to write, in a folder of its own; the other files go beside it.
    severity : {"default", "mild"}
        How far the devices lie apart.
    seed : int
        Chooses the devices, at least 0.

    Raises
    ------
    ValueError
        If a setting or the test is not as expected.
    FileNotFoundError
        If there is no such test.
    FileExistsError
        If the folder of the output holds such files of some other origin.
    """
    if severity not in SEVERITIES or seed < 0:
        raise ValueError(
            f"expected a severity of {', '.join(SEVERITIES)} and a seed of 0 or more,"
            f" got {severity} and {seed}"
        )
    test_data, output = Path(test_data), Path(output)
    _refuse_other_files(output)
    samples = read_checked(test_data, False, SAMPLE_RATE, "error", False).samples
    wavs = (wav for _, block in decoded_blocks(samples) for wav in block)
    segments, devices = [], []
    for i, wav in enumerate(tqdm(wavs, "devices", len(samples), disable=None)):
        rng = np.random.default_rng([seed, i])
        devices.append(draw_device(SEVERITIES[severity], SAMPLE_RATE, rng))
        segments.append(record(wav, devices[-1], SAMPLE_RATE, rng))
    _write(output, test_data.parent, np.stack(segments), devices)
    logger.info("%s: %d segments, severity %s", output, len(segments), severity)


def _refuse_other_files(output):
    """Keep the files of a real test from being overwritten."""
    table = output.parent / DEVICES_FILE
    ours = table.is_file() and table.read_bytes().startswith(HEADER.encode())
    names = (output.name, *LABEL_FILES, DEVICES_FILE)
    present = [name for name in names if (output.parent / name).exists()]
    if present and not ours:
        raise FileExistsError(
            f"{output.parent} holds {', '.join(present)} not written by this program"
            f" (it would have left a {DEVICES_FILE} of its own); choose another folder"
        )


def _write(output, source_folder, data, devices):
    """Write all files or none."""
    folder = output.parent
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        table = stack.enter_context(open_replacing(folder / DEVICES_FILE))
        table.write(HEADER + "".join(_row(*item) for item in enumerate(devices)))
        for name in LABEL_FILES:
            if (source_folder / name).is_file():
                labels = stack.enter_context(open_replacing(folder / name, "wb"))
                labels.write((source_folder / name).read_bytes())
        file = stack.enter_context(open_replacing(output, "wb"))
        pickle.dump([data], file, protocol=4)
    for name in LABEL_FILES:  # those of an earlier input would be wrong
        if not (source_folder / name).is_file():
            (folder / name).unlink(missing_ok=True)


def _row(segment, device):
    """Word a device as a row of the table."""
    room, line = device.room, device.line
    return (
        f"{segment},{room.t60_s:.3f},{room.distance_m:.3f},{device.snr_db:.1f},"
        f"{device.hum_snr_db:.1f},{device.level_db:.1f},{line.rate},{line.codec}\n"
    )


def main():
    """Run `simulate_devices` from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--test_data", required=True)
    parser.add_argument("--output", required=True)
    parser.add_argument("--severity", default="default", choices=SEVERITIES)
    parser.add_argument("--seed", type=int, default=1986)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        simulate_devices(**vars(parser.parse_args()))
    except (ValueError, OSError) as error:
        parser.exit(1, f"error: {error}\n")


if __name__ == "__main__":
    main()
