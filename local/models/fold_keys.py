"""Names for what is kept of folds: other settings or rows, another name."""

import hashlib

import numpy as np


def fold_key(name, classifier, *arrays):
    """Return a name for the folds of a classifier, for `cross_fit`.

    Parameters
    ----------
    name : str
        It begins with that.
    classifier : object
        Of scikit-learn's form; its class and all its settings count, and those of what
        is in it.
    *arrays : ndarray
        Inputs, labels, groups, folds: all that it is trained and tested on.

    Returns
    -------
    key : str
        The name and twelve hexadecimal digits.

    Examples
    --------
    >>> from sklearn.svm import SVC
    >>> fold_key("svm", SVC(C=1), np.ones(2)) == fold_key("svm", SVC(C=2), np.ones(2))
    False
    """
    settings = {key: str(value) for key, value in classifier.get_params().items()}
    kind = f"{type(classifier).__module__}.{type(classifier).__qualname__}"
    digest = hashlib.sha256(repr((kind, sorted(settings.items()))).encode())
    for array in arrays:
        digest.update(f"{array.dtype} {array.shape}\n".encode())
        digest.update(np.ascontiguousarray(array).data)
    return f"{name}-{digest.hexdigest()[:12]}"
