"""Tests of local.output.tensorboard, by TensorBoard's own readers."""

import numpy as np
import pytest
from event_files import read_curves, read_projector
from speechbrain.utils.train_logger import TensorboardLogger

from local.output.tensorboard import (
    MOST_POINTS,
    go_on_after,
    log_embeddings,
    log_epoch,
)
from local.scoring.embeddings import Embeddings


def log_epochs(log, epochs, loss=1.0):
    """Log some epochs as a training does; return the logger."""
    for epoch in epochs:
        log_epoch(
            log,
            {"epoch": epoch, "lr": 0.1 * epoch, "clips_per_second": 500.0},
            train_stats={"loss": loss / epoch},
            valid_stats={"r_precision": 0.5, "eer": 0.1},
        )
    return log


def made_up_embeddings(n, n_speakers=3, spk_id="speaker {}"):
    """Return embeddings whose first number is their row."""
    matrix = np.stack([np.arange(n), np.ones(n)], axis=1).astype(np.float32)
    names = np.array([spk_id.format(i * n_speakers // n) for i in range(n)])
    return Embeddings(np.array([f"clip-{i}" for i in range(n)]), names, matrix)


def test_every_figure_is_there_at_its_epoch(tmp_path):
    log = log_epochs(TensorboardLogger(tmp_path / "tensorboard"), [1, 2])
    curves = read_curves(tmp_path)  # the writer is still open: all is written out
    assert curves == {
        "lr": [(1, 0.1), (2, 0.2)],
        "clips_per_second": [(1, 500), (2, 500)],
        "loss/train": [(1, 1.0), (2, 0.5)],
        "r_precision/valid": [(1, 0.5), (2, 0.5)],
        "eer/valid": [(1, 0.1), (2, 0.1)],
    }
    log.writer.close()


@pytest.mark.parametrize("kept", [0, 2, 3])
def test_a_resumed_training_shows_each_epoch_once(kept, tmp_path):
    first = log_epochs(TensorboardLogger(tmp_path / "tensorboard"), [1, 2, 3])
    resumed = TensorboardLogger(tmp_path / "tensorboard")
    go_on_after(resumed, kept)  # the third may have had no checkpoint
    log_epochs(resumed, range(kept + 1, 5), loss=2.0)
    for log in (first, resumed):
        log.writer.close()
    losses = dict(read_curves(tmp_path)["loss/train"])
    assert list(losses) == [1, 2, 3, 4]
    assert len(read_curves(tmp_path)["lr"]) == 4
    for epoch, loss in losses.items():
        assert loss == pytest.approx((1 if epoch <= kept else 2) / epoch, abs=1e-4)


def test_the_projector_knows_whose_voice_each_point_is(tmp_path):
    log = TensorboardLogger(tmp_path / "tensorboard")
    log_embeddings(log, "voices", made_up_embeddings(6))
    points, spk_ids = read_projector(tmp_path)
    assert points[:, 0].tolist() == [0, 1, 2, 3, 4, 5]
    assert spk_ids == [f"speaker {n}" for n in (0, 0, 1, 1, 2, 2)]
    log.writer.close()


def test_the_projector_has_a_bounded_number_of_points_of_all_speakers(tmp_path):
    log = TensorboardLogger(tmp_path / "tensorboard")
    log_embeddings(log, "voices", made_up_embeddings(MOST_POINTS + 100, 50))
    points, spk_ids = read_projector(tmp_path)
    assert len(points) == len(spk_ids) == MOST_POINTS
    assert points[[0, -1], 0].tolist() == [0, MOST_POINTS + 99]
    assert len(set(spk_ids)) == 50
    log.writer.close()


def test_a_second_export_replaces_the_points_of_the_first(tmp_path, capsys):
    for n in (6, 4):
        log = TensorboardLogger(tmp_path / "tensorboard")
        log_embeddings(log, "voices", made_up_embeddings(n))
        log.writer.close()
    assert len(read_projector(tmp_path)[0]) == 4
    assert "warning" not in capsys.readouterr().out


def test_a_name_with_tabs_and_line_breaks_stays_in_its_line(tmp_path):
    log = TensorboardLogger(tmp_path / "tensorboard")
    log_embeddings(log, "voices", made_up_embeddings(3, 1, "a\tb\nc{}"))
    assert read_projector(tmp_path)[1] == ["a b c0"] * 3
    log.writer.close()
