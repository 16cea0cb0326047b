"""How every system is measured: the k-way tasks, and on which fragments."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from local.evaluation.few_shot import (
    draw_tasks,
    few_shot_accuracy,
    nearest,
    prototype,
)
from recipes.siamese.model import score
from recipes.siamese.verification import evaluate_verification, score_pairs


@dataclass(frozen=True)
class Protocol:
    """Settings of the k-way tasks.

    Parameters
    ----------
    max_ways : int
        The curve is of 2 to so many speakers to choose from.
    shots, shots_ways : list of int
        Fragments known of each speaker, and the ways for which more than one is tried.
    class_ways : list of int
        Ways where classes unseen, seen and fine-tuned on are compared.
    n_tasks : int
        Of every point.
    n_pairs : int
        Of verification, of one speaker and of two each, at most; there may be fewer.
    n_sigma, sigma_batch : float, int or None
        See `recipes.siamese.verification.sigma_threshold`.
    apart_seconds : float
        Between query and support of a speaker with a single utterance.
    n_bootstrap, confidence : int, float
        Of the intervals, over query speakers.
    seed : int
        Of tasks and intervals.
    paper : bool
        With the flaws of the original: query and support may be neighbours in one
        utterance, a tie counts as right, the normaliser is fitted on the test.
    """

    max_ways: int
    shots: list
    shots_ways: list
    class_ways: list
    n_tasks: int
    n_pairs: int
    n_sigma: float
    sigma_batch: int | None
    apart_seconds: float
    n_bootstrap: int
    confidence: float
    seed: int
    paper: bool = False

    @property
    def ways(self):
        """Return the points of the curve."""
        return range(2, self.max_ways + 1)

    def accuracy(self, fragments, credit_of, k, n_shots=1):
        """Measure one point.

        Parameters
        ----------
        fragments : recipes.siamese.features.Fragments
            To draw tasks from.
        credit_of : callable
            From tasks to the credit (n_tasks,) for each.
        k, n_shots : int
            Speakers to choose from, fragments known of each.

        Returns
        -------
        accuracy : dict
            ``{"mean", "low", "high"}``, 0..1.

        Raises
        ------
        ValueError
            If there are not so many speakers.
        """
        rng = np.random.default_rng([self.seed, k, n_shots])
        apart = None if self.paper else self.apart_seconds
        tasks = draw_tasks(*fragments[1:4], apart, k, n_shots, self.n_tasks, rng)
        return few_shot_accuracy(
            credit_of(tasks),
            fragments.spk_ids[tasks.query],
            self.n_bootstrap,
            self.confidence,
            self.seed,
        )

    def one_shot(self, fragments, objective, embeddings, k):
        """Return the one-shot accuracy among ``k``, scoring no pair but those asked."""
        credit_of = self._by_mean(objective, embeddings)
        return self.accuracy(fragments, credit_of, k)["mean"]

    def _by_mean(self, objective, embeddings):
        """Return what answers tasks by the mean embedding of each speaker."""
        score_of = partial(score, objective)
        return partial(prototype, score_of, embeddings, ties_to_first=self.paper)

    def curve(self, fragments, scores, ways):
        """Return the one-shot accuracy at each of ``ways``, from a score matrix."""
        credit_of = partial(nearest, scores, ties_to_first=self.paper)
        return {k: self.accuracy(fragments, credit_of, k) for k in ways}

    def scored_pairs(self, fragments, scores):
        """Return the pairs of verification, from a score matrix."""
        apart = None if self.paper else self.apart_seconds
        return score_pairs(scores, *fragments[1:4], apart, self.n_pairs, self.seed)

    def verification(self, valid, test):
        """Measure test pairs, with thresholds chosen on validation pairs."""
        return evaluate_verification(
            *(valid, test, self.n_sigma, self.sigma_batch),
            *(self.n_bootstrap, self.confidence, self.seed),
        )

    def several_shots(self, fragments, objective, embeddings, scores):
        """Return accuracies by method, ways and shots.

        ``nearest``: a speaker is as near as the nearest fragment; ``prototype``: as
        near as the mean of the embeddings.
        """
        methods = {
            "nearest": partial(nearest, scores, ties_to_first=self.paper),
            "prototype": self._by_mean(objective, embeddings),
        }
        return {
            name: {
                k: {n: self.accuracy(fragments, credit_of, k, n) for n in self.shots}
                for k in self.shots_ways
            }
            for name, credit_of in methods.items()
        }
