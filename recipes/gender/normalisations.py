"""What becomes of coefficients, and of distances between utterances, by scaling.

Scalers see the coefficients of all utterances, and change how much each counts in a
distance. Normalising the frames of each utterance instead takes its own mean away
(CMN), or its deviation too (CMVN): what a room or microphone adds is gone, and with it
all that a mean can tell of the voice.
"""

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import LeaveOneGroupOut, cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline


def compare_normalisations(means, sds, genders, speakers, scalers):
    """Measure how far genders are apart after each normalisation.

    Parameters
    ----------
    means, sds : ndarray, (n, n_coefficients)
        Over the frames of each utterance.
    genders, speakers : ndarray, (n,)
        Of utterances.
    scalers : dict of str to transformer of scikit-learn
        By name; ``"passthrough"`` scales nothing.

    Returns
    -------
    figures : dict of str to dict
        By scaler, and ``cmn`` and ``cmvn``, as from `separation`.
    """
    feats = np.hstack([means, sds])
    figures = {
        name: separation(feats, genders, speakers, scaler)
        for name, scaler in scalers.items()
    }
    # By definition, instead of by rounding errors about it.
    without_mean = np.hstack([np.zeros_like(means), sds])
    without_both = np.hstack([np.zeros_like(means), np.ones_like(sds)])
    return figures | {
        "cmn": separation(without_mean, genders, speakers, "passthrough"),
        "cmvn": separation(without_both, genders, speakers, "passthrough"),
    }


def separation(feats, genders, speakers, scaler):
    """Measure how far genders are apart in distances of scaled features.

    Parameters
    ----------
    feats : ndarray, (n, n_feats)
        Of utterances.
    genders, speakers : ndarray, (n,)
        Of utterances.
    scaler : transformer of scikit-learn
        Or ``"passthrough"``.

    Returns
    -------
    figures : dict
        ``sd_range``, largest over smallest deviation of what varies; ``largest_share``
        of the variance that is of one feature; ``between``, share of the variance that
        lies between the genders; ``fisher``, mean over features of the variance between
        over that within; ``accuracy`` of the nearest utterance of another speaker,
        scalers fitted without the speaker. All but ``between`` and ``fisher``, then 0,
        are None if nothing varies.
    """
    pipeline = make_pipeline(clone(scaler) if scaler != "passthrough" else scaler)
    scaled = pipeline.fit_transform(feats)
    total = scaled.var(axis=0)
    if not total.any():
        none = dict.fromkeys(("sd_range", "largest_share", "accuracy"))
        return none | {"between": 0.0, "fisher": 0.0}
    between, within = variances(scaled, genders)
    varying = total > 0
    ratios = np.zeros(len(total))
    ratios[varying] = between[varying] / within[varying]
    return {
        "sd_range": float(np.sqrt(total[varying].max() / total[varying].min())),
        "largest_share": float(total.max() / total.sum()),
        "between": float(between.sum() / total.sum()),
        "fisher": float(ratios.mean()),
        "accuracy": nearest_accuracy(feats, genders, speakers, scaler),
    }


def variances(feats, genders):
    """Return variances between and within genders, which add up to all, (n_feats,)."""
    means = np.array([feats[genders == sex].mean(axis=0) for sex in (0, 1)])
    between = means[genders].var(axis=0)
    within = (feats - means[genders]).var(axis=0)
    return between, within


def nearest_accuracy(feats, genders, speakers, scaler):
    """Return how often the nearest utterance of another speaker has the same gender.

    Parameters
    ----------
    feats, genders, speakers, scaler
        As of `separation`.

    Returns
    -------
    accuracy : float
        Over utterances.
    """
    nearest = make_pipeline(scaler, KNeighborsClassifier(1, algorithm="brute"))
    folds = LeaveOneGroupOut()
    shares = cross_val_score(nearest, feats, genders, groups=speakers, cv=folds)
    _, counts = np.unique(speakers, return_counts=True)  # folds in the same order
    return float(np.average(shares, weights=counts))
