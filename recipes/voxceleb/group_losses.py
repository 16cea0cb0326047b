"""The losses of the lab that compare segments of some speakers, without classes."""

import torch
from torch.nn.functional import normalize

from recipes.voxceleb.losses import SpeakerLoss, identify


class GroupLoss(SpeakerLoss):
    """A loss of segments compared with one another: it has no classes."""

    min_speakers = 2

    def __init__(self, n_per_speaker):
        if n_per_speaker < 2:
            raise ValueError(
                f"{type(self).__name__} compares segments of a speaker: n_per_speaker"
                f" must be at least 2, got {n_per_speaker}"
            )
        super().__init__(n_per_speaker)

    def check(self, embeddings, spk_id_encoded):
        """Check also that all the speakers are different.

        Raises
        ------
        ValueError
            If one is there twice, and would be told from itself.
        """
        super().check(embeddings, spk_id_encoded)
        n_different = len(spk_id_encoded.unique())
        if n_different < len(spk_id_encoded):
            raise ValueError(
                f"{type(self).__name__} takes each speaker once a batch, got"
                f" {len(spk_id_encoded)} groups of {n_different} speakers"
            )


class Triplet(GroupLoss):
    """Keep the other segment of a speaker nearer than one of another, by a margin.

    Distances are squared, between embeddings of length 1. The first segment of each
    speaker is the anchor, the second its positive; the negative is drawn, as
    voxceleb_trainer does, among the second segments of the others: by torch's own
    generator, as dropout is. (There a positive may be its own negative. Here not.)

    Parameters
    ----------
    margin : float
        Wanted difference of the squared distances.
    n_hardest : int, optional
        The negative is one of so many nearest. None: it is a semi-hard one, farther
        than the positive, but within the margin, or any if there is none.
    mined_share : float
        Share of the anchors whose negative is mined; that of the rest is any.

    References
    ----------
    Schroff et al. (2015). FaceNet: a unified embedding for face recognition and
    clustering. arXiv:1503.03832

    Examples
    --------
    >>> embeddings = torch.tensor([[[2.0, 0], [1, 0]], [[0, 1], [0, 1]]])
    >>> Triplet(margin=2.5, n_hardest=1)(embeddings, torch.tensor([7, 3]))
    (tensor(0.5000), tensor(1.))
    """

    def __init__(self, margin, n_hardest=None, mined_share=1.0):
        super().__init__(n_per_speaker=2)
        if not 0 <= mined_share <= 1 or n_hardest is not None and n_hardest < 1:
            raise ValueError(
                "Triplet takes a mined_share in 0..1 and an n_hardest of 1 or more, or"
                f" none, got {mined_share} and {n_hardest}"
            )
        self.margin = margin
        self.n_hardest = n_hardest
        self.mined_share = mined_share

    def measure(self, embeddings, spk_id_encoded):
        """Return the loss and in what share of triplets the positive is nearer."""
        anchors, positives = normalize(embeddings, dim=2).unbind(1)
        distances = 2 - 2 * anchors @ positives.T  # squared, (anchor, positive)
        negatives = self.draw_negatives(distances.detach())
        to_positive = distances.diagonal()
        to_negative = distances.gather(1, negatives).squeeze(1)
        loss = (to_positive - to_negative + self.margin).relu().mean()
        return loss, (to_positive < to_negative).float().mean()

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
        At the start; published: 10 and -5.
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

    def measure(self, embeddings, spk_id_encoded):
        """Return the loss and the share of segments nearest to their speaker."""
        n_speakers = len(embeddings)
        segments = normalize(embeddings, dim=2)
        sums = segments.sum(dim=1)  # they point where the means do
        rest = normalize(sums.unsqueeze(1) - segments, dim=2)
        to_own = (segments * rest).sum(dim=2, keepdim=True)
        to_all = segments @ normalize(sums, dim=1).T  # (speaker, segment, centroid)
        is_own = torch.eye(n_speakers, dtype=bool, device=sums.device).unsqueeze(1)
        cosines = torch.where(is_own, to_own, to_all).flatten(0, 1)
        speakers = torch.arange(n_speakers, device=sums.device)
        target = speakers.repeat_interleave(self.n_per_speaker)
        return identify(self.logits(cosines), target)


class Prototypical(GroupLoss):
    """Tell whose prototype the first segment is nearest to, the mean of the others.

    By squared Euclidean distance, of embeddings as they are.

    References
    ----------
    Snell et al. (2017). Prototypical networks for few-shot learning.
    arXiv:1703.05175
    """

    def measure(self, embeddings, spk_id_encoded):
        """Return the loss and the share of first segments nearest to their speaker."""
        queries, prototypes = embeddings[:, 0], embeddings[:, 1:].mean(dim=1)
        speakers = torch.arange(len(queries), device=queries.device)
        return identify(self.similarity(queries, prototypes), speakers)

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


class SoftmaxPrototypical(GroupLoss):
    """The sum of a loss of classes and a loss of groups; the share right is of classes.

    Parameters
    ----------
    classes : ClassLoss
        Published: `Softmax`; it sees every segment.
    groups : GroupLoss
        Published: `AngularPrototypical` of 2 segments.

    References
    ----------
    Heo et al. (2020). Clova baseline system for the VoxCeleb speaker recognition
    challenge 2020. arXiv:2009.14153
    """

    def __init__(self, classes, groups):
        super().__init__(groups.n_per_speaker)
        self.classes = classes
        self.groups = groups

    def measure(self, embeddings, spk_id_encoded):
        """Return the loss and the share of segments given their class."""
        segments = embeddings.flatten(0, 1).unsqueeze(1)
        speakers = spk_id_encoded.repeat_interleave(self.n_per_speaker)
        loss, right = self.classes(segments, speakers)
        return loss + self.groups(embeddings, spk_id_encoded)[0], right
