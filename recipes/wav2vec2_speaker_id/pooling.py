"""From frames to one vector: what stays of a chunk once its time is averaged out."""

import torch

POOLINGS = ("mean", "std", "mean_std")


def pool(frames, pooling):
    """Return statistics over time.

    Parameters
    ----------
    frames : Tensor, (batch, coefficients, frames)
        Time comes last.
    pooling : {"mean", "std", "mean_std"}
        The means, the deviations (divided by the number of frames, not one less), or
        the means and then the deviations.

    Returns
    -------
    pooled : Tensor, (batch, coefficients) or, of both, (batch, 2 * coefficients)
        In the type of the frames.

    Examples
    --------
    >>> pool(torch.tensor([[[1.0, 3.0], [5.0, 5.0]]]), "mean_std")
    tensor([[2., 5., 1., 0.]])
    """
    std, mean = torch.std_mean(frames, dim=2, correction=0)
    both = {"mean": [mean], "std": [std], "mean_std": [mean, std]}
    return torch.cat(both[pooling], dim=1)


class Pooled(torch.nn.Module):
    """Statistics over time of a representation.

    Parameters
    ----------
    representation : torch.nn.Module
        Gives (batch, coefficients, frames), of floats.
    pooling : {"mean", "std", "mean_std"}
        As in `pool`.

    Raises
    ------
    ValueError
        If the pooling is none of these, or the representation gives no floats.
    """

    def __init__(self, representation, pooling):
        super().__init__()
        name = type(representation).__name__
        if pooling not in POOLINGS:
            raise ValueError(f"pooling: expected one of {POOLINGS}, got {pooling!r}")
        if not representation.dtype.startswith("float"):
            raise ValueError(
                f"{name} gives {representation.dtype}, expected floats: their mean"
                " would be rounded; take a representation of floats"
            )
        self.representation = representation
        self.sample_rate = representation.sample_rate
        self.dtype = representation.dtype
        self.pooling = pooling

    def forward(self, wavs):
        """Return statistics (batch, dims) of wavs (batch, samples)."""
        return pool(self.representation(wavs), self.pooling)
