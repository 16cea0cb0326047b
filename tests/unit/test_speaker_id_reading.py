"""What is said of the figures of an exploration follows from them."""

from copy import deepcopy

import pytest

from recipes.wav2vec2_speaker_id.reading import (
    WORDS,
    compare_clusters,
    interpret,
    percent,
    word,
)


def cluster(mean, low, high, silhouette=0.1, largest=0.1):
    """Return the figures of one method."""
    return {
        "ari": {"mean": mean, "low": low, "high": high},
        "nmi": 0.7,
        "silhouette": silhouette,
        "matched": 0.6,
        "largest": largest,
    }


FIGURES = {
    "n_speakers": 10,
    "n_dims": 80,
    "pca": {
        "explained": [0.4, 0.3, 0.2],
        "n_for_85": 3,
        "between_speakers": {"first_two": 0.7, "all": 0.5},
    },
    "neighbours": {
        "pca": {"any": 0.1, "other_utterance": None},
        "tsne": {"any": 0.85, "other_utterance": None},
        "all": {"any": 0.9, "other_utterance": None},
    },
    "clusters": {
        "kmeans": cluster(0.7, 0.6, 0.8),
        "average": cluster(0.2, 0.1, 0.3, largest=0.6),
        "ward": cluster(0.65, 0.55, 0.75),
    },
    "true_silhouette": 0.3,
    "chance": {**cluster(0, -0.01, 0.01), "neighbours": 0.1},
}


@pytest.fixture
def figures():
    return deepcopy(FIGURES)


def test_words_go_from_much_to_little_and_cover_all_values():
    for kind, ranges in WORDS.items():
        lowest = [value for value, _ in ranges]
        assert lowest == sorted(lowest, reverse=True)
        assert lowest[-1] == float("-inf")
        assert word(kind, 1) == ranges[0][1]
        assert word(kind, -1) == ranges[-1][1]


def test_a_bound_belongs_to_the_word_above_it():
    assert word("ari", 0.65) == "mostly the speakers"
    assert word("ari", 0.6499) == "the speakers in part"


def test_small_shares_keep_a_decimal():
    assert percent(0.996) == "100 %"
    assert percent(0.0049) == "0.5 %"
    assert percent(-0.02) == "-2.0 %"


def test_every_method_and_map_is_told_with_its_figure(figures):
    text = interpret(figures)
    assert (
        "85 % of the variance takes 3 of 80 components; the first two hold 70" in text
    )
    assert "The PCA map: 10 %, so it loses most of that" in text
    assert "The t-SNE map: 85 %, so it keeps nearly all of that" in text
    assert "K-means finds groups that are mostly the speakers (ARI 0.70 [0.60" in text
    assert "Average linkage finds groups that are a little like the speakers" in text
    assert "UMAP map" not in text


def test_a_cluster_that_swallows_the_chunks_is_named(figures):
    assert interpret(figures).count("of all chunks in one cluster") == 1
    figures["clusters"]["average"]["largest"] = 0.2
    assert "in one cluster" not in interpret(figures)


def test_methods_whose_intervals_overlap_are_not_told_apart(figures):
    text = compare_clusters(figures["clusters"])
    assert (
        text
        == "Nearest to the speakers: k-means; not told apart from it: Ward linkage."
    )
    figures["clusters"]["ward"] = cluster(0.3, 0.2, 0.4)
    assert compare_clusters(figures["clusters"]) == "Nearest to the speakers: k-means."
    assert compare_clusters({"ward": cluster(1, 1, 1)}) == ""


def test_the_recording_is_named_where_the_voice_cannot_be_told_from_it(figures):
    assert "Every speaker has one utterance here" in interpret(figures)
    figures["neighbours"]["all"]["other_utterance"] = 0.6
    text = interpret(figures)
    assert "Every speaker has one utterance" not in text
    assert "Among chunks of other utterances alone it is 60 %, among all 90 %" in text


def test_clusters_tighter_than_the_speakers_are_named(figures):
    assert "The speakers themselves lie apart (silhouette 0.30)." in interpret(figures)
    figures["clusters"]["ward"]["silhouette"] = 0.4
    assert "(silhouette 0.30); Ward linkage: tighter groups" in interpret(figures)


def test_features_without_speakers_promise_no_map(figures):
    figures["neighbours"]["all"]["any"] = 0.1  # as by chance
    text = interpret(figures)
    assert "The t-SNE map: 85 %." in text
    assert "of that. " not in text


def test_no_maps_and_no_clusterings_leave_the_rest(figures):
    figures["clusters"] = {}
    figures["neighbours"] = {"all": figures["neighbours"]["all"]}
    text = interpret(figures)
    assert "t-SNE" not in text
    assert "The speakers themselves lie apart" in text
