"""How much of a training step is the model, and how much what surrounds it."""

import io
import tempfile
from contextlib import redirect_stderr
from pathlib import Path

import speechbrain as sb
import torch
from torch.utils.data import DataLoader

from benchmarks.loading import from_manifest, prepare_noise
from benchmarks.timing import Ratio, Result, median_seconds
from local.experiment import keep_freed_memory, load_experiment
from local.input.datasets import as_batch
from train_speaker_embeddings import make_brain

YAML = "hparams/ecapa_cpu.yaml"
FULL = {"n_segments": 2048, "n_speakers": 500, "n_rounds": 25}
QUICK = {"n_segments": 64, "n_speakers": 8, "n_rounds": 1}
TINY = "{network: {channels: [8, 8, 8, 8, 24], attention_channels: 4, se_channels: 4}}"
NOTE = (
    "What the model leaves of a step is augmentation, features and optimizer. A thread"
    " that prepared the next batch made steps slower: the cores are busy already."
)
QUICK_OPTIONS = ("--batch_size", "4", "--embedding_model", TINY)


def run(quick=False):
    """Time steps of the training script on segments of noise.

    Parameters
    ----------
    quick : bool
        A tiny model and batch, to see that it runs.

    Returns
    -------
    result : Result
        A whole step, loading included, and the model forward and backward on ready
        features.
    """
    keep_freed_memory()  # as the script does
    sizes = QUICK if quick else FULL
    with tempfile.TemporaryDirectory() as folder:
        options = ["--device", "cpu", "--noprogressbar", "--output_folder", folder]
        options += QUICK_OPTIONS if quick else ()
        hparams, run_opts, _ = load_experiment([YAML, *options])
        sizes = {**sizes, "batch_size": hparams["batch_size"]}
        data, drawn = made_segments(Path(folder) / "prepared", sizes)
        brain = ready_brain(hparams, run_opts, data, sizes["n_speakers"])
        batches = endless(DataLoader(data, collate_fn=as_batch, **drawn))
        seconds = median_seconds(
            {
                "whole step": lambda: brain.fit_batch(next(batches)),
                "model forward and backward": model_alone(brain, next(batches)),
                "augmentation and features": features_alone(brain, next(batches)),
                "optimizer": brain.optimizer.step,
            },
            sizes["n_rounds"],
        )
        brain.tensorboard_logger.writer.close()
    step, model, *_ = seconds.values()
    return Result(
        title=f"Training step of {YAML} on the CPU, {brain.precision}",
        sizes=sizes,
        seconds=seconds,
        ratios={
            "model / whole step": Ratio(model / step, "at least 0.9"),
            "training clips/s": Ratio(sizes["batch_size"] / step),
        },
        note=NOTE,
    )


def made_segments(folder, sizes):
    """Return segments of noise in memory and options by which a loader draws them."""
    with redirect_stderr(io.StringIO()):  # no progress bars
        prepare_noise(folder, {**sizes, "n_shards": 1})
        return from_manifest(folder, sizes, max_memory_gb=4)


def endless(loader):
    """Yield the batches of a loader again and again."""
    while True:
        yield from loader


def ready_brain(hparams, run_opts, train_data, n_speakers):
    """Return the Brain of the training script in its first epoch."""
    brain = make_brain(hparams, run_opts, train_data, encoder=range(n_speakers))
    brain.on_fit_start()
    brain.modules.train()
    epoch = next(hparams["epoch_counter"])
    brain.on_stage_start(sb.Stage.TRAIN, epoch)
    brain.step = 1
    return brain


def model_alone(brain, batch):
    """Return a job: forward, loss and backward, from random features."""
    shape = brain.modules.compute_features(batch.sig).shape
    feats = torch.randn(shape, generator=brain.rng)

    def job():
        """Do what a step would be if data and features cost nothing."""
        with brain.training_ctx:
            embeddings = brain.modules.embedding_model(feats)
            outputs = embeddings, batch.spk_id_encoded
            loss = brain.compute_objectives(outputs, batch, sb.Stage.TRAIN)
        loss.backward()
        brain.zero_grad()

    return job


def features_alone(brain, batch):
    """Return a job: all that a step does before the model."""

    def job():
        """Augment a batch and compute its features."""
        with torch.no_grad(), brain.training_ctx:
            wavs, _ = brain.augment(*batch)
            feats = brain.modules.compute_features(wavs)
            feats = brain.modules.mean_var_norm(feats, epoch=brain.epoch)
            brain.hparams.augment_features(feats, brain.rng)

    return job
