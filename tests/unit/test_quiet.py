"""Tests of local.quiet."""

import logging

import pytest

from local.quiet import LEAST, quiet_speechbrain


@pytest.fixture(autouse=True)
def quiet(caplog):
    quiet_speechbrain()
    with caplog.at_level(logging.INFO):
        yield


@pytest.mark.parametrize("name", sorted(LEAST))
def test_what_is_wrong_is_told(name, caplog):
    logging.getLogger(name).error("gone wrong")
    assert caplog.messages == ["gone wrong"]


def test_ordinary_steps_are_not(caplog):
    logging.getLogger("speechbrain.utils.epoch_loop").info("Going into epoch 1")
    assert not caplog.messages


def test_the_figures_of_an_epoch_are_told(caplog):
    logger = logging.getLogger("speechbrain.utils.train_logger")
    logger.warning("torchvision is not available - cannot save figures")
    logger.info("epoch: 1")
    assert caplog.messages == ["epoch: 1"]
