"""How the losses of the lab are called, and those with a class for each speaker.

A loss takes embeddings (n_speakers, n_per_speaker, emb_dim) and the spk_id_encoded of
the speakers (n_speakers,); it returns its value and the share that is answered rightly.
Its ``n_per_speaker`` is what a sampler has to put into a batch: 1 here, at least 2 in
`group_losses`, which compare segments.
"""

import torch
from speechbrain.lobes.models.ECAPA_TDNN import Classifier
from speechbrain.nnet.losses import AdditiveAngularMargin, AngularMargin
from torch.nn.functional import cross_entropy


def identify(scores, target):
    """Return the cross-entropy of scores (n, n_choices) and the share right."""
    right = (scores.argmax(dim=1) == target).float().mean()
    return cross_entropy(scores, target), right


class SpeakerLoss(torch.nn.Module):
    """What the losses share: the check of a batch, and full precision.

    Parameters
    ----------
    n_per_speaker : int
        Segments of a speaker in a batch.
    """

    min_speakers = 1  # in a batch

    def __init__(self, n_per_speaker):
        super().__init__()
        self.n_per_speaker = n_per_speaker

    def forward(self, embeddings, spk_id_encoded):
        """Return the loss and the share right, both scalars.

        Parameters
        ----------
        embeddings : Tensor, (n_speakers, n_per_speaker, emb_dim)
            Not normalised.
        spk_id_encoded : Tensor, (n_speakers,)
            Number of each speaker.
        """
        self.check(embeddings, spk_id_encoded)
        # The three digits of bfloat16 are too few for scaled cosines and distances.
        with torch.autocast(embeddings.device.type, enabled=False):
            dtype = torch.promote_types(embeddings.dtype, torch.float)
            return self.measure(embeddings.to(dtype), spk_id_encoded)

    def check(self, embeddings, spk_id_encoded):
        """Check that a batch is one for this loss.

        Raises
        ------
        ValueError
            On other shapes, or too few speakers.
        """
        name, n = type(self).__name__, self.n_per_speaker
        if embeddings.dim() != 3 or embeddings.shape[1] != n:
            raise ValueError(
                f"{name} takes embeddings (n_speakers, {n}, emb_dim), got"
                f" {tuple(embeddings.shape)}; draw {n} segments a speaker"
            )
        if spk_id_encoded.shape != embeddings.shape[:1]:
            raise ValueError(
                f"{name} takes one number for each of {len(embeddings)} speakers, got"
                f" spk_id_encoded of shape {tuple(spk_id_encoded.shape)}"
            )
        if len(embeddings) < self.min_speakers:
            raise ValueError(
                f"{name} needs at least {self.min_speakers} speakers in a batch, got"
                f" {len(embeddings)}"
            )


class ClassLoss(SpeakerLoss):
    """A loss of single segments, by a class for each training speaker."""

    def __init__(self, n_classes):
        super().__init__(n_per_speaker=1)
        self.n_classes = n_classes

    def check(self, embeddings, spk_id_encoded):
        """Check also that the speakers have a class.

        Raises
        ------
        ValueError
            If one has none.
        """
        super().check(embeddings, spk_id_encoded)
        low, high = spk_id_encoded.aminmax()
        if low < 0 or high >= self.n_classes:
            raise ValueError(
                f"speakers {low} to {high} are in the batch, but n_classes is"
                f" {self.n_classes}; set it to the number of training speakers"
            )


class Softmax(ClassLoss):
    """Cross-entropy of one dense layer.

    References
    ----------
    Nagrani et al. (2017). VoxCeleb: a large-scale speaker identification dataset.
    Interspeech. arXiv:1706.08612

    Examples
    --------
    >>> loss = Softmax(emb_dim=8, n_classes=5)
    >>> value, right = loss(torch.randn(3, 1, 8), torch.tensor([4, 0, 2]))
    >>> loss.n_per_speaker, value.shape
    (1, torch.Size([]))
    """

    def __init__(self, emb_dim, n_classes):
        super().__init__(n_classes)
        self.linear = torch.nn.Linear(emb_dim, n_classes)

    def measure(self, embeddings, spk_id_encoded):
        """Return the loss and the share right."""
        return identify(self.linear(embeddings.squeeze(1)), spk_id_encoded)


class MarginSoftmax(ClassLoss):
    """Cross-entropy of scaled cosines, that of the speaker lowered by a margin.

    The share right is that of the cosines as they are, without the margin.

    Parameters
    ----------
    emb_dim, n_classes : int
        Size of an embedding, training speakers.
    margin_fn : torch.nn.Module
        SpeechBrain's, from cosines and one-hot speakers to logits.
    """

    def __init__(self, emb_dim, n_classes, margin_fn):
        super().__init__(n_classes)
        self.classifier = Classifier(emb_dim, out_neurons=n_classes)
        self.margin_fn = margin_fn

    def measure(self, embeddings, spk_id_encoded):
        """Return the loss and the share right."""
        cosines = self.classifier(embeddings).squeeze(1)  # (n_speakers, n_classes)
        one_hot = torch.nn.functional.one_hot(spk_id_encoded, self.n_classes)
        loss = cross_entropy(self.margin_fn(cosines, one_hot), spk_id_encoded)
        return loss, identify(cosines, spk_id_encoded)[1]


class AMSoftmax(MarginSoftmax):
    """AM-softmax: the margin is taken from the cosine.

    References
    ----------
    Wang et al. (2018). Additive margin softmax for face verification.
    arXiv:1801.05599
    """

    def __init__(self, emb_dim, n_classes, margin, scale):
        super().__init__(emb_dim, n_classes, AngularMargin(margin, scale))


class AAMSoftmax(MarginSoftmax):
    """AAM-softmax: the margin, in radians, is added to the angle.

    References
    ----------
    Deng et al. (2019). ArcFace: additive angular margin loss for deep face
    recognition. arXiv:1801.07698
    """

    def __init__(self, emb_dim, n_classes, margin, scale):
        super().__init__(emb_dim, n_classes, AdditiveAngularMargin(margin, scale))
