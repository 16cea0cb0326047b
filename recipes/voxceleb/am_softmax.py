"""AM-softmax in the interface of losses that training expects."""

from speechbrain.nnet.losses import AngularMargin, LogSoftmaxWrapper


class ScheduledAM(LogSoftmaxWrapper):
    """SpeechBrain's AM-softmax with a margin that can move during training.

    The margin is subtracted from the cosine, where AAM-softmax adds it to the angle.

    Parameters
    ----------
    scale : float
        Factor on the cosines.

    References
    ----------
    Wang et al. (2018). Additive margin softmax for face verification. IEEE Signal
    Processing Letters 25(7). doi:10.1109/LSP.2018.2822810

    Examples
    --------
    >>> import torch
    >>> cosines = torch.tensor([[[0.8, 0.1]]])
    >>> loss = ScheduledAM(scale=10)
    >>> plain = loss(cosines, torch.tensor([[0]]))
    >>> loss.set_margin(0.3)
    >>> bool(loss(cosines, torch.tensor([[0]])) > plain)
    True
    """

    def __init__(self, scale):
        super().__init__(AngularMargin(margin=0.0, scale=scale))

    def set_margin(self, margin):
        """Use another margin, a difference of cosines, from the next call on."""
        self.loss_fn.margin = margin
