"""Losses over scores of pairs, and the penalty on the encoder's weights.

A loss of pairs takes scores (n,) and same (n,), 1 = same speaker, and knows by
``threshold`` the score above which it takes a pair for the same speaker. The
cross-entropy over `heads.TwoLogits` needs no class: it is `BinaryCrossEntropy`.
"""

import torch
from torch.nn.functional import binary_cross_entropy_with_logits, cosine_similarity
from torch.nn.modules.conv import _ConvNd


class Contrastive(torch.nn.Module):
    """Pull the same speaker's embeddings together, push others' a margin apart.

    SpeechBrain's ``ContrastiveLoss`` is wav2vec 2.0's, a cross-entropy over cosines.

    Parameters
    ----------
    margin : float
        Distance at which different speakers are far enough.

    References
    ----------
    Hadsell et al. (2006). Dimensionality reduction by learning an invariant mapping.

    Examples
    --------
    >>> near, far = -0.5, -1.5  # scores are distances, negative
    >>> Contrastive(margin=2)(torch.tensor([near, far]), torch.tensor([1, 0]))
    tensor(0.2500)
    """

    def __init__(self, margin):
        super().__init__()
        self.margin = margin
        self.threshold = -margin / 2

    def forward(self, scores, same):
        """Return the mean loss of pairs."""
        pull = scores.square()
        push = (self.margin + scores).relu().square()
        return torch.where(same.bool(), pull, push).mean()


class BinaryCrossEntropy(torch.nn.Module):
    """Cross-entropy of scores as log-odds of the same speaker.

    SpeechBrain's ``bce_loss`` smooths labels by a rule meant for log-probabilities.

    Parameters
    ----------
    label_smoothing : float
        Share of each label that is spread evenly over both answers.
    """

    threshold = 0.0

    def __init__(self, label_smoothing=0.0):
        super().__init__()
        self.label_smoothing = label_smoothing

    def forward(self, scores, same):
        """Return the mean loss of pairs."""
        labels = same.to(scores) * (1 - self.label_smoothing) + self.label_smoothing / 2
        return binary_cross_entropy_with_logits(scores, labels)


def cosine_distance(left, right):
    """Return 1 - cosine of embeddings (..., emb_dim)."""
    return 1 - cosine_similarity(left, right, dim=-1)


def l2_groups(encoder, *others, l2):
    """Return the groups of an optimizer that stand for Keras' penalty on an encoder.

    The penalty is l2 * (sum of squares) of every weight, no bias, of the encoder's
    convolutions and dense layers; its gradient is the weight decay of 2 * l2 that an
    optimizer such as RAdam adds to the gradient. (AdamW decays otherwise.)

    Parameters
    ----------
    encoder, *others : torch.nn.Module
        What is penalised, and what is trained without.
    l2 : float
        Factor of the sum of squares.

    Returns
    -------
    groups : list of dict
        Every parameter once.
    """
    kernels = [
        layer.weight
        for layer in encoder.modules()
        if isinstance(layer, _ConvNd | torch.nn.Linear)
    ]
    decayed = set(kernels)
    rest = [
        parameter
        for module in (encoder, *others)
        for parameter in module.parameters()
        if parameter not in decayed
    ]
    return [
        {"params": kernels, "weight_decay": 2 * l2},
        {"params": rest, "weight_decay": 0.0},
    ]
