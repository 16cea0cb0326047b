"""A model folder -> an ONNX file, which onnxruntime runs without PyTorch.

    python -m local.output.export results/pretrained/voice-reid-1s --output model.onnx \
        --int8 --test_data test_data.pkl --test_labels test_labels.npy

The graph takes any number of segments of one second: samples, or with ``--features
outside`` what the model's own features make of them. It is written only if its
embeddings equal PyTorch's, on the test data or, without, on signals made here.
``--int8`` writes ``model.int8.onnx`` too and tells what the smaller one loses.
"""

import argparse
import logging
import time
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from statistics import median

import numpy as np
import torch

from local.evaluation.retrieval import per_query_metrics
from local.files import replacing
from local.models.combination import Combination
from local.output.export_clips import read_clips
from local.output.onnx_graph import (
    INPUTS,
    OPSET,
    build_graph,
    open_session,
    run_session,
)
from local.output.onnx_int8 import write_int8
from local.progress import inner_steps, named_steps
from local.scoring.model_folder import (
    find_model,
    load_encoder,
    read_facts,
    read_sample_rate,
)
from local.scoring.similarity import cosine_scores, length_normalize

PACKAGES = ("onnx", "onnxruntime", "onnxscript")
TOLERANCE = 1e-4  # between embeddings of length one; rounding makes some 1e-6
BATCH = 32
N_CALIBRATION = 64
N_ROUNDS = 5
USAGE = """\
Use it:
    import onnxruntime
    session = onnxruntime.InferenceSession("{path}")
    embeddings = session.run(None, {{"{input}": {input}}})[0]  # (batch, {emb_dim})
with {input} of float32, (batch, {shape}), from clips at {sample_rate} Hz in -1..1."""


def main(arguments=None):
    """Run `export` from the command line.

    Parameters
    ----------
    arguments : list of str, optional
        By default those the program was started with.
    """
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", help="model folder, or output folder of a training")
    parser.add_argument("--output", type=Path, default=Path("model.onnx"))
    parser.add_argument("--features", choices=INPUTS, default="inside")
    parser.add_argument("--int8", action="store_true", help="needs --test_data")
    parser.add_argument("--test_data", type=Path, help="task pickle, or manifest, .csv")
    parser.add_argument(
        "--test_labels", type=Path, help=".npy, .csv or text; or in the manifest"
    )
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    options = parser.parse_args(arguments)
    try:
        print(export(**vars(options)))
    except (ValueError, OSError) as error:
        parser.exit(1, f"error: {error}\n")


