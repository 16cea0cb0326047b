"""What all scripts share: command line + YAML -> hparams or help, and plain errors."""

import ctypes
import logging
import os
import sys
from pathlib import Path

import speechbrain as sb
from hyperpyyaml import load_hyperpyyaml
from ruamel.yaml import YAML
from speechbrain.utils.run_opts import RunOptions

from local.distributed import (
    PROCESS_LOST,
    join_processes,
    leave_processes,
    lost_a_process,
)
from local.hardware import check_device
from local.help_page import asks_for_help, help_page, usual_yaml
from local.messages import plain_message
from local.overrides import (
    check_kinds,
    check_least,
    parse_overrides,
    refuse_unknown,
)
from local.quiet import quiet_speechbrain
from local.settings import read_values, yaml_errors

logger = logging.getLogger(__name__)

# Where things lie, how they are read, what is kept: a resumed training may change it
# (but not num_workers where each loader process draws from shards of its own).
FREE_TO_CHANGE = {
    *("data_pickle", "librispeech_folder", "data_root", "prepared_folder"),
    *("voxceleb_folder", "lists_folder", "whole_folder"),
    *("prepare_data", "output_folder", "save_folder"),
    *("max_memory_gb", "num_workers", "n_keep", "n_average"),
    *("train_logger", "tensorboard_logger", "checkpointer"),
}
# mallopt's numbers for its options, from glibc's malloc.h.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
LARGEST_HEAP_BLOCK = 2**30  # bytes


class Experiment(dict):
    """A constructed YAML, which tells what it lacks."""

    def __init__(self, path, hparams):
        super().__init__(hparams)
        self.path = path

    def __missing__(self, key):
        """Tell that a key is not there, perhaps as its line was deleted."""
        self.refuse_missing([key])

    def refuse_missing(self, keys):
        """Refuse to run without these keys, if there are any.

        Raises
        ------
        ValueError
            Names them.
        """
        if missing := ", ".join(keys):
            raise ValueError(
                f"{self.path}: no {missing} in it, which this script needs; put back"
                " what was deleted, or give a YAML that is made for the script"
            )


def load_experiment(arguments, needed=()):
    """Load a YAML with the changes given on the command line.

    Parameters
    ----------
    arguments : list of str
        ``<yaml> [--key value ...] [SpeechBrain's run options]``.
    needed : sequence of str
        Keys without which the YAML is one of another script.

    Returns
    -------
    hparams : dict
        The constructed YAML.
    run_opts : RunOptions
        Device, precision, debug mode and so on; under ``torchrun`` the device of this
        process, which has joined the others.
    overrides : dict
        The changes, for the copy of the YAML that is kept with the run.

    Raises
    ------
    FileNotFoundError
        If there is no such YAML.
    ValueError
        If a key is not in the YAML, a value is missing or of another kind, the YAML is
        wrong or another script's, or there is no such device.
    """
    param_file = _find_yaml(arguments)
    overrides = parse_overrides(_beside_run_options(arguments))
    with yaml_errors(param_file):
        values = read_values(param_file)
    refuse_unknown(overrides, values)
    check_kinds(overrides, values)
    check_least({**values, **overrides})
    _, run_opts, _ = sb.parse_arguments(arguments)
    check_device(run_opts["device"])
    run_opts = join_processes(run_opts)
    with yaml_errors(param_file), open(param_file, encoding="utf-8") as stream:
        hparams = load_hyperpyyaml(stream, overrides)
    hparams = Experiment(param_file, hparams)
    hparams.refuse_missing(key for key in needed if key not in hparams)
    return hparams, run_opts, overrides


def _find_yaml(arguments):
    """Return the YAML that a command line begins with."""
    if not arguments or arguments[0].startswith("-"):
        usual = usual_yaml(sys.modules["__main__"].__doc__)
        example = f", e.g. {usual}" if usual else ""
        raise ValueError(
            f"which experiment? Give a YAML first{example}; or --help, to see its keys"
        )
    if not Path(arguments[0]).is_file():
        raise FileNotFoundError(
            f"{arguments[0]}: no such YAML; relative paths begin at {Path.cwd()}"
        )
    return arguments[0]


