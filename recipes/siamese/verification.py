"""Same voice or not: EER, AUC, and what a threshold chosen beforehand is worth.

Conventions
-----------
A higher score means more alike; a pair is accepted when its score >= the threshold.
Thresholds are chosen on the pairs of one set of speakers (validation) and judged on
those of another (test). ``accuracy`` is that of as many target as nontarget pairs,
1 - (p_miss + p_fa) / 2, however many there are of each.
"""

from typing import NamedTuple

import numpy as np

from local.evaluation.detection import eer_threshold
from local.evaluation.error_rates import DetCurve, check_finite, det_curve
from local.evaluation.gallery import evaluate_trials
from local.evaluation.speaker_trials import SpeakerTrials, some_trials
from local.input.partners import draw_some, find_partners


class ScoredPairs(NamedTuple):
    """The pairs of a set of speakers and their scores.

    Attributes
    ----------
    tar, non : ndarray, (n_tar,) and (n_non,)
        Scores of target and of nontarget pairs.
    speakers : SpeakerTrials
        Whose they are.
    codes : ndarray of int, (n_fragments,)
        Number of the speaker of each fragment that can be in a pair, in any order.
    """

    tar: np.ndarray
    non: np.ndarray
    speakers: SpeakerTrials
    codes: np.ndarray


def score_pairs(scores, spk_ids, utterances, starts, apart_seconds, n_max, seed):
    """Take from a matrix the scores of all allowed pairs, or of some if too many.

    Speakers of whom no two fragments are partners are left out.

    Parameters
    ----------
    scores : ndarray, (n_fragments, n_fragments)
        Symmetric, higher = more alike.
    spk_ids, utterances, starts, apart_seconds
        As of `local.input.partners.find_partners`.
    n_max : int or None
        How many pairs of each kind are taken at most; None: all.
    seed : int
        Decides which.

    Returns
    -------
    pairs : ScoredPairs
        Their scores.

    Raises
    ------
    ValueError
        If the matrix does not fit, or fewer than two speakers have partners.
    """
    n = len(spk_ids)
    if np.shape(scores) != (n, n):
        raise ValueError(
            f"scores: expected {n} x {n}, of all fragments, got {np.shape(scores)}"
        )
    partners = find_partners(spk_ids, utterances, starts, apart_seconds).paired()
    numbers = partners.speakers
    rng = np.random.default_rng(seed)
    rows = [
        tuple(draw_some(pairs, n_max, rng).T)
        for pairs in (partners.targets(), partners.nontargets())
    ]
    codes = np.zeros(n, dtype=int)  # who is left out is in no pair
    codes[partners.order] = numbers
    tar, non = (scores[side] for side in rows)
    return ScoredPairs(tar, non, some_trials(codes, *rows), numbers)


def evaluate_verification(
    valid, test, n_sigma, batch_size, n_bootstrap=1000, confidence=0.95, seed=0
):
    """Measure verification on test pairs, thresholds chosen on validation pairs.

    Parameters
    ----------
    valid, test : ScoredPairs
        As from `score_pairs`.
    n_sigma, batch_size
        As of `sigma_threshold`.
    n_bootstrap, confidence, seed : int, float, int
        See `local.evaluation.bootstrap.bootstrap_intervals`; ``seed`` also orders the
        batches of `sigma_threshold`.

    Returns
    -------
    figures : dict
        ``eer`` and ``auc``: ``{"mean", "low", "high"}``, intervals over speakers.
        ``thresholds``: of each name what `rates_at` returns. ``n_targets``,
        ``n_nontargets``.

    Raises
    ------
    ValueError
        If scores are NaN or infinite, or too few for `sigma_threshold`.
    """
    rng = np.random.default_rng(seed)
    thresholds = {
        "eer_point": eer_threshold(det_curve(valid.tar, valid.non)),
        f"mean_plus_{n_sigma:g}_sigma": sigma_threshold(
            valid.tar, n_sigma, batch_size, rng
        ),
    }
    bootstrap = {"n_bootstrap": n_bootstrap, "confidence": confidence, "seed": seed}
    scores = test.tar, test.non
    found = evaluate_trials(test.codes, {}, test.speakers, scores, (), **bootstrap)
    figures = {name: found[name] for name in ("eer", "auc")}
    return {
        **{name: {"mean": f.pop("value"), **f} for name, f in figures.items()},
        "thresholds": {
            name: rates_at(threshold, *scores) for name, threshold in thresholds.items()
        },
        "n_targets": found["n_target_trials"],
        "n_nontargets": found["n_nontarget_trials"],
    }


