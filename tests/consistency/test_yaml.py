"""Every YAML fits the code it names and the script that runs it.

``tests/recipes.csv`` is the registry, a row an experiment, in an order in which they
can run: its script and YAML; ``smoke_flags`` that make it small, where ``{task}`` is
the folder of the fixture ``task_folder``, ``{librispeech}`` and ``{voxceleb}`` those of
the fixtures of these names, and ``{out}`` one folder all rows share; and ``checks``,
the files then found in ``{out}``.
"""

import ast
import csv
import inspect
import pydoc
import re
import shlex
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, SequenceNode
from source_tree import ROOT, imported_names, list_files, module_file, parse, read
from speechbrain.utils.run_opts import RunOptions

from local.overrides import parse_overrides

YAMLS = [p for p in list_files() if p.suffix == ".yaml" and "hparams" in p.parts]
# Parts are included by experiments and cannot be run by themselves.
EXPERIMENTS = [path for path in YAMLS if "parts" not in path.parts]
RUN_OPTIONS = set(RunOptions().keys())
with open(ROOT / "tests/recipes.csv", encoding="utf-8", newline="") as stream:
    REGISTRY = list(csv.DictReader(stream))
each_yaml = pytest.mark.parametrize("path", YAMLS, ids=str)
each_row = pytest.mark.parametrize("row", REGISTRY, ids=lambda row: row["yaml"])


def compose(text):
    """Return the nodes of a YAML, tags as they are written."""
    return YAML().compose(text)


def top_level(root):
    """Return the keys of a YAML."""
    return {key.value for key, _ in root.value}


def walk(node):
    """Yield a node and all nodes in it."""
    yield node
    if isinstance(node, MappingNode):
        for _, value in node.value:
            yield from walk(value)
    elif isinstance(node, SequenceNode):
        for item in node.value:
            yield from walk(item)


def references(root):
    """Return the top-level keys that the !ref and !copy of a YAML name."""
    texts = (node.value for node in walk(root) if node.tag in ("!ref", "!copy"))
    return {name for text in texts for name in re.findall(r"<(\w+)", text)}


def bound_arguments(node):
    """Return signature and given arguments of a !new:, !name:, !apply(ref): node.

    Raises ValueError if there is no such target and TypeError if the arguments do not
    fit. A !name: may leave some to its caller.
    """
    kind, _, target = node.tag.partition(":")
    found = pydoc.locate(target)
    if found is None:
        raise ValueError("no such target")
    args = node.value if isinstance(node, SequenceNode) else []
    pairs = node.value if isinstance(node, MappingNode) else []
    kwargs = {key.value: value for key, value in pairs}
    signature = inspect.signature(found)
    bind = signature.bind_partial if kind == "!name" else signature.bind
    return signature, bind(*args, **kwargs).arguments


def target_problems(root):
    """Yield what is wrong with the targets of a YAML."""
    for node in walk(root):
        if not node.tag.startswith(("!new:", "!name:", "!apply:", "!applyref:")):
            continue
        place = f"line {node.start_mark.line + 1}: {node.tag}"
        try:
            signature, given = bound_arguments(node)
        except (ValueError, TypeError) as error:
            yield f"{place}: {error}"
            continue
        for name in filter(is_rate, signature.parameters):
            value = given.get(name)
            rate = value and value.tag == "!ref" and value.value
            if rate not in ("<sample_rate>", f"<{name}>"):
                yield f"{place}: give {name}: !ref <sample_rate>"


def is_rate(name):
    """Tell whether a parameter is a sample rate."""
    return name in ("sample_rate", "orig_freq") or name.endswith("_sample_rate")


def keys_used(script):
    """Return the hparams that a script and the modules of ours it imports read."""
    used, waiting, seen = set(), [script], set()
    while waiting:
        path = waiting.pop()
        if path not in seen:
            seen.add(path)
            used |= keys_read(parse(path))
            files = map(module_file, imported_names(path))
            waiting += [file for file in files if file]
    return used


def keys_read(tree):
    """Return the x of every ``hparams["x"]`` and ``self.hparams.x``.

    In ``hparams[key]`` the key must run through constants:
    ``for key in ("seed", "ks")``.
    """
    nodes = list(ast.walk(tree))
    loops = {
        node.target.id: node.iter
        for node in nodes
        if isinstance(node, ast.For | ast.comprehension)
        and isinstance(node.target, ast.Name)
    }
    used = set()
    for node in nodes:
        if not isinstance(node, ast.Subscript | ast.Attribute):
            continue
        owner = node.value
        if isinstance(node, ast.Attribute):
            if getattr(owner, "attr", None) == "hparams":
                used.add(node.attr)
        elif "hparams" in (getattr(owner, "attr", None), getattr(owner, "id", None)):
            key = node.slice
            keys = ast.literal_eval(loops.get(getattr(key, "id", None), key))
            used |= {keys} if isinstance(keys, str) else set(keys)
    return used


@each_yaml
def test_targets_exist_and_take_their_arguments_and_the_sample_rate(path):
    problems = list(target_problems(compose(read(path))))
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("x: !new:local.models.losses.Contrastve", "no such target"),
        ("x: !new:local.models.losses.ScheduledAAM\n    {scale: 30, to: 1}", "to"),
        ("x: !new:local.models.losses.ScheduledAAM", "scale"),
        (
            "x: !new:speechbrain.lobes.features.Fbank\n    n_mels: 64",
            "give sample_rate",
        ),
        (
            "x: !name:torchaudio.functional.resample\n    orig_freq: 8000",
            "give orig_freq",
        ),
    ],
)
def test_a_wrong_target_is_found(text, problem):
    assert problem in "".join(target_problems(compose(text)))


@each_row
def test_keys_are_those_the_script_uses(row):
    root = compose(read(row["yaml"]))
    keys, used = top_level(root), keys_used(Path(row["script"]))
    assert not used - keys, "the script and its modules read keys that are missing"
    helped = {key for key in keys if key.startswith("__")} | RUN_OPTIONS
    assert not keys - used - references(root) - helped, "nobody reads these"


def test_keys_read_finds_all_ways_to_read_a_key():
    code = 'hparams["a"]; self.hparams.b; [hparams[k] for k in ("c", "d")]; x.y["z"]'
    assert keys_read(ast.parse(code)) == set("abcd")


def test_registry_lists_every_experiment_once():
    assert sorted(row["yaml"] for row in REGISTRY) == sorted(map(str, EXPERIMENTS))


@each_row
def test_registry_names_a_script_and_flags_that_exist(row):
    assert (ROOT / row["script"]).is_file()
    keys = top_level(compose(read(row["yaml"])))
    flags = parse_overrides(shlex.split(row["smoke_flags"]))
    assert not flags.keys() - keys - RUN_OPTIONS


def test_what_training_reads_late_is_missed_at_once():
    text = read(ROOT / "train_speaker_embeddings.py")
    [needed] = re.findall(r"(?ms)^NEEDED = \((.*?)^\)", text)
    at_once = set(re.findall(r'"(\w+)"', needed)) | set(
        re.findall(r'hparams\["(\w+)"\]', text)
    )
    assert set(re.findall(r"self\.hparams\.(\w+)", text)) <= at_once
