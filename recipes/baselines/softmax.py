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
    """SpeechBrain's classifier of x-vectors, which tells its number of classes.

    Parameters
    ----------
    input_size, out_neurons : int
        Dimensions of the embedding and of the hidden layer; classes.

    Examples
    --------
    >>> classifier = XvectorClassifier(input_size=8, out_neurons=5)
    >>> classifier(torch.randn(2, 1, 8)).shape, len(classifier.weight)
    (torch.Size([2, 1, 5]), 5)
    """

    def __init__(self, input_size, out_neurons):
        shape = [None, None, input_size]
        super().__init__(shape, lin_neurons=input_size, out_neurons=out_neurons)

    @property
    def weight(self):
        """The last layer, (classes, input_size)."""
        return self.out.w.weight


class SoftmaxLoss(torch.nn.Module):
    """Cross-entropy of log-probabilities; it has no margin."""

    def forward(self, log_probabilities, classes):
        """Return the mean over the batch, of (batch, 1, classes) and (batch, 1)."""
        return nll_loss(log_probabilities, classes)

    def set_margin(self, margin):
        """Take no other margin than 0.

        Raises
        ------
        ValueError
            On another margin.
        """
        if margin:
            raise ValueError(f"softmax has no margin, got {margin}; set it to 0")
