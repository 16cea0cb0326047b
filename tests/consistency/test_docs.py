"""What READMEs, module docstrings of scripts and the Makefile tell to type exists.

A code span that ends like a source file, or like no file and has a slash, is a path of
the tree, from its root or from its README. Not checked are ``data/...`` and
``results/...``, which runs make, and what has a placeholder, ``<folder>``. Commands
stand in code: a fence, an indented block or a span.
"""

import ast
import importlib.util
import re
import shlex
from contextlib import redirect_stdout, suppress
from functools import cache
from io import StringIO
from itertools import takewhile
from pathlib import Path
from unittest.mock import patch

import pytest
from ruamel.yaml import YAML
from source_tree import ROOT, is_script, list_files, parse, python_files, read
from speechbrain.utils.run_opts import RunOptions

READMES = [path for path in list_files() if path.name == "README.md"]
SCRIPTS = [path for path in python_files() if is_script(path)]
PLACEHOLDER = re.compile(r"[<>*{}$]|\.\.\.")


def document(path):
    """Return the text that tells what to type: of a script, its docstring."""
    return ast.get_docstring(parse(path)) if path.suffix == ".py" else read(path)


def code(text):
    """Return the commands and the other code spans of a text."""
    fence = re.compile(r"^ *```.*\n((?:.*\n)*?) *```", re.MULTILINE)
    prose = fence.sub("", text)
    blocks = [*fence.findall(text), *re.findall(r"^(?:\t| {4})(.*)", prose, re.M)]
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    spans = [" ".join(span.split()) for span in re.findall(r"`+([^`]+)`+", prose)]
    return [part for piece in lines + spans for part in re.split("&&|[;|]", piece)]


def split_words(command):
    """Return the words of a command, without prompt and variables."""
    try:
        words = shlex.split(command, comments=True)
    except ValueError:  # an apostrophe: prose or another language
        return []
    while words and (words[0] in ("$", "@") or "=" in words[0]):
        del words[0]
    return words


def problems(text, folder=Path()):
    """Yield what a text tells to type or names, and does not exist."""
    for piece in code(text):
        words = split_words(piece)
        if words and re.fullmatch(r"(.*/)?python3?", words[0]):
            yield from (f"{piece}: {what}" for what in python_problems(words[1:]))
        elif words and words[0] == "make":
            targets = (word for word in words[1:] if "=" not in word)
            yield from (f"no target: make {t}" for t in targets if t not in TARGETS)
        elif len(words) == 1 and is_path(words[0]):
            if not any((ROOT / base / words[0]).exists() for base in ("", folder)):
                yield f"no such path: {words[0]}"


def is_path(word):
    """Tell whether a code span names something in the tree."""
    if PLACEHOLDER.search(word) or re.match(r"results/|data/|/|-|https?:", word):
        return False
    suffix = Path(word).suffix
    return suffix in (".py", ".yaml", ".md", ".toml") or "/" in word and not suffix


def python_problems(words):
    """Yield the files and options that a Python command line gives in vain.

    What comes after ``--`` is for another program.
    """
    words = list(takewhile(lambda word: word != "--", words))
    script = find_script(words)
    yamls = [word for word in words if word.endswith(".yaml") and is_path(word)]
    missing = [file for file in yamls if not (ROOT / file).exists()]
    if script and not (ROOT / script).exists():
        missing.append(script)
    yield from (f"no file {file}" for file in missing)
    given = {word.partition("=")[0] for word in words if word.startswith("--")}
    given -= {"--help"}
    if given and script and not missing:
        known = yaml_options(yamls[0]) if yamls else help_options(script)
        yield from (f"no option {option}" for option in sorted(given - known))


def find_script(words):
    """Return the file of the tree that Python is told to run, or None."""
    match words:
        case ["-m", name, *_] if not installed(name):
            stem = Path(*name.split("."))
            package = stem / "__main__.py"
            return package if (ROOT / package).is_file() else stem.with_suffix(".py")
        case [file, *_] if file.endswith(".py") and is_path(file):
            return Path(file)
    return None


def installed(name):
    """Tell whether a module is a package's, not ours."""
    spec = importlib.util.find_spec(name.split(".")[0])
    return spec is not None and "site-packages" in str(spec.origin)


def yaml_options(path):
    """Return the options of a script that runs a YAML."""
    return {f"--{key}" for key in [*YAML().load(read(path)), *RunOptions().keys()]}


@cache
def help_options(script):
    """Return the options that the help of a script tells."""
    module = importlib.import_module(".".join(script.with_suffix("").parts))
    with (
        patch("sys.argv", [str(script), "--help"]),
        redirect_stdout(StringIO()) as shown,
        suppress(SystemExit),
    ):
        module.main()
    return set(re.findall(r"--\w+", shown.getvalue()))


TARGETS = set(re.findall(r"^([\w-]+):", read("Makefile"), re.MULTILINE))


def test_what_is_told_to_type_exists():
    wrong = [
        f"{path}: {problem}"
        for path in [*READMES, *SCRIPTS, Path("Makefile")]
        for problem in problems(document(path), path.parent)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "text",
    [
        "See `local/scoring/cosines.py`.",
        "Type `make lint && make tset`.",
        "```bash\npython train.py hparams/ecapa.yaml\n```",
        "    python verify.py \\\n        hparams/verfy.yaml",
        "``python verify.py hparams/verify.yaml --modle x``",
        "1. Type\n   ```\n   python -m local.output.rapport\n   ```",
        "`python -m local.output.report --result_folder results`",
    ],
)
def test_what_does_not_exist_is_found(text):
    assert len(list(problems(text))) == 1


def test_what_exists_is_not_found_fault_with():
    text = (
        "`local/scoring`, `results/x/1`, `<out>/a.py`, `make test lint`, `answer.txt`,"
        " `N x N`, `$ python verify.py hparams/verify.yaml --device cuda --model x`,"
        " `python recipes/<name>/train.py`, `python -m pytest -k 'not slow'`"
    )
    assert not list(problems(text))
