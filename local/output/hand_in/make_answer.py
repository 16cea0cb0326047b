"""Train and verify anew, and tell whether answer.txt comes out as it was handed in.

Lies in the root of a hand-in, beside ``steps.json``, which has the commands; each can
as well be typed by hand. A run that was stopped goes on when started again.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent


def main(arguments=None, folder=HERE):
    """Run all steps from the two pickles, then compare.

    Parameters
    ----------
    arguments : list of str, optional
        By default those the program was started with.
    folder : Path
        Of the hand-in, unpacked.
    """
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data_pickle", type=Path, help="[data, labels] to train on")
    parser.add_argument("test_data", type=Path, help="[data] that answer.txt is about")
    data = vars(parser.parse_args(arguments))
    try:
        handed_in, steps = check_unpacked(folder)
        data = {key: path.resolve(strict=True) for key, path in data.items()}
        plan = json.loads(steps.read_text(encoding="utf-8"))
        for step in plan["steps"]:
            run_step(step, data, folder)
        print(compare(handed_in, folder / plan["answer"]))
    except (ValueError, OSError) as error:
        parser.exit(1, f"error: {error}\n")
    except (KeyError, TypeError) as error:
        parser.exit(1, f"error: steps.json: {error!r}; unpack the zip again\n")
    except KeyboardInterrupt:
        parser.exit(1, "interrupted; the same command goes on\n")


def check_unpacked(folder):
    """Return the paths of the answer and of the steps.

    Parameters
    ----------
    folder : Path
        Of the hand-in, unpacked.

    Returns
    -------
    paths : list of Path
        ``answer.txt`` and ``steps.json``.

    Raises
    ------
    FileNotFoundError
        If one is missing: told before hours of training.
    """
    paths = [folder / name for name in ("answer.txt", "steps.json")]
    for path in paths:
        if not path.is_file():
            raise FileNotFoundError(f"{path}: missing; unpack the zip again")
    return paths


def run_step(step, data, folder):
    """Run one command on as many threads as it ran on before.

    Parameters
    ----------
    step : dict
        ``words`` of the command, ``{data_pickle}`` and ``{test_data}`` in them to be
        replaced; ``threads``, or null.
    data : dict of str to Path
        The pickles.
    folder : Path
        Where it runs.

    Raises
    ------
    ValueError
        If it fails; it has then said why.
    """
    words = [word.format(**data) for word in step["words"]]
    threads = {"OMP_NUM_THREADS": str(step["threads"])} if step["threads"] else {}
    print("$ python", *words, flush=True)
    command = [sys.executable, *words]
    done = subprocess.run(command, cwd=folder, env=os.environ | threads)
    if done.returncode:
        raise ValueError(f"{words[0]} {words[1]} failed, see above")


def compare(handed_in, made):
    """Tell that two files of distances are equal.

    Parameters
    ----------
    handed_in, made : Path
        ``answer.txt`` as it was, and as it came out now.

    Returns
    -------
    sentence : str
        That they are.

    Raises
    ------
    ValueError
        If they are not: tells by how much.
    """
    if handed_in.read_bytes() == made.read_bytes():
        return "answer.txt: made anew, the very bytes that were handed in"
    before, now = (np.loadtxt(path, delimiter=";") for path in (handed_in, made))
    if before.shape != now.shape:
        raise ValueError(
            f"{made}: {len(now)} clips, but {len(before)} were handed in; other data?"
        )
    most = np.abs(before - now).max()
    raise ValueError(
        f"{made} differs from what was handed in, by {most:.2g} at most; for the same"
        " bytes take the same pickles, packages (requirements.txt) and processor"
    )


if __name__ == "__main__":
    main()
