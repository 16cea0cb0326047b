r"""Train and test a list of runs: what was done is skipped, what failed is named.

    python -m recipes.suite recipes/baselines/suite.yaml \
        --data_pickle raw_data.pkl --test_folder test_sets

A run is trained, then verified on every ``<test_folder>/<test_set>`` that holds
``test_data.pkl`` and ``labels.npy``. What has its figures,
``<results_folder>/<run>/<seed>/<test_set>/metrics.json``, is skipped, so the same
command goes on after an interruption. What the steps say goes to ``suite_log.txt``
beside the figures. ``--only`` and names: those runs alone.

A suite is a YAML of ``data_pickle``, ``test_folder``, ``results_folder``, each unless
given on the command line, and of ``runs``, a mapping of names to

- ``yaml``: the experiment;
- ``overrides`` (optional): keys of the experiment to change;
- ``seeds`` (optional): a list, by default [1986];
- ``leave_out`` (optional): a corpus to train without; the table ``speakers.csv`` of
  `data_prep.leave_out` is expected beside the data pickle;
- ``members`` (optional): earlier runs of the suite, of which ``hparams/combine.yaml``
  makes one model;
- ``test_sets`` (optional): names of those to verify it on, by default all;
- ``script`` (optional): a module that trains and tests in one, instead of the scripts
  at the root.
"""

import argparse
import signal
import subprocess
import sys
import time
from pathlib import Path

from recipes.suite.plan import SETTINGS, find_test_sets, plan, read_suite


def call(words, log):
    """Run a command, its output appended to a log; return its last line if it fails."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "a", encoding="utf-8") as stream:
        done = subprocess.run(words, stdout=stream, stderr=subprocess.STDOUT)
    if done.returncode == 0:
        return None
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    last = next((line.strip() for line in lines[::-1] if line.strip()), "no output")
    return f"exit status {done.returncode}: {last} (see {log})"


def make_run(steps, log):
    """Do the steps of a run; return the one that failed and why, or None."""
    for title, words in steps.items():
        start = time.monotonic()
        error = call(words, log)
        seconds = time.monotonic() - start
        print(f"    {title}: {error or 'done'}, {seconds:.0f} s", flush=True)
        if error:
            return f"{title}: {error}"
    return None


def run_suite(suite, only, given):
    """Make the runs of a suite; return a line for each that failed.

    Raises
    ------
    ValueError
        If a setting is missing, or ``only`` names other runs.
    """
    settings, runs = read_suite(suite)
    settings |= given
    names = {run.name for run in runs}
    lacking = (set(SETTINGS) - settings.keys()) | (set(only or ()) - names)
    if lacking:
        raise ValueError(f"{suite}: no {sorted(lacking)}; its runs: {sorted(names)}")
    runs = [run for run in runs if run.name in (only or names)]
    test_sets, failures = find_test_sets(settings["test_folder"]), []
    for number, run in enumerate(runs, start=1):
        name = f"{run.name}, seed {run.seed}"
        steps = plan(run, settings, test_sets)
        print(f"[{number}/{len(runs)}] {name}: {len(steps)} steps to do", flush=True)
        log = Path(settings["results_folder"], run.name, str(run.seed), "suite_log.txt")
        error = make_run(steps, log)
        failures += [f"  {name}: {error}\n"] if error else []
    return failures


def main():
    """Run a suite from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("suite")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these runs alone")
    for name in SETTINGS:
        parser.add_argument(
            f"--{name}", help="instead of the suite's", default=argparse.SUPPRESS
        )
    # A runner that is told to end takes the step it waits for with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended; start again to go on"))
    given = vars(parser.parse_args())
    try:
        failures = run_suite(given.pop("suite"), given.pop("only"), given)
    except (ValueError, OSError) as error:
        parser.exit(1, f"error: {error}\n")
    except KeyboardInterrupt:
        parser.exit(130, "interrupted; start again to go on\n")
    if failures:
        parser.exit(1, f"failed:\n{''.join(failures)}")


if __name__ == "__main__":
    main()
