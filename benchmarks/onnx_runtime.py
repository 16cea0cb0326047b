"""Embeddings of the model that ships: by PyTorch, and exported, by onnxruntime."""

import tempfile
from functools import partial
from pathlib import Path

import numpy as np
import torch

from benchmarks.timing import Ratio, Result, median_seconds
from local.output.export import (
    check_packages,
    describe,
    torch_embeddings,
    write_checked,
)
from local.output.onnx_graph import open_session, run_session
from local.output.onnx_int8 import write_int8
from local.scoring.model_folder import load_encoder

MODEL = Path("results/pretrained/voice-reid-1s")
N_SAMPLES = 11025
BATCH = 32
NOTE = (
    "One batch at a time, on all cores. The export is for machines without PyTorch, not"
    " for speed."
)


def run(quick=False):
    """Time the embedding of a batch of noise: speed does not depend on what is heard.

    Parameters
    ----------
    quick : bool
        One member of the model alone and a smaller batch, to see that it runs.

    Returns
    -------
    result : Result
        The graph in 32 bits gives PyTorch's embeddings, or `write_checked` raises.
    """
    check_packages()
    encoder = load_encoder(MODEL, "cpu")
    if quick:
        model = encoder.mods.embedding_model
        model.members, model.weights = model.members[-1:], [1.0]
    n_clips = 2 if quick else BATCH
    clips = np.random.default_rng(0).standard_normal((n_clips, N_SAMPLES)) / 10
    clips = clips.astype(np.float32)
    expected = torch_embeddings(encoder, clips)
    facts = describe(MODEL, "inside", clips, N_SAMPLES, expected.shape[1])
    jobs = {"PyTorch": partial(torch_embeddings, encoder, clips)}
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: Path(folder) / f"{name}.onnx" for name in ("float32", "int8")}
        write_checked(paths["float32"], encoder, clips, expected, facts)
        write_int8(*paths.values(), clips)
        sizes = {f"{k}, MB": round(p.stat().st_size / 1e6, 1) for k, p in paths.items()}
        for name, path in paths.items():
            session = open_session(path, torch.get_num_threads())
            jobs[f"onnxruntime, {name}"] = partial(run_session, session, clips, BATCH)
        seconds = median_seconds(jobs)
    torch_s, float_s, int8_s = seconds.values()
    rates = {f"{name}, clips/s": Ratio(n_clips / s) for name, s in seconds.items()}
    return Result(
        title=f"Embedding by {MODEL.name}, exported to ONNX, on the CPU",
        sizes={"batch_size": n_clips, **sizes},
        seconds=seconds,
        ratios={
            "PyTorch / onnxruntime, float32": Ratio(torch_s / float_s),
            "PyTorch / onnxruntime, int8": Ratio(torch_s / int8_s),
            **rates,
        },
        note=NOTE,
    )
