"""Tests of local.output.listen.verified."""

import shutil

import numpy as np
import pytest

from local.output.listen.verified import read_llr, read_verified


def test_scores_and_labels_are_those_of_the_verification(verify, task_folder):
    folder = verify("run")
    found = read_verified(folder)
    assert found.title == "untrained-1, seed 1, on run"
    assert found.spk_ids.tolist() == np.load(task_folder / "test_labels.npy").tolist()
    assert list(found.scores) == ["cosine", "as-norm"] and found.submitted == "as-norm"
    # The submitted LLR is a straight line of the submitted score.
    scores, llr = found.scores["as-norm"].ravel(), found.llr.ravel()
    assert np.polyval(np.polyfit(scores, llr, 1), scores) == pytest.approx(llr)
    assert len(list(folder.glob("embeddings-*.npz"))) == 1  # those of the cache


def test_a_reranked_submission_is_named(verify):
    found = read_verified(verify("run", rerank="[diffusion]"))
    assert found.submitted == "diffusion (transductive)"
    assert list(found.scores) == ["cosine", "as-norm"]


def test_what_was_moved_is_given_anew(verify, untrained_model, task_folder, tmp_path):
    folder = verify("run")
    expected = read_verified(folder)
    moved = tmp_path / "moved"
    shutil.move(tmp_path / "untrained-1", moved)
    shutil.rmtree(tmp_path / "prepared")
    changes = {"model": moved, "test_data": task_folder / "test_data.pkl"}
    found = read_verified(folder, **changes)
    assert np.array_equal(found.embeddings, expected.embeddings)
    wavs = [given.segments[3].sig for given in (found, expected)]
    assert np.array_equal(*wavs)


def test_a_verification_without_labels_has_no_speakers(verify):
    assert read_verified(verify("run", test_labels="null")).spk_ids is None


def test_other_test_data_are_refused(verify, tmp_path):
    folder = verify("run")
    manifest = tmp_path / "prepared" / "test.csv"
    lines = manifest.read_text().splitlines()
    manifest.write_text("\n".join(lines[:-1]))
    with pytest.raises(ValueError, match="24 segments were verified, .* are 23"):
        read_verified(folder)


def test_a_folder_without_a_matrix_says_why(verify, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"hyperparams\.yaml: missing; give"):
        read_verified(tmp_path)
    with pytest.raises(FileNotFoundError, match="without --top_k"):
        read_verified(verify("run", top_k=3))


def test_a_yaml_of_something_else_is_refused(tmp_path):
    yaml = tmp_path / "hyperparams.yaml"
    yaml.write_text("seed: 1\n")
    with pytest.raises(ValueError, match="not of a verification"):
        read_verified(tmp_path)
    yaml.write_text("a: !new:no.such.Thing\n")
    with pytest.raises(ValueError, match=r"hyperparams\.yaml: .*; verify again"):
        read_verified(tmp_path)


def test_a_broken_matrix_is_refused(tmp_path):
    path = tmp_path / "same_speaker_probability.npz"
    path.write_bytes(b"no zip")
    with pytest.raises(ValueError, match="cannot be read"):
        read_llr(path)
