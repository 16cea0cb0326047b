"""Whitening and linear discriminant analysis, as matrices for a network to begin with.

scikit-learn's analysis estimates a covariance for every class, one after the other,
and warns of each class with a single segment; here there are thousands of both.
"""

import torch


def whitening(vectors, rank, damping):
    """Return what makes vectors uncorrelated, with the smallest directions damped.

    Parameters
    ----------
    vectors : Tensor, (n, size)
        Features of training segments.
    rank : int
        Directions kept, those of largest variance.
    damping : float
        Added to every variance, as a share of the eleventh largest (or of the middle
        one of fewer): what hardly varies is noise and is not blown up.

    Returns
    -------
    mean : Tensor, (size,)
        Of the vectors.
    projection : Tensor, (size, rank)
        To apply on vectors less their mean.
    """
    vectors = vectors.double()
    mean = vectors.mean(dim=0)
    variance, directions = torch.linalg.eigh(torch.cov(vectors.T))
    variance, directions = variance.flip(0)[:rank], directions.flip(1)[:, :rank]
    scale = (variance + damping * variance[min(10, rank // 2)]).rsqrt()
    return mean.float(), (directions * scale).float()


def discriminant_directions(vectors, classes, n_directions, shrinkage):
    """Return the directions in which classes differ most for their spread inside.

    Parameters
    ----------
    vectors : Tensor, (n, size)
        Whitened features.
    classes : Tensor, (n,)
        Speaker of each, 0 to the number of speakers - 1.
    n_directions : int
        Returned, best first.
    shrinkage : float
        Share of the within-class covariance taken from a round one, 0 to 1.

    Returns
    -------
    directions : Tensor, (size, n_directions)
        Scaled to within-class variance one.

    References
    ----------
    Fisher (1936), doi:10.1111/j.1469-1809.1936.tb02137.x
    """
    vectors = vectors.double()
    means, counts = class_means(vectors, classes)
    inside = vectors - means[classes]
    within = inside.T @ inside / max(len(vectors) - len(means), 1)
    size = len(within)
    round_ = torch.eye(size, dtype=within.dtype) * within.diagonal().mean()
    within = (1 - shrinkage) * within + shrinkage * round_
    apart = means - vectors.mean(dim=0)
    between = (apart * counts.unsqueeze(1)).T @ apart / len(vectors)
    # In coordinates where "within" is the identity, only "between" is left to solve.
    root = torch.linalg.inv(torch.linalg.cholesky(within))
    _, best = torch.linalg.eigh(root @ between @ root.T)
    return (root.T @ best.flip(1)[:, :n_directions]).float()


def class_means(vectors, classes):
    """Return the mean vector of every class and its number of vectors."""
    counts = torch.bincount(classes)
    sums = vectors.new_zeros(len(counts), vectors.shape[1])
    sums.index_add_(0, classes, vectors)
    return sums / counts.clamp(min=1).unsqueeze(1), counts.to(vectors.dtype)
