"""Draws of training and validation utterances."""

from collections import Counter
from pathlib import Path

import pytest

from data_prep import voxceleb_draw
from data_prep.voxceleb_draw import describe, draw_utterances, hold_out, thin

FOUND = {
    f"id1{n:04d}": [
        Path(f"id1{n:04d}", f"v{v}", f"{i}.wav") for v in (0, 1) for i in (1, 2, 3)
    ]
    for n in range(1, 13)
}


@pytest.fixture
def half_seconds(monkeypatch):
    """Give every utterance a length of half a second; return those measured."""
    measured = []
    monkeypatch.setattr(
        voxceleb_draw, "measure_seconds", lambda path: measured.append(path) or 0.5
    )
    return measured


def test_a_smaller_draw_is_part_of_a_larger_one(half_seconds):
    flat = [
        {
            path
            for paths in draw_utterances(FOUND, *limits, seed=3)[0].values()
            for path in paths
        }
        for limits in [
            (3 / 3600, 5, 4),
            (6 / 3600, 5, 4),
            (None, 5, 4),
            (None, 9, 4),
            (None, 9, None),
        ]
    ]
    assert [len(drawn) for drawn in flat] == [6, 12, 20, 36, 54]
    assert all(a < b for a, b in zip(flat[:-1], flat[1:], strict=True))


def test_only_what_is_drawn_is_measured(half_seconds):
    drawn, seconds = draw_utterances(FOUND, 3 / 3600, 5, 4, seed=3)
    assert seconds == 3
    assert sorted(half_seconds) == sorted(sum(drawn.values(), []))


def test_every_nth_is_counted_over_all_speakers():
    kept = thin(FOUND, 10)
    paths = [path for paths in FOUND.values() for path in paths]
    assert [path for paths in kept.values() for path in paths] == paths[::10]
    assert thin(FOUND, 1) == FOUND


def test_held_out_are_speakers_of_two_videos_by_the_first_of_each():
    found = {spk: paths[:3] for spk, paths in FOUND.items()}  # of one video
    several = ["id10003", "id10007"]
    found |= {spk: FOUND[spk] for spk in several}
    dev = hold_out(found, 2, seed=0)
    assert dev == {spk: [FOUND[spk][0], FOUND[spk][3]] for spk in several}
    with pytest.raises(
        ValueError, match="n_dev_speakers is .* 2 of them with 2 segments"
    ):
        hold_out(found, 3, seed=0)


def test_a_histogram_is_told_as_in_the_lab():
    sizes = [(1, 2169), (2, 1164), (3, 656), (4, 364), (5, 600)]
    n_utterances = [n for n, speakers in sizes for _ in range(speakers)]
    assert describe(n_utterances, 24 * 3600).endswith(
        "4,953 speakers, 10,921 utterances; speakers with 1/2/3/4/5 of them:"
        " 2169/1164/656/364/600"
    )


def test_numbers_above_five_are_told_in_doubling_ranges():
    n_utterances = Counter({5: 1, 6: 2, 10: 3, 11: 4, 40: 1, 41: 1}).elements()
    assert describe(n_utterances, 0).endswith(
        "speakers with 5/6-10/11-20/21-40/41-80 of them: 1/5/4/1/1"
    )
