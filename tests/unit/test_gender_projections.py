"""Components explain variance and point where genders differ."""

import numpy as np
import pytest
from made_up_readers import make_readers

from recipes.gender.projections import lay_out, project


def test_the_component_of_gender_is_the_coefficient_that_tells_it(rng):
    """Two alike coefficients are gender; four others, noise."""
    genders = np.tile([0, 1], 100)
    feats = rng.normal(size=(200, 6))
    feats[:, :2] = 20.0 * genders[:, np.newaxis] + rng.normal(size=(200, 2))
    points, pca = project(feats, genders, 0.85)
    assert points.shape == (200, 6)
    assert pca["gender_component"] == 0
    assert pca["gender"][0] > 0.95
    np.testing.assert_allclose(pca["loadings"][:2], 2**-0.5, atol=0.05)
    np.testing.assert_allclose(pca["loadings"][2:], 0, atol=0.15)


def test_shares_add_up_and_enough_components_are_counted():
    readers = make_readers()
    for share in (0.2, 0.85, 1.0):
        _, pca = project(readers.means, readers.genders, share)
        assert sum(pca["explained"]) == pytest.approx(1)
        assert sum(pca["gender"]) == pytest.approx(1)
        n = pca["n_for"]
        assert sum(pca["explained"][: n - 1]) < share
        assert sum(pca["explained"][:n]) >= share - 1e-9


def test_scale_changes_no_component():
    readers = make_readers()
    scaled = readers.means * [1, 10, 100, 1, 1, 1e4]
    (a, first), (b, second) = (
        project(feats, readers.genders, 0.85) for feats in (readers.means, scaled)
    )
    np.testing.assert_allclose(first["explained"], second["explained"])
    np.testing.assert_allclose(np.abs(a), np.abs(b), atol=1e-6)


def test_a_map_tells_genders_apart_that_lie_apart():
    readers = make_readers(n_readers=40, apart=0)
    readers.means[:] += 20 * readers.genders[:, np.newaxis]
    points, figures = lay_out(readers.means, readers.genders, readers.speakers, 1)
    assert points.shape == (120, 2)
    assert figures["neighbours"] == 1


def test_neighbours_on_the_map_are_other_readers():
    """Every reader a cluster: what is nearest elsewhere is chance, not the reader."""
    readers = make_readers(n_readers=40, apart=0)
    _, figures = lay_out(readers.means, readers.genders, readers.speakers, 1)
    assert 0.2 < figures["neighbours"] < 0.8