def _beside_run_options(arguments):
    """Return what is left of a command line without SpeechBrain's run options.

    Its parser answers a wrong value with a page, and takes ``--test`` for
    ``--test_only``.
    """
    parser = RunOptions._create_parser()
    parser.allow_abbrev = False
    parser.error = _refuse
    return parser.parse_known_args(arguments)[1]


def _refuse(message):
    raise ValueError(message)


def refuse_to_overwrite(output_folder, save_folder, debug, param_file, overrides):
    """Refuse to mix a training in the output folder with another.

    Parameters
    ----------
    output_folder, save_folder : str or Path
        Of this start, and of its checkpoints.
    debug : bool
        Whether this is a debug run.
    param_file, overrides
        As of `refuse_other_settings`.

    Raises
    ------
    ValueError
        If this is a debug run, or one with other settings.
    """
    if not any(Path(save_folder).glob("CKPT*")):
        return
    if debug:
        raise ValueError(
            f"{output_folder} holds a training, which --debug would overwrite; give"
            " another --output_folder"
        )
    refuse_other_settings(output_folder, param_file, overrides)


def refuse_other_settings(output_folder, param_file, overrides, free=FREE_TO_CHANGE):
    """Refuse to go on with a training that was started with other settings.

    Its checkpoints would be used, under a copy of the YAML that they do not obey.

    Parameters
    ----------
    output_folder : str or Path
        Of the earlier start, with the ``hyperparams.yaml`` SpeechBrain saved there.
    param_file : str or Path
        The YAML of this start.
    overrides : dict
        The changes to it on the command line.
    free : set of str
        Keys that may differ.

    Raises
    ------
    ValueError
        If a key that changes the result differs; names all of them.
    """
    now = read_values(param_file, overrides)
    before = YAML().load(Path(output_folder) / "hyperparams.yaml") or {}
    free = free - ({"num_workers"} if now.get("shards") else set())
    differing = [
        key
        for key in sorted({*now, *before} - free)
        if plain_node(now.get(key)) != plain_node(before.get(key))
    ]
    if differing:
        raise ValueError(
            f"{output_folder} holds a training with other settings of"
            f" {', '.join(differing)}; give those it began with, or another"
            " --output_folder"
        )


def plain_node(node):
    """Return what a YAML node says, its tag included, in a form that compares.

    ruamel.yaml finds ``!new:`` without arguments unequal to itself, and mappings equal
    whatever their tags.

    Examples
    --------
    >>> plain_node(YAML().load("x: !new:a.B"))
    (None, {'x': ('!new:a.B', '')})
    """
    if isinstance(node, dict):
        content = {key: plain_node(value) for key, value in node.items()}
    elif isinstance(node, list):
        content = [plain_node(value) for value in node]
    else:
        content = getattr(node, "value", node)
    return getattr(getattr(node, "tag", None), "value", None), content


def keep_freed_memory():
    """Tell glibc to keep freed memory instead of returning it to the kernel.

    Training on a CPU frees and takes the same large tensors at every step; having the
    kernel map and clear them anew costs a fifth of the step. Elsewhere a no-op.
    """
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        return
    mallopt(M_MMAP_THRESHOLD, LARGEST_HEAP_BLOCK)
    mallopt(M_TRIM_THRESHOLD, LARGEST_HEAP_BLOCK)


def run(main):
    """Run a script's ``main(arguments)``; user errors end in one line, not a traceback.

    Parameters
    ----------
    main : callable
        Takes the command line as a list of str. With ``--help`` it is not called: the
        docstring of its module and the YAML's comments are printed.
    """
    quiet_speechbrain()
    keep_freed_memory()
    arguments = sys.argv[1:]
    try:
        if asks_for_help(arguments):
            _show(help_page(main.__globals__["__doc__"], arguments))
            return
        main(arguments)
        leave_processes()
    except (ValueError, OSError) as error:
        logger.debug("traceback", exc_info=True)
        sys.exit(f"error: {plain_message(error)}")
    except RuntimeError as error:
        if not lost_a_process(error):
            raise
        logger.debug("traceback", exc_info=True)
        sys.exit(f"error: {PROCESS_LOST}")
    except KeyboardInterrupt:
        sys.exit("interrupted; the same command goes on from the last checkpoint")


def _show(page):
    """Print a page, as far as it is read: behind ``| head`` not to its end."""
    try:
        print(page, flush=True)
    except BrokenPipeError:  # nor does Python's own flush at the end complain then
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
