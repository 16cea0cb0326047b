"""What SpeechBrain tells of its ordinary steps, kept off the screen and the log.

Two dozen lines at every start are where a warning goes unread. What goes wrong is still
told.
"""

import logging

LEAST = {  # levels that are told; filters, for SpeechBrain sets the loggers' own
    "speechbrain.core": logging.WARNING,
    "speechbrain.dataio.encoder": logging.ERROR,  # it warns of its own load_or_create
    "speechbrain.utils.checkpoints": logging.WARNING,
    "speechbrain.utils.epoch_loop": logging.WARNING,
    "speechbrain.utils.fetching": logging.WARNING,
    "speechbrain.utils.parameter_transfer": logging.WARNING,
    "speechbrain.utils.quirks": logging.WARNING,
    "speechbrain.utils.train_logger": logging.INFO,
}


def quiet_speechbrain():
    """Let SpeechBrain tell of figures, and of what is out of order."""
    for name in LEAST:
        logging.getLogger(name).addFilter(is_news)


def is_news(record):
    """Tell whether a record is worth a line: not that pictures need torchvision.

    Parameters
    ----------
    record : logging.LogRecord
        Of one of the loggers above.

    Examples
    --------
    >>> told = {"name": "speechbrain.core", "levelno": logging.ERROR, "msg": "failed"}
    >>> is_news(logging.makeLogRecord(told))
    True
    """
    told = record.levelno >= LEAST.get(record.name, logging.NOTSET)
    return told and "torchvision" not in record.getMessage()
