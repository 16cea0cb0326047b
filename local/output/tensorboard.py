"""A training for TensorBoard: its curves by epoch, and the voices to walk among.

    tensorboard --logdir results/ecapa_cpu/1986/tensorboard

SpeechBrain's logger counts steps of its own from 1, so that a resumed training draws
its epochs over the first ones; it keeps two minutes of figures to itself, which are
lost if it is killed; and it shows no embeddings. That is what is here.
"""

import logging
import shutil
from pathlib import Path

import numpy as np
from speechbrain.utils.distributed import main_process_only
from speechbrain.utils.train_logger import TensorboardLogger

MOST_POINTS = 2000  # of the projector; a browser turns so many without effort

logger = logging.getLogger(__name__)


class EpochTensorboard(TensorboardLogger):
    """SpeechBrain's logger with epochs as steps, each of them there once."""

    @main_process_only
    def go_on_after(self, epoch):
        """Take back what a killed training had logged of later epochs.

        Parameters
        ----------
        epoch : int
            The last one that is kept, 0 for none.
        """
        from tensorboard.compat.proto.event_pb2 import Event, SessionLog

        start = Event(step=epoch + 1, session_log=SessionLog(status=SessionLog.START))
        self.writer.file_writer.add_event(start)

    @main_process_only
    def log_stats(
        self,
        stats_meta,
        train_stats=None,
        valid_stats=None,
        test_stats=None,
        verbose=False,
    ):
        """Log the figures of one epoch, and write them out.

        Parameters
        ----------
        stats_meta : dict of str to float
            With ``epoch``, which becomes the step.
        train_stats, valid_stats, test_stats : dict of str to float, optional
            Of the epoch.
        verbose : bool
            Not used, as in SpeechBrain's.
        """
        stats = {"train": train_stats, "valid": valid_stats, "test": test_stats}
        meta = dict(stats_meta)
        before = meta.pop("epoch") - 1  # it adds one
        self.global_step = {
            "meta": before,
            **{name: dict.fromkeys(part or (), before) for name, part in stats.items()},
        }
        super().log_stats(meta, train_stats, valid_stats, test_stats, verbose)
        self.writer.flush()

    @main_process_only
    def log_embeddings(self, name, embeddings):
        """Write embeddings for the projector, in place of earlier ones.

        Parameters
        ----------
        name : str
            Of the tab and of the folder.
        embeddings : local.scoring.embeddings.Embeddings
            Of these `MOST_POINTS` at most, evenly spread over the rows; each is
            labelled by its speaker.
        """
        n = len(embeddings.ids)
        rows = np.linspace(0, n - 1, min(n, MOST_POINTS)).round().astype(int)
        spk_ids = embeddings.spk_ids[rows].tolist()
        folder = Path(self.save_dir)
        shutil.rmtree(folder / "00000" / name, ignore_errors=True)
        self.writer.add_embedding(
            embeddings.matrix[rows],
            metadata=[" ".join(spk_id.split()) for spk_id in spk_ids],  # each a line
            tag=name,
        )
        logger.info("curves and voices to look at: tensorboard --logdir %s", folder)
