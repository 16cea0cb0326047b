"""Runs are compared on the same trials, speakers and seeds drawn again alike."""

import json

import numpy as np
import pytest

from local.evaluation.detection import det_curve, eer
from local.scoring.embeddings import Embeddings, save_embeddings
from local.scoring.similarity import cosine_scores
from recipes.voxceleb.compare import compare, interval, over_seeds, replicates
from recipes.voxceleb.verified_runs import find_references, find_verified

N_SPEAKERS, N_EACH = 6, 4
OPTIONS = {"data": "made up", "n_bootstrap": 20, "confidence": 0.9, "seed": 1}


def embeddings(noise, seed):
    """Return embeddings of speakers that noise makes alike."""
    rng = np.random.default_rng(seed)
    means = np.repeat(np.eye(N_SPEAKERS), N_EACH, axis=0)
    return (means + noise * rng.standard_normal(means.shape)).astype(np.float32)


def write_run(suite, run, seed, noise, n_parameters, yaml="depth: 18\n  width: 4"):
    """Leave what a training and its verification leave."""
    folder = suite / run / str(seed)
    (folder / "model").mkdir(parents=True)
    facts = {"name": "ResNet", "experiment": run, "seed": seed}
    facts |= {"n_parameters": n_parameters}
    (folder / "model/training.json").write_text(json.dumps(facts), encoding="utf-8")
    (folder / "hyperparams.yaml").write_text(
        f"speaker_share: 0.5\nembedding_model:\n  {yaml}\n", encoding="utf-8"
    )
    ids = np.arange(N_SPEAKERS * N_EACH).astype(str)
    for number, test_set in enumerate(("one", "two")):
        matrix = embeddings(noise, seed + number)
        (folder / test_set).mkdir()
        path = folder / test_set / "embeddings-0.npz"
        save_embeddings(path, Embeddings(ids, ids, matrix))


@pytest.fixture
def suite(tmp_path):
    """Return the results folder of two runs with two seeds, and the test folder."""
    for seed in (7, 8):
        write_run(tmp_path / "runs", "clear", seed, 0.3, 100)
        write_run(tmp_path / "runs", "noisy", seed, 1.0, 9)
    labels = np.repeat(np.arange(N_SPEAKERS), N_EACH)
    for test_set in ("one", "two"):
        (tmp_path / "tests" / test_set).mkdir(parents=True)
        np.save(tmp_path / "tests" / test_set / "labels.npy", labels)
    return tmp_path / "runs", tmp_path / "tests"


def compared(suite, **changes):
    options = OPTIONS | {"reference": None} | changes
    compare(*suite, **options)
    return json.loads((suite[0] / "comparison.json").read_text(encoding="utf-8"))


def slow_eer(matrix):
    scores = cosine_scores(matrix)
    labels = np.repeat(np.arange(N_SPEAKERS), N_EACH)
    i, j = np.triu_indices(len(labels), 1)
    same = labels[i] == labels[j]
    return eer(det_curve(scores[i, j][same], scores[i, j][~same]))


def test_the_figure_of_a_run_is_the_mean_eer_of_its_seeds_and_test_sets(suite):
    expected = np.mean(
        [slow_eer(embeddings(1.0, s + n)) for s in (7, 8) for n in (0, 1)]
    )
    found = compared(suite)["runs"]["noisy"]
    assert found["eer"]["value"] == pytest.approx(expected, abs=1e-6)
    assert found["eer"]["low"] < expected < found["eer"]["high"]
    assert np.mean(list(found["eer_of_seeds"].values())) == pytest.approx(expected)


def test_a_run_is_compared_with_the_largest_of_its_share(suite):
    runs = compared(suite)["runs"]
    assert runs["noisy"]["reference"] == "clear"
    gap = runs["noisy"]["eer"]["value"] - runs["clear"]["eer"]["value"]
    assert runs["noisy"]["difference"]["value"] == pytest.approx(gap)
    assert runs["clear"]["difference"] == {"value": 0, "low": 0, "high": 0}


def test_the_interval_of_a_difference_is_of_the_same_draws(suite):
    """Two runs of one model differ by nothing, however the speakers are drawn."""
    for seed in (7, 8):
        write_run(suite[0], "copy", seed, 1.0, 8)
    runs = compared(suite, reference="noisy")["runs"]
    assert runs["copy"]["difference"] == {"value": 0, "low": 0, "high": 0}


def test_the_same_call_writes_the_same_bytes(suite):
    compared(suite)
    first = (suite[0] / "comparison.json").read_bytes()
    compared(suite)
    assert (suite[0] / "comparison.json").read_bytes() == first


def test_only_seeds_and_test_sets_of_all_runs_are_compared(suite, caplog):
    write_run(suite[0], "clear", 9, 0.3, 100)
    found = compared(suite)
    assert "clear: seeds 9 left out, other runs lack them" in caplog.text
    assert found["seeds"] == [7, 8]
    assert list(found["test_sets"]) == ["one", "two"]


def test_trials_are_counted(suite):
    n = N_SPEAKERS * N_EACH
    found = compared(suite)["test_sets"]["one"]
    assert found["n_target_trials"] == N_SPEAKERS * N_EACH * (N_EACH - 1) // 2
    assert found["n_target_trials"] + found["n_nontarget_trials"] == n * (n - 1) // 2


def test_the_first_replicate_has_each_speaker_once(suite):
    runs = find_verified(suite[0])
    labels = np.repeat(np.arange(N_SPEAKERS), N_EACH)
    eers = replicates(runs, {"one": labels, "two": labels}, n_bootstrap=3, seed=0)
    assert eers.shape == (2, 2, 2, 4)
    assert eers[1, 0, 0, 0] == pytest.approx(slow_eer(embeddings(1.0, 7)), abs=1e-6)


def test_seeds_are_drawn_again_for_all_runs_alike():
    eers = np.zeros((2, 3, 1, 50)) + np.arange(3)[None, :, None, None]
    means = over_seeds(eers, seed=0)
    assert np.array_equal(means[0], means[1])
    assert means[0, 0, 0] == 1
    assert len(set(means[0, 0].round(6).tolist())) > 1


def test_an_interval_leaves_out_the_figure_itself():
    found = interval(np.array([9.0, *range(101)]), confidence=0.9)
    assert found == pytest.approx({"value": 9.0, "low": 5.0, "high": 95.0})


def test_no_runs_are_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"make them\s+by recipes.suite"):
        find_verified(tmp_path)


def test_an_unknown_reference_is_refused():
    with pytest.raises(ValueError, match="no run 'large', only small"):
        find_references({"small": {"n_parameters": 1}}, "large")


def test_labels_of_another_test_are_refused(suite):
    np.save(suite[1] / "one" / "labels.npy", np.arange(5))
    with pytest.raises(ValueError, match="labels"):
        compared(suite)


@pytest.mark.parametrize(
    "change", [{"n_bootstrap": 0}, {"confidence": 1}, {"seed": -1}]
)
def test_numbers_out_of_range_are_refused(change, suite):
    with pytest.raises(ValueError, match="expected n_bootstrap >= 1"):
        compared(suite, **change)