def sigma_threshold(tar, n_sigma, batch_size, rng):
    """Put the threshold some standard deviations beyond the mean of the targets.

    By distances: accepted up to mean + n_sigma * sigma of those of anchor and
    positive. Distances are scores with the sign changed.

    Parameters
    ----------
    tar : ndarray, (n_tar,)
        Scores of target pairs.
    n_sigma : float
        How many standard deviations.
    batch_size : int or None
        None: sigma is that of the pairs. Else that of the means of batches of so many,
        as in "You Only Speak Once": smaller by its root, so that the threshold says
        less about pairs than about the size of the batches.
    rng : numpy.random.Generator
        Draws which pairs make a batch; the last incomplete one is dropped.

    Returns
    -------
    threshold : float
        Accept from this score on.

    Raises
    ------
    ValueError
        If there are fewer than two pairs, or batches of them, or some are not finite.

    Examples
    --------
    >>> tar = np.array([1.0, 3.0])
    >>> sigma_threshold(tar, 3, None, np.random.default_rng(0))
    -1.0
    """
    check_finite("tar", tar)
    n_batches = len(tar) // (batch_size or 1)
    if n_batches < 2:
        raise ValueError(
            f"expected 2 x {batch_size or 1} target pairs or more, got {len(tar)};"
            " lower batch_size"
        )
    values = tar
    if batch_size:
        batches = rng.permutation(tar)[: n_batches * batch_size]
        values = batches.reshape(n_batches, batch_size).mean(axis=1, dtype=float)
    return float(np.mean(tar, dtype=float) - n_sigma * np.std(values, dtype=float))


def rates_at(threshold, tar, non):
    """Count the errors at a threshold.

    Parameters
    ----------
    threshold : float
        Accept from this score on.
    tar, non : ndarray, (n_tar,) and (n_non,)
        Scores of target and of nontarget pairs.

    Returns
    -------
    rates : dict of str to float
        ``threshold``, ``accuracy`` (see the conventions), ``p_miss``, ``p_fa``.

    Examples
    --------
    >>> rates_at(2.0, np.array([1.0, 2.0]), np.array([0.0, 1.0]))
    {'threshold': 2.0, 'accuracy': 0.75, 'p_miss': 0.5, 'p_fa': 0.0}
    """
    p_miss, p_fa = float(np.mean(tar < threshold)), float(np.mean(non >= threshold))
    accuracy = 1 - (p_miss + p_fa) / 2
    return {
        "threshold": threshold,
        "accuracy": accuracy,
        "p_miss": p_miss,
        "p_fa": p_fa,
    }


def roc_points(pairs, n_steps):
    """Compute the error rates, with no more points than a drawing shows.

    Parameters
    ----------
    pairs : ScoredPairs
        As from `score_pairs`.
    n_steps : int
        Into how many steps each axis is divided; points within a step are left out.

    Returns
    -------
    curve : DetCurve
        At most 2 * ``n_steps`` + 2 points of `det_curve`, both ends among them, for
        `local.output.plots.plot_roc`.
    """
    curve = det_curve(pairs.tar, pairs.non)
    steps = np.stack([curve.p_miss, 1 - curve.p_fa]) * n_steps
    is_new = (np.diff(np.floor(steps), axis=1) > 0).any(axis=0)
    is_new[-1] = True
    kept = np.append(True, is_new)
    return DetCurve(*(values[kept] for values in curve))
