"""What is drawn of a run: accuracies by system and split, of chunks and utterances."""

import pytest

from recipes.wav2vec2_speaker_id.pictures import SPLIT_NAMES, draw_pictures
from recipes.wav2vec2_speaker_id.splits import SPLITS


def record(split, level, rule, accuracy):
    share = {"mean": accuracy, "low": accuracy, "high": accuracy}
    place = {"system": "knn", "split": split, "level": level, "rule": rule}
    return place | {"accuracy": share}


def test_each_level_has_its_picture_and_votes_none(tmp_path, drawn):
    records = [
        record("chunk", "chunk", "own", 0.9),
        record("chunk", "utterance", "mean", 0.95),
        record("chunk", "utterance", "vote", 0.5),
        record("chapter", "chunk", "own", 0.7),
    ]
    draw_pictures({"data": {"n_speakers": 40}, "results": records}, tmp_path)
    names = [path.stem for path in sorted(tmp_path.glob("*.png"))]
    assert names == ["accuracies_chunk", "accuracies_utterance"]
    points = [
        {
            split.get_label(): split[0].get_xdata().tolist()
            for split in figure.axes[0].containers
        }
        for figure in drawn[::2]  # each is written in two formats
    ]
    leak, chapters = SPLIT_NAMES["chunk"], SPLIT_NAMES["chapter"]
    assert points == [
        {leak: [90], chapters: [pytest.approx(70)]},
        {leak: [95]},
    ]
    assert "leak" in leak
    guessing = drawn[0].axes[0].lines[-1]
    assert guessing.get_xdata()[0] == pytest.approx(100 / 40)


def test_every_split_has_a_name():
    assert set(SPLIT_NAMES) == set(SPLITS)
