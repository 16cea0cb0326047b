"""Train speaker embeddings on one-second segments.

    python train_speaker_embeddings.py hparams/ecapa.yaml --data_pickle raw_data.pkl

The YAML is the experiment: any of its keys can be changed on the command line
(``--seed 7``), and SpeechBrain's run options go with it (``--device cuda``,
``--precision bf16``, ``--debug``). The data are prepared first, by the function the
YAML names. A training that was killed goes on from its last epoch when the same
command is given again, and ends in the same figures. Under ``torchrun`` several
processes share every batch: the batches are those of one. The result is a model folder,
``<output_folder>/model``, that ``verify.py`` and SpeechBrain's ``EncoderClassifier``
load.
"""

import logging
import time
from pathlib import Path

import speechbrain as sb
import torch
from speechbrain.dataio.encoder import CategoricalEncoder
from speechbrain.utils.distributed import run_on_main
from tqdm import tqdm

from local.distributed import gather, no_bar, processes
from local.evaluation.validation import validation_figures
from local.experiment import load_experiment, refuse_to_overwrite, run
from local.input.datasets import SegmentDataset, as_batch
from local.input.samplers import ShareOfBatches, epoch_seed
from local.input.shards import ShardedSegments
from local.models.data_parallel import DataParallelBrain
from local.models.lean import make_lean
from local.output.tensorboard import go_on_after, log_embeddings, log_epoch
from local.output.trained_model import export_model
from local.scoring.embeddings import load_embeddings
from local.scoring.similarity import cosine_scores

# What training asks for only once it runs; the rest is missed at once.
NEEDED = (
    *("seed", "sampler", "speed_speakers", "augment_wavs", "augment_features"),
    *("loss", "margin_schedule", "lr_schedule", "train_logger", "n_epochs", "n_keep"),
    *("gallery_speakers", "gallery_segments", "n_galleries"),
)

logger = logging.getLogger(__name__)


