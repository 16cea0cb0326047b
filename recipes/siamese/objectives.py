"""What is drawn for a training step, and what its embeddings are to do.

An objective draws rows of the training fragments and their target from a sampler of
`pairs`; of their embeddings (n, m, emb_dim) it returns the loss and which are
answered correctly; and it scores pairs when training is over.
"""

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from recipes.siamese.heads import Cosine
from recipes.siamese.losses import cosine_distance


class Pairs(torch.nn.Module):
    """Tell pairs of one speaker from pairs of two.

    Parameters
    ----------
    head : torch.nn.Module
        Of `heads`: embeddings to scores.
    loss : torch.nn.Module
        Of `losses`, which fits the head: `Contrastive` needs a bare `Euclidean`.

    Examples
    --------
    >>> from recipes.siamese.heads import Euclidean
    >>> from recipes.siamese.losses import Contrastive
    >>> pairs = Pairs(Euclidean(), Contrastive(margin=2.0))
    >>> embeddings = torch.tensor([[[0.0], [0.5]], [[0.0], [0.7]]])
    >>> pairs(embeddings, target=torch.tensor([1, 0]))
    (tensor(0.9700), tensor([ True, False]))
    """

    def __init__(self, head, loss):
        super().__init__()
        self.head = head
        self.loss = loss

    def draw(self, sampler, n, rng):
        """Return rows (n, 2) and target (n,), 1 = same speaker."""
        return sampler.pairs(n, rng)

    def forward(self, embeddings, target):
        """Return the loss and which of the n pairs are told correctly.

        Parameters
        ----------
        embeddings : Tensor, (n, 2, emb_dim)
            Both of each pair.
        target : Tensor, (n,)
            1 = same speaker.
        """
        scores = self.score(*embeddings.float().unbind(1))
        correct = (scores > self.loss.threshold) == target.bool()
        return self.loss(scores, target), correct

    def score(self, left, right):
        """Return scores (...) of embeddings (..., emb_dim), which broadcast."""
        return self.head(left, right)


class Triplets(torch.nn.Module):
    """Keep another fragment of the speaker nearer than one of another, by a margin.

    Parameters
    ----------
    margin : float
        Wanted difference of the two cosine distances.

    Examples
    --------
    >>> anchor, positive, negative = [1.0, 0.0], [1.0, 0.0], [0.0, 1.0]
    >>> embeddings = torch.tensor([[anchor, positive, negative]])
    >>> Triplets(margin=1.2)(embeddings, target=None)
    (tensor(0.2000), tensor([True]))
    """

    def __init__(self, margin):
        super().__init__()
        self.score = Cosine()
        self.loss = torch.nn.TripletMarginWithDistanceLoss(
            distance_function=cosine_distance, margin=margin
        )

    def draw(self, sampler, n, rng):
        """Return rows (n, 3), anchor, positive, negative, and a target of no use."""
        return sampler.triplets(n, rng), np.zeros(n, dtype=np.int64)

    def forward(self, embeddings, target):
        """Return the loss and in which triplets the positive is nearer.

        Parameters
        ----------
        embeddings : Tensor, (n, 3, emb_dim)
            Of each triplet.
        target : Tensor, (n,)
            Not read.
        """
        anchor, positive, negative = embeddings.float().unbind(1)
        correct = self.score(anchor, positive) > self.score(anchor, negative)
        return self.loss(anchor, positive, negative), correct


class Classes(torch.nn.Module):
    """Tell which of the training speakers speaks; pairs are scored by the cosine.

    Parameters
    ----------
    n_classes : int
        Training speakers.
    emb_dim : int, optional
        Size of the embeddings, of which a dense layer makes logits; None: the
        embeddings themselves are the logits.

    Examples
    --------
    >>> embeddings = torch.tensor([[[9.0, 0.0]], [[9.0, 0.0]]])
    >>> Classes(n_classes=2)(embeddings, target=torch.tensor([0, 1]))
    (tensor(4.5001), tensor([ True, False]))
    """

    def __init__(self, n_classes, emb_dim=None):
        super().__init__()
        self.n_classes = n_classes
        is_bare = emb_dim is None
        self.logits = (
            torch.nn.Identity() if is_bare else torch.nn.Linear(emb_dim, n_classes)
        )
        self.score = Cosine()

    def draw(self, sampler, n, rng):
        """Return rows (n, 1) and target (n,), the number of the speaker.

        Raises
        ------
        ValueError
            If there are more or fewer speakers than classes.
        """
        n_speakers = sampler.speakers.max() + 1
        if n_speakers != self.n_classes:
            raise ValueError(
                f"n_classes is {self.n_classes}, but there are {n_speakers} training"
                " speakers; set it (n_train_speakers in a YAML) to their number"
            )
        return sampler.segments(n, rng)

    def forward(self, embeddings, target):
        """Return the loss and which of n fragments are given their speaker.

        Parameters
        ----------
        embeddings : Tensor, (n, 1, emb_dim)
            Of fragments.
        target : Tensor, (n,)
            Numbers of their speakers.

        Raises
        ------
        ValueError
            If there is not one logit a class.
        """
        logits = self.logits(embeddings.float().squeeze(1))
        if logits.shape[1] != self.n_classes:
            raise ValueError(
                f"{logits.shape[1]} logits for {self.n_classes} training speakers; set "
                "emb_dim of the encoder to their number, or give Classes its emb_dim"
            )
        return cross_entropy(logits, target), logits.argmax(1) == target
