"""Plain softmax in the interfaces of classifier and loss that training expects."""

import torch
from speechbrain.lobes.models import Xvector
from speechbrain.nnet.losses import nll_loss


class LinearClassifier(torch.nn.Linear):
    """One layer to the log-probabilities of the classes.

    Parameters
    ----------
    input_size, out_neurons : int
        Dimensions of the embedding, classes.

    Examples
    --------
    >>> LinearClassifier(input_size=8, out_neurons=5)(torch.randn(2, 1, 8)).shape
    torch.Size([2, 1, 5])
    """

    def __init__(self, input_size, out_neurons):
        super().__init__(input_size, out_neurons)

    def forward(self, embeddings):
        """Return log-probabilities (batch, 1, classes)."""
        return super().forward(embeddings).log_softmax(dim=-1)


class XvectorClassifier(Xvector.Classifier):
    """SpeechBrain's classifier of x-vectors, its sizes named as those of others.

    Parameters
    ----------
    input_size, out_neurons : int
        Dimensions of the embedding and of the hidden layer; classes.

    Examples
    --------
    >>> XvectorClassifier(input_size=8, out_neurons=5)(torch.randn(2, 1, 8)).shape
    torch.Size([2, 1, 5])
    """

    def __init__(self, input_size, out_neurons):
        shape = [None, None, input_size]
        super().__init__(shape, lin_neurons=input_size, out_neurons=out_neurons)


class LossWithoutMargin(torch.nn.Module):
    """A loss that keeps to a margin of 0, as the script that trains sets one."""

    def set_margin(self, margin):
        """Take no other margin than 0.

        Raises
        ------
        ValueError
            On another margin.
        """
        if margin:
            name = type(self).__name__
            raise ValueError(f"{name} has no margin, got {margin}; set it to 0")


class SoftmaxLoss(LossWithoutMargin):
    """Cross-entropy of log-probabilities."""

    def forward(self, log_probabilities, classes):
        """Return the mean over the batch, of (batch, 1, classes) and (batch, 1)."""
        return nll_loss(log_probabilities, classes)