class SpeakerBrain(DataParallelBrain):
    """Trains an embedding model to tell the training speakers apart.

    Randomness depends on the seed, the epoch and the rank of the process alone, and
    what moves during training (learning rate, margin) on progress alone: a resumed run
    repeats exactly what an uninterrupted one does.
    """

    def on_fit_start(self):
        """Recover; at the very start, let a model that can begin with a closed form."""
        model = self.modules.embedding_model
        new = run_on_main(self.checkpointer.find_checkpoint) is None
        if new and hasattr(model, "initialize"):
            norm = self.modules.mean_var_norm
            norm._load_statistics_dict(run_on_main(self.begin, [model]))
            norm.to(self.device)
        super().on_fit_start()  # hands the weights of rank 0 to the other processes
        done = self.hparams.epoch_counter.current
        go_on_after(self.tensorboard_logger, done)
        if done:
            logger.info("goes on after epoch %d of %d", done, self.hparams.n_epochs)

    def begin(self, model):
        """Start from the closed form, and return what normalisation learnt by it."""
        model.initialize(*self.first_looks(model.n_looks), self.modules.classifier)
        # From here to processes on other devices.
        return self.modules.mean_var_norm.to("cpu")._statistics_dict()

    @torch.no_grad()
    def first_looks(self, n_looks):
        """Return features (n, frames, size) and classes (n,) as training will see them.

        Normalisation takes its statistics from them.
        """
        self.rng = torch.Generator(self.device).manual_seed(self.hparams.seed)
        feats, classes = [], []
        for look in range(1, n_looks + 1):
            self.sampler.set_epoch(self.hparams.n_epochs + look)  # not one to train on
            for batch in tqdm(self.sampler, "first look", unit="batch", disable=None):
                if not self.hparams.shards:  # they give batches, the sampler rows
                    batch = self.train_data.__getitems__(batch)
                wavs, drawn = self.augment(*batch.to(self.device))
                feats.append(self.modules.compute_features(wavs))
                classes.append(drawn)
        feats = self.modules.mean_var_norm(torch.cat(feats), epoch=0)
        return feats, torch.cat(classes)

    def augment(self, wavs, spk_id_encoded):
        """Return wavs and classes, played at drawn speeds and over drawn channels."""
        wavs, classes = self.hparams.speed_speakers(wavs, spk_id_encoded, self.rng)
        return self.hparams.augment_wavs(wavs, self.rng), classes

    def on_stage_start(self, stage, epoch=None):
        """Seed the epoch, or get ready to collect validation embeddings."""
        if stage == sb.Stage.VALID:
            self.valid_embeddings = []
            self.bar = self.clip_bar("validate", len(self.valid_spk_ids), leave=False)
            return
        rank, _ = processes()
        seed = epoch_seed(self.hparams.seed, epoch, rank)
        torch.manual_seed(seed)  # dropout, if the model has any
        self.rng = torch.Generator(self.device).manual_seed(seed)
        self.sampler.set_epoch(epoch)
        self.epoch = epoch
        self.epoch_start = time.monotonic()
        self.n_clips = 0
        n_clips = len(self.sampler) * self.sampler.batch_size
        self.bar = self.clip_bar(f"epoch {epoch}/{self.hparams.n_epochs}", n_clips)

    def clip_bar(self, what, n_clips, leave=True):
        """Return a progress bar that counts clips, if bars are wanted."""
        disable = True if self.noprogressbar else no_bar()
        return tqdm(None, what, n_clips, leave, unit="clip", disable=disable)

    def on_fit_batch_start(self, batch, should_step):
        """Set learning rate and margin for where training stands."""
        n_steps = self.hparams.n_epochs * len(self.sampler)
        done = (self.epoch - 1) * len(self.sampler) + self.step - 1
        progress = done / max(n_steps - 1, 1)
        self.lr = self.hparams.lr_schedule(progress)
        self.margin = self.hparams.margin_schedule(progress)
        for group in self.optimizer.param_groups:
            group["lr"] = self.lr
        self.hparams.loss.set_margin(self.margin)

    def compute_forward(self, batch, stage):
        """Return embeddings (batch, 1, emb_dim) and classes (batch,)."""
        wavs, spk_id_encoded = batch.to(self.device)
        if stage == sb.Stage.TRAIN:
            wavs, spk_id_encoded = self.augment(wavs, spk_id_encoded)
        feats = self.modules.compute_features(wavs)  # (batch, frames, mels)
        feats = self.modules.mean_var_norm(
            feats, epoch=self.hparams.epoch_counter.current
        )
        if stage == sb.Stage.TRAIN:
            feats = self.hparams.augment_features(feats, self.rng)
        return self.modules.embedding_model(feats), spk_id_encoded

    def compute_objectives(self, predictions, batch, stage):
        """Return the loss; validation speakers have no class and no loss."""
        embeddings, classes = predictions
        if stage != sb.Stage.TRAIN:
            self.valid_embeddings.append(embeddings.squeeze(1).float().cpu())
            self.bar.update(len(embeddings))
            return torch.zeros(1)
        outputs = self.modules.classifier(embeddings)
        return self.hparams.loss(outputs, classes.unsqueeze(1))

    def on_fit_batch_end(self, batch, outputs, loss, should_step):
        """Count clips and move the progress bar."""
        self.n_clips += self.sampler.batch_size  # those of all processes
        self.bar.set_postfix(loss=f"{float(loss.detach()):.3f}", refresh=False)
        self.bar.update(self.sampler.batch_size)

    def on_stage_end(self, stage, stage_loss, epoch=None):
        """After validation: log, keep the best checkpoints, stop early."""
        self.bar.close()
        if stage == sb.Stage.TRAIN:
            loss = torch.tensor(stage_loss, dtype=torch.double, device=self.device)
            self.train_stats = {"loss": gather(loss).mean().item()}
            self.train_seconds = time.monotonic() - self.epoch_start
            return
        embeddings = torch.cat(self.valid_embeddings).numpy()
        figures = run_on_main(self.validate, [embeddings])  # all decide by the same
        facts = {
            "epoch": epoch,
            "lr": self.lr,
            "margin": self.margin,
            "seconds": self.train_seconds,
            "clips_per_second": self.n_clips / self.train_seconds,
        }
        stats = {"train_stats": self.train_stats, "valid_stats": figures}
        self.hparams.train_logger.log_stats(facts, **stats)
        log_epoch(self.tensorboard_logger, facts, **stats)
        self.hparams.epoch_counter.update_metric(figures["r_precision"])
        self.checkpointer.save_and_keep_only(
            meta={"r_precision": figures["r_precision"], "epoch": epoch},
            max_keys=["r_precision"],
            importance_keys=[],  # SpeechBrain's default is one list that grows
            num_to_keep=self.hparams.n_keep,
        )

    def validate(self, embeddings):
        """Return the figures of galleries drawn from the validation speakers."""
        return validation_figures(
            cosine_scores(embeddings),
            self.valid_spk_ids[: len(embeddings)],
            n_speakers=self.hparams.gallery_speakers,
            n_segments=self.hparams.gallery_segments,
            n_draws=self.hparams.n_galleries,
            seed=self.hparams.seed,
        )


