"""A model folder that judges recordings: what `verify.py --pair` and the page share."""

from typing import NamedTuple

import numpy as np

from local.evaluation.gallery import split_trials
from local.scoring.calibration import Calibration, fit_calibration
from local.scoring.cohort import load_cohort
from local.scoring.embeddings import load_embeddings
from local.scoring.model_folder import load_encoder
from local.scoring.pair import Voice, embed_views, group_segments, judge
from local.scoring.systems import inductive_systems


class Yardstick(NamedTuple):
    """What scores are measured by: trials of validation speakers.

    Attributes
    ----------
    size : int
        Views a side.
    tar, non : ndarray, (n_tar,) and (n_non,)
        Scores of target and of nontarget trials.
    calibration : local.scoring.calibration.Calibration
        Fitted to them.
    """

    size: int
    tar: np.ndarray
    non: np.ndarray
    calibration: Calibration


class Judge:
    """Embeds recordings and judges pairs of them by the last inductive system.

    Parameters
    ----------
    model_folder : Path
        The model folder itself, its cohort and validation embeddings in it.
    device : str or None
        As in `load_encoder`.
    normalization : list of str
        As in `local.scoring.systems.inductive_systems`; the last one counts.
    cohort_unit : {"speaker", "segment"}
        As in `load_cohort`.
    top_n : int
        Of the cohort.
    batch_size : int
        Views at a time.
    least_trials : int
        Target trials to learn the calibration of longer recordings from, at least.
    """

    def __init__(
        self,
        model_folder,
        device,
        normalization,
        cohort_unit,
        top_n,
        batch_size,
        least_trials,
    ):
        cohort = load_cohort(model_folder, cohort_unit)
        self.score = list(inductive_systems(normalization, cohort, top_n).values())[-1]
        self.valid = load_embeddings(model_folder / "valid.npz")
        self.encoder = load_encoder(model_folder, device)
        self.batch_size = batch_size
        self.least_trials = least_trials
        self._yardsticks = {}

    def listen(self, views):
        """Return the `Voice` in the views (n_views, view_samples) of a recording."""
        return Voice(embed_views(self.encoder, views, self.batch_size), len(views))

    def find_yardstick(self, n_views):
        """Return what pairs of so many views are measured by.

        Parameters
        ----------
        n_views : sequence of int
            Of both sides.

        Returns
        -------
        yardstick : Yardstick
            Of validation segments averaged alike, as far as there are enough.
        """
        matrix, spk_ids, size = group_segments(self.valid, n_views, self.least_trials)
        if size not in self._yardsticks:
            trials = split_trials(self.score(matrix), spk_ids)
            fitted = fit_calibration(*trials)
            self._yardsticks[size] = Yardstick(size, *trials, fitted)
        return self._yardsticks[size]

    def compare(self, first, second, p_target):
        """Judge two voices.

        Parameters
        ----------
        first, second : Voice
            As from `listen`.
        p_target : float
            Probability of one speaker before listening, in (0, 1).

        Returns
        -------
        verdict : local.scoring.pair.Verdict
            Score, threshold and probability.
        yardstick : Yardstick
            What it was measured by.
        """
        yardstick = self.find_yardstick([first.n_views, second.n_views])
        pair = [first.embedding, second.embedding]
        return judge(pair, self.score, yardstick.calibration, p_target), yardstick


def load_judge(hparams, model_folder, device):
    """Return the judge of an experiment, by the keys of `Judge`."""
    return Judge(
        model_folder,
        device,
        hparams["normalization"],
        hparams["cohort_unit"],
        hparams["top_n"],
        hparams["batch_size"],
        hparams["pair_least_trials"],
    )


def format_verdict(verdict, n_views, n_learnt, p_target):
    """Lay out a verdict for people.

    Parameters
    ----------
    verdict : local.scoring.pair.Verdict
        As from `Judge.compare`.
    n_views : sequence of int
        Views of both recordings.
    n_learnt : int
        Views a side in the trials of the calibration.
    p_target : float
        As in `Judge.compare`.

    Returns
    -------
    text : str
        A few lines.
    """
    same = verdict.probability >= 0.5
    shown = format_probability(verdict.probability)
    return "\n".join(
        [
            f"One-second views: {n_views[0]} and {n_views[1]}",
            f"Score: {verdict.score:.3f} (threshold {verdict.threshold:.3f})",
            f"Probability of one speaker: {shown} ({p_target:g} before listening)",
            f"Verdict: {'one speaker' if same else 'two speakers'}",
            f"(learnt on {n_learnt} s of speech a side, recorded as the training data"
            " were; for anything else the probability is approximate)",
        ]
    )


def format_probability(probability):
    """Return a probability as text, never certainty: no calibration is so sure.

    Examples
    --------
    >>> format_probability(0.83749), format_probability(1.0)
    ('0.837', '0.999')
    """
    return f"{min(max(probability, 0.001), 0.999):.3f}"
