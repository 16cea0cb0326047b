"""All that is analysed of a corpus, as figures for people and arrays for pictures.

``analysis.json``, in which an interval is ``{"mean", "low", "high"}``, shares are
fractions, 0 is a woman and 1 a man::

    {"run": "gender", "seed": int,
     "data": as of `recipes.gender.data.data_facts`,
     "coefficients": [{"name": "c0", "mean_f", "mean_m", "sd", "skew", "kurtosis",
                       "p_normal": float or null, "r": interval, "p_adjusted"}, ...],
     "deviations": the same of the deviations over the frames of an utterance,
     "outliers": {method: {"n", "share", "expected_share", "utterances": [name, ...]},
                  ..., "limit": of Mahalanobis' squared distance,
                  "overlap": {"z & iqr": n, ..., "all": n, "any": n}},
     "normalisations": {name: {"sd_range", "largest_share", "between", "fisher",
                               "accuracy"}, ...},
     "pca": {"explained": [...], "share", "n_for", "gender": [...],
             "gender_component", "loadings": [...]},
     "tsne": {"neighbours"},
     "pitch": {"median_f", "median_m", "threshold", "accuracy", "r": interval,
               "n_unvoiced", "wrong": {speaker: Hz, ...}}}

Methods are ``z``, ``iqr`` and ``mahalanobis``. ``p_adjusted`` is for all coefficients
and deviations together. ``analysis.npz`` holds ``names``, ``speakers``, ``genders``,
``means``, ``sds``, ``hz``, ``distances``, ``components`` and ``map``, a row an
utterance.
"""

import numpy as np

from recipes.gender.distributions import correlation_intervals, describe, interval
from recipes.gender.normalisations import compare_normalisations
from recipes.gender.outliers import (
    distance_limit,
    expected_shares,
    find_outliers,
    overlaps,
    squared_distances,
)
from recipes.gender.pitch import best_threshold
from recipes.gender.projections import lay_out, project
from recipes.gender.utterances import by_speaker


def analyse(utterances, hparams):
    """Analyse coefficients and pitch of utterances.

    Parameters
    ----------
    utterances : Utterances
        As from `recipes.gender.utterances.summarise`.
    hparams : dict
        The constructed YAML.

    Returns
    -------
    figures : dict
        As described above, without ``run``, ``seed`` and ``data``.
    arrays : dict of str to ndarray
        As described above.
    """
    names, speakers, genders, means, sds, hz = utterances
    bootstrap = [hparams[key] for key in ("n_bootstrap", "confidence", "seed")]
    rows = describe(np.hstack([means, sds]), genders, speakers, *bootstrap)
    for i, row in enumerate(rows):
        row["name"] = f"c{i % means.shape[1]}"
    components, pca = project(means, genders, hparams["explained_share"])
    points, tsne = lay_out(means, genders, speakers, hparams["seed"])
    figures = {
        "coefficients": rows[: means.shape[1]],
        "deviations": rows[means.shape[1] :],
        "outliers": outlier_figures(means, names, hparams["outliers"]),
        "normalisations": compare_normalisations(
            means, sds, genders, speakers, hparams["scalers"]
        ),
        "pca": pca,
        "tsne": tsne,
        "pitch": pitch_figures(hz, genders, speakers, bootstrap),
    }
    arrays = {"distances": squared_distances(means)}
    arrays |= {"components": components, "map": points}
    return figures, utterances._asdict() | arrays


def outlier_figures(feats, names, limits):
    """Return which utterances each method marks, and how many in common.

    Parameters
    ----------
    feats : ndarray, (n, n_coefficients)
        Of utterances.
    names : ndarray of str, (n,)
        Of utterances.
    limits : dict
        ``z``, ``iqr`` and ``quantile``, as of `recipes.gender.outliers.find_outliers`.

    Returns
    -------
    figures : dict
        As described above.
    """
    marked = find_outliers(feats, **limits)
    expected = expected_shares(feats.shape[1], **limits)
    figures = {
        method: {
            "n": int(found.sum()),
            "share": float(found.mean()),
            "expected_share": float(expected[method]),
            "utterances": names[found].tolist(),
        }
        for method, found in marked.items()
    }
    limit = float(distance_limit(*feats.shape, limits["quantile"]))
    return figures | {"limit": limit, "overlap": overlaps(marked)}


def pitch_figures(hz, genders, speakers, bootstrap):
    """Return how well one threshold of pitch tells the genders of readers apart.

    Parameters
    ----------
    hz, genders, speakers : ndarray, (n,)
        Of utterances.
    bootstrap : list
        Replicates, confidence and seed.

    Returns
    -------
    figures : dict
        As described above; unvoiced utterances count nowhere else.

    Raises
    ------
    ValueError
        If women or men have no voiced utterance.
    """
    voiced = hz > 0
    if len(np.unique(genders[voiced])) < 2:
        raise ValueError(
            f"{voiced.sum()} of {len(hz)} utterances have a pitch, expected some of"
            " women and of men: is that speech?"
        )
    readers = np.unique(speakers[voiced])
    pitches, sex = (
        by_speaker(values[voiced], speakers[voiced]) for values in (hz, genders)
    )
    threshold, accuracy = best_threshold(pitches, sex.astype(int))
    wrong = (pitches < threshold) != sex
    low, high = correlation_intervals(pitches[:, np.newaxis], sex, *bootstrap)
    return {
        "median_f": float(np.median(pitches[sex == 0])),
        "median_m": float(np.median(pitches[sex == 1])),
        "threshold": threshold,
        "accuracy": accuracy,
        "r": interval(np.corrcoef(pitches, sex)[0, 1], low[0], high[0]),
        "n_unvoiced": int((~voiced).sum()),
        "wrong": {
            str(reader): round(float(pitch), 1)
            for reader, pitch in zip(readers[wrong], pitches[wrong], strict=True)
        },
    }