def make_dataset(hparams, manifest):
    """Return the segments of one of the prepared manifests."""
    return SegmentDataset(
        Path(hparams["prepared_folder"]) / manifest,
        data_root=hparams["prepared_folder"],
        sample_rate=hparams["sample_rate"],
        max_memory_gb=hparams["max_memory_gb"],
    )


def make_train_data(hparams):
    """Return the training segments; from shards, if any, which draw their batches."""
    if not hparams["shards"]:
        return make_dataset(hparams, "train.csv")
    settings = {
        key: hparams[key]
        for key in ("sample_rate", "batch_size", "balance", "shuffle_buffer", "seed")
    }
    return ShardedSegments(f"{Path(hparams['prepared_folder'])}_shards", **settings)


def make_label_encoder(hparams, spk_ids):
    """Return the numbers of the training speakers, as an earlier start gave them.

    Raises
    ------
    ValueError
        If the earlier start was given other speakers.
    """
    path = Path(hparams["output_folder"]) / "label_encoder.txt"
    encoder = CategoricalEncoder()
    encoder.load_or_create(path, from_iterables=[sorted(set(spk_ids))])
    if set(encoder.lab2ind) != set(spk_ids):
        raise ValueError(
            f"{path} names {len(encoder)} other speakers than the training data"
            f" ({len(set(spk_ids))}); give this data another output_folder"
        )
    return encoder


def make_brain(hparams, run_opts, train_data, encoder):
    """Build what depends on the data: classes, classifier, sampler; and the Brain."""
    hparams["speed_speakers"] = hparams["speed_speakers"](n_speakers=len(encoder))
    classifier = hparams["classifier"](out_neurons=hparams["speed_speakers"].n_classes)
    hparams["checkpointer"].add_recoverable("classifier", classifier)
    brain = SpeakerBrain(
        modules={**hparams["modules"], "classifier": classifier},
        opt_class=hparams["opt_class"],
        hparams=hparams,
        run_opts=run_opts,
        checkpointer=hparams["checkpointer"],
    )
    make_lean(brain.modules)
    brain.sampler = train_data  # shards draw their batches
    if not hparams["shards"]:
        brain.sampler = hparams["sampler"](train_data.spk_id_encoded)
    brain.tensorboard_logger = hparams["tensorboard_logger"]()
    return brain


def main(arguments):
    """Prepare, train, export."""
    hparams, run_opts, overrides = load_experiment(arguments, NEEDED)
    folders = hparams["output_folder"], hparams["save_folder"]
    start = run_opts["debug"], arguments[0], overrides
    run_on_main(refuse_to_overwrite, [*folders, *start])
    sb.create_experiment_directory(hparams["output_folder"], arguments[0], overrides)
    run_on_main(hparams["prepare_data"])
    train_data = make_train_data(hparams)
    valid_data = make_dataset(hparams, "valid.csv")
    encoder = make_label_encoder(hparams, train_data.spk_ids)
    train_data.encode_speakers(encoder)

    brain = make_brain(hparams, run_opts, train_data, encoder)
    brain.train_data = train_data
    brain.valid_spk_ids = valid_data.spk_ids
    loader = {"collate_fn": as_batch, "num_workers": hparams["num_workers"]}
    draw = {"batch_size": None}  # of shards: they give batches, this process's share
    if not hparams["shards"]:
        draw = {"batch_sampler": ShareOfBatches(brain.sampler, *processes())}
    brain.fit(
        hparams["epoch_counter"],
        train_data,
        valid_data,
        progressbar=False,  # the Brain's own counts clips
        train_loader_kwargs={**loader, **draw},
        valid_loader_kwargs={**loader, "batch_size": hparams["batch_size"]},
    )
    if hparams["shards"]:  # export embeds all segments in order, from their WAVs
        train_data = make_dataset(hparams | {"max_memory_gb": 0}, "train.csv")
    parts = [hparams, brain, train_data, valid_data, encoder]
    model = run_on_main(export_model, parts)
    voices = run_on_main(load_embeddings, [model / "valid.npz"])  # where it was written
    log_embeddings(brain.tensorboard_logger, "validation_speakers", voices)


if __name__ == "__main__":
    run(main)
