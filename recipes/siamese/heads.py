"""What turns two embeddings into a score, higher = more alike.

Every head takes left (..., emb_dim) and right (..., emb_dim), which broadcast, and
returns scores (...); it answers both orders alike.
"""

import torch
from torch.nn.functional import cosine_similarity, normalize, pairwise_distance

from recipes.siamese.networks import initialize_as_keras


class WeightedL1(torch.nn.Module):
    """A dense layer over the absolute difference of each number of the embeddings.

    Parameters
    ----------
    emb_dim : int
        Size of the embeddings.
    init : str
        ``"glorot"`` or ``"he"``, see `initialize_as_keras`.

    References
    ----------
    Koch et al. (2015). Siamese neural networks for one-shot image recognition.

    Examples
    --------
    >>> head = WeightedL1(8, init="glorot")
    >>> head(torch.rand(5, 1, 8), torch.rand(1, 7, 8)).shape
    torch.Size([5, 7])
    """

    def __init__(self, emb_dim, init):
        super().__init__()
        self.linear = torch.nn.Linear(emb_dim, 1)
        initialize_as_keras(self, init)

    def forward(self, left, right):
        """Return scores, log-odds of the same speaker when trained as such."""
        return self.linear((left - right).abs()).squeeze(-1)


class TwoLogits(torch.nn.Module):
    """Two dense outputs, one for each answer, over the absolute difference.

    The score is their difference: its binary cross-entropy is the cross-entropy of the
    two.

    Parameters
    ----------
    emb_dim : int
        Size of the embeddings.
    """

    def __init__(self, emb_dim):
        super().__init__()
        self.linear = torch.nn.Linear(emb_dim, 2)

    def forward(self, left, right):
        """Return scores, log-odds of the same speaker when trained as such."""
        different, same = self.linear((left - right).abs()).unbind(-1)
        return same - different


class LearnedScale(torch.nn.Module):
    """Multiply and shift scores by two learned numbers, or leave them bare.

    Parameters
    ----------
    scale, bias : float, optional
        What the two start at; None: 1 and 0, and not learned.
    """

    def __init__(self, scale=None, bias=None):
        super().__init__()
        self.scale, self.bias = (
            None if start is None else torch.nn.Parameter(torch.tensor(float(start)))
            for start in (scale, bias)
        )

    def forward(self, scores):
        """Return scores of the same shape."""
        if self.scale is not None:
            scores = scores * self.scale
        return scores if self.bias is None else scores + self.bias


class Euclidean(torch.nn.Module):
    """The distance, negative, bare or with a learned scale and bias.

    Parameters
    ----------
    scale, bias : float, optional
        See `LearnedScale`.

    Examples
    --------
    >>> Euclidean()(torch.tensor([3.0, 0.0]), torch.tensor([0.0, 4.0]))
    tensor(-5.)
    """

    def __init__(self, scale=None, bias=None):
        super().__init__()
        self.scaled = LearnedScale(scale, bias)

    def forward(self, left, right):
        """Return scores, 0 (or the bias) for equal embeddings but for rounding."""
        return self.scaled(-pairwise_distance(left, right))


class Cosine(torch.nn.Module):
    """The cosine, bare or with a learned scale and bias.

    Parameters
    ----------
    scale, bias : float, optional
        See `LearnedScale`.
    """

    def __init__(self, scale=None, bias=None):
        super().__init__()
        self.scaled = LearnedScale(scale, bias)

    def forward(self, left, right):
        """Return scores, from -1 to 1 if bare."""
        return self.scaled(cosine_similarity(left, right, dim=-1))


class Bilinear(torch.nn.Module):
    """A cosine whose inner product is learned: u S v of unit vectors, S symmetric.

    ``torch.nn.Bilinear`` has no symmetry. This one begins as the cosine.

    Parameters
    ----------
    emb_dim : int
        Size of the embeddings.
    scale, bias : float, optional
        See `LearnedScale`.
    """

    def __init__(self, emb_dim, scale=None, bias=None):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.eye(emb_dim))
        self.scaled = LearnedScale(scale, bias)

    def forward(self, left, right):
        """Return scores."""
        mapped = normalize(left, dim=-1) @ (self.weight + self.weight.T) / 2
        return self.scaled((mapped * normalize(right, dim=-1)).sum(-1))
