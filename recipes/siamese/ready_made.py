"""Encoders that this recipe does not train: what its networks have to beat."""

import torch
from torch.nn.functional import normalize

from local.scoring.model_folder import load_encoder, read_sample_rate


class Statistics(torch.nn.Module):
    """Mean and standard deviation over time of every coefficient: MFCCs for k-NN.

    Examples
    --------
    >>> Statistics()(torch.tensor([[[1.0, 3.0], [5.0, 5.0]]]))
    tensor([[2., 5., 1., 0.]])
    """

    def forward(self, feats):
        """Return embeddings (batch, 2 * size) of feats (batch, size, frames)."""
        mean, std = feats.mean(dim=2), feats.std(dim=2, correction=0)
        return torch.cat([mean, std], dim=1)


class Pretrained(torch.nn.Module):
    """A model of the main job: the mean direction of the seconds of a fragment.

    Parameters
    ----------
    model_folder : str or Path
        As from `train_speaker_embeddings.py`, such as the model that ships.
    """

    def __init__(self, model_folder):
        super().__init__()
        self.sample_rate = read_sample_rate(model_folder)
        self.encoder = load_encoder(model_folder)

    def forward(self, wavs):
        """Return embeddings (batch, emb_dim) of wavs (batch, samples).

        What is left over after the last whole second is not heard.
        """
        seconds = wavs.unfold(1, self.sample_rate, self.sample_rate)
        embeddings = self.encoder.encode_batch(seconds.flatten(0, 1)).squeeze(1)
        return normalize(embeddings, dim=1).unflatten(0, seconds.shape[:2]).mean(dim=1)