def export(
    model, output, features="inside", int8=False, test_data=None, test_labels=None
):
    """Write a model as ONNX, after a check of its embeddings.

    Parameters
    ----------
    model : str or Path
        As in `local.scoring.model_folder.find_model`.
    output : Path
        The file; what stood there stays unless the check is passed. A quantised graph
        goes beside it, ``<name>.int8.onnx``.
    features : str
        ``"inside"`` the graph, or ``"outside"``.
    int8 : bool
        Write a quantised graph too; ``test_data`` calibrate it.
    test_data, test_labels : Path, optional
        Clips to check with, and their speakers, for R-precision.

    Returns
    -------
    report : str
        What was written, how near and how fast it is, and how to use it.

    Raises
    ------
    ValueError
        If packages are missing, something given does not fit, or embeddings differ.
    """
    check_packages()
    if int8 and test_data is None:
        raise ValueError("--int8 learns its ranges from real clips; give --test_data")
    folder = find_model(model)
    encoder = load_encoder(folder, "cpu")
    check_features(encoder, features)
    clips, spk_ids = read_clips(test_data, test_labels, read_sample_rate(folder))
    inputs = clips if features == "inside" else torch_features(encoder, clips)
    expected = torch_embeddings(encoder, clips)
    facts = describe(folder, features, inputs, clips.shape[1], expected.shape[1])
    parity = write_checked(output, encoder, inputs, expected, facts)
    paths = {"float32": output}
    if int8:
        paths["int8"] = output.with_suffix(".int8.onnx")
        step = -(-len(inputs) // N_CALIBRATION)
        with replacing(paths["int8"]) as temporary:
            write_int8(output, temporary, inputs[::step])
    engines = {"PyTorch": (clips, partial(torch_embeddings, encoder))}
    for name, path in paths.items():
        engines[name] = inputs, partial(run_session, open_session(path))
    rows = [
        f"{name:8} {size_of(paths.get(name))} {measure(*engine, expected, spk_ids)}"
        for name, engine in named_steps(engines, "measure", "engine")
    ]
    source = test_data or "synthetic signals, made here"
    usage = USAGE.format(
        path=output, shape=", ".join(map(str, inputs.shape[1:])), **facts
    )
    return "\n".join(
        [f"Checked on {len(clips)} clips of {source}: {parity}", *rows, usage]
    )


def check_packages():
    """Refuse to go on without what only the export needs.

    Raises
    ------
    ValueError
        Names what is missing and how to install it.
    """
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        raise ValueError(
            f"export to ONNX needs {', '.join(missing)}; pip install -r"
            " requirements-onnx.txt"
        )


def check_features(encoder, features):
    """Refuse features outside the graph of a model that has several kinds.

    Raises
    ------
    ValueError
        If the model is a combination and the features are to be outside.
    """
    if features == "outside" and isinstance(encoder.mods.embedding_model, Combination):
        raise ValueError(
            "--features outside: the members of a combination have features of their"
            " own, which are no single input; take --features inside"
        )


@torch.inference_mode()
def torch_embeddings(encoder, clips, batch_size=BATCH):
    """Return what PyTorch makes of clips (n, samples), as ndarray (n, emb_dim)."""
    parts = inner_steps(torch.from_numpy(clips).split(batch_size), "PyTorch", "batch")
    return torch.cat([encoder.encode_batch(part).flatten(1) for part in parts]).numpy()


@torch.inference_mode()
def torch_features(encoder, clips):
    """Return the model's features of clips, before normalisation, as ndarray."""
    parts = torch.from_numpy(clips).split(BATCH)
    return torch.cat([encoder.mods.compute_features(part) for part in parts]).numpy()


def describe(folder, features, inputs, n_samples, emb_dim):
    """Return what is kept in the file as metadata."""
    model = read_facts(folder)
    return {
        "model": f"{model['experiment']}, {model['name']}, seed {model['seed']}",
        "features": features,
        "input": INPUTS[features],
        "input_shape": " ".join(["batch", *map(str, inputs.shape[1:])]),
        "sample_rate": read_sample_rate(folder),
        "samples": n_samples,
        "emb_dim": emb_dim,
        "opset": OPSET,
    }


def write_checked(output, encoder, inputs, expected, facts):
    """Write the graph unless its embeddings are others than PyTorch's.

    Parameters
    ----------
    output : Path
        The file.
    encoder : speechbrain.inference.classifiers.EncoderClassifier
        What is exported.
    inputs : ndarray, (n, ...)
        Of the graph.
    expected : ndarray, (n, emb_dim)
        PyTorch's embeddings.
    facts : dict
        As from `describe`.

    Returns
    -------
    parity : str
        How far they are apart.

    Raises
    ------
    ValueError
        If the embeddings differ by more than `TOLERANCE`; nothing is written then.
    """
    print("Building the graph: about 15 s", flush=True)
    graph = build_graph(encoder, facts["features"], inputs[:2], facts)
    with replacing(output) as temporary:
        temporary.write_bytes(graph.SerializeToString())
        found = run_session(open_session(temporary), inputs, BATCH)
        found, expected = length_normalize(found), length_normalize(expected)
        difference = np.abs(found - expected).max()
        from_one = np.abs(1 - (found * expected).sum(axis=1)).max()
        parity = f"embeddings differ by {difference:.1e}, cosines from 1 {from_one:.1e}"
        if not max(difference, from_one) <= TOLERANCE:  # NaN is no parity either
            raise ValueError(
                f"{parity}, more than {TOLERANCE:g}: {output} is not written; this"
                " model computes something that the export does not know"
            )
    return parity


def measure(inputs, embed, expected, spk_ids):
    """Say how fast an engine is, how near to PyTorch and, with speakers, how good.

    Parameters
    ----------
    inputs : ndarray, (n, ...)
        Of the engine.
    embed : callable
        Takes them and ``batch_size``, gives embeddings.
    expected : ndarray, (n, emb_dim)
        PyTorch's embeddings.
    spk_ids : ndarray of str, (n,), or None
        Speakers.

    Returns
    -------
    text : str
        The end of a row.
    """
    found = embed(inputs, batch_size=BATCH)
    taken = []
    for _ in range(N_ROUNDS):
        start = time.perf_counter()
        embed(inputs[:BATCH], batch_size=BATCH)
        taken.append(time.perf_counter() - start)
    speed = min(len(inputs), BATCH) / median(taken)
    near = (length_normalize(found) * length_normalize(expected)).sum(axis=1).mean()
    text = f"{speed:7,.0f} clips/s, cosine with PyTorch {near:.4f}"
    if spk_ids is None:
        return text
    figures = per_query_metrics(cosine_scores(found), spk_ids)
    return f"{text}, R-precision {100 * figures['r_precision'].mean():.2f} %"


def size_of(path):
    """Return the size of a file for people; of none, so many blanks."""
    return f"{path.stat().st_size / 1e6:6.1f} MB" if path else " " * 9


if __name__ == "__main__":
    main()
