"""Losses SpeechBrain lacks."""

from speechbrain.nnet.losses import AdditiveAngularMargin, LogSoftmaxWrapper


class ScheduledAAM(LogSoftmaxWrapper):
    """SpeechBrain's AAM-softmax with a margin that can move during training.

    ``AdditiveAngularMargin`` computes its constants once, when built; a margin that
    warms up has to renew them.

    Parameters
    ----------
    scale : float
        Factor on the cosines.

    References
    ----------
    Deng et al. (2019). ArcFace. arXiv:1801.07698

    Examples
    --------
    >>> import torch
    >>> cosines = torch.tensor([[[0.8, 0.1]]])
    >>> loss = ScheduledAAM(scale=10)
    >>> plain = loss(cosines, torch.tensor([[0]]))
    >>> loss.set_margin(0.3)
    >>> bool(loss(cosines, torch.tensor([[0]])) > plain)
    True
    """

    def __init__(self, scale):
        super().__init__(AdditiveAngularMargin(margin=0.0, scale=scale))

    def set_margin(self, margin):
        """Use another margin, in radians, from the next call on."""
        self.loss_fn = AdditiveAngularMargin(margin, scale=self.loss_fn.scale)
