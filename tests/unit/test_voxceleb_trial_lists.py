"""Trial lists: the utterances are there, the labels true, no speaker on two sides."""

import numpy as np
import pytest
from made_up_utterances import DEV, make_trials

from data_prep.trials import read_trials
from recipes.voxceleb.trial_lists import read_trial_list, refuse_shared_speakers


def test_a_list_is_its_utterances_and_the_places_of_both_sides(tmp_path):
    make_trials(tmp_path)
    found = read_trial_list(tmp_path / "dev.csv", tmp_path / "wav")
    trials = read_trials(tmp_path / "dev.csv")
    assert len(trials) == found.pairs.shape[1] == 12 * 11 / 2
    for trial, (one, other), label in zip(
        trials, found.pairs.T, found.is_target, strict=True
    ):
        assert trial == (found.names[one], found.names[other], int(label))
    assert sorted(set(found.spk_ids)) == list(DEV)


def test_values_are_split_into_targets_and_nontargets(tmp_path):
    make_trials(tmp_path)
    found = read_trial_list(tmp_path / "test.csv", tmp_path / "wav")
    tar, non = found.split(found.pairs)
    assert (found.spk_ids[tar[0]] == found.spk_ids[tar[1]]).all()
    assert (found.spk_ids[non[0]] != found.spk_ids[non[1]]).all()
    assert tar.shape[1] + non.shape[1] == found.pairs.shape[1]


def test_a_label_that_is_not_that_of_the_speakers_is_refused(tmp_path):
    path = make_trials(tmp_path) / "dev.csv"
    lines = path.read_text().splitlines()
    lines[2] = lines[2][:-1] + "0"
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(ValueError, match="1 labels are not .* first is id10001/"):
        read_trial_list(path, tmp_path / "wav")


@pytest.mark.parametrize(("kept", "kind"), [("1", "target"), ("0", "nontarget")])
def test_a_list_of_one_kind_is_refused(kept, kind, tmp_path):
    path = make_trials(tmp_path) / "dev.csv"
    head, *lines = path.read_text().splitlines()
    lines = [line for line in lines if line.endswith(kept)]
    path.write_text("\n".join([head, *lines]) + "\n")
    with pytest.raises(ValueError, match=f"all {len(lines)} trials are {kind} trials"):
        read_trial_list(path, tmp_path / "wav")


def test_the_official_form_is_told_what_makes_a_csv_of_it(tmp_path):
    (tmp_path / "wav").mkdir()
    (tmp_path / "veri_test.txt").write_text("1 id10270/v/1.wav id10270/w/1.wav\n")
    with pytest.raises(ValueError, match="data_prep.voxceleb_trials and .* write such"):
        read_trial_list(tmp_path / "veri_test.txt", tmp_path / "wav")


def test_a_missing_utterance_or_folder_is_named(tmp_path):
    make_trials(tmp_path)
    (tmp_path / "wav" / DEV[0] / "video-0" / "00001.wav").unlink()
    with pytest.raises(FileNotFoundError, match="1 of 12 files .*video-0/00001.wav"):
        read_trial_list(tmp_path / "dev.csv", tmp_path / "wav")
    with pytest.raises(FileNotFoundError, match="nowhere: no such folder of speakers"):
        read_trial_list(tmp_path / "dev.csv", tmp_path / "nowhere")


def test_a_speaker_of_two_groups_is_refused():
    groups = {"training": np.array(["a", "b"]), "dev trials": ["c", "c"]}
    refuse_shared_speakers(groups)
    with pytest.raises(
        ValueError, match="1 .* of the test .* in the dev trials, .* c;"
    ):
        refuse_shared_speakers(groups | {"test": ["c", "d"]})
