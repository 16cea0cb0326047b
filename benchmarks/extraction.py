"""Embeddings a second, beside SpeechBrain's own way with the same weights."""

import shutil
import time
from functools import partial

import torch
from speechbrain.inference.classifiers import EncoderClassifier

from benchmarks.timing import Ratio, Result, median_seconds
from local.experiment import keep_freed_memory
from local.hardware import map_by_cores
from local.scoring.embeddings import encode
from local.scoring.model_folder import load_encoder

MODEL = "results/pretrained/voice-reid-1s"
SAMPLES = 11025
BATCH_SIZES = (8, 16, 32, 64, 128)
FULL = {"n_clips": 1024, "batch_size": 64, "n_rounds": 9}
QUICK = {"n_clips": 4, "batch_size": 2, "n_rounds": 1}
NOTE = (
    "Ours: one batch a core, layers without needless work, and bfloat16 where it says"
    " so. `encode_batch` is SpeechBrain's, all cores on one batch; of the model that"
    " ships it runs our features. torch.compile, on all cores and a batch at a time, is"
    " not among ours: it has to save first what it takes."
)


class Normalization(torch.nn.Module):
    """What a member of a combination does between features and network."""

    def __init__(self, member):
        super().__init__()
        self.register_buffer("mean", member.mean)
        self.register_buffer("std", member.std)

    def forward(self, feats, lengths=None):
        """Return ``feats`` (batch, frames, size) normalised."""
        return (feats - self.mean) / self.std


def ecapa_alone(encoder):
    """Return SpeechBrain's interface to the ECAPA-TDNN of the model that ships."""
    member = encoder.mods.embedding_model.members[0]
    modules = {
        "compute_features": member.compute_features,
        "mean_var_norm": Normalization(member),
        "embedding_model": member.embedding_model,
        "classifier": encoder.mods.classifier,
    }
    options = {"device": "cpu", "precision": encoder.precision}
    return EncoderClassifier(modules, vars(encoder.hparams), options)


def run(quick=False):
    """Time embeddings of clips of noise.

    Parameters
    ----------
    quick : bool
        Few clips, to see that it runs.

    Returns
    -------
    result : Result
        Of the shipped model and of its ECAPA-TDNN alone.
    """
    keep_freed_memory()  # as the scripts do
    sizes = QUICK if quick else FULL
    rng = torch.Generator().manual_seed(0)
    wavs = 0.1 * torch.randn(sizes["n_clips"], SAMPLES, generator=rng)
    stock = EncoderClassifier.from_hparams(source=MODEL, savedir=MODEL)
    lean, bf16 = load_encoder(MODEL), load_encoder(MODEL, precision="bf16")
    encoders = {
        "encode_batch, ECAPA": ecapa_alone(stock),
        "this project, ECAPA": ecapa_alone(lean),
        "this project, ECAPA, bf16": ecapa_alone(bf16),
        "encode_batch": stock,
        "this project": lean,
        "this project, bf16": bf16,
    }
    size = sizes["batch_size"]
    jobs = {
        name: (ours if name.startswith("this") else theirs)(encoder, wavs, size)
        for name, encoder in encoders.items()
    }
    seconds = median_seconds(jobs, sizes["n_rounds"])
    ratios = speedups(seconds)
    ratios |= differences({name: job() for name, job in jobs.items()})
    ratios |= batch_sizes(encoders, wavs, BATCH_SIZES[: 1 if quick else None])
    if not quick and shutil.which("g++"):
        eager = len(wavs) / seconds["this project, ECAPA, bf16"]
        fresh = ecapa_alone(load_encoder(MODEL, precision="bf16"))
        ratios |= compiling(fresh, wavs, eager)
    return Result(
        title="Embeddings of one-second clips",
        sizes={**sizes, "model": MODEL},
        seconds=seconds,
        ratios=ratios,
        note=NOTE,
    )


def ours(encoder, wavs, batch_size):
    """Return a job that embeds all clips as `embed` does."""
    job = partial(encode, encoder)
    return lambda: torch.cat([*map_by_cores(job, wavs.split(batch_size), "cpu")])


def theirs(encoder, wavs, batch_size):
    """Return a job that embeds all clips by SpeechBrain's interface."""

    @torch.inference_mode()
    def embed_all():
        parts = [encoder.encode_batch(part) for part in wavs.split(batch_size)]
        return torch.cat(parts).squeeze(1)

    return embed_all


def batch_sizes(encoders, wavs, sizes):
    """Return clips/s of both ways in batches of several sizes."""
    ratios = {}
    for name, way in (("encode_batch, ECAPA", theirs), ("this project, ECAPA", ours)):
        seconds = median_seconds({n: way(encoders[name], wavs, n) for n in sizes})
        ratios |= {
            f"{name}: clips/s in batches of {n}": Ratio(len(wavs) / s)
            for n, s in seconds.items()
        }
    return ratios


def compiling(encoder, wavs, eager_rate):
    """Return what torch.compile takes and gives, beside clips/s without it."""
    encoder.mods.embedding_model.compile()
    batch = wavs[:64]  # of one size, or it compiles again

    @torch.inference_mode()
    def embed_batch():
        return encode(encoder, batch)

    start = time.perf_counter()
    embed_batch()
    embed_batch()  # the first may compile for any size, when it sees a second
    taken = time.perf_counter() - start
    rate = len(batch) / median_seconds({"compiled": embed_batch}, 15)["compiled"]
    ratios = {
        "ECAPA, bf16, compiled: seconds to compile": Ratio(taken),
        "ECAPA, bf16, compiled: clips/s": Ratio(rate),
    }
    if rate > eager_rate:
        pays_from = taken / (1 / eager_rate - 1 / rate)
        ratios["clips from which compiling pays"] = Ratio(pays_from)
    return ratios


def speedups(seconds):
    """Return how often each of ours goes into SpeechBrain's time."""
    return {
        f"encode_batch / {name}": Ratio(
            seconds["encode_batch" + ", ECAPA" * ("ECAPA" in name)] / s,
            "at least 2" if "ECAPA, bf16" in name else "",
        )
        for name, s in seconds.items()
        if name.startswith("this")
    }


def differences(embeddings):
    """Return the largest 1 - cosine to SpeechBrain's embeddings."""
    return {
        f"largest 1 - cosine, {name}": Ratio(
            largest_difference(
                found, embeddings["encode_batch" + ", ECAPA" * ("ECAPA" in name)]
            ),
            "at most 0.001",
        )
        for name, found in embeddings.items()
        if name.startswith("this")
    }


def largest_difference(found, expected):
    """Return the largest 1 - cosine of two embeddings of one segment."""
    cosines = torch.nn.functional.cosine_similarity(found.double(), expected.double())
    return float((1 - cosines).abs().max())
