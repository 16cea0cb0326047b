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

from benchmarks.page import PLOT, format_page, machine
from local.files import replacing
from local.output.scaling import plot_scaling

logger = logging.getLogger(__name__)

NAMES = (
    "scoring",
    "search",
    "submission",
    "metrics",
    "training",
    "loading",
    "extraction",
    "onnx_runtime",
)


def main(arguments=None):
    """Run the benchmarks chosen and write what all of them found."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--results_folder", type=Path, default=Path("results"))
    parser.add_argument("--only", nargs="+", choices=NAMES, default=NAMES)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args(arguments)
    found = read_figures(options.results_folder / "benchmarks.json")
    for name in options.only:
        logger.info("benchmark: %s", name)
        result = import_module(f"benchmarks.{name}").run(options.quick)._asdict()
        result["ratios"] = {
            ratio: {**r._asdict(), "met": r.met}
            for ratio, r in result["ratios"].items()
        }
        found[name] = {"machine": machine(), **result}
        if result["curves"]:
            path = options.results_folder / PLOT.format(name)
            plot_scaling(result["curves"], path, "Segments")
        write_figures({n: found[n] for n in NAMES if n in found}, options)
    print(format_page(read_figures(options.results_folder / "benchmarks.json")))


def read_figures(path):
    """Return what earlier runs found, by name."""
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def write_figures(figures, options):
    """Write figures and their page."""
    page = format_page(figures)
    for name, text in (("json", json.dumps(figures, indent=2)), ("md", page)):
        with replacing(options.results_folder / f"benchmarks.{name}") as temporary:
            temporary.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
