"""Normalisers of features, learnt from those of training and kept in checkpoints."""

import numpy as np
import torch

BLOCK = 2**22  # numbers that are read at a time from features on disk


def blocks(feats):
    """Yield features on disk piece by piece, as float64."""
    n_rows = max(1, BLOCK // feats[0].size)
    for start in range(0, len(feats), n_rows):
        yield feats[start : start + n_rows].astype(np.float64)


class Unit(torch.nn.Module):
    """Divide features by what is full scale to them; nothing is learnt.

    Parameters
    ----------
    full_scale : float
        255 for bytes; 1 leaves features as they are.

    Examples
    --------
    >>> Unit()(torch.tensor([0, 51, 255], dtype=torch.uint8))
    tensor([0.0000, 0.2000, 1.0000])
    """

    def __init__(self, full_scale=255.0):
        super().__init__()
        self.full_scale = full_scale

    def fit(self, feats):
        """Learn nothing."""

    def forward(self, feats):
        """Return features as float32."""
        return feats.float() / self.full_scale


class MinMax(torch.nn.Module):
    """Map the least number of all features to 0 and the greatest to 1.

    Examples
    --------
    >>> scale = MinMax()
    >>> scale.fit(np.array([[0.0, 2.0], [-2.0, 1.0]]))
    >>> scale(torch.tensor([[-2.0, 0.0, 4.0]]))
    tensor([[0.0000, 0.5000, 1.5000]])
    """

    def __init__(self):
        super().__init__()
        # Until they are learnt, nothing that could be mistaken for features comes out.
        self.register_buffer("low", torch.tensor(float("nan")))
        self.register_buffer("high", torch.tensor(float("nan")))

    def fit(self, feats):
        """Learn the range of features (n, ...), of an array in memory or on disk.

        Raises
        ------
        ValueError
            If they are all the same.
        """
        ends = np.array([(block.min(), block.max()) for block in blocks(feats)])
        low, high = ends[:, 0].min(), ends[:, 1].max()
        if not low < high:
            raise ValueError(f"all features are {low:g}; is the corpus silent?")
        self.low.fill_(low)
        self.high.fill_(high)

    def forward(self, feats):
        """Return features of which those learnt from lie in 0..1."""
        return (feats.float() - self.low) / (self.high - self.low)


class Standard(torch.nn.Module):
    """Bring each feature to mean 0 and deviation 1 over fragments and time.

    Parameters
    ----------
    n_features : int
        Such as 32 coefficients.
    axis : int
        Of a batch, on which they lie: 1 for MFCCs, 2 for VGGish.

    Examples
    --------
    >>> scale = Standard(2, axis=1)
    >>> scale.fit(np.array([[[1.0, 3.0], [5.0, 5.0]]]))
    >>> scale(torch.tensor([[[1.0, 3.0], [5.0, 6.0]]]))
    tensor([[[-1.,  1.],
             [ 0.,  1.]]])
    """

    def __init__(self, n_features, axis):
        super().__init__()
        self.n_features = n_features
        self.axis = axis
        self.register_buffer("mean", torch.full((n_features,), float("nan")))
        self.register_buffer("std", torch.full((n_features,), float("nan")))

    def fit(self, feats):
        """Learn from features (n, ...), of an array in memory or on disk.

        Raises
        ------
        ValueError
            If they are not so many.
        """
        if feats.shape[self.axis] != self.n_features:
            raise ValueError(
                f"features {feats.shape[1:]}, expected {self.n_features} on axis"
                f" {self.axis} of a batch; change n_features or axis"
            )
        # From the first number of each: of a constant feature nothing else is left,
        # and sums of squares stay small.
        first = np.moveaxis(feats[:1], self.axis, -1).reshape(-1, self.n_features)[0]
        count, total, squares = 0, 0.0, 0.0
        for block in blocks(feats):
            rows = np.moveaxis(block, self.axis, -1).reshape(-1, self.n_features)
            rows = rows - first
            count += len(rows)
            total += rows.sum(axis=0)
            squares += (rows**2).sum(axis=0)
        mean = total / count
        std = np.sqrt(np.maximum(squares / count - mean**2, 0))
        self.mean.copy_(torch.from_numpy(mean + first))
        # One that never changes, as VGGish has some, becomes 0 and stays near it.
        self.std.copy_(torch.from_numpy(np.where(std > 0, std, 1)))

    def forward(self, feats):
        """Return standard features."""
        shape = [1] * feats.ndim
        shape[self.axis] = -1
        return (feats.float() - self.mean.view(shape)) / self.std.view(shape)
