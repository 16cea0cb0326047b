"""A share of the training speakers: nested, apart from validation, nothing copied."""

import pytest

from data_prep.manifest import DATA_ROOT, Row, read_manifest, write_manifest
from data_prep.prepared_folder import replacing_folder
from data_prep.speaker_share import draw_speakers, prepare_share

SPEAKERS = {"train": list("abcdefgh"), "valid": list("xy")}


@pytest.fixture
def whole(tmp_path):
    """Return a folder of eight training and two validation speakers, and its maker."""
    folder = tmp_path / "whole"

    def prepare():
        with replacing_folder(folder, {"kind": "training"}) as staging:
            if staging:
                fill(staging)

    return folder, prepare


def fill(folder):
    (folder / "wav").mkdir()
    for side, speakers in SPEAKERS.items():
        rows = []
        for spk_id in speakers:
            for n in range(2):
                wav = f"wav/{spk_id}{n}.wav"
                (folder / wav).touch()
                rows.append(
                    Row(f"{spk_id}{n}", 1.0, f"{DATA_ROOT}/{wav}", 0, 10, spk_id)
                )
        write_manifest(folder / f"{side}.csv", rows, folder, labelled=True)
    (folder / "valid_trials.csv").write_text("trials", encoding="utf-8")
    (folder / "segment_digests.txt").write_text("digests", encoding="utf-8")


def read_share(whole, share, seed=3):
    folder, prepare = whole
    target = folder.with_name(f"share-{share}")
    prepare_share(prepare, folder, target, share, seed)
    return {
        side: read_manifest(target / f"{side}.csv", target, labelled=True)
        for side in SPEAKERS
    }


def test_a_share_has_all_segments_of_some_training_speakers(whole):
    train = read_share(whole, 0.5)["train"]
    assert len({row.spk_id for row in train}) == 4
    assert len(train) == 8


def test_validation_of_a_share_is_that_of_the_whole(whole):
    valid = read_share(whole, 0.25)["valid"]
    assert {row.spk_id for row in valid} == set(SPEAKERS["valid"])


def test_a_share_copies_no_audio(whole):
    read_share(whole, 0.5)
    assert not list(whole[0].with_name("share-0.5").rglob("*.wav"))


def test_shares_can_be_moved_with_the_whole(whole, tmp_path):
    read_share(whole, 0.5)
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    for name in ("whole", "share-0.5"):
        (tmp_path / name).rename(moved / name)
    share = moved / "share-0.5"
    assert read_manifest(share / "train.csv", share, labelled=True)


def test_a_smaller_share_is_part_of_a_larger_one():
    drawn = [draw_speakers("abcdefgh", share, seed=5) for share in (0.25, 0.5, 1)]
    assert drawn[0] < drawn[1] < drawn[2]


def test_other_seeds_draw_other_speakers():
    assert (
        len({frozenset(draw_speakers("abcdefgh", 0.5, seed)) for seed in range(9)}) > 1
    )


def test_a_share_made_from_the_same_stays(whole):
    read_share(whole, 0.5)
    before = (whole[0].with_name("share-0.5") / "train.csv").stat().st_ino
    read_share(whole, 0.5)
    assert (whole[0].with_name("share-0.5") / "train.csv").stat().st_ino == before


def test_a_share_follows_its_seed(whole):
    first = read_share(whole, 0.25, seed=3)["train"]
    others = [read_share(whole, 0.25, seed=seed)["train"] for seed in range(4, 9)]
    assert any(other != first for other in others)


@pytest.mark.parametrize("share", [0, -0.5, 1.5, float("nan")])
def test_a_share_beyond_0_to_1_is_refused(whole, share):
    with pytest.raises(ValueError, match="speaker_share must be in 0..1"):
        read_share(whole, share)


def test_a_share_of_one_speaker_is_refused(whole):
    with pytest.raises(ValueError, match="leaves 1, expected 2 at least; raise"):
        read_share(whole, 0.125)
