"""Utterances unlike the others, by three methods.

z-scores and the interquartile range look at one coefficient at a time and mark an
utterance if any of its coefficients is far out: the more coefficients, the more
utterances, in perfectly normal data too. Mahalanobis' distance looks at all at once,
and is not fooled by coefficients that go together.
"""

from itertools import combinations

import numpy as np
from scipy.stats import beta, norm


def find_outliers(feats, z, iqr, quantile):
    """Mark outliers by each method.

    Parameters
    ----------
    feats : ndarray, (n, n_coefficients)
        A row an utterance.
    z : float
        Deviations from the mean, beyond which a coefficient is far out.
    iqr : float
        Interquartile ranges beyond the quartiles.
    quantile : float
        Of Mahalanobis' distances of normal data: the share of them that is no outlier.

    Returns
    -------
    marked : dict of str to ndarray of bool, (n,)
        ``z``, ``iqr`` and ``mahalanobis``.
    """
    scores = np.abs(feats - feats.mean(axis=0)) / feats.std(axis=0, ddof=1)
    lower, upper = np.quantile(feats, [0.25, 0.75], axis=0)
    reach = iqr * (upper - lower)
    distances = squared_distances(feats)
    return {
        "z": (scores > z).any(axis=1),
        "iqr": ((feats < lower - reach) | (feats > upper + reach)).any(axis=1),
        "mahalanobis": distances > distance_limit(*feats.shape, quantile),
    }


def squared_distances(feats):
    """Return Mahalanobis' squared distances from the mean, (n,).

    Mean and covariance are those of all rows. The robust ones, minimum covariance
    determinant, need many more rows than coefficients: of 211 normal rows of 40,
    scikit-learn's marks 59 at the quantile .999.

    Raises
    ------
    ValueError
        If there are not two rows more than coefficients, or one coefficient follows
        from others.
    """
    n, n_coefficients = feats.shape
    if n < n_coefficients + 2:
        raise ValueError(
            f"{n} utterances of {n_coefficients} coefficients: expected"
            f" {n_coefficients + 2} utterances or more; lower n_mfcc"
        )
    scaled = (feats - feats.mean(axis=0)) / feats.std(axis=0, ddof=1)
    correlation = np.atleast_2d(np.corrcoef(feats.T))
    if np.linalg.matrix_rank(correlation) < n_coefficients:
        raise ValueError(
            f"the {n_coefficients} coefficients are not independent; lower n_mfcc"
        )
    return (scaled * np.linalg.solve(correlation, scaled.T).T).sum(axis=1)


def distance_limit(n, n_coefficients, quantile):
    """Return the quantile of squared distances of n normal rows from their own mean.

    That is a beta distribution; chi-squared, its limit for many rows, allows for
    distances that few rows cannot have.

    References
    ----------
    Gnanadesikan and Kettenring (1972). Robust estimates, residuals, and outlier
    detection with multiresponse data. Biometrics 28(1). doi:10.2307/2528963

    Examples
    --------
    >>> [float(distance_limit(n, 13, 0.999).round(1)) for n in (211, 1000000)]
    [32.8, 34.5]
    """
    rows_left = (n - n_coefficients - 1) / 2
    largest = (n - 1) ** 2 / n
    return largest * beta.ppf(quantile, n_coefficients / 2, rows_left)


def expected_shares(n_coefficients, z, iqr, quantile):
    """Return the share that each method marks of normal, independent coefficients.

    Parameters
    ----------
    n_coefficients : int
        Of an utterance.
    z, iqr, quantile : float
        As of `find_outliers`.

    Returns
    -------
    shares : dict of str to float
        By method.

    Examples
    --------
    >>> expected_shares(40, z=3, iqr=1.5, quantile=0.999)["z"].round(3)
    np.float64(0.102)
    """
    quartile = norm.ppf(0.75)
    far = {"z": z, "iqr": quartile * (1 + 2 * iqr)}
    shares = {
        name: 1 - (1 - 2 * norm.sf(deviations)) ** n_coefficients
        for name, deviations in far.items()
    }
    return shares | {"mahalanobis": 1 - quantile}


def overlaps(marked):
    """Count what several methods mark.

    Parameters
    ----------
    marked : dict of str to ndarray of bool, (n,)
        As from `find_outliers`.

    Returns
    -------
    counts : dict of str to int
        Of each two, such as ``z & iqr``, of ``all`` and of ``any``.
    """
    counts = {
        f"{a} & {b}": int((marked[a] & marked[b]).sum())
        for a, b in combinations(marked, 2)
    }
    every = np.array(list(marked.values()))
    return counts | {
        "all": int(every.all(axis=0).sum()),
        "any": int(every.any(axis=0).sum()),
    }
