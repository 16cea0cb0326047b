"""The code that makes an answer anew, as files of a zip: no data and no weights.

In it are the scripts of the main job with all they import of the project, the YAMLs of
the run, its places replaced by places in the zip, and `make_answer`, which runs them
one after the other.
"""

import json
import logging
import re
from importlib.metadata import version
from io import StringIO

import numpy as np
from ruamel.yaml import YAML

from local.output.hand_in.relocation import relocate
from local.output.hand_in.source_files import ROOT, needed_files

logger = logging.getLogger(__name__)

TRAIN = "train_speaker_embeddings.py"
COMBINE, VERIFY = "combine_models.py", "verify.py"
MAKE_ANSWER = "local/output/hand_in/make_answer.py"
README = """\
{title}
Hand-in of group {group}

report.pdf        the report: one page, then references and appendix
answer.txt        the distances between the test clips, as they were submitted
make_answer.py    makes answer.txt anew, and compares
hparams/          the experiments as they ran
local/, data_prep/ and the other .py    the code

With Python 3.10 to 3.12, in this folder:

    pip install -r requirements.txt
    python make_answer.py raw_data.pkl test_data.pkl

or one after the other, which is what make_answer.py does:

{commands}

On the same kind of processor, answer.txt comes out with the same bytes.
"""


def regeneration_files(run, title, group):
    """Return the files that make the answer of a run anew.

    Parameters
    ----------
    run : local.output.hand_in.finished_run.FinishedRun
        The run.
    title, group : str, int
        Of the report.

    Returns
    -------
    files : dict of str to bytes
        Name in the zip -> content.

    Raises
    ------
    ValueError
        If the run did not start from a pickle, or needs a place of this machine.
    """
    warn_of_other_code(run)
    yamls, steps, model = {}, [], model_place(run.facts)
    # All first: relocation changes the settings they are compared by.
    moved = [training_places(run.trainings, n) for n in range(len(run.trainings))]
    for training, places in zip(run.trainings, moved, strict=True):
        name = f"hparams/{training.facts['experiment']}_{training.facts['seed']}.yaml"
        yamls[name] = relocate(training.settings, places)
        steps.append(training_step(name, training.facts))
    if "members" in run.facts:
        name = "hparams/combine.yaml"
        yamls[name] = combination_yaml(run, model)
        steps.append({"words": [COMBINE, name], "threads": None})
    folder = f"{model}/test"
    places = {"test_data": "test_data.pkl", "test_labels": None, "model": model}
    places |= {"output_folder": folder, "prepared_folder": f"{folder}/prepared"}
    name = "hparams/verify.yaml"
    yamls[name] = relocate(run.settings, places)
    words = [VERIFY, name, "--test_data={test_data}"]
    threads = run.trainings[0].facts.get("n_threads")
    steps.append({"words": words + device_words(run.facts), "threads": threads})
    plan = {"steps": steps, "answer": f"{folder}/answer.txt"}
    commands = "\n".join(f"    python {' '.join(step['words'])}" for step in steps)
    commands = commands.format(data_pickle="raw_data.pkl", test_data="test_data.pkl")
    texts = {
        **yamls,
        "steps.json": json.dumps(plan, indent=2) + "\n",
        "requirements.txt": pin((ROOT / "requirements.txt").read_text("utf-8")),
        "README.txt": README.format(title=title, group=group, commands=commands),
    }
    files = {name: text.encode() for name, text in texts.items()}
    scripts = dict.fromkeys(step["words"][0] for step in steps)
    for path in needed_files(scripts, yamls.values()):
        files[path.as_posix()] = (ROOT / path).read_bytes()
    files["make_answer.py"] = (ROOT / MAKE_ANSWER).read_bytes()
    return files | {"LICENSE": (ROOT / "LICENSE").read_bytes()}


def warn_of_other_code(run):
    """Warn if the scripts that SpeechBrain kept with a run are not those of today."""
    kept = [training.folder / TRAIN for training in run.trainings]
    for path in [*kept, run.folder / VERIFY]:
        if path.is_file() and path.read_bytes() != (ROOT / path.name).read_bytes():
            logger.warning(
                "%s: the run had another %s than is here now; see by make_answer.py"
                " whether the answer is the same",
                path.parent,
                path.name,
            )


def model_place(facts):
    """Return where a model goes in the folder of the hand-in."""
    return f"results/{facts['experiment']}/{facts['seed']}"


def training_places(trainings, n):
    """Return the places of one of some trainings in the folder of the hand-in.

    Parameters
    ----------
    trainings : list of local.output.hand_in.finished_run.Training
        All.
    n : int
        Which one.

    Returns
    -------
    places : dict of str to str
        Key of its YAML -> path.

    Raises
    ------
    ValueError
        If it was trained on something other than a pickle, or on another than the rest.
    """
    facts, settings = trainings[n].facts, trainings[n].settings
    pickles = {str(training.settings.get("data_pickle")) for training in trainings}
    if settings.get("data_pickle") is None or len(pickles) > 1:
        raise ValueError(
            f"{trainings[n].folder}: expected a training on the one pickle of the task,"
            f" data_pickle, got {', '.join(sorted(pickles))}"
        )
    folders = [training.settings.get("prepared_folder") for training in trainings]
    number = folders.index(settings.get("prepared_folder"))
    return {
        "data_pickle": "raw_data.pkl",
        "prepared_folder": f"data/prepared_{number}" if number else "data/prepared",
        "output_folder": model_place(facts),
    }


def training_step(yaml, facts):
    """Return the step that trains as it was done before."""
    words = [TRAIN, yaml, "--data_pickle={data_pickle}", *device_words(facts)]
    if "precision" in facts:
        words += ["--precision", facts["precision"]]
    return {"words": words, "threads": facts.get("n_threads")}


def device_words(facts):
    """Return the option that keeps to the CPU what ran there."""
    return ["--device", "cpu"] if facts["device"].endswith("cores") else []


def combination_yaml(run, model):
    """Return the YAML that combines the trainings of a run.

    Parameters
    ----------
    run : local.output.hand_in.finished_run.FinishedRun
        Of a combination.
    model : str
        Its place in the folder of the hand-in.

    Returns
    -------
    text : str
        ``hparams/combine.yaml`` with the places and weights of the run.
    """
    with np.load(run.model_folder / "cohort.npz", allow_pickle=False) as cohort:
        compact = cohort["matrix"].dtype == np.float16
    settings = YAML().load(ROOT / "hparams" / "combine.yaml")
    settings |= {
        "seed": run.facts["seed"],
        "folders": [model_place(training.facts) for training in run.trainings],
        "output_folder": model,
        "weights": [training.facts["weight"] for training in run.trainings],
        "compact": bool(compact),
    }
    stream = StringIO()
    YAML().dump(settings, stream)
    return stream.getvalue()


def pin(requirements):
    r"""Pin requirements to the versions installed here.

    Parameters
    ----------
    requirements : str
        Of pip, a package a line.

    Returns
    -------
    pinned : str
        The same, each package at one version.

    Examples
    --------
    >>> pin("# The job.\nnumpy\n") == f"# The job.\nnumpy=={np.__version__}\n"
    True
    """
    lines = []
    for line in requirements.splitlines():
        name = re.match(r"[\w.-]+", line)
        if name:  # what stands after a + is of one place of download alone
            line = f"{name[0]}=={version(name[0]).split('+')[0]}"
        lines.append(f"{line}\n")
    return "".join(lines)
