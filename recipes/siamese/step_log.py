"""Loss and accuracy of every training step, in a file that survives interruptions."""

from pathlib import Path

import numpy as np

from local.files import replacing

HEADER = "step,loss,accuracy"


class StepLog:
    """A CSV with a row a step, ``step,loss,accuracy``, written epoch by epoch.

    Parameters
    ----------
    path : str or Path
        The file; one that is there is gone on with.

    Examples
    --------
    >>> log = StepLog(getfixture("tmp_path") / "steps.csv")
    >>> log.go_on_after(0)
    >>> log.add([0.7, 0.6], [0.5, 0.75])
    >>> log.go_on_after(1)  # the second step was not part of a checkpoint
    >>> log.add([0.65], [0.5])
    >>> read_steps(log.path)["loss"].tolist()
    [0.7, 0.65]
    """

    def __init__(self, path):
        self.path = Path(path)
        self.n_steps = 0

    def go_on_after(self, n_steps):
        """Forget the steps after the first ``n_steps``, which will be done again."""
        kept = []
        if self.path.is_file():
            kept = self.path.read_text(encoding="utf-8").splitlines()[1 : n_steps + 1]
        with replacing(self.path) as temporary:
            temporary.write_text("\n".join([HEADER, *kept, ""]), encoding="utf-8")
        self.n_steps = n_steps

    def add(self, losses, accuracies):
        """Append the steps of an epoch."""
        with open(self.path, "a", encoding="utf-8") as file:
            for loss, accuracy in zip(losses, accuracies, strict=True):
                self.n_steps += 1
                file.write(f"{self.n_steps},{loss:.6g},{accuracy:.6g}\n")


def read_steps(path):
    """Read a file of `StepLog`.

    Returns
    -------
    steps : dict of str to ndarray, (n_steps,)
        ``step``, ``loss`` and ``accuracy``.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If a row is not three numbers.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f"{path}: no such file; train first")
    lines = Path(path).read_text(encoding="utf-8").splitlines()[1:]
    try:
        table = np.array([line.split(",") for line in lines], float).reshape(-1, 3)
    except ValueError as error:
        raise ValueError(f"{path}: a row is not {HEADER}; train anew") from error
    return dict(zip(HEADER.split(","), table.T, strict=True))
