"""How much of a training step is the model, and how much what surrounds it."""

import tempfile
from types import SimpleNamespace

import speechbrain as sb
import torch

from benchmarks.timing import Ratio, Result, median_seconds
from local.experiment import keep_freed_memory, load_experiment
from local.input.datasets import SegmentBatch
from train_speaker_embeddings import make_brain

YAML = "hparams/ecapa_cpu.yaml"
N_SPEAKERS = 500
TINY = "{network: {channels: [8, 8, 8, 8, 24], attention_channels: 4, se_channels: 4}}"
QUICK_OPTIONS = ("--batch_size", "4", "--embedding_model", TINY)


def run(quick=False):
    """Time steps of the training script on random segments in memory.

    Parameters
    ----------
    quick : bool
        A tiny model and batch, to see that it runs.

    Returns
    -------
    result : Result
        A whole step, and the model forward and backward on ready features.
    """
    keep_freed_memory()  # as the script does
    with tempfile.TemporaryDirectory() as folder:
        options = ["--device", "cpu", "--noprogressbar", "--output_folder", folder]
        options += QUICK_OPTIONS if quick else ()
        hparams, run_opts, _ = load_experiment([YAML, *options])
        batch = random_batch(hparams)
        brain = ready_brain(hparams, run_opts, batch)
        seconds = median_seconds(
            {
                "whole step": lambda: brain.fit_batch(batch),
                "model forward and backward": model_alone(brain, batch),
            }
        )
        brain.tensorboard_logger.writer.close()
    step, model = seconds.values()
    return Result(
        title=f"Training step of {YAML} on the CPU, {brain.precision}",
        sizes={"batch_size": len(batch.sig)},
        seconds=seconds,
        ratios={"model / whole step": Ratio(model / step, "at least 0.9")},
    )


def random_batch(hparams):
    """Return segments of noise of as many speakers."""
    rng = torch.Generator().manual_seed(hparams["seed"])
    size = hparams["batch_size"], hparams["segment_samples"]
    sig = 0.1 * torch.randn(size, generator=rng)
    return SegmentBatch(sig, torch.arange(len(sig)))


def ready_brain(hparams, run_opts, batch):
    """Return the Brain of the training script in its first epoch."""
    # Of the data, make_brain needs to know the speaker of each segment alone.
    train_data = SimpleNamespace(spk_id_encoded=batch.spk_id_encoded)
    brain = make_brain(hparams, run_opts, train_data, encoder=range(N_SPEAKERS))
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

    def job():  # what a step would be if data and features cost nothing
        with brain.training_ctx:
            embeddings = brain.modules.embedding_model(feats)
            outputs = embeddings, batch.spk_id_encoded
            loss = brain.compute_objectives(outputs, batch, sb.Stage.TRAIN)
        loss.backward()
        brain.zero_grad()

    return job
