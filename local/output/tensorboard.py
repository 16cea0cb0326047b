"""A training for TensorBoard: its curves by epoch, and the voices to walk among.

    tensorboard --logdir results/ecapa_cpu/1986/tensorboard

What SpeechBrain's ``TensorboardLogger`` lacks: it counts steps of its own from 1, so
that a resumed training draws its epochs over the first ones; it keeps two minutes of
figures to itself, which are lost if it is killed; and it shows no embeddings.
"""

import logging
import shutil
from pathlib import Path

import numpy as np
from speechbrain.utils.distributed import main_process_only

MOST_POINTS = 2000  # of the projector; a browser turns so many without effort

logger = logging.getLogger(__name__)


@main_process_only
def go_on_after(board, epoch):
    """Take back what a killed training had logged of later epochs.

    Parameters
    ----------
    board : speechbrain.utils.train_logger.TensorboardLogger
        Of the folder of that training.
    epoch : int
        The last one that is kept, 0 for none.
    """
    from tensorboard.compat.proto.event_pb2 import Event, SessionLog

    start = Event(step=epoch + 1, session_log=SessionLog(status=SessionLog.START))
    board.writer.file_writer.add_event(start)


@main_process_only
def log_epoch(board, facts, **stats):
    """Log the figures of an epoch at its number, and write them out.

    Parameters
    ----------
    board : speechbrain.utils.train_logger.TensorboardLogger
        Where to.
    facts : dict of str to float
        With ``epoch``.
    **stats
        ``train_stats``, ``valid_stats``: its figures, dicts of str to float.
    """
    facts = dict(facts)
    before = facts.pop("epoch") - 1  # SpeechBrain adds one
    steps = {
        name.removesuffix("_stats"): dict.fromkeys(part, before)
        for name, part in stats.items()
    }
    board.global_step = {"meta": before, **steps}
    board.log_stats(facts, **stats)
    board.writer.flush()


@main_process_only
def log_embeddings(board, name, embeddings):
    """Write embeddings for the projector, in place of earlier ones.

    Parameters
    ----------
    board : speechbrain.utils.train_logger.TensorboardLogger
        Where to.
    name : str
        Of the tab and of the folder.
    embeddings : local.scoring.embeddings.Embeddings
        Of these `MOST_POINTS` at most, evenly spread over the rows; each is
        labelled by its speaker.
    """
    n = len(embeddings.ids)
    rows = np.linspace(0, n - 1, min(n, MOST_POINTS)).round().astype(int)
    spk_ids = embeddings.spk_ids[rows].tolist()
    shutil.rmtree(Path(board.save_dir) / "00000" / name, ignore_errors=True)
    board.writer.add_embedding(
        embeddings.matrix[rows],
        metadata=[" ".join(spk_id.split()) for spk_id in spk_ids],  # each a line
        tag=name,
    )
    logger.info("curves and voices to look at: tensorboard --logdir %s", board.save_dir)
