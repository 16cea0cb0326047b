"""Time what should be fast; write `results/benchmarks.json` and its page beside it.

    python -m benchmarks [--only scoring training]

With ``--only`` the figures of the others stay as they are. With ``--quick`` sizes are
tiny, to see that everything works, and times mean nothing.
"""

import argparse
import json
import logging
from importlib import import_module
from pathlib import Path

from benchmarks.page import format_page, machine
from local.files import replacing

logger = logging.getLogger(__name__)

NAMES = (
    "scoring",
    "submission",
    "metrics",
    "training",
    "extraction",
)
