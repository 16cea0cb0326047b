"""One way to time and one form of result for all benchmarks."""

import statistics
import time
from typing import NamedTuple

N_ROUNDS = 5


class Result(NamedTuple):
    """What a benchmark found.

    Parameters
    ----------
    title : str
        What was timed.
    sizes : dict of str to number
        How much of it.
    seconds : dict of str to float
        Median time of each job.
    ratios : dict of str to float
        What the times tell, beside one another in one run.
    """

    title: str
    sizes: dict
    seconds: dict
    ratios: dict


def median_seconds(jobs):
    """Time jobs in turns, so that a machine that slows down slows all of them.

    Parameters
    ----------
    jobs : dict of str to callable
        Called without arguments: once to warm up, then `N_ROUNDS` times.

    Returns
    -------
    seconds : dict of str to float
        Median time of each job.
    """
    times = {name: [] for name in jobs}
    for job in jobs.values():
        job()
    for _ in range(N_ROUNDS):
        for name, job in jobs.items():
            start = time.perf_counter()
            job()
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(taken) for name, taken in times.items()}
