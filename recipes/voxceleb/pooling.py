"""From frames to one vector: attentive means and deviations.

Okabe et al. (2018). Attentive statistics pooling for deep speaker embedding.
Interspeech. doi:10.21437/Interspeech.2018-993
"""

import torch

SMALLEST_VARIANCE = 1e-5  # below, the gradient of the root grows without bound


class FrameAttention(torch.nn.Module):
    """One weight for each frame.

    Parameters
    ----------
    n_channels : int
        Of the frames; as many hidden units.

    Examples
    --------
    >>> FrameAttention(8)(torch.randn(2, 8, 5)).shape
    torch.Size([2, 1, 5])
    """

    def __init__(self, n_channels):
        super().__init__()
        self.hidden = torch.nn.Linear(n_channels, n_channels)
        self.query = torch.nn.Parameter(torch.empty(n_channels, 1))
        torch.nn.init.xavier_normal_(self.query)

    def forward(self, frames):
        """Return weights (batch, 1, frames) of frames (batch, channels, frames)."""
        hidden = torch.tanh(self.hidden(frames.transpose(1, 2)))
        return (hidden @ self.query).softmax(dim=1).transpose(1, 2)


class ChannelAttention(torch.nn.Module):
    """One weight for each frame of each channel.

    Parameters
    ----------
    n_channels : int
        Of the frames.
    n_hidden : int
        Channels between.

    Examples
    --------
    >>> ChannelAttention(8, 4)(torch.randn(2, 8, 5)).shape
    torch.Size([2, 8, 5])
    """

    def __init__(self, n_channels, n_hidden):
        super().__init__()
        self.layers = torch.nn.Sequential(
            torch.nn.Conv1d(n_channels, n_hidden, 1),
            torch.nn.ReLU(),
            torch.nn.BatchNorm1d(n_hidden),
            torch.nn.Conv1d(n_hidden, n_channels, 1),
        )

    def forward(self, frames):
        """Return weights of frames, both (batch, channels, frames)."""
        return self.layers(frames).softmax(dim=2)


class AttentivePooling(torch.nn.Module):
    """The mean of the frames by their weights (SAP), and the deviation from it (ASP).

    Parameters
    ----------
    attention : torch.nn.Module
        Gives weights, of which those of all frames add up to 1.
    with_deviation : bool
        False: SAP, self-attentive pooling. True: ASP, attentive statistics pooling.

    Examples
    --------
    >>> AttentivePooling(FrameAttention(8), True)(torch.randn(2, 8, 5)).shape
    torch.Size([2, 16])
    """

    def __init__(self, attention, with_deviation):
        super().__init__()
        self.attention = attention
        self.with_deviation = with_deviation

    def forward(self, frames):
        """Return (batch, channels) or (batch, 2 * channels), means before deviations.

        ``frames``: (batch, channels, frames).
        """
        weights = self.attention(frames)
        return pool(frames, weights, self.with_deviation)


def pool(frames, weights, with_deviation):
    """Return means, and deviations from them, of weighted frames.

    SpeechBrain's StatisticsPooling adds random noise to the mean, after training too:
    the same clip would not have the same embedding.

    Parameters
    ----------
    frames : Tensor, (batch, channels, frames)
        What is pooled.
    weights : Tensor, broadcast to the frames
        They add up to 1.
    with_deviation : bool
        Whether the deviations follow the means.

    Returns
    -------
    pooled : Tensor, (batch, channels) or (batch, 2 * channels)
        Float32: a sum over time in bfloat16 is coarse.

    Examples
    --------
    >>> frames = torch.tensor([[[1.0, 3.0]]])
    >>> pool(frames, torch.tensor(0.5), with_deviation=True)
    tensor([[2., 1.]])
    """
    frames, weights = frames.float(), weights.float()
    mean = (weights * frames).sum(dim=2)
    if not with_deviation:
        return mean
    variance = (weights * (frames - mean.unsqueeze(2)).square()).sum(dim=2)
    return torch.cat([mean, variance.clamp(min=SMALLEST_VARIANCE).sqrt()], dim=1)
