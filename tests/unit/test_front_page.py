"""The pictures of the README are of the model that ships, where its run is at hand."""

import json
import os

import numpy as np
import pytest
from PIL import Image

from local.output.front_page import SHIPPED, TEST_SET, write_pictures

N_READERS, N_EACH = 25, 4


def write_embeddings(path, rng):
    """Write embeddings of readers who are easily told apart."""
    voices = np.repeat(rng.normal(size=(N_READERS, 8)), N_EACH, axis=0)
    matrix = voices + 0.1 * rng.normal(size=voices.shape)
    blank = np.full(len(matrix), "")
    np.savez(path, ids=blank, spk_ids=blank, matrix=matrix.astype(np.float32))


@pytest.fixture
def results(tmp_path, rng):
    """Return a folder of results with the model that ships and a run of it."""
    folder = tmp_path / "results"
    run = folder / "made_up" / "7" / TEST_SET
    verified = folder / "verify" / TEST_SET
    for place in (folder / SHIPPED, run, verified):
        place.mkdir(parents=True)
    facts = {"name": "Net", "experiment": "made_up", "seed": 7}
    (folder / SHIPPED / "training.json").write_text(json.dumps(facts))
    labels = tmp_path / "labels.npy"
    np.save(labels, np.repeat([f"reader {n}" for n in range(N_READERS)], N_EACH))
    settings = f"# Generated 2026-01-01 from:\nseed: 3\ntest_labels: {labels}\n"
    (run / "hyperparams.yaml").write_text(settings)
    write_embeddings(run / "embeddings-0.npz", rng)
    Image.new("RGB", (8, 4)).save(verified / "det.png")
    return folder


def size_of(path):
    with Image.open(path) as image:
        return image.size


def test_both_pictures_are_written_and_again_with_the_same_bytes(results):
    assert write_pictures(results) == ["det", "map"]
    first = (results / "map.png").read_bytes()
    assert size_of(results / "det.png") == (8, 4)
    write_pictures(results)
    assert (results / "map.png").read_bytes() == first


def test_the_title_tells_data_model_and_seed(results, drawn, monkeypatch):
    monkeypatch.setattr("local.output.front_page.collect_pictures", lambda *_: [])
    write_pictures(results)
    axes = drawn[0].axes[0]
    title = axes.get_title("left")
    for fact in ("25 readers", "100 clips", TEST_SET, SHIPPED.name, "seed 3"):
        assert fact in title
    assert not drawn[0].legends
    assert len(axes.lines) == N_READERS * N_EACH


def test_the_map_lies_along_the_page(results, drawn, monkeypatch):
    monkeypatch.setattr("local.output.front_page.collect_pictures", lambda *_: [])
    write_pictures(results)
    groups = drawn[0].axes[0].collections
    spread = np.concatenate([group.get_offsets() for group in groups]).std(axis=0)
    assert spread[0] > spread[1]


def test_of_several_embeddings_the_last_are_drawn(results, rng):
    write_pictures(results)
    first = (results / "map.png").read_bytes()
    run = results / "made_up" / "7" / TEST_SET
    write_embeddings(run / "embeddings-1.npz", rng)
    os.utime(run / "embeddings-0.npz", (0, 0))
    write_pictures(results)
    assert (results / "map.png").read_bytes() != first


@pytest.mark.parametrize("absent", ["embeddings-0.npz", "labels"])
def test_pictures_of_before_stay_where_the_run_is_not(results, absent):
    run = results / "made_up" / "7" / TEST_SET
    for path in (results.parent / "labels.npy", run / absent):
        path.unlink(missing_ok=True)
    (results / "verify" / TEST_SET / "det.png").unlink()
    assert write_pictures(results) == []
    for name in ("det", "map"):
        (results / f"{name}.png").write_text("of before")
    assert write_pictures(results) == ["det", "map"]
    assert (results / "map.png").read_text() == "of before"


def test_without_the_model_that_ships_there_is_nothing_to_draw(tmp_path):
    assert write_pictures(tmp_path) == []
