"""How far a figure would move with other speakers: bootstrap intervals.

The segments of one speaker stand and fall together, so speakers are resampled, not
segments and not trials. A replicate draws as many speakers as there are, with
replacement, and is told as one weight per speaker: how often it was drawn.

What a weight means is up to the figure. A target trial of speaker s counts w_s times,
a nontarget trial of speakers a and b w_a * w_b times: a speaker drawn twice is never
its own impostor. A retrieval query counts w_s times and always searches the whole
gallery: its difficulty is part of the task and stays fixed.
"""

import numpy as np

from local.progress import inner_steps


def bootstrap_intervals(
    figures, spk_ids, n_bootstrap=1000, confidence=0.95, seed=0, has_figures=None
):
    """Compute percentile intervals of figures over resampled speakers.

    Parameters
    ----------
    figures : callable
        From weights, ndarray of int, (n_speakers,), in the order of
        ``np.unique(spk_ids)``, to a dict of str to float.
    spk_ids : sequence of str or int, (n_segments,)
        Speaker of each segment.
    n_bootstrap : int
        Replicates, >= 1.
    confidence : float
        Probability mass of the interval, 0 < confidence < 1.
    seed : int
        The same seed draws the same replicates.
    has_figures : callable, optional
        From weights to whether there are figures, where that takes more than the notes
        below tell: of trials that are listed, not all there could be.

    Returns
    -------
    intervals : dict of str to dict
        ``{"low", "high"}`` of each figure.

    Raises
    ------
    ValueError
        If an argument is out of range, there are fewer than two speakers, or none has
        two segments.

    Notes
    -----
    A replicate without nontarget trials (one speaker drawn every time) or without
    target trials (only speakers of one segment drawn) has no figures and is redrawn.

    References
    ----------
    Bolle, Ratha & Pankanti (2004). Error analysis of pattern recognition systems: the
    subsets bootstrap. Computer Vision and Image Understanding 93(1).
    doi:10.1016/j.cviu.2003.08.002

    Examples
    --------
    >>> heights = np.array([1.6, 1.7, 1.8])
    >>> def mean_height(weights):
    ...     return {"height": np.average(heights, weights=weights)}
    >>> intervals = bootstrap_intervals(mean_height, ["a", "a", "b", "c"])
    >>> print("{low:.2f} to {high:.2f}".format(**intervals["height"]))
    1.63 to 1.73
    """
    if n_bootstrap < 1 or not 0 < confidence < 1:
        raise ValueError(
            "expected n_bootstrap >= 1 and 0 < confidence < 1, got"
            f" n_bootstrap={n_bootstrap}, confidence={confidence}"
        )
    n_segments = np.unique(spk_ids, return_counts=True)[1]
    if len(n_segments) < 2 or n_segments.max() < 2:
        raise ValueError(
            "the bootstrap needs two speakers, one of them with two segments; got"
            f" {len(n_segments)} speakers with at most {max(n_segments, default=0)}"
            " segments each"
        )
    rng = np.random.default_rng(seed)
    replicates = [
        figures(draw_weights(n_segments, rng, has_figures))
        for _ in inner_steps(range(n_bootstrap), "bootstrap", "draw")
    ]
    tail = (1 - confidence) / 2
    intervals = {}
    for name in replicates[0]:
        drawn = [replicate[name] for replicate in replicates]
        low, high = np.quantile(drawn, [tail, 1 - tail]).tolist()
        intervals[name] = {"low": low, "high": high}
    return intervals


def draw_weights(n_segments, rng, has_figures=None):
    """Draw speakers with replacement until both kinds of trials are there.

    Parameters
    ----------
    n_segments : ndarray of int, (n_speakers,)
        Segments of each speaker: of two speakers or more, one with two or more.
    rng : numpy.random.Generator
        Draws.
    has_figures : callable, optional
        As of `bootstrap_intervals`.

    Returns
    -------
    weights : ndarray of int, (n_speakers,)
        How often each is drawn.
    """
    n_speakers = len(n_segments)
    while True:
        drawn = rng.integers(n_speakers, size=n_speakers)
        weights = np.bincount(drawn, minlength=n_speakers)
        both_kinds = np.count_nonzero(weights) > 1 and n_segments[drawn].max() > 1
        if both_kinds and (has_figures is None or has_figures(weights)):
            return weights
