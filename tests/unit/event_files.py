"""What TensorBoard reads from the folder of a training, by its own readers."""

import numpy as np
from google.protobuf import text_format
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.projector.projector_config_pb2 import ProjectorConfig


def read_curves(training, without=()):
    """Return steps and values of every curve but some."""
    events = EventAccumulator(str(training / "tensorboard")).Reload()
    return {
        tag: [(event.step, round(event.value, 4)) for event in events.Scalars(tag)]
        for tag in events.Tags()["scalars"]
        if tag not in without
    }


def read_projector(training):
    """Return vectors and labels of the only embeddings."""
    folder = training / "tensorboard"
    text = (folder / "projector_config.pbtxt").read_text()
    [info] = text_format.Parse(text, ProjectorConfig()).embeddings
    labels = (folder / info.metadata_path).read_text().splitlines()
    return np.loadtxt(folder / info.tensor_path, ndmin=2), labels
