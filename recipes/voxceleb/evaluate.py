r"""Verify the speakers of utterances: a model folder and trial lists -> figures.

    python -m recipes.voxceleb.evaluate recipes/voxceleb/hparams/evaluate.yaml \
        --model results/voxceleb_resnet/1986 --voxceleb_folder data/voxceleb1/wav \
        --dev_trials data/voxceleb/dev_trials.csv --test_trials data/voxceleb/O.csv \
        --output_folder results/voxceleb_resnet/1986/O

Utterances are heard by several crops, trials scored by every system. Thresholds are
chosen on the development trials and used once on those of the test: where the output
folder has test figures of a model and list, they stand. Into it go ``evaluation.json``,
``scores.npz``, DET curves, of every system a histogram and its errors by threshold, and
the training curve of the model.
The lists come from `data_prep.voxceleb_trials` and `data_prep.voxceleb_subset`; without
test trials only those of development are measured.
"""

import json
from pathlib import Path

import numpy as np
import speechbrain as sb
from speechbrain.utils.distributed import run_on_main

from data_prep.voxceleb import data_label
from local.evaluation.decisions import choose_thresholds
from local.evaluation.error_rates import det_curve
from local.experiment import load_experiment, run
from local.files import replacing
from local.scoring.embeddings import content_digest, load_embeddings, model_digest
from local.scoring.model_folder import find_model, read_facts, read_sample_rate
from recipes.voxceleb.crop_embeddings import Crops, embed_crops
from recipes.voxceleb.evaluation_tables import (
    FILE,
    evaluation_tables,
    read_evaluation,
)
from recipes.voxceleb.trial_figures import draw, measure, write_scores
from recipes.voxceleb.trial_lists import (
    TrialList,
    read_trial_list,
    refuse_shared_speakers,
)
from recipes.voxceleb.trial_systems import trial_systems

LEAST_SECONDS = 0.1  # a few windows
NEEDED = ("dev_trials", "test_trials", "n_crops", "scenarios")


def read_lists(hparams):
    """Return the trials of ``dev``, those of ``test`` if any, and their folders."""
    wanted = {"dev": (hparams["dev_trials"], hparams["dev_folder"])}
    if hparams["test_trials"]:
        wanted["test"] = hparams["test_trials"], hparams["voxceleb_folder"]
    lists = {part: read_trial_list(*given) for part, given in wanted.items()}
    return lists, {part: folder for part, (_, folder) in wanted.items()}


def try_settings(hparams):
    """Measure two made-up trials: what is set wrong fails now, not after the listening.

    Raises
    ------
    ValueError
        If a setting of crops, scenarios, figures or their intervals is out of range.
    """
    n_crops, crop_seconds = hparams["n_crops"], hparams["crop_seconds"]
    if n_crops < 1 or not crop_seconds >= LEAST_SECONDS:
        raise ValueError(
            f"n_crops is {n_crops} and crop_seconds {crop_seconds}, expected 1 or more"
            f" and {LEAST_SECONDS} or more"
        )
    pairs, is_target = np.array([[0, 0], [1, 2]]), np.array([True, False])
    trials = TrialList(np.array(["a/1", "a/2", "b/1"]), pairs, is_target)
    scores, scenarios = np.array([1.0, 0.0]), hparams["scenarios"]
    thresholds = choose_thresholds(det_curve(*trials.split(scores)), scenarios)
    few = hparams | {"n_bootstrap": min(hparams["n_bootstrap"], 2)}
    measure(few, {"test": trials}, {"test": {"any": scores}}, {"any": thresholds})


def marks_of(model_folder, lists):
    """Return digests of what the test figures are of: the model and the test trials."""
    marks = {"model": model_digest(model_folder), "test": None}
    if "test" in lists:
        pairs = lists["test"].names[lists["test"].pairs].T.tolist()
        marks["test"] = content_digest([], sorted(pairs))
    return marks


def was_heard(path, marks):
    """Tell whether the figures of this test are there.

    Raises
    ------
    ValueError
        If there are those of another test, or of another model.
    """
    if not path.is_file():
        return False
    found = read_evaluation(path)["digests"]
    if "test" not in found:
        return False
    if found != marks:
        raise ValueError(
            f"{path} holds the figures of another model or test; give another"
            " --output_folder"
        )
    return True


def score_lists(hparams, run_opts, model_folder, lists, folders, systems):
    """Embed the utterances of every list and score its trials by every system."""
    crops = Crops(hparams["n_crops"], hparams["crop_seconds"])
    cache = Path(hparams["output_folder"])
    scores = {}
    for part, trials in lists.items():
        heard = embed_crops(
            model_folder,
            trials.names,
            folders[part],
            crops,
            cache,
            run_opts["device"],
            run_opts["precision"],
        )
        scores[part] = {name: s(heard, trials.pairs) for name, s in systems.items()}
    return scores


def describe(hparams, model_folder, folders, marks):
    """Return what ``evaluation.json`` tells beside the figures."""
    model = read_facts(model_folder)
    heard = {key: hparams[key] for key in ("n_crops", "crop_seconds", "top_n")}
    drawn = {name: hparams[name] for name in ("n_bootstrap", "confidence", "seed")}
    return {
        "data": {part: data_label(folder) for part, folder in folders.items()},
        "list": Path(hparams["output_folder"]).name,
        "experiment": model["experiment"],
        "seed": model["seed"],
        "model": model | {"sample_rate": read_sample_rate(model_folder)},
        "digests": marks,
        "settings": heard | drawn,
        "scenarios": hparams["scenarios"],
    }


def evaluate(hparams, run_opts, yaml, overrides):
    """Score both lists, choose thresholds on one, measure, draw and write."""
    folder, model_folder = Path(hparams["output_folder"]), find_model(hparams["model"])
    try_settings(hparams)
    lists, folders = read_lists(hparams)
    marks = marks_of(model_folder, lists)
    if was_heard(folder / FILE, marks):
        print(f"This model has heard this test: the figures are in {folder / FILE}")
        return
    cohort = load_embeddings(model_folder / "cohort.npz")
    by_list = {f"{part} trials": trials.spk_ids for part, trials in lists.items()}
    refuse_shared_speakers({"model's training": cohort.spk_ids, **by_list})
    plda, top_n = hparams["train_plda"], hparams["top_n"]
    systems = trial_systems(hparams["systems"], cohort, top_n, plda)
    told = describe(hparams, model_folder, folders, marks)
    sb.create_experiment_directory(folder, yaml, overrides)
    scores = score_lists(hparams, run_opts, model_folder, lists, folders, systems)
    thresholds = {
        name: choose_thresholds(det_curve(*lists["dev"].split(s)), hparams["scenarios"])
        for name, s in scores["dev"].items()
    }
    found = told | measure(hparams, lists, scores, thresholds)
    last = list(lists)[-1]
    write_scores(folder / "scores.npz", lists, scores)
    draw(folder, lists[last], scores[last], thresholds, model_folder)
    with replacing(folder / FILE) as temporary:
        temporary.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print("\n".join(evaluation_tables([folder])))


def main(arguments):
    """Evaluate a model on a pair of trial lists."""
    hparams, run_opts, overrides = load_experiment(arguments, NEEDED)
    run_on_main(evaluate, [hparams, run_opts, arguments[0], overrides])


if __name__ == "__main__":
    run(main)
