"""A trained encoder -> one ONNX graph that runs in onnxruntime, without PyTorch."""

import logging
import warnings
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from speechbrain.lobes.models import ECAPA_TDNN
from speechbrain.nnet.pooling import StatisticsPooling

from local.output.real_spectrum import RealSpectrum
from local.progress import inner_steps

OPSET = 18
INPUTS = {"inside": "wavs", "outside": "features"}


class Embedder(torch.nn.Module):
    """An encoder from its input to embeddings (batch, emb_dim), to be traced.

    Parameters
    ----------
    modules : torch.nn.ModuleDict
        ``compute_features``, ``mean_var_norm``, ``embedding_model``.
    features : str
        ``"inside"``: it takes wavs (batch, samples); ``"outside"``: features (batch,
        frames, size) before normalisation.
    """

    def __init__(self, modules, features):
        super().__init__()
        # Not a submodule: torch.export keeps book of the submodules it is in, and
        # loses count where SpeechBrain's x-vector catches an exception of a layer.
        self.hidden = [modules]
        self.features = features

    def forward(self, x):
        """Return embeddings of wavs or of features."""
        (modules,) = self.hidden
        with RealSpectrum(), whole_segments():
            feats = modules.compute_features(x) if self.features == "inside" else x
            feats = modules.mean_var_norm(feats, torch.ones(feats.shape[0]))
            return modules.embedding_model(feats).flatten(1)


@contextmanager
def whole_segments():
    """Let SpeechBrain's pooling take every segment as whole, and add no noise.

    ECAPA's mask of padding fixes the batch to the size it was traced with, though
    there is no padding; an x-vector's mean gets random noise of some 1e-5.

    Yields
    ------
    nothing : None
        For as long as the block lasts.
    """
    ours = (
        (ECAPA_TDNN, "length_to_mask", lambda _, max_len, **__: torch.ones(1, max_len)),
        (StatisticsPooling, "_get_gauss_noise", lambda _, shape, **__: torch.zeros(())),
    )
    theirs = [(owner, name, getattr(owner, name)) for owner, name, _ in ours]
    try:
        for owner, name, function in ours:
            setattr(owner, name, function)
        yield
    finally:
        for owner, name, function in theirs:
            setattr(owner, name, function)


def build_graph(encoder, features, example, facts):
    """Trace an encoder.

    Parameters
    ----------
    encoder : speechbrain.inference.classifiers.EncoderClassifier
        On the CPU.
    features : str
        As in `Embedder`.
    example : ndarray, (2 or more, ...)
        Some input, float32. The graph takes any batch; all else is as here.
    facts : dict
        Kept in the file as metadata, as text.

    Returns
    -------
    graph : onnx.ModelProto
        Of ``embeddings`` (batch, emb_dim) from ``wavs`` or ``features``.
    """
    from onnx_ir.passes import common

    logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # it misses torchvision
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # deprecations inside the exporter
        program = torch.onnx.export(
            Embedder(encoder.mods, features).eval(),
            (torch.from_numpy(example),),
            dynamo=True,
            dynamic_shapes=({0: "batch"},),
            input_names=[INPUTS[features]],
            output_names=["embeddings"],
            opset_version=OPSET,
            verbose=False,
        )
    # Members of a combination share features: once equal windows and matrices, which
    # the exporter leaves apart when large, are one, so are the products with them.
    common.DeduplicateInitializersPass(size_limit=2**24)(program.model)
    common.CommonSubexpressionEliminationPass(size_limit=2**24)(program.model)
    common.RemoveUnusedNodesPass()(program.model)
    graph = program.model_proto
    for key, value in facts.items():
        graph.metadata_props.add(key=key, value=str(value))
    return graph


def open_session(path, n_threads=0):
    """Open an ONNX file in onnxruntime, on the CPU.

    Parameters
    ----------
    path : str or Path
        The file.
    n_threads : int
        0: as many as there are cores.

    Returns
    -------
    session : onnxruntime.InferenceSession
        To `run`.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = n_threads
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        Path(path), options, providers=["CPUExecutionProvider"]
    )


def run_session(session, inputs, batch_size):
    """Return embeddings (n, emb_dim) of inputs (n, ...), ndarrays of float32."""
    (name,) = (given.name for given in session.get_inputs())
    starts = inner_steps(range(0, len(inputs), batch_size), "ONNX", "batch")
    parts = [session.run(None, {name: inputs[i : i + batch_size]})[0] for i in starts]
    return np.concatenate(parts)
