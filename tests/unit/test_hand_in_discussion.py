"""The sentences say what the figures say."""

from made_up import made_up_metrics

from local.output.hand_in.discussion import discuss, step_sentence


def test_the_submitted_score_is_compared_with_chance():
    first, *_, last = discuss(made_up_metrics(), [])
    assert first.startswith("The submitted score, cosine, has an R-precision of 84.5")
    assert "chance 4.7 %" in first
    assert last.startswith("All figures rest on 20 speakers; 95 % intervals")


def test_overlapping_intervals_are_told():
    wide = {"eer": {"value": 0.05, "low": 0.02, "high": 0.09}}
    worse = {"eer": {"value": 0.06, "low": 0.03, "high": 0.1}}
    said = step_sentence("a", wide, "b", worse)
    assert said == "From a to b the EER rises from 5.0 to 6.0 %; the intervals overlap."
    assert "stays at 5.0 %" in step_sentence("a", wide, "b", wide)
    assert step_sentence("a", wide, "b", {}) == ""
