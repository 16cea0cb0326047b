"""Write the files of a task: training pickle, test pickle, and labels of their own."""

import pickle
from pathlib import Path

import numpy as np

from data_prep.files import open_replacing

TASK_FILES = ("raw_data.pkl", "test_data.pkl", "test_labels.npy")


def write_task(folder, train, test, rng):
    """Write all three files or none, the test segments shuffled.

    Parameters
    ----------
    folder : str or Path
        Made if need be; gets ``raw_data.pkl`` = ``[data, labels]``, ``test_data.pkl``
        = ``[data]`` and ``test_labels.npy``.
    train, test : (ndarray, (n_segments, n_samples), ndarray, (n_segments,))
        Segments and labels.
    rng : numpy.random.Generator
        Shuffles the test segments, so that nothing can be read off their order.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    test_data, test_labels = test
    order = rng.permutation(len(test_labels))
    raw_path, test_path, labels_path = (folder / name for name in TASK_FILES)
    with (
        open_replacing(raw_path, "wb") as raw_file,
        open_replacing(test_path, "wb") as test_file,
        open_replacing(labels_path, "wb") as labels_file,
    ):
        pickle.dump(list(train), raw_file, protocol=4)
        pickle.dump([test_data[order]], test_file, protocol=4)
        np.save(labels_file, test_labels[order])
