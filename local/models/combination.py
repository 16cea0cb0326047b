"""Several trained encoders as one: their embeddings side by side, each with its weight.

The cosine of two such embeddings is the weighted mean of the encoders' cosines, and the
embedding of a segment has length one.
"""

from numbers import Number

import torch
from torch.nn.functional import normalize


class Member(torch.nn.Module):
    """One encoder from samples to an embedding: features, normalisation, network.

    Parameters
    ----------
    compute_features : torch.nn.Module
        Features (batch, frames, size) of wavs (batch, samples).
    size : int
        Of a frame.
    embedding_model : torch.nn.Module
        Embeddings (batch, 1, emb_dim) of normalised features.
    """

    def __init__(self, compute_features, size, embedding_model):
        super().__init__()
        self.compute_features = compute_features
        self.embedding_model = embedding_model
        # What SpeechBrain's InputNormalization keeps outside the weights.
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("std", torch.ones(size))

    def forward(self, feats):
        """Return embeddings (batch, 1, emb_dim) of feats (batch, frames, size)."""
        return self.embedding_model((feats - self.mean) / self.std)


class Combination(torch.nn.Module):
    """Put the embeddings of several encoders side by side.

    Parameters
    ----------
    members : list of Member
        The encoders.
    weights : list of float
        Of each one's cosine in the cosine of the combined embedding; above 0.

    Raises
    ------
    ValueError
        If there is not one positive weight for each member.

    Examples
    --------
    >>> class Ends(torch.nn.Module):
    ...     def forward(self, feats):
    ...         return feats[:, :1, :2]
    >>> member = Member(torch.nn.Unflatten(1, (-1, 2)), 2, Ends())
    >>> both = Combination([member, member], weights=[3, 1])
    >>> both(torch.tensor([[3.0, 4.0, 0.0, 0.0]])).norm()
    tensor(1.)
    """

    def __init__(self, members, weights):
        super().__init__()
        above_0 = [isinstance(weight, Number) and weight > 0 for weight in weights]
        if len(members) != len(weights) or not all(above_0):
            raise ValueError(
                f"a combination of {len(members)} models needs as many weights above"
                f" 0, got {weights}"
            )
        self.members = torch.nn.ModuleList(members)
        self.weights = [weight / sum(weights) for weight in weights]

    def forward(self, wavs, lengths=None):
        """Return embeddings (batch, 1, sum of emb_dim) of wavs (batch, samples).

        Raises
        ------
        ValueError
            If ``lengths`` say that wavs were padded.
        """
        if lengths is not None and (lengths < 1).any():
            raise ValueError(
                "padded wavs: a combination hears the padding; give segments of one"
                " length"
            )
        # Members may share their features, which are then computed once.
        feats = {
            front: front(wavs)
            for front in dict.fromkeys(m.compute_features for m in self.members)
        }
        embeddings = [member(feats[member.compute_features]) for member in self.members]
        return join(embeddings, self.weights)


def join(embeddings, weights):
    """Return length-normalised embeddings side by side, so that cosines add up.

    Parameters
    ----------
    embeddings : list of Tensor, (..., emb_dim)
        Of the same segments by several encoders.
    weights : list of float
        Of the cosines; their sum is 1.

    Returns
    -------
    joined : Tensor, (..., sum of emb_dim)
        Of length one.
    """
    scaled = [
        weight**0.5 * normalize(embedding, dim=-1)
        for embedding, weight in zip(embeddings, weights, strict=True)
    ]
    return torch.cat(scaled, dim=-1)


class Unchanged(torch.nn.Module):
    """Stands where SpeechBrain asks for features or normalisation: members do both."""

    def forward(self, wavs, lengths=None):
        """Return ``wavs``."""
        return wavs
