"""Tests of local.output.judge."""

import numpy as np
import pytest
import soundfile

from local.output.judge import Judge, format_verdict
from local.scoring.pair import Verdict


@pytest.mark.parametrize(
    ("probability", "shown", "verdict"),
    [
        (0.7, "0.700", "one speaker"),
        (0.5, "0.500", "one speaker"),
        (0.4999, "0.500", "two speakers"),
        (1 - 1e-9, "0.999", "one speaker"),
        (0.0, "0.001", "two speakers"),
    ],
)
def test_the_text_tells_the_verdict_and_never_certainty(probability, shown, verdict):
    text = format_verdict(Verdict(1.5, 2.0, probability), [3, 1], 2, 0.5)
    assert "views: 3 and 1" in text
    assert "Score: 1.500 (threshold 2.000)" in text
    assert f"Probability of one speaker: {shown} (0.5 before listening)" in text
    assert f"Verdict: {verdict}\n" in text
    assert "learnt on 2 s of speech a side" in text
