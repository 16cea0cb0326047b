"""Tests of local.scoring.cohort."""

import numpy as np
import pytest

from local.scoring.cohort import compact_cohort, load_cohort, speaker_means
from local.scoring.embeddings import Embeddings, save_embeddings
from local.scoring.normalization import normalize_scores


@pytest.fixture
def cohort(rng):
    spk_ids = np.array(["b", "a", "a", "c", "b", "a"])
    matrix = rng.standard_normal((6, 4)).astype(np.float32)
    return Embeddings(np.arange(6).astype(str), spk_ids, matrix)


def test_a_segment_each_is_what_the_file_holds(tmp_path, cohort):
    save_embeddings(tmp_path / "cohort.npz", cohort)
    assert np.array_equal(load_cohort(tmp_path, "segment"), cohort.matrix)


def test_a_speaker_each_is_the_mean_direction(tmp_path, cohort):
    save_embeddings(tmp_path / "cohort.npz", cohort)
    found = load_cohort(tmp_path, "speaker")
    unit = cohort.matrix / np.linalg.norm(cohort.matrix, axis=1, keepdims=True)
    expected = [unit[[1, 2, 5]].mean(0), unit[[0, 4]].mean(0), unit[3]]
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_a_compact_cohort_scores_as_the_whole_one(tmp_path, cohort, rng):
    gallery = rng.standard_normal((5, 4))
    scores = []
    for part in (cohort, compact_cohort(cohort)):
        half = part._replace(matrix=part.matrix.astype(np.float16))
        save_embeddings(tmp_path / "cohort.npz", half)
        means = load_cohort(tmp_path, "speaker")
        scores.append(normalize_scores("as", gallery, means, top_n=3))
    np.testing.assert_allclose(*scores, atol=0.01)


def test_segments_of_a_compact_cohort_are_missed(tmp_path, cohort):
    save_embeddings(tmp_path / "cohort.npz", compact_cohort(cohort))
    with pytest.raises(ValueError, match=r"cohort\.npz holds a mean .* not the segmen"):
        load_cohort(tmp_path, "segment")


def test_another_unit_is_refused(tmp_path):
    with pytest.raises(ValueError, match="must be segment or speaker, got corpus"):
        load_cohort(tmp_path, "corpus")


def test_speaker_means_average_unit_vectors_by_speaker():
    embeddings = np.array([[2.0, 0.0], [0.0, 7.0], [0.0, 3.0], [5.0, 0.0]])
    means, ids = speaker_means(embeddings, ["b", "a", "b", "b"])
    assert ids.tolist() == ["a", "b"]
    assert means == pytest.approx(np.array([[0, 1], [2 / 3, 1 / 3]]))


def test_speaker_means_keep_float32():
    embeddings = np.eye(4, dtype=np.float32)
    assert speaker_means(embeddings, list("aabb"))[0].dtype == np.float32


def test_speaker_means_refuse_a_missing_speaker():
    with pytest.raises(ValueError, match="3 embeddings but 2 spk_ids"):
        speaker_means(np.eye(3), ["a", "b"])
