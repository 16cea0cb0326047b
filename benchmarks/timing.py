"""One way to time and one form of result for all benchmarks."""

import statistics
import time
from typing import NamedTuple

N_ROUNDS = 5


class Ratio(NamedTuple):
    """What two times, or two other figures, tell beside one another in one run.

    Parameters
    ----------
    value : float
        The ratio, or a figure of its own where ``bar`` is an absolute one.
    bar : str
        What is wanted of it, such as ``"at most 3"`` or ``"at least 0.9"``; empty
        where nothing is.
    """

    value: float
    bar: str = ""

    @property
    def met(self):
        """Whether the value stands the bar; True without one."""
        if not self.bar:
            return True
        direction, bound = self.bar.rsplit(" ", 1)
        bound = float(bound.replace(",", ""))
        return {"at most": self.value <= bound, "at least": self.value >= bound}[
            direction
        ]


class Result(NamedTuple):
    """What a benchmark found.

    Parameters
    ----------
    title : str
        What was timed.
    sizes : dict of str to number or str
        How much of it.
    seconds : dict of str to float
        Median time of each job.
    ratios : dict of str to Ratio
        What the times tell, and other figures: clips/s, MB, recall.
    note : str
        What a reader needs to know besides; why a bar is missed.
    curves : dict of str to dict of str to list of [number, number], optional
        To be drawn: by label of the axis, by name, size and figure.
    """

    title: str
    sizes: dict
    seconds: dict
    ratios: dict
    note: str = ""
    curves: dict | None = None


def median_seconds(jobs, n_rounds=N_ROUNDS):
    """Time jobs in turns, so that a machine that slows down slows all of them.

    Parameters
    ----------
    jobs : dict of str to callable
        Called without arguments: once to warm up, then ``n_rounds`` times.
    n_rounds : int
        Times each is timed.

    Returns
    -------
    seconds : dict of str to float
        Median time of each job.
    """
    times = {name: [] for name in jobs}
    for job in jobs.values():
        job()
    for _ in range(n_rounds):
        for name, job in jobs.items():
            start = time.perf_counter()
            job()
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(taken) for name, taken in times.items()}
