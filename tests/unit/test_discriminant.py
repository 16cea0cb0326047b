"""Tests of local.models.discriminant."""

import torch

from local.models.discriminant import class_means, discriminant_directions, whitening


def draw(n_classes=12, n_each=20, size=6):
    """Return vectors whose classes differ in axis 0 alone; axis 5 hardly varies."""
    rng = torch.Generator().manual_seed(0)
    classes = torch.arange(n_classes).repeat_interleave(n_each)
    vectors = torch.randn(len(classes), size, generator=rng)
    vectors[:, 0] += 10 * torch.randn(n_classes, generator=rng)[classes]
    vectors[:, 5] *= 1e-4
    return vectors, classes


def test_whitened_vectors_are_centred_and_uncorrelated():
    vectors, _ = draw()
    mean, projection = whitening(vectors, rank=4, damping=0.0)
    white = (vectors - mean) @ projection
    assert torch.allclose(white.mean(dim=0), torch.zeros(4), atol=1e-5)
    assert torch.allclose(torch.cov(white.T), torch.eye(4), atol=1e-4)


def test_damping_does_not_blow_up_what_hardly_varies():
    vectors, _ = draw()
    mean, projection = whitening(vectors, rank=6, damping=0.1)
    spread = ((vectors - mean) @ projection).std(dim=0)
    assert spread[0] > 0.9
    assert spread[-1] < 0.01


def test_first_direction_is_the_one_in_which_classes_differ():
    vectors, classes = draw()
    direction = discriminant_directions(vectors, classes, 1, shrinkage=0.0)
    projected = (vectors @ direction).squeeze(1)
    assert torch.corrcoef(torch.stack([projected, vectors[:, 0]]))[0, 1].abs() > 0.99


def test_directions_have_within_class_variance_one():
    vectors, classes = draw()
    directions = discriminant_directions(vectors, classes, 3, shrinkage=0.0)
    means, _ = class_means(vectors, classes)
    inside = (vectors - means[classes]) @ directions
    within = inside.T @ inside / (len(vectors) - len(means))
    assert torch.allclose(within, torch.eye(3), atol=1e-3)


def test_shrinkage_keeps_a_singular_problem_solvable():
    vectors, classes = draw(n_classes=3, n_each=2)
    directions = discriminant_directions(vectors, classes, 2, shrinkage=0.1)
    assert torch.isfinite(directions).all()


def test_class_means_of_an_absent_class_are_zero():
    means, counts = class_means(torch.ones(2, 3), torch.tensor([0, 2]))
    assert counts.tolist() == [1, 0, 1]
    assert means.tolist() == [[1, 1, 1], [0, 0, 0], [1, 1, 1]]
