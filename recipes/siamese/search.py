r"""Search the settings of an experiment for the best one-shot accuracy in validation.

    python -m recipes.siamese.search recipes/siamese/hparams/search.yaml \
        --librispeech_folder LibriSpeech

Every trial is a short training in a folder of its own, with settings that Optuna draws
from the ``space`` of the YAML; the test speakers are not looked at. A search that was
killed goes on with the trial that was running, and one that ended goes on if
``n_trials`` is raised. It writes ``search.json``: all trials, the best first.
"""

import json
import logging
import time
from pathlib import Path

from local.experiment import FREE_TO_CHANGE, load_experiment, run
from local.files import replacing
from local.optional import import_optional
from local.output.plots import read_training_log

logger = logging.getLogger(__name__)


def open_study(folder, seed):
    """Open the study that is kept in a folder, or begin it.

    The draws are seeded anew at every start, by the seed and the trials there are.
    """
    optuna = import_optional("optuna", "siamese")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    Path(folder).mkdir(parents=True, exist_ok=True)
    study = optuna.create_study(
        storage=f"sqlite:///{folder}/study.db",
        study_name="search",
        direction="maximize",
        load_if_exists=True,
    )
    study.sampler = optuna.samplers.TPESampler(seed=seed + len(study.trials))
    return study


def next_trial(study, space):
    """Return number and settings of the trial that was interrupted, or of a new one."""
    for trial in study.trials:
        if not trial.state.is_finished():
            return trial.number, trial.params
    trial = study.ask(space)
    return trial.number, trial.params


def run_trial(hparams, number, params):
    """Train with some settings; return the best validation accuracy."""
    folder = Path(hparams["output_folder"]) / f"trial_{number:03d}"
    settings = {"output_folder": str(folder), **hparams["common"], **params}
    arguments = [hparams["experiment"]]
    for key, value in settings.items():  # a text is taken as the YAML it is
        arguments += [
            f"--{key}",
            value if isinstance(value, str) else json.dumps(value),
        ]
    logger.info("trial %d: %s", number, params)
    hparams["train"](arguments)
    epochs = read_training_log(folder / "train_log.txt")
    return max(epoch["valid accuracy"] for epoch in epochs)


def write_trials(study, hparams):
    """Write the finished trials, the best first."""
    trials = [
        {"number": trial.number, "accuracy": trial.value, **trial.params}
        for trial in study.trials
        if trial.value is not None
    ]
    trials.sort(key=lambda trial: (-trial["accuracy"], trial["number"]))
    facts = {key: hparams[key] for key in ("experiment", "seed")}
    common = hparams["common"].items()
    facts["common"] = {key: v for key, v in common if key not in FREE_TO_CHANGE}
    with replacing(Path(hparams["output_folder"]) / "search.json") as temporary:
        text = json.dumps({**facts, "trials": trials}, indent=1)
        temporary.write_text(text + "\n", encoding="utf-8")
    return trials[0]


def main(arguments):
    """Run trials until there are enough, or time is up.

    Raises
    ------
    ValueError
        If there was time for none.
    """
    import_optional("optuna", "siamese")  # the YAML names parts of it
    hparams, _, _ = load_experiment(arguments, ["space"])
    study = open_study(hparams["output_folder"], hparams["seed"])
    end = time.monotonic() + 60 * hparams["minutes"]
    while time.monotonic() < end:
        n_finished = sum(trial.state.is_finished() for trial in study.trials)
        if n_finished >= hparams["n_trials"]:
            break
        number, params = next_trial(study, hparams["space"])
        study.tell(number, run_trial(hparams, number, params))
        write_trials(study, hparams)
    if not any(trial.state.is_finished() for trial in study.trials):
        raise ValueError("no trial was run; raise n_trials or minutes")
    best = write_trials(study, hparams)
    logger.info("best of %d trials: %s", len(study.trials), best)


if __name__ == "__main__":
    run(main)
