"""What is told of the data is what there is."""

import numpy as np
import pytest

from recipes.siamese.evaluate import speech_hours
from recipes.siamese.features import Fragments


@pytest.mark.parametrize(
    ("starts", "seconds"),
    [([0, 3, 6], 9), ([0, 1, 2], 5), ([4, 0], 6), ([2], 3)],
)
def test_speech_that_fragments_share_counts_once(starts, seconds):
    n = 2 * len(starts)
    utterances = np.repeat(["a", "b"], len(starts))
    fragments = Fragments(
        np.arange(n), utterances, utterances, np.tile(np.array(starts, float), 2), None
    )
    hours = speech_hours(fragments, seconds=3.0)
    assert hours == pytest.approx(2 * seconds / 3600, abs=0.001)
