"""Encoders that this recipe does not train: what its networks have to beat."""

import torch
from torch.nn.functional import normalize

from local.scoring.model_folder import check_sample_rate, load_encoder


class Statistics(torch.nn.Module):
    """Mean and standard deviation over time of every coefficient: for k-NN.

    Parameters
    ----------
    time_axis : int
        Of a batch: 2 for MFCCs, 1 for VGGish.

    Examples
    --------
    >>> Statistics()(torch.tensor([[[1.0, 3.0], [5.0, 5.0]]]))
    tensor([[2., 5., 1., 0.]])
    """

    def __init__(self, time_axis=2):
        super().__init__()
        self.time_axis = time_axis

    def forward(self, feats):
        """Return embeddings (batch, 2 * size) of feats (batch, size, frames)."""
        std, mean = torch.std_mean(feats, dim=self.time_axis, correction=0)
        return torch.cat([mean, std], dim=1)


class Pretrained(torch.nn.Module):
    """A model of the main job: the mean direction of the seconds of a fragment.

    Parameters
    ----------
    model_folder : str or Path
        As from `train_speaker_embeddings.py`, such as the model that ships.
    sample_rate : int
        Of the waves, Hz.

    Raises
    ------
    ValueError
        If the folder holds no model, or one of another sample rate.
    """

    def __init__(self, model_folder, sample_rate):
        super().__init__()
        self.encoder = load_encoder(model_folder)
        check_sample_rate(model_folder, sample_rate)
        self.sample_rate = sample_rate

    def forward(self, wavs):
        """Return embeddings (batch, emb_dim) of wavs (batch, samples).

        What is left over after the last whole second is not heard.

        Raises
        ------
        ValueError
            If they are shorter than a second.
        """
        if wavs.shape[1] < self.sample_rate:
            raise ValueError(
                f"fragments of {wavs.shape[1] / self.sample_rate:g} s, the model hears"
                " seconds; set fragment_seconds to 1 or more"
            )
        seconds = wavs.unfold(1, self.sample_rate, self.sample_rate)
        embeddings = self.encoder.encode_batch(seconds.flatten(0, 1)).squeeze(1)
        return normalize(embeddings, dim=1).unflatten(0, seconds.shape[:2]).mean(dim=1)
