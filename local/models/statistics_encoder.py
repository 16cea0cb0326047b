"""An embedding of segment statistics: a discriminant analysis, refined by a network."""

import logging

import torch
from torch.nn.functional import normalize

from local.models.discriminant import class_means, discriminant_directions, whitening

logger = logging.getLogger(__name__)


class StatisticsEncoder(torch.nn.Module):
    """Embed statistics of a segment by a linear map and a small network beside it.

    The linear map begins as the linear discriminant analysis of the training
    segments (`initialize`), which alone is a good embedding; the network begins at
    zero and learns what is not linear.

    Parameters
    ----------
    input_size : int
        Statistics of a segment.
    rank, damping, shrinkage : int, float, float
        Of `local.models.discriminant`.
    hidden : int
        Width of the two layers of the network.
    dropout : float
        After each of them.
    noise : float
        Standard deviation of what is added to the whitened statistics in training.
    lin_neurons : int
        Embedding size, named as SpeechBrain's networks name it.
    n_looks : int
        Passes over the training segments that the analysis is to see.
    """

    def __init__(
        self,
        input_size,
        rank,
        damping,
        shrinkage,
        hidden,
        dropout,
        noise,
        lin_neurons,
        n_looks,
    ):
        super().__init__()
        self.rank = rank
        self.damping = damping
        self.shrinkage = shrinkage
        self.noise = noise
        self.n_looks = n_looks
        self.register_buffer("mean", torch.zeros(input_size))
        self.register_buffer("whiten", torch.zeros(input_size, rank))
        self.linear = torch.nn.Linear(rank, lin_neurons)
        layers = []
        for size in (rank, hidden):
            layers += [
                torch.nn.Linear(size, hidden),
                torch.nn.BatchNorm1d(hidden),
                torch.nn.ReLU(),
                torch.nn.Dropout(dropout),
            ]
        last = torch.nn.Linear(hidden, lin_neurons)
        torch.nn.init.zeros_(last.weight)
        torch.nn.init.zeros_(last.bias)
        self.network = torch.nn.Sequential(*layers, last)

    @torch.no_grad()
    def initialize(self, feats, classes, classifier):
        """Begin with what a closed form tells, the classifier with class means.

        Parameters
        ----------
        feats : Tensor, (n, 1, input_size)
            Normalised statistics of training segments.
        classes : Tensor, (n,)
            Their classes.
        classifier : torch.nn.Module
            Its ``weight`` (classes, emb_dim) is set.
        """
        logger.info("closed form of %d segments: up to half a minute", len(feats))
        mean, whiten = whitening(feats.squeeze(1), self.rank, self.damping)
        self.mean.copy_(mean)
        self.whiten.copy_(whiten)
        white = self._whitened(feats)
        directions = discriminant_directions(
            white, classes, self.linear.out_features, self.shrinkage
        )
        self.linear.weight.copy_(directions.T / directions.std() / self.rank**0.5)
        self.linear.bias.zero_()
        means, counts = class_means(normalize(self.linear(white)), classes)
        seen = counts > 0
        classifier.weight[: len(means)][seen] = normalize(means)[seen]

    def _whitened(self, feats):
        return (feats.squeeze(1) - self.mean) @ self.whiten

    def forward(self, feats, lengths=None):
        """Return embeddings (batch, 1, emb_dim) of statistics (batch, 1, size)."""
        white = self._whitened(feats)
        if self.training:
            white = white + self.noise * torch.randn_like(white)
        return (self.linear(white) + self.network(white)).unsqueeze(1)
