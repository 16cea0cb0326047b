"""The figures of a list are those of its scores, its decisions those of dev's."""

import numpy as np
import pytest
from made_up_utterances import DEV, TEST

from local.evaluation.detection import auc, det_curve, eer, min_dcf
from recipes.voxceleb.trial_figures import draw, measure, write_scores
from recipes.voxceleb.trial_lists import TrialList

DOOR = {"p_target": 0.1, "c_miss": 1, "c_fa": 3}
HPARAMS = {
    "scenarios": {"door": DOOR},
    "p_targets": [0.05],
    "n_bootstrap": 20,
    "confidence": 0.9,
    "seed": 3,
}


def made_up_list(speakers, rng):
    names = np.array([f"{spk}/v/{n:05d}.wav" for spk in speakers for n in range(4)])
    pairs = np.array(np.triu_indices(len(names), k=1))
    found = TrialList(names, pairs, pairs[0] // 4 == pairs[1] // 4)
    return found, found.is_target + rng.normal(size=pairs.shape[1])


@pytest.fixture
def scored(rng):
    """Return both lists and their scores by one system."""
    drawn = {part: made_up_list(s, rng) for part, s in (("dev", DEV), ("test", TEST))}
    lists = {part: trials for part, (trials, _) in drawn.items()}
    return lists, {part: {"cosine": scores} for part, (_, scores) in drawn.items()}


def test_figures_are_of_each_list_and_decisions_of_the_test(scored):
    lists, scores = scored
    thresholds = {"cosine": {"equal errors": 0.5, "door": np.inf}}
    found = measure(HPARAMS, lists, scores, thresholds)
    for part, trials in lists.items():
        curve = det_curve(*trials.split(scores[part]["cosine"]))
        figures = found["systems"]["cosine"][part]
        values = {key: figure["value"] for key, figure in figures.items()}
        expected = {"eer": eer(curve), "auc": auc(curve)}
        assert values == pytest.approx(
            expected | {"min_dcf@0.05": min_dcf(curve, 0.05)}
        )
        assert found["trials"][part] == {
            "n_segments": 12,
            "n_speakers": 3,
            "n_target_trials": 18,
            "n_nontarget_trials": 48,
        }
    tar, non = lists["test"].split(scores["test"]["cosine"])
    decisions = found["systems"]["cosine"]["decisions"]
    even = decisions["equal errors"]
    assert even["threshold"] == 0.5
    assert even["p_miss"]["value"] == pytest.approx((tar < 0.5).mean())
    assert even["p_fa"]["value"] == pytest.approx((non >= 0.5).mean())
    assert decisions["door"]["threshold"] is None
    assert decisions["door"]["cost"]["value"] == 1
    assert decisions["door"]["min_cost"] == min_dcf(curve, **DOOR)


def test_without_a_test_there_are_thresholds_alone(scored):
    lists, scores = scored
    thresholds = {"cosine": {"equal errors": 0.5}}
    found = measure(HPARAMS, {"dev": lists["dev"]}, scores, thresholds)
    system = found["systems"]["cosine"]
    assert system["decisions"] == {"equal errors": {"threshold": 0.5}}
    assert "test" not in system and list(found["trials"]) == ["dev"]


def test_pictures_are_drawn_even_of_thresholds_at_infinity(scored, tmp_path):
    lists, scores = scored
    by_name = {"crop distances": scores["test"]["cosine"]}
    draw(
        tmp_path, lists["test"], by_name, {"crop distances": {"door": np.inf}}, tmp_path
    )
    assert {path.stem for path in tmp_path.iterdir()} == {
        "det",
        "scores_crop_distances",
        "errors_crop_distances",
    }


def test_scores_are_written_with_both_sides_and_the_truth(scored, tmp_path):
    lists, scores = scored
    write_scores(tmp_path / "scores.npz", lists, scores)
    with np.load(tmp_path / "scores.npz") as found:
        np.testing.assert_array_equal(found["test/cosine"], scores["test"]["cosine"])
        row = [str(found[f"dev/{key}"][5]) for key in ("enrol_id", "test_id", "label")]
    trials = lists["dev"]
    assert row[:2] == [*trials.names[trials.pairs[:, 5]]]
    assert row[2] == str(int(trials.is_target[5]))
