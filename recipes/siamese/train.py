r"""Train a Siamese network to tell whether two fragments are of one speaker.

    python -m recipes.siamese.train recipes/siamese/hparams/mfcc.yaml \
        --librispeech_folder LibriSpeech

The YAML is the experiment: any of its keys can be changed on the command line. The
corpus is cut into fragments and these become features, once; then pairs (or triplets)
are drawn, and after every so many steps the network is tried on validation speakers.
A training that was killed goes on from there when the same command is given again. At
the end the best network is measured as `recipes.siamese.evaluate` does it.
"""

import logging
import time
from pathlib import Path
from statistics import mean

import speechbrain as sb
import torch
from tqdm import tqdm

from local.checkpoints import CompleteCheckpointer
from local.experiment import load_experiment, refuse_to_overwrite, run
from local.input.samplers import epoch_seed
from local.output.plots import read_training_log
from recipes.siamese.batches import DrawnBatches
from recipes.siamese.evaluate import measure
from recipes.siamese.features import read_rows
from recipes.siamese.losses import l2_groups
from recipes.siamese.model import (
    as_tested,
    embed,
    load_role,
    make_modules,
    recover_best,
)
from recipes.siamese.plots import plot_steps, plot_validation
from recipes.siamese.step_log import StepLog, read_steps

logger = logging.getLogger(__name__)


class SiameseBrain(sb.Brain):
    """Trains encoder and head; an epoch is the steps between two validations.

    What an epoch draws depends on the seed and the epoch alone: a resumed run repeats
    exactly what an uninterrupted one does.
    """

    def init_optimizers(self):
        """Give the optimizer the weights in two groups: punished for size, and not."""
        groups = l2_groups(
            self.modules.encoder, self.modules.objective, l2=self.hparams.l2
        )
        self.optimizer = self.opt_class(groups)
        self.optimizers_dict = {"opt_class": self.optimizer}
        self.checkpointer.add_recoverable("optimizer", self.optimizer)

    def on_fit_start(self):
        """Recover, and go on with the log of steps from there."""
        super().on_fit_start()
        done = self.hparams.epoch_counter.current * len(self.batches)
        self.steps.go_on_after(done)
        total = self.hparams.n_epochs * len(self.batches)
        self.bar = tqdm(
            desc="train", initial=done, total=total, unit="step", disable=None
        )

    def on_stage_start(self, stage, epoch=None):
        """Seed the epoch."""
        torch.manual_seed(epoch_seed(self.hparams.seed, epoch))  # dropout
        self.batches.set_epoch(epoch)
        self.step = 0  # checkpoints are saved before SpeechBrain counts anew
        self.losses, self.accuracies = [], []
        self.epoch_start = time.monotonic()

    def compute_forward(self, batch, stage):
        """Return embeddings (batch, m, emb_dim) of m fragments an item, and targets."""
        feats, target = (part.to(self.device) for part in batch)
        sizes = feats.shape[:2]
        feats = self.modules.normalizer(feats.flatten(0, 1))
        return self.modules.encoder(feats).unflatten(0, sizes), target

    def compute_objectives(self, predictions, batch, stage):
        """Return the loss; keep how many items were judged rightly."""
        with torch.autocast(self.device_type, enabled=False):  # scores need all digits
            loss, correct = self.modules.objective(*predictions)
        self.accuracies.append(correct.float().mean().item())
        return loss

    def on_fit_batch_end(self, batch, outputs, loss, should_step):
        """Keep the loss and move the progress bar."""
        self.losses.append(loss.item())
        self.bar.set_postfix(loss=f"{self.losses[-1]:.3f}", refresh=False)
        self.bar.update()

    def on_stage_end(self, stage, stage_loss, epoch=None):
        """Validate, log, keep the best checkpoint and the last."""
        seconds = time.monotonic() - self.epoch_start
        accuracy = self.validate()
        self.steps.add(self.losses, self.accuracies)
        self.hparams.train_logger.log_stats(
            {"epoch": epoch, "seconds": seconds},
            train_stats={
                "loss": mean(self.losses),
                "accuracy": mean(self.accuracies),
            },
            valid_stats={"accuracy": accuracy},
        )
        self.checkpointer.save_and_keep_only(
            meta={"accuracy": accuracy, "epoch": epoch},
            max_keys=["accuracy"],
            importance_keys=[],  # SpeechBrain's default is one list that grows
            num_to_keep=1,
        )

    def validate(self):
        """Return the one-shot accuracy on the validation speakers."""
        protocol, batch_size = self.hparams.protocol, self.hparams.embed_batch_size
        modules = as_tested(self.modules, self.valid, protocol)
        embeddings = embed(modules, self.valid.feats, batch_size, self.device)
        return protocol.one_shot(
            self.valid, modules["objective"], embeddings, self.hparams.valid_ways
        )


