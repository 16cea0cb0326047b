"""The losses of the lab that compare segments of some speakers, without classes.

They take embeddings as they are, of batches that
`local.input.speaker_groups.SpeakerGroupSampler` draws; the classifier of a training is
``torch.nn.Identity``, or `ClassesAndEmbeddings` for the one that also has classes.
"""

import torch
from speechbrain.nnet.losses import nll_loss
from torch.nn.functional import cross_entropy, normalize

from local.distributed import gather
from local.models.softmax import LinearClassifier, LossWithoutMargin


class GroupLoss(LossWithoutMargin):
    """A loss of segments compared with one another.

    Parameters
    ----------
    n_per_speaker : int
        Segments of a speaker in a batch, at least 2.

    Raises
    ------
    ValueError
        If there are fewer.
    """

    def __init__(self, n_per_speaker):
        super().__init__()
        if n_per_speaker < 2:
            raise ValueError(
                f"{type(self).__name__} compares segments of a speaker: n_per_speaker"
                f" must be at least 2, got {n_per_speaker}"
            )
        self.n_per_speaker = n_per_speaker

    def forward(self, embeddings, classes):
        """Return the loss of a batch; of all processes together, where there are more.

        Parameters
        ----------
        embeddings : Tensor, (batch, 1, emb_dim)
            Not normalised; those of a speaker stand together.
        classes : Tensor, (batch, 1)
            Number of the speaker of each.

        Returns
        -------
        loss : Tensor
            Scalar.
        """
        # The three digits of bfloat16 are too few for scaled cosines and distances.
        with torch.autocast(embeddings.device.type, enabled=False):
            dtype = torch.promote_types(embeddings.dtype, torch.float)
            return self.compare(self.view_groups(embeddings.to(dtype), classes))

    def view_groups(self, embeddings, classes):
        """Return embeddings (n_speakers, n_per_speaker, emb_dim).

        Raises
        ------
        ValueError
            If the batch is not made so.
        """
        k = self.n_per_speaker
        embeddings = gather(embeddings).flatten(0, 2)
        classes = gather(classes).flatten()
        if len(classes) >= 2 * k and len(classes) % k == 0:
            groups = classes.view(-1, k)
            all_different = len(groups[:, 0].unique()) == len(groups)
            if all_different and (groups == groups[:, :1]).all():
                return embeddings.view(len(groups), k, -1)
        raise ValueError(
            f"{type(self).__name__} compares groups of {k} segments, each of another"
            f" speaker, and this batch of {len(classes)} has others; let the sampler be"
            " local.input.speaker_groups.SpeakerGroupSampler with n_per_speaker"
            f" {k}, n_together of speed_speakers {k}, and shards 0"
        )


class Triplet(GroupLoss):
    """Keep the other segment of a speaker nearer than one of another, by a margin.

    Distances are squared, between embeddings of length 1; the margin is the wanted
    difference. The first segment of each speaker is the anchor, the second its
    positive; the negative is drawn, as voxceleb_trainer does, among the second segments
    of the others: by torch's own generator, as dropout is. (There a positive may be its
    own negative. Here not.)

    Parameters
    ----------
    n_hardest : int or None
        The negative is one of so many nearest. None: it is a semi-hard one, farther
        than the positive, but within the margin, or any if there is none.
    mined_share : float
        Share of the anchors whose negative is mined; that of the rest is any.

    Raises
    ------
    ValueError
        If they are not such numbers.

    References
    ----------
    Schroff et al. (2015). FaceNet: a unified embedding for face recognition and
    clustering. arXiv:1503.03832

    Examples
    --------
    >>> loss = Triplet(n_hardest=1, mined_share=1.0)
    >>> loss.set_margin(2.5)
    >>> embeddings = torch.tensor([[[2.0, 0]], [[1, 0]], [[0, 1]], [[0, 1]]])
    >>> loss(embeddings, torch.tensor([[7], [7], [3], [3]]))
    tensor(0.5000)
    """

    def __init__(self, n_hardest, mined_share):
        super().__init__(n_per_speaker=2)
        if not 0 <= mined_share <= 1 or n_hardest is not None and n_hardest < 1:
            raise ValueError(
                "Triplet takes a mined_share in 0..1 and an n_hardest of 1 or more, or"
                f" none, got {mined_share} and {n_hardest}"
            )
        self.margin = 0.0
        self.n_hardest = n_hardest
        self.mined_share = mined_share

    def set_margin(self, margin):
        """Use another margin from the next call on."""
        self.margin = margin

    def compare(self, groups):
        """Return the loss of groups (n_speakers, 2, emb_dim)."""
        anchors, positives = normalize(groups, dim=2).unbind(1)
        distances = 2 - 2 * anchors @ positives.T  # squared, (anchor, positive)
        negatives = self.draw_negatives(distances.detach())
        to_negative = distances.gather(1, negatives).squeeze(1)
        return (distances.diagonal() - to_negative + self.margin).relu().mean()

    def draw_negatives(self, distances):
        """Return for each anchor (n,) the number of its negative, (n, 1)."""
        others = ~torch.eye(len(distances), dtype=bool, device=distances.device)
        if self.n_hardest is None:
            beyond = distances - distances.diagonal().unsqueeze(1)
            wanted = (0 < beyond) & (beyond < self.margin)
        else:
            order = distances.masked_fill(~others, torch.inf).argsort(dim=1)
            wanted = order.argsort(dim=1) < self.n_hardest
        wanted &= torch.rand_like(distances[:, :1]) < self.mined_share
        wanted &= others
        wanted = torch.where(wanted.any(dim=1, keepdim=True), wanted, others)
        return wanted.float().multinomial(1)


