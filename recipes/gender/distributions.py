"""How coefficients are distributed, and what they tell of gender.

What is tested, or has an interval, is of readers, not of utterances: those of one
reader are alike, and would make a chance difference look certain. Women are 0, men 1:
a positive correlation is a coefficient that is higher for men.
"""

import numpy as np
from scipy.stats import kurtosis, normaltest, pointbiserialr, skew

from recipes.gender.utterances import by_speaker

LEAST_FOR_NORMALITY = 20  # readers: below, D'Agostino's approximation does not hold


def describe(values, genders, speakers, n_bootstrap, confidence, seed):
    """Describe each coefficient, and correlate it with gender.

    Parameters
    ----------
    values : ndarray, (n, n_coefficients)
        Of utterances.
    genders, speakers : ndarray, (n,)
        Of utterances; genders 0 or 1.
    n_bootstrap : int
        Replicates, over readers.
    confidence : float
        Of the intervals, 0 < confidence < 1.
    seed : int
        Of the replicates.

    Returns
    -------
    rows : list of dict
        Of each coefficient ``mean_f``, ``mean_m``, ``sd``, ``skew``, and ``kurtosis``
        beyond the normal one, of utterances; of readers ``p_normal``, whether they are
        normal about the mean of their gender (D'Agostino's test, not adjusted; None of
        fewer than 20 readers), ``r``, point-biserial, with its interval, and
        ``p_adjusted``, its p value by Holm's method for all coefficients given.

    Raises
    ------
    ValueError
        If there are fewer than two readers of a gender, or a coefficient is constant.
    """
    check(values, genders, speakers)
    sex = by_speaker(genders, speakers)
    readers = by_speaker(values, speakers)
    found = [pointbiserialr(sex, column) for column in readers.T]
    low, high = correlation_intervals(readers, sex, n_bootstrap, confidence, seed)
    columns = {
        "mean_f": values[genders == 0].mean(axis=0),
        "mean_m": values[genders == 1].mean(axis=0),
        "sd": values.std(axis=0, ddof=1),
        "skew": skew(values),
        "kurtosis": kurtosis(values),
        "p_adjusted": holm([result.pvalue for result in found]),
    }
    normal = normality(readers, sex)
    return [
        {name: float(column[i]) for name, column in columns.items()}
        | {"p_normal": None if normal is None else float(normal[i])}
        | {"r": interval(result.statistic, low[i], high[i])}
        for i, result in enumerate(found)
    ]


def interval(mean, low, high):
    """Return a figure with its interval, as all JSON of the project has it."""
    return {"mean": float(mean), "low": float(low), "high": float(high)}


def check(values, genders, speakers):
    """Refuse what has no correlation.

    Raises
    ------
    ValueError
        If there are fewer than two readers of a gender, or a coefficient is constant.
    """
    n_women, n_men = (len(np.unique(speakers[genders == sex])) for sex in (0, 1))
    if min(n_women, n_men) < 2:
        raise ValueError(
            f"{n_women} women and {n_men} men: expected two or more of each; take more"
            " readers"
        )
    flat = np.flatnonzero(np.ptp(values, axis=0) == 0)
    if len(flat):
        raise ValueError(
            f"coefficient {flat[0]} is the same in all {len(values)} utterances; leave"
            " it out"
        )


def normality(readers, sex):
    """Return p of each coefficient by D'Agostino's test, or None of too few readers."""
    if len(sex) < LEAST_FOR_NORMALITY:
        return None
    women = (sex == 0)[:, np.newaxis]
    centres = [readers[sex == s].mean(axis=0) for s in (0, 1)]
    return normaltest(readers - np.where(women, *centres)).pvalue


def correlation_intervals(values, genders, n_bootstrap, confidence, seed):
    """Return bootstrap percentile intervals of correlations with gender.

    Parameters
    ----------
    values : ndarray, (n_readers, n_coefficients)
        A row a reader.
    genders : ndarray, (n_readers,)
        0 or 1.
    n_bootstrap, confidence, seed
        As of `describe`.

    Returns
    -------
    low, high : ndarray, (n_coefficients,)
        A replicate of one gender alone has no correlation and does not count.
    """
    n = len(genders)
    rng = np.random.default_rng(seed)
    weights = rng.multinomial(n, np.full(n, 1 / n), size=n_bootstrap) / n
    x = values - values.mean(axis=0)
    share = (weights @ genders)[:, np.newaxis]  # of men
    means = weights @ x
    covariance = weights @ (x * genders[:, np.newaxis]) - means * share
    variances = (weights @ x**2 - means**2) * (share - share**2)
    with np.errstate(divide="ignore", invalid="ignore"):
        r = np.where(share * (1 - share) > 0, covariance / np.sqrt(variances), np.nan)
    tail = (1 - confidence) / 2
    return np.nanquantile(r, [tail, 1 - tail], axis=0)


def holm(p_values):
    """Adjust p values for their number, by Holm's method.

    References
    ----------
    Holm (1979). A simple sequentially rejective multiple test procedure. Scandinavian
    Journal of Statistics 6(2).

    Examples
    --------
    >>> holm([0.01, 0.5, 0.02])
    array([0.03, 0.5 , 0.04])
    """
    p_values = np.asarray(p_values)
    order = np.argsort(p_values)
    steps = p_values[order] * np.arange(len(order), 0, -1)
    adjusted = np.empty(len(order))
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1)
    return adjusted
