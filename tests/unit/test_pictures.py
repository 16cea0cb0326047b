"""Pictures on a page are small, and the same ones give the same bytes."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from local.output.pictures import collect_pictures, shrink, shrunk


@pytest.fixture
def noise(tmp_path, rng):
    """Return a picture that compresses badly."""
    path = tmp_path / "noise.png"
    pixels = rng.integers(0, 256, (200, 300, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return path


def test_a_large_picture_is_narrowed_until_it_fits(noise):
    assert noise.stat().st_size > 100_000
    small = shrunk(noise, max_bytes=20_000)
    assert len(small) <= 20_000
    with Image.open(BytesIO(small)) as image:
        assert 50 < image.width < 300
        assert image.width / image.height == pytest.approx(1.5, abs=0.05)


def test_a_small_picture_keeps_its_size_and_bytes(noise, tmp_path):
    shrink(noise, tmp_path / "a.png")
    shrink(noise, tmp_path / "b.png")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    with Image.open(tmp_path / "a.png") as image:
        assert image.size == (300, 200)


def test_the_first_run_that_has_a_picture_counts(noise, tmp_path):
    folders = [tmp_path / name for name in "ab"]
    for folder in folders:
        folder.mkdir()
    Image.new("RGB", (8, 4)).save(folders[1] / "map.png")
    Image.new("RGB", (9, 4)).save(folders[1] / "bars.png")
    noise.rename(folders[0] / "map.png")
    target = tmp_path / "figures"
    sources = {
        name: [folder / f"{name}.png" for folder in folders]
        for name in ("map", "lines", "bars")
    }
    assert collect_pictures(sources, target) == ["map", "bars"]
    with Image.open(target / "map.png") as image:
        assert image.size == (300, 200)
    assert sorted(path.name for path in target.iterdir()) == ["bars.png", "map.png"]


def test_pictures_of_before_stay_where_runs_have_none(noise, tmp_path):
    target = tmp_path / "figures"
    shrink(noise, target / "map.png")
    assert collect_pictures({"map": [tmp_path / "a.png"]}, target) == ["map"]
