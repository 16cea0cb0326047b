"""An embedding of a recording of any length, by that of its seconds."""

import torch
from torch.nn.functional import normalize

from local.scoring.model_folder import check_sample_rate, load_encoder


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

    dtype = "float32"  # in which its embeddings are kept

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
