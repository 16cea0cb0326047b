"""Small training lists, and validation by speakers of whom none is in training."""

import logging
import sys

import pytest
from made_up_voxceleb import make_voxceleb

from data_prep.trials import read_trials
from data_prep.voxceleb import find_utterances
from data_prep.voxceleb_lists import read_list
from data_prep.voxceleb_subset import build_subset, main

PART = "voxceleb1_dev"
SPEAKERS = [f"id1{n:04d}" for n in range(1, 13)]
TEST_SPEAKER = "id10300"
SECONDS = 0.5  # of each of the 2 x 3 utterances of a speaker


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("wav")
    return make_voxceleb(root, [*SPEAKERS, TEST_SPEAKER], n_each=3, seconds=SECONDS)


def build(root, folder, **limits):
    """Return the training list, the validation list and the trials."""
    sizes = {"n_dev_speakers": 3, "n_dev_trials": 10, "seed": 5} | limits
    build_subset(root, folder, PART, **sizes)
    lists = (read_list(folder / f"{name}_list.txt", root) for name in ("train", "dev"))
    return *lists, read_trials(folder / "dev_trials.csv")


def count(listed):
    """Return the number of utterances of each speaker."""
    spk_ids = [spk_id for spk_id, _ in listed]
    return {spk_id: spk_ids.count(spk_id) for spk_id in spk_ids}


def test_validation_is_by_speakers_of_neither_training_nor_test(root, tmp_path):
    train, dev, trials = build(root, tmp_path)
    assert len(count(train)) == 9
    assert len(count(dev)) == 3
    assert not count(train).keys() & count(dev).keys()
    assert TEST_SPEAKER not in count(train) | count(dev)
    named = {name for trial in trials for name in trial[:2]}
    assert named <= {name for _, name in dev}


def test_target_trials_are_across_videos_and_labels_are_true(root, tmp_path):
    trials = build(root, tmp_path)[2]
    assert {trial.label for trial in trials} == {0, 1}
    for one, other, label in trials:
        assert label == (one.split("/")[0] == other.split("/")[0])
        assert one.split("/")[:2] != other.split("/")[:2]


def test_without_limits_all_other_speakers_train_with_all_they_have(root, tmp_path):
    assert set(count(build(root, tmp_path)[0]).values()) == {6}


@pytest.mark.parametrize(
    ("limits", "n_speakers", "n_utterances"),
    [
        ({"n_speakers": 4}, 4, 24),
        ({"max_utterances": 2}, 9, 18),
        ({"n_speakers": 4, "max_utterances": 2}, 4, 8),
        ({"n_speakers": 4, "hours": 2.75 / 3600}, 4, 6),  # 5 would be 2.5 s
    ],
)
def test_the_limits_are_kept(limits, n_speakers, n_utterances, root, tmp_path):
    train = build(root, tmp_path, **limits)[0]
    assert len(train) == len(set(train)) == n_utterances
    assert len(count(train)) <= n_speakers
    assert max(count(train).values()) <= limits.get("max_utterances", 6)


def test_a_speaker_may_be_left_without_utterances_by_the_hours(root, tmp_path):
    assert len(count(build(root, tmp_path, hours=1.5 / 3600)[0])) <= 3


def test_every_nth_counts_from_the_first_before_anybody_is_held_out(root, tmp_path):
    train, dev, _ = build(root, tmp_path, every=5)
    paths = [path for paths in find_utterances(root, PART).values() for path in paths]
    kept = [path.relative_to(root).as_posix() for path in paths[::5]]
    assert [name for _, name in train] == [
        name for name in kept if name.split("/")[0] not in count(dev)
    ]
    assert len(kept) == 15  # of 72


def test_the_seed_decides_and_the_limits_leave_validation_as_it_is(root, tmp_path):
    one, again, other, less = (
        build(root, tmp_path / str(i), max_utterances=k, seed=seed)
        for i, (seed, k) in enumerate([(1, 4), (1, 4), (2, 4), (1, 1)])
    )
    assert one == again
    assert one[1] != other[1]
    assert one[1:] == less[1:]


def test_the_real_size_is_told(root, tmp_path, caplog):
    with caplog.at_level(logging.INFO):
        build(root, tmp_path, max_utterances=2)
    train, dev = caplog.messages[-2:]
    assert train == (
        "train: 0.00 h, 9 speakers, 18 utterances; speakers with 2 of them: 9"
    )
    assert dev.startswith("dev: 10 trials, 6 utterances of 3 speakers")


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (
            {"hours": 1},
            r"hours is 1, but there are 0.01 h, 9 speakers, 54 utt.*; ask for less",
        ),
        ({"hours": 0}, "hours is 0, expected more than 0"),
        ({"hours": float("nan")}, "hours is nan, expected more than 0"),
        ({"every": 0}, "every is 0, expected more than 0"),
        ({"max_utterances": -1}, "max_utterances is -1, expected more than 0"),
        ({"n_speakers": 10}, "n_speakers is 10, but .* there are 9; ask for fewer"),
        ({"n_dev_speakers": 11}, "n_dev_speakers is 11, .* set .* to 2..10"),
        ({"every": 99}, "0 speakers are left to train on, expected 2 or more"),
        ({"n_dev_trials": 1}, "n_dev_trials is 1 and seed"),
        ({"seed": -1}, "seed -1, expected 2 or more and 0"),
    ],
)
def test_what_cannot_be_met_is_refused_and_nothing_written(
    limits, message, root, tmp_path
):
    with pytest.raises(ValueError, match=message):
        build(root, tmp_path / "out", **limits)
    assert not list(tmp_path.rglob("*.*"))


def test_the_command_line_builds_one_and_an_error_ends_in_one_line(
    root, tmp_path, monkeypatch, capsys
):
    words = ["voxceleb_subset", "--voxceleb_folder", str(root), "--part", PART]
    words += ["--output_folder", str(tmp_path), "--n_dev_speakers", "3"]
    monkeypatch.setattr(sys, "argv", [*words, "--n_dev_trials", "6"])
    main()
    assert len(read_list(tmp_path / "train_list.txt", root)) == 54
    monkeypatch.setattr(sys, "argv", [*words, "--hours", "9"])
    with pytest.raises(SystemExit, match="1"):
        main()
    assert "error: hours is 9, but there are" in capsys.readouterr().err
