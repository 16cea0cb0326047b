"""Checkpoints that survive being killed while they are written or removed."""

import logging

from speechbrain.utils.checkpoints import Checkpointer
from speechbrain.utils.distributed import run_on_main

COMPLETE = "COMPLETE"
# SpeechBrain warns of each at every epoch, but a loss may have no weights.
logging.getLogger("speechbrain.utils.checkpoints").addFilter(
    lambda record: "empty state_dict" not in record.getMessage()
)


class CompleteCheckpointer(Checkpointer):
    """SpeechBrain's Checkpointer, blind to checkpoints that are not whole.

    SpeechBrain writes the file that makes a folder a checkpoint first and the weights
    after it; a training killed in between can never be resumed. Here a mark is written
    last, and only marked folders that hold every file count.
    """

    def save_checkpoint(self, *args, **kwargs):
        """Save as SpeechBrain does, then mark the checkpoint as complete."""
        checkpoint = super().save_checkpoint(*args, **kwargs)
        if checkpoint is not None:  # None beside the main process
            (checkpoint.path / COMPLETE).touch()
        return checkpoint

    def delete_checkpoints(self, *args, **kwargs):
        """Delete as SpeechBrain does, by what the main process alone finds.

        Each process would look for itself, while the main one still writes, and wait
        for the others as often as it finds something to delete.
        """
        run_on_main(super().delete_checkpoints, args, kwargs)

    def _list_checkpoint_dirs(self):
        # A removal that was killed may have left the mark and taken other files.
        files = [COMPLETE, *(f"{name}.ckpt" for name in self.recoverables)]
        return [
            folder
            for folder in super()._list_checkpoint_dirs()
            if all((folder / name).exists() for name in files)
        ]
