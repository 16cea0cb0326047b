"""Schedules as functions of training progress, 0 (first step) to 1 (last).

SpeechBrain's schedulers count their own calls; these hold no state, so a resumed
training is at the right place by construction.
"""

import math


class OneCycle:
    """Learning rate that rises linearly to a peak and falls along a cosine.

    Parameters
    ----------
    peak : float
        Highest learning rate.
    warmup : float
        Progress at which the peak is reached, in (0, 1).
    start, end : float
        Shares of the peak at the first and last step.

    References
    ----------
    Smith & Topin (2019). Super-convergence. arXiv:1708.07120

    Examples
    --------
    >>> lr = OneCycle(peak=1.0, warmup=0.2, start=0.1, end=0.0)
    >>> [round(lr(x), 3) for x in (0.0, 0.1, 0.2, 0.6, 1.0)]
    [0.1, 0.55, 1.0, 0.5, 0.0]
    """

    def __init__(self, peak, warmup, start, end):
        if not 0 < warmup < 1:
            raise ValueError(f"warmup must lie between 0 and 1, got {warmup}")
        self.peak = peak
        self.warmup = warmup
        self.start = start
        self.end = end

    def __call__(self, progress):
        """Return the learning rate at ``progress``."""
        if progress < self.warmup:
            share = self.start + (1 - self.start) * progress / self.warmup
        else:
            fall = (progress - self.warmup) / (1 - self.warmup)
            share = self.end + (1 - self.end) * (1 + math.cos(math.pi * fall)) / 2
        return self.peak * share


class Ramp:
    """A value that goes linearly from one level to another.

    Parameters
    ----------
    first, last : float
        Value before ``begin`` and after ``end``.
    begin, end : float
        Progress between which it moves.

    Examples
    --------
    >>> margin = Ramp(first=0.0, last=0.2, begin=0.25, end=0.75)
    >>> [round(margin(x), 3) for x in (0.0, 0.25, 0.5, 0.75, 1.0)]
    [0.0, 0.0, 0.1, 0.2, 0.2]
    """

    def __init__(self, first, last, begin, end):
        if not 0 <= begin < end <= 1:
            raise ValueError(f"need 0 <= begin < end <= 1, got {begin} and {end}")
        self.first = first
        self.last = last
        self.begin = begin
        self.end = end

    def __call__(self, progress):
        """Return the value at ``progress``."""
        share = (progress - self.begin) / (self.end - self.begin)
        return self.first + (self.last - self.first) * min(max(share, 0.0), 1.0)


class Triangular:
    """Learning rate that rises and falls along straight lines, again and again.

    Parameters
    ----------
    low, peak : float
        Lowest and highest learning rate.
    half_cycle : float
        Progress that each rise and each fall takes, above 0.

    References
    ----------
    Smith (2017). Cyclical learning rates for training neural networks. WACV.
    arXiv:1506.01186

    Examples
    --------
    >>> lr = Triangular(low=0.0, peak=1.0, half_cycle=0.4)
    >>> [round(lr(x), 3) for x in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)]
    [0.0, 0.5, 1.0, 0.5, 0.0, 0.5]
    """

    def __init__(self, low, peak, half_cycle):
        if not half_cycle > 0:
            raise ValueError(f"half_cycle must be above 0, got {half_cycle}")
        self.low = low
        self.peak = peak
        self.half_cycle = half_cycle

    def __call__(self, progress):
        """Return the learning rate at ``progress``."""
        share = 1 - abs(progress / self.half_cycle % 2 - 1)
        return self.low + (self.peak - self.low) * share


class Staircase:
    """Learning rate that stays for some epochs, and then goes down by a factor.

    Parameters
    ----------
    first : float
        Learning rate of the first epochs.
    factor : float
        Between one learning rate and the next.
    every : int
        Epochs of each.
    n_epochs : int
        Epochs from progress 0 to 1.

    Examples
    --------
    >>> lr = Staircase(first=1.0, factor=0.5, every=10, n_epochs=40)
    >>> [lr(x) for x in (0.0, 0.24, 0.26, 0.5, 0.75, 1.0)]
    [1.0, 1.0, 0.5, 0.25, 0.125, 0.125]
    """

    def __init__(self, first, factor, every, n_epochs):
        if every < 1 or n_epochs < 1:
            raise ValueError(f"need every and n_epochs >= 1, got {every}, {n_epochs}")
        self.first = first
        self.factor = factor
        self.every = every
        self.n_epochs = n_epochs

    def __call__(self, progress):
        """Return the learning rate at ``progress``."""
        epoch = min(int(progress * self.n_epochs), self.n_epochs - 1)  # from 0
        return self.first * self.factor ** (epoch // self.every)
