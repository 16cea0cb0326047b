"""The layer as a setting of a classifier, to be searched like any other."""

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin


class Layer(TransformerMixin, BaseEstimator):
    """Take one layer of features of several.

    First in a pipeline, so that a search over ``layer__layer`` chooses the layer by the
    training part of each fold.

    Parameters
    ----------
    layer : int
        Its place in the features. If they hold all layers, that is its number: 0 is
        what enters the transformer.

    Examples
    --------
    >>> feats = np.arange(12, dtype=np.float16).reshape(2, 3, 2)
    >>> Layer(1).fit_transform(feats)
    array([[2., 3.],
           [8., 9.]], dtype=float32)
    """

    def __init__(self, layer=12):
        self.layer = layer

    def fit(self, X, y=None):
        """Learn nothing; see that the layer is there.

        Raises
        ------
        ValueError
            If it is not, or the features are not (n, n_layers, dims).
        """
        if np.ndim(X) != 3:
            raise ValueError(
                f"features of shape {np.shape(X)}, expected (n, n_layers, dims);"
                " is their pooling none?"
            )
        n_layers = np.shape(X)[1]
        if not 0 <= self.layer < n_layers:
            raise ValueError(f"layer {self.layer}, expected 0..{n_layers - 1}")
        return self

    def transform(self, X):
        """Return the layer, (n, dims) float32: of a file only that is read."""
        return np.asarray(X[:, self.layer], dtype=np.float32)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        tags.input_tags.two_d_array = False
        tags.input_tags.three_d_array = True
        return tags
