"""A classifier, tested fold by fold on what it was not trained on."""

from pathlib import Path

import numpy as np

from local.evaluation.classification import confusion, figures
from local.evaluation.levels import decide
from local.models.cross_fitting import chosen, cross_fit, seconds
from local.models.fold_keys import fold_key


def cross_test(hparams, chunks, name, classifier, feats, split, groups, folds):
    """Train and test a system fold by fold.

    Parameters
    ----------
    hparams : dict
        The constructed YAML.
    chunks : list of Fragment
        All of them.
    name : str
        Of the system.
    classifier : object
        Of scikit-learn's form.
    feats : ndarray, (n_chunks, ...)
        What it hears.
    split : str
        One that the corpus allows.
    groups, folds : ndarray, (n_chunks,)
        Of each chunk, of the split.

    Returns
    -------
    records : list of dict
        Figures at both levels; those of chunks, which come first, with ``confusion``,
        ndarray of int, (n_speakers, n_speakers).
    effort : dict
        Seconds it took, settings chosen in each fold.
    """
    speakers = np.array([chunk.spk_id for chunk in chunks])
    names, labels = np.unique(speakers, return_inverse=True)
    folder = Path(hparams["output_folder"], "folds")
    told = feats, labels, groups, folds
    key = fold_key(f"{name}-{split}", classifier, *told)
    posteriors = cross_fit(classifier, *told, folder, key)
    parents = {"utterance": np.array([chunk.utterance for chunk in chunks])}
    records = []
    for level, rule, rows, predicted in decide(posteriors, "chunk", parents, folds):
        measured = figures(
            *(labels[rows], predicted, len(names), speakers[rows], folds[rows]),
            hparams["n_bootstrap"],
            hparams["seed"],
            classes_are_speakers=True,
        )
        place = {"system": name, "split": split, "level": level, "rule": rule}
        records.append(place | {"readers": "all"} | measured)
        if rule == "own":
            told = labels[rows], predicted, len(names)
            records[-1]["confusion"] = confusion(*told)
    return records, {"seconds": seconds(folder, key), "chosen": chosen(folder, key)}
