"""What is not trained here is what it says it is."""

import numpy as np
import torch

from recipes.siamese.ready_made import Statistics


def test_statistics_are_mean_and_deviation_over_time(rng):
    feats = rng.normal(size=(3, 4, 50)).astype(np.float32)
    found = Statistics()(torch.from_numpy(feats)).numpy()
    np.testing.assert_allclose(found[:, :4], feats.mean(axis=2), atol=1e-6)
    np.testing.assert_allclose(found[:, 4:], feats.std(axis=2), rtol=1e-5)
    turned = Statistics(time_axis=1)(torch.from_numpy(feats).transpose(1, 2))
    np.testing.assert_allclose(turned.numpy(), found, rtol=1e-5)
