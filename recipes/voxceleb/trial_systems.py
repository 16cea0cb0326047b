"""The systems that score trials of utterances heard by crops.

``crop distances``
    Of every crop to every crop, as voxceleb_trainer does.
``cosine``, ``as-norm``
    Of the mean directions of the crops, raw and normalised by the cohort.
``PLDA``
    Log-likelihood ratio of the mean directions, by LDA and PLDA of the cohort. What is
    said of the cohort's noise is of single segments, of which a mean has less.
"""

from local.scoring.cohort import speaker_means
from local.scoring.crops import crop_scores, mean_embeddings
from local.scoring.systems import inductive_systems

SYSTEMS = ("crop distances", "cosine", "as-norm", "PLDA")


def trial_systems(names, cohort, top_n, train_plda):
    """Make the systems, whatever has to be learnt for them included.

    Parameters
    ----------
    names : sequence of str
        Of `SYSTEMS`.
    cohort : local.scoring.embeddings.Embeddings
        Of training segments.
    top_n : int
        Speakers of the cohort kept by as-norm.
    train_plda : callable
        From the cohort to a `local.scoring.plda.Plda`.

    Returns
    -------
    systems : dict of str to callable
        From embeddings (n, n_crops, emb_dim) and pairs (2, n_trials) to scores
        (n_trials,).

    Raises
    ------
    ValueError
        If there is no such system, or none.
    """
    unknown = [name for name in names if name not in SYSTEMS]
    if unknown or not names:
        raise ValueError(
            f"systems must be of {', '.join(SYSTEMS)}; got"
            f" {', '.join(unknown) or 'none'}"
        )
    means, _ = speaker_means(cohort.matrix, cohort.spk_ids)
    inductive = inductive_systems(["as"], means, top_n)

    def by_means(score_pairs):
        return lambda crops, pairs: score_pairs(mean_embeddings(crops), tuple(pairs))

    def make(name):
        """Return a system by its name."""
        if name == "crop distances":
            return lambda crops, pairs: crop_scores(crops, crops, pairs.T)
        if name == "PLDA":
            return by_means(train_plda(cohort).score_pairs)
        system = inductive[name]
        return by_means(lambda gallery, pairs: system.pairs(gallery).score_pairs(pairs))

    return {name: make(name) for name in names}