def start_from(folder, modules):
    """Begin with the encoder and normalizer of another training, its best ones.

    Raises
    ------
    OSError, ValueError
        As `recipes.siamese.model.recover_best`.
    """
    if not Path(folder, "save").is_dir():  # a checkpointer would make it
        raise FileNotFoundError(
            f"start_from: {folder}/save: no checkpoint; train that one first"
        )
    parts = {name: modules[name] for name in ("normalizer", "encoder")}
    try:
        recover_best(CompleteCheckpointer(f"{folder}/save", recoverables=parts))
    except (ValueError, OSError) as error:
        raise type(error)(f"start_from: {error}") from error


def refuse_in_vain(hparams):
    """Refuse settings that would fail only in training, or after it.

    Raises
    ------
    ValueError
        If a role has fewer speakers than its tasks.
    """
    protocol = hparams["protocol"]
    for role, keys, k in (
        ("valid", "valid_ways", hparams["valid_ways"]),
        (
            "test",
            "max_ways or shots_ways",
            max(protocol.max_ways, *protocol.shots_ways),
        ),
        ("test_late", "class_ways", max(protocol.class_ways)),
        ("seen_late", "class_ways", max(protocol.class_ways)),
    ):
        manifest = Path(hparams["prepared_folder"]) / f"{role}.csv"
        n = len({row.spk_id for row in read_rows(manifest, hparams["data_root"])})
        if k > n:
            raise ValueError(
                f"{keys}: {k} speakers to choose from, but {manifest} has {n}; lower"
                " it, or take more speakers"
            )


def refuse_misfit(modules, feats):
    """Refuse features that the encoder cannot take.

    Raises
    ------
    ValueError
        If it fails on them.
    """
    try:
        embed(modules, feats[:1], 1, "cpu")
    except RuntimeError as error:
        raise ValueError(
            f"the encoder cannot take features {feats.shape[1:]}"
            f" ({str(error).splitlines()[0]}); change encoder, representation or"
            " fragment_seconds"
        ) from error


def train(arguments):
    """Prepare and train; return the experiment and the device."""
    hparams, run_opts, overrides = load_experiment(arguments, ["save_folder"])
    folders = hparams["output_folder"], hparams["save_folder"]
    refuse_to_overwrite(*folders, run_opts["debug"], arguments[0], overrides)
    sb.create_experiment_directory(hparams["output_folder"], arguments[0], overrides)
    hparams["prepare_data"]()
    refuse_in_vain(hparams)
    train_data = load_role(hparams, "train")
    modules = make_modules(hparams)
    modules["normalizer"].fit(train_data.feats)
    refuse_misfit(modules, train_data.feats)
    if hparams["start_from"]:
        start_from(hparams["start_from"], modules)
    brain = SiameseBrain(
        modules=modules,
        opt_class=hparams["opt_class"],
        hparams=hparams,
        run_opts=run_opts,
        checkpointer=hparams["checkpointer"],
    )
    brain.batches = DrawnBatches(
        train_data.feats,
        hparams["sampler"](*train_data[1:4]),
        modules["objective"],
        *(hparams[key] for key in ("batch_size", "steps_per_epoch", "seed")),
    )
    brain.valid = load_role(hparams, "valid")
    brain.steps = StepLog(f"{hparams['output_folder']}/steps.csv")
    loader = {"batch_size": None}  # it gives batches
    brain.fit(
        hparams["epoch_counter"],
        brain.batches,
        progressbar=False,  # the Brain's own counts all steps
        train_loader_kwargs=loader,
    )
    brain.bar.close()
    return hparams, brain.device


def draw_training(hparams):
    """Draw loss and accuracy of the steps, and the accuracy in validation."""
    output = Path(hparams["output_folder"])
    steps = read_steps(output / "steps.csv")
    plot_steps(*steps.values(), output / "training")
    rows = read_training_log(output / "train_log.txt")
    plot_validation(
        rows, "valid accuracy", hparams["valid_ways"], output / "validation"
    )


def main(arguments):
    """Train, then measure the best."""
    hparams, device = train(arguments)
    draw_training(hparams)
    measure(hparams, device)


if __name__ == "__main__":
    run(main)
