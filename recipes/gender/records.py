"""Decisions about readers -> figures, and readers who are taken for the other."""

import numpy as np

from local.evaluation.classification import confusion, figures
from recipes.gender.data import GENDERS


def measure(true, predicted, speakers, folds, never_heard, n_bootstrap, seed):
    """Measure decisions on all readers, and on those a pretrained model never heard.

    Parameters
    ----------
    true, predicted : ndarray of int, (n,)
        Classes.
    speakers : ndarray of str, (n,)
        Of each decision.
    folds : ndarray of int, (n,)
        In which it was tested.
    never_heard : ndarray of bool, (n,)
        Of whom the model that ships was not trained on.
    n_bootstrap, seed : int
        As of `local.evaluation.classification.figures`.

    Returns
    -------
    records : list of dict
        Of ``readers`` "all" and, if there are some of both genders, "never_heard".
    """
    records = []
    everyone = np.ones(len(true), dtype=bool)
    for readers, rows in (("all", everyone), ("never_heard", never_heard)):
        if len(set(speakers[rows])) > 1 and len(set(true[rows])) == len(GENDERS):
            told = true[rows], predicted[rows], len(GENDERS)
            found = figures(*told, speakers[rows], folds[rows], n_bootstrap, seed)
            counts = {"confusion": confusion(*told).tolist()}
            records.append({"readers": readers, **found, **counts})
    return records


def wrong_shares(true, predicted, speakers):
    """Return the share of wrong decisions about each reader, dict of str to float."""
    names, codes = np.unique(speakers, return_inverse=True)
    shares = np.bincount(codes, true != predicted) / np.bincount(codes)
    return dict(zip(names.tolist(), shares.tolist(), strict=True))


def list_errors(shares, mistaken, labels):
    """List the readers that any system takes for the other gender.

    Parameters
    ----------
    shares : dict of str to dict of str to float
        System to `wrong_shares`, of what it decides upon by itself.
    mistaken : dict of str to dict of str to float
        System to `wrong_shares` of utterances.
    labels : dict of str to str
        Reader to gender.

    Returns
    -------
    errors : list of dict
        ``speaker``, ``label`` and ``systems``, the shares; the most mistaken first.

    Examples
    --------
    >>> shares = {"svm": {"19": 0.6, "26": 0.4}}
    >>> list_errors(shares, {"svm": {"19": 1.0, "26": 0.0}}, {"19": "F", "26": "M"})
    [{'speaker': '19', 'label': 'F', 'systems': {'svm': 0.6}}]
    """
    found = {
        spk for wrong in mistaken.values() for spk, share in wrong.items() if share
    }
    errors = [
        {
            "speaker": spk,
            "label": labels[spk],
            "systems": {name: share[spk] for name, share in shares.items()},
        }
        for spk in sorted(found)
    ]
    return sorted(errors, key=lambda error: -sum(error["systems"].values()))
