"""LibriSpeech in the form of VoxCeleb1: whole, apart, and called what it is."""

import json
import re
import sys

import numpy as np
import pytest
import soundfile

from data_prep.trials import read_trials
from data_prep.voxceleb import PARTS, find_utterances
from data_prep.voxceleb_subset import build_subset
from data_prep.voxceleb_surrogate import give_ids, main, prepare_surrogate
from data_prep.voxceleb_trials import prepare_trials

RATE = 16000
LISTED = ["5", "6", "12"]
SMALL = {"n_test_readers": 3, "piece_seconds": 0.1}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """Readers 3 to 12 of an utterance of 0.35 s and one too short."""
    root = tmp_path_factory.mktemp("LibriSpeech")
    rng = np.random.default_rng(0)
    for reader in range(3, 13):
        folder = root / "train-clean-100" / str(reader) / "10"
        folder.mkdir(parents=True)
        for number, seconds in enumerate((0.35, 0.09)):
            wav = rng.integers(-9999, 9999, round(seconds * RATE)).astype(np.int16)
            soundfile.write(folder / f"{reader}-10-{number:04}.flac", wav, RATE)
    (root / "test.txt").write_text("\n".join(LISTED), encoding="utf-8")
    return root


def prepare(corpus, folder, **changes):
    listed = {"test_readers": corpus / "test.txt"}
    prepare_surrogate(corpus, folder, **{**SMALL, **listed, **changes})
    return folder


@pytest.fixture(scope="module")
def surrogate(corpus, tmp_path_factory):
    return prepare(corpus, tmp_path_factory.mktemp("made") / "wav")


def facts(folder):
    return json.loads((folder / "surrogate.json").read_text(encoding="utf-8"))


def test_pieces_one_after_the_other_are_the_utterance(corpus, surrogate):
    for spk_id, reader in facts(surrogate)["speakers"].items():
        paths = sorted((surrogate / spk_id).glob("*/00001.wav"))
        names = [f"{reader}-10-0000-{n}" for n in (1, 2, 3)]
        assert [path.parent.name for path in paths] == names
        pieces = [soundfile.read(path, dtype="int16") for path in paths]
        source = corpus / f"train-clean-100/{reader}/10/{reader}-10-0000.flac"
        whole, _ = soundfile.read(source, dtype="int16")
        np.testing.assert_array_equal(np.concatenate([w for w, _ in pieces]), whole)
        assert {rate for _, rate in pieces} == {RATE}
        assert min(len(wav) for wav, _ in pieces) >= 0.1 * RATE


def test_those_listed_are_the_test_part_and_all_others_the_other(surrogate):
    speakers = facts(surrogate)["speakers"]
    test = find_utterances(surrogate, "voxceleb1_test")
    assert list(test) == ["id10270", "id10271", "id10272"]
    assert [speakers[spk] for spk in test] == LISTED  # by number
    dev = find_utterances(surrogate, "voxceleb1_dev")
    assert [speakers[spk] for spk in dev] == ["3", "4", "7", "8", "9", "10", "11"]


def test_ids_of_many_readers_are_of_their_part():
    ids = give_ids(map(str, range(1300)), None, 40, seed=0)
    parts = {
        part: [i for i in ids.values() if re.fullmatch(PARTS[part].spk_ids, i)]
        for part in ("voxceleb1_dev", "voxceleb1_test")
    }
    assert {part: len(set(found)) for part, found in parts.items()} == {
        "voxceleb1_dev": 1260,
        "voxceleb1_test": 40,
    }


def test_trials_are_all_pairs_of_the_test_where_those_are_few(surrogate, tmp_path):
    output = tmp_path / "trials.csv"
    prepare_trials(surrogate / "veri_test.txt", surrogate, output)
    trials = read_trials(output)
    assert len(trials) == 9 * 8 // 2
    assert sum(trial.label for trial in trials) == 3 * 3
    for one, other, label in trials:
        assert label == (one[:7] == other[:7])


def test_of_many_pairs_half_are_targets(corpus, tmp_path):
    folder = prepare(corpus, tmp_path / "wav", n_test_trials=10)
    labels = [line[0] for line in open(folder / "veri_test.txt", encoding="utf-8")]
    assert labels == ["1"] * 5 + ["0"] * 5


def test_training_lists_are_drawn_as_from_voxceleb1(surrogate, tmp_path):
    build_subset(surrogate, tmp_path, "voxceleb1_dev", n_dev_speakers=2, n_dev_trials=4)
    lines = (tmp_path / "train_list.txt").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 5 * 3


def test_the_label_says_what_it_is_and_what_it_is_not(surrogate):
    label = "surrogate: LibriSpeech train-clean-100, not VoxCeleb"
    assert facts(surrogate)["label"] == label


def test_the_same_again_does_nothing_and_the_seed_draws(corpus, tmp_path):
    def drawn(seed):
        prepare(corpus, folder, test_readers="any", seed=seed)
        return facts(folder)["speakers"], (folder / "veri_test.txt").stat().st_mtime_ns

    folder = tmp_path / "wav"
    one, again, other = drawn(1), drawn(1), drawn(2)
    assert one == again
    assert one[0] != other[0]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"n_test_readers": 4}, "n_test_readers is 4, expected 2 to 3: of 10 readers"),
        ({"n_test_readers": 1}, "n_test_readers is 1, expected 2 to 3"),
        ({"piece_seconds": 1e-9}, "piece_seconds is 1e-09, expected a sample or more"),
        ({"n_test_trials": 1}, "n_test_trials is 1 and seed"),
        ({"seed": -1}, "seed -1, expected 2 or more and 0"),
        ({"piece_seconds": 9}, "n_test_readers is 3, expected 2 to 0: of 0 readers"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_written(
    changes, message, corpus, tmp_path
):
    with pytest.raises(ValueError, match=message):
        prepare(corpus, tmp_path / "wav", **changes)
    assert not (tmp_path / "wav").exists()


def test_the_command_line_makes_one_and_an_error_ends_in_one_line(
    corpus, tmp_path, monkeypatch, capsys
):
    words = ["voxceleb_surrogate", "--librispeech_folder", str(corpus)]
    words += ["--output_folder", str(tmp_path / "wav"), "--piece_seconds", "0.1"]
    words += ["--test_readers", str(corpus / "test.txt"), "--n_test_readers"]
    monkeypatch.setattr(sys, "argv", [*words, "3"])
    main()
    assert (tmp_path / "wav" / "id10272").is_dir()
    monkeypatch.setattr(sys, "argv", [*words, "9"])
    with pytest.raises(SystemExit, match="1"):
        main()
    assert "error: n_test_readers is 9, expected 2 to 3" in capsys.readouterr().err
