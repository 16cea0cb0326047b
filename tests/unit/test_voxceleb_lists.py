"""Training lists, in the lab's form."""

import pytest
from made_up_voxceleb import make_voxceleb

from data_prep.voxceleb_lists import Listed, read_list, write_list

NAMES = [f"id00012/video-0/{n:05d}.wav" for n in (1, 2)]
LISTED = [Listed("id00012", name) for name in NAMES]


@pytest.fixture
def root(tmp_path):
    return make_voxceleb(tmp_path / "wav", ["id00012"], n_videos=1)


def test_a_list_is_lines_of_speaker_and_path_and_is_read_back(root, tmp_path):
    path = tmp_path / "train_list.txt"
    write_list(path, LISTED)
    assert path.read_text() == "".join(f"id00012 {name}\n" for name in NAMES)
    assert read_list(path, root) == LISTED
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [path.name, "wav"]


@pytest.mark.parametrize("listed", [[], [*LISTED, Listed("id00012", "a b.wav")]])
def test_a_list_that_could_not_be_read_back_is_not_written(listed, tmp_path):
    path = tmp_path / "train_list.txt"
    path.write_text("what stood there")
    with pytest.raises(ValueError, match="expected utterances without blanks"):
        write_list(path, listed)
    assert path.read_text() == "what stood there"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("id00012\n", "1 of 1 lines are not 'spk_id spk_id/video/name': line 1;"),
        (f"id00012 {NAMES[0]}\n\na b c\nd e f\n", "2 of 3 .* line 3, 4; .* 'a b c'"),
        (f"id00012 {NAMES[0]}\n" * 2, "line 2: id00012.* stands in line 1"),
        (f"id00013 {NAMES[0]}\n", "1 of 1 .* the first is 'id00013 id00012/video-0"),
        (f"{NAMES[0]} id00012\n", "1 of 1 .* line 1;"),
        (" \n", "empty, expected lines"),
    ],
)
def test_wrong_lines_are_numbered(content, message, root, tmp_path):
    path = tmp_path / "train_list.txt"
    path.write_text(content)
    with pytest.raises(ValueError, match=message):
        read_list(path, root)


def test_what_is_no_text_is_refused(root, tmp_path):
    (tmp_path / "list").write_bytes(b"\xff\xfe")
    with pytest.raises(ValueError, match="not a text file in UTF-8"):
        read_list(tmp_path / "list", root)


def test_missing_files_are_named_with_their_lines(root, tmp_path):
    path = tmp_path / "train_list.txt"
    with pytest.raises(FileNotFoundError, match="no such list"):
        read_list(path, root)
    write_list(path, [*LISTED, *(Listed("id9", f"id9/v/{n}.wav") for n in range(5))])
    with pytest.raises(
        FileNotFoundError, match=r"5 of 7 files .*: id9/v/0.wav \(line 3\), .*, \.\.\.;"
    ):
        read_list(path, root)
