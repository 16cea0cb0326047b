"""The manifests of fragments: which speech stands in which, and who shares it."""

import pytest

from data_prep.fragment_manifests import write_fragments
from data_prep.fragments import Fragment, Lengths, whole_utterance
from data_prep.manifest import read_manifest

LENGTHS = Lengths(sample_rate=10, fragment=30, hop=5, test_hop=30, late=60)
ROLES = {
    "train": ["one", "short", "three", "two"],
    "valid": ["four", "five"],
    "test": ["tail", "six", "seven"],
}
NAMES = "train valid test seen_late test_early test_late map".split()


def speakers():
    """Return nine speakers; "short" and "tail" have too little for a late part."""
    n_samples = {"short": [70], "tail": [61], "three": [90, 90, 65], "seven": [95, 90]}
    found = {}
    for spk in sorted(sum(ROLES.values(), [])):
        found[spk] = [
            whole_utterance(f"{spk}-{i}", "$data_root/a.flac", n, 10, spk, "")
            for i, n in enumerate(n_samples.get(spk, [145]))
        ]
    return found


def write(folder, roles=ROLES, n_seen=2, **more):
    (folder / "a.flac").touch()
    write_fragments(folder, folder, speakers(), roles, LENGTHS, n_seen, (2, 4), **more)
    return {
        name: read_manifest(folder / f"{name}.csv", folder, True, Fragment)
        for name in NAMES
    }


@pytest.fixture
def rows(tmp_path):
    """Return the rows of each manifest."""
    return write(tmp_path)


def spoken_by(fragments):
    return {row.spk_id for row in fragments}


def test_each_role_has_its_speakers_and_no_others(rows):
    for role, spk_ids in ROLES.items():
        assert spoken_by(rows[role]) == set(spk_ids)


def test_seen_speakers_are_the_first_with_the_speech_for_it(rows):
    assert spoken_by(rows["seen_late"]) == {"one", "three"}


def test_test_speakers_with_too_little_for_two_parts_stand_in_the_test_alone(rows):
    assert spoken_by(rows["test_early"]) == spoken_by(rows["test_late"])
    assert spoken_by(rows["test_late"]) == {"six", "seven"}


@pytest.mark.parametrize(
    ("early", "late"), [("train", "seen_late"), ("test_early", "test_late")]
)
def test_no_early_fragment_overlaps_a_late_one(rows, early, late):
    for one in rows[early]:
        for other in rows[late]:
            apart = one.stop <= other.start or other.stop <= one.start
            assert one.utterance != other.utterance or apart


def test_training_starts_every_hop_and_leaves_out_late_parts_of_seen_alone(rows):
    starts = {
        spk: [row.start for row in rows["train"] if row.spk_id == spk]
        for spk in ("one", "two")
    }
    assert starts["one"] == list(range(0, 60, 5))  # until 85, where the late part is
    assert starts["two"] == list(range(0, 120, 5))


def test_tests_start_every_test_hop(rows):
    starts = {
        name: [row.start for row in rows[name] if row.spk_id == "six"]
        for name in ("test", "test_early", "test_late")
    }
    assert starts["test"] == [0, 30, 60, 90]
    assert starts["test_early"] == list(range(0, 60, 5))
    assert starts["test_late"] == [85, 115]


def test_the_map_has_the_same_number_of_fragments_of_each_speaker(rows):
    assert [row.spk_id for row in rows["map"]] == ["six"] * 4 + ["tail"] * 4


def test_shared_speakers_are_refused_by_name(tmp_path):
    for role, other in (("train", "valid"), ("train", "test"), ("valid", "test")):
        roles = {**ROLES, other: [*ROLES[other], ROLES[role][1]]}
        message = f"in both {role} and {other}: {ROLES[role][1]}; give each"
        with pytest.raises(ValueError, match=message):
            write(tmp_path, roles)
    assert not list(tmp_path.glob("*.csv"))


def test_valid_is_test_lets_valid_and_test_share_but_never_training(tmp_path):
    roles = {**ROLES, "valid": ROLES["test"]}
    rows = write(tmp_path, roles, valid_is_test=True)
    assert rows["valid"] == rows["test"]
    roles["train"] = [*roles["train"], "six"]
    with pytest.raises(ValueError, match="in both train and valid: six"):
        write(tmp_path, roles, valid_is_test=True)


def test_too_few_speakers_to_be_seen_are_refused(tmp_path):
    message = "n_seen_speakers is 4, but 3 have a late part of 6 s and 3 s of speech"
    with pytest.raises(ValueError, match=message):
        write(tmp_path, n_seen=4)
    for n_seen in (1, None):
        with pytest.raises(ValueError, match=f"is {n_seen}, expected 2 or more"):
            write(tmp_path, n_seen=n_seen)


def test_a_test_without_late_parts_is_refused(tmp_path):
    roles = {**ROLES, "test": ["tail", "six"]}
    with pytest.raises(ValueError, match="needs 2 speakers of the test, but 1 have"):
        write(tmp_path, roles)