class LearnedScale(torch.nn.Module):
    """Cosines to logits, by a scale that stays positive and a bias, both learned.

    The cross-entropy does not see the bias; the published losses have it.

    Parameters
    ----------
    scale, bias : float
        At the start.
    """

    def __init__(self, scale, bias):
        super().__init__()
        self.scale = torch.nn.Parameter(torch.tensor(float(scale)))
        self.bias = torch.nn.Parameter(torch.tensor(float(bias)))

    def forward(self, cosines):
        """Return logits."""
        return self.scale.clamp(min=1e-6) * cosines + self.bias


class GE2E(GroupLoss):
    """Tell whose centroid a segment is nearest to, its own left out of its speaker's.

    The softmax form, as published: centroids are means of embeddings of length 1.
    (voxceleb_trainer's are of embeddings as they are, and its cosines end at 0.)

    Parameters
    ----------
    n_per_speaker : int
        Segments of a speaker, at least 2.
    scale, bias : float
        Of `LearnedScale`.

    References
    ----------
    Wan et al. (2018). Generalized end-to-end loss for speaker verification. ICASSP.
    arXiv:1710.10467
    """

    def __init__(self, n_per_speaker, scale, bias):
        super().__init__(n_per_speaker)
        self.logits = LearnedScale(scale, bias)

    def compare(self, groups):
        """Return the loss of groups (n_speakers, n_per_speaker, emb_dim)."""
        segments = normalize(groups, dim=2)
        sums = segments.sum(dim=1)  # they point where the means do
        rest = normalize(sums.unsqueeze(1) - segments, dim=2)
        to_own = (segments * rest).sum(dim=2, keepdim=True)
        to_all = segments @ normalize(sums, dim=1).T  # (speaker, segment, centroid)
        is_own = torch.eye(len(sums), dtype=bool, device=sums.device).unsqueeze(1)
        cosines = torch.where(is_own, to_own, to_all).flatten(0, 1)
        speakers = torch.arange(len(sums), device=sums.device)
        target = speakers.repeat_interleave(self.n_per_speaker)
        return cross_entropy(self.logits(cosines), target)


class Prototypical(GroupLoss):
    """Tell whose prototype the first segment is nearest to, the mean of the others.

    By squared Euclidean distance, of embeddings as they are.

    References
    ----------
    Snell et al. (2017). Prototypical networks for few-shot learning.
    arXiv:1703.05175
    """

    def compare(self, groups):
        """Return the loss of groups (n_speakers, n_per_speaker, emb_dim)."""
        similarities = self.similarity(groups[:, 0], groups[:, 1:].mean(dim=1))
        return cross_entropy(
            similarities, torch.arange(len(groups), device=groups.device)
        )

    def similarity(self, queries, prototypes):
        """Return logits (n_speakers, n_speakers)."""
        # By products of matrices the distance of near ones is lost in rounding.
        mode = "donot_use_mm_for_euclid_dist"
        return -torch.cdist(queries, prototypes, compute_mode=mode).square()


class AngularPrototypical(Prototypical):
    """Prototypical, by scaled cosines in place of distances.

    Parameters
    ----------
    n_per_speaker : int
        Segments of a speaker, at least 2.
    scale, bias : float
        Of `LearnedScale`.

    References
    ----------
    Chung et al. (2020). In defence of metric learning for speaker recognition.
    Interspeech. arXiv:2003.11982
    """

    def __init__(self, n_per_speaker, scale, bias):
        super().__init__(n_per_speaker)
        self.logits = LearnedScale(scale, bias)

    def similarity(self, queries, prototypes):
        """Return logits (n_speakers, n_speakers)."""
        return self.logits(normalize(queries, dim=1) @ normalize(prototypes, dim=1).T)


class ClassesAndEmbeddings(LinearClassifier):
    """A layer to classes that in training hands on the embeddings, too."""

    def forward(self, embeddings):
        """Return log-probabilities (batch, 1, classes); in training a pair."""
        log_probabilities = super().forward(embeddings)
        return (log_probabilities, embeddings) if self.training else log_probabilities


class SoftmaxPrototypical(AngularPrototypical):
    """The sum of plain softmax, of every segment, and `AngularPrototypical`.

    References
    ----------
    Heo et al. (2020). Clova baseline system for the VoxCeleb speaker recognition
    challenge 2020. arXiv:2009.14153
    """

    def forward(self, outputs, classes):
        """Return the loss of what `ClassesAndEmbeddings` gives, and classes."""
        log_probabilities, embeddings = outputs
        return nll_loss(log_probabilities, classes) + super().forward(
            embeddings, classes
        )
