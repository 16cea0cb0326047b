"""Time what should be fast; write `results/benchmarks.json` and its page beside it.

    python -m benchmarks

With ``--quick`` sizes are tiny, to see that everything works, and times mean nothing.
"""

import argparse
import json
from pathlib import Path

from benchmarks import scoring, training
from benchmarks.page import format_page, machine
from local.files import replacing

GROUPS = (scoring, training)


def main(arguments=None):
    """Run all benchmarks and write what they found."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--results_folder", type=Path, default=Path("results"))
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args(arguments)
    results = [group.run(options.quick)._asdict() for group in GROUPS]
    figures = {"machine": machine(), "benchmarks": results}
    page = format_page(figures)
    for name, text in (("json", json.dumps(figures, indent=2)), ("md", page)):
        with replacing(options.results_folder / f"benchmarks.{name}") as temporary:
            temporary.write_text(text, encoding="utf-8")
    print(page)


if __name__ == "__main__":
    main()
