r"""Measure a Siamese network, or any other embedding, by one-shot identification.

    python -m recipes.siamese.evaluate recipes/siamese/hparams/mfcc.yaml \
        --librispeech_folder LibriSpeech

takes the YAML and the options of the training, whose best checkpoint it measures; a
system without training (k-NN, the main job's embedding) is measured as it is. It writes
``one_shot.json`` and pictures into the output folder.
"""

import json
from pathlib import Path

import numpy as np
import torch
from speechbrain.utils.distributed import infer_device

from local.experiment import (
    FREE_TO_CHANGE,
    load_experiment,
    refuse_other_settings,
    run,
)
from local.files import replacing
from local.hardware import device_name
from local.output.plots import read_training_log
from recipes.siamese.model import as_tested, load_best, load_role, role_scores
from recipes.siamese.pictures import draw_pictures
from recipes.siamese.step_log import read_steps

# How a training is measured; all else tells what was trained, and on whom.
MEASURING = {"protocol", "fine_tune", "embed_batch_size", "corpus", "note"}


def compare_classes(hparams, modules, device):
    """Return accuracies on late speech: of readers unseen, seen, and fine-tuned on."""
    protocol = hparams["protocol"]
    late = load_role(hparams, "test_late")
    cases = {
        "unseen": (modules, late),
        "seen": (modules, load_role(hparams, "seen_late")),
    }
    if hparams["fine_tune"]:
        early = load_role(hparams, "test_early")
        cases["fine_tuned"] = hparams["fine_tune"](modules, early, device), late
    figures = {}
    for name, (model, fragments) in cases.items():
        _, scores = role_scores(hparams, model, fragments, device)
        figures[name] = protocol.curve(fragments, scores, protocol.class_ways)
    return figures


def speech_hours(fragments, seconds):
    """Return the hours that fragments of a length cover, what overlaps counted once."""
    covered = 0.0
    for utterance in set(fragments.utterances):
        starts = np.sort(fragments.starts[fragments.utterances == utterance])
        covered += seconds + np.minimum(np.diff(starts), seconds).sum()
    return round(covered / 3600, 3)


def training_facts(hparams):
    """Return what was trained on."""
    train = load_role(hparams, "train")
    return {
        "train_hours": speech_hours(train, hparams["fragment_seconds"]),
        "n_train_speakers": len(set(train.spk_ids)),
        "n_train_fragments": len(train.spk_ids),
    }


def data_facts(hparams, test):
    """Return what was trained and tested on."""
    utterances = {}
    for spk_id, utterance in zip(test.spk_ids, test.utterances, strict=True):
        utterances.setdefault(spk_id, set()).add(utterance)
    alone = [len(found) == 1 for found in utterances.values()]
    return {
        "corpus": hparams["corpus"],
        **(training_facts(hparams) if hparams["checkpointer"] else {}),
        "n_test_speakers": len(utterances),
        "n_test_fragments": len(test.spk_ids),
        "fragment_seconds": hparams["fragment_seconds"],
        "one_utterance_speakers": float(np.mean(alone)),
    }


def model_facts(hparams, modules, device):
    """Return size and training of a model."""
    output = Path(hparams["output_folder"])
    epochs, steps = [], []
    if hparams["checkpointer"]:
        epochs = read_training_log(output / "train_log.txt")
        steps = read_steps(output / "steps.csv")["step"]
    return {
        "n_parameters": sum(p.numel() for p in modules.parameters()),
        "epochs": len(epochs),
        "steps": len(steps),
        "train_seconds": round(sum(epoch["seconds"] for epoch in epochs), 1),
        "device": device_name(device),
        "note": hparams["note"],
    }


def describe(figures):
    """Lay out the most important figures for people."""
    data, curve = figures["data"], figures["curve"]["unseen"]
    lines = [
        f"{figures['run']}, seed {figures['seed']}, on {data['n_test_fragments']}"
        f" fragments of {data['n_test_speakers']} unseen speakers,"
        f" {figures['n_tasks']} tasks for each k"
    ]
    for k in sorted({2, 5, 20, max(curve)} & set(curve)):
        shares = (100 * curve[k][name] for name in ("mean", "low", "high"))
        mean, low, high = (f"{share:.1f}" for share in shares)
        lines.append(f"one of {k:<3} {mean:>5} % [{low}, {high}], chance {100 / k:.1f}")
    eer = figures["verification"]["eer"]["mean"]
    return "\n".join([*lines, f"EER       {100 * eer:>5.1f} %"])


def measure(hparams, device):
    """Measure a trained system, draw its pictures and write its figures."""
    modules = load_best(hparams, device)
    protocol, objective = hparams["protocol"], modules["objective"]
    valid, test = (load_role(hparams, role) for role in ("valid", "test"))
    modules = as_tested(modules, test, protocol)
    embeddings, scores = role_scores(hparams, modules, test, device)
    _, valid_scores = role_scores(hparams, modules, valid, device)
    pairs = (
        protocol.scored_pairs(valid, valid_scores),
        protocol.scored_pairs(test, scores),
    )
    output = Path(hparams["output_folder"])
    figures = {
        "run": output.parent.name.removeprefix("siamese_"),
        "seed": hparams["seed"],
        "data": data_facts(hparams, test),
        "model": model_facts(hparams, modules, device),
        "n_tasks": protocol.n_tasks,
        "curve": {"unseen": protocol.curve(test, scores, protocol.ways)},
        "shots": protocol.several_shots(test, objective, embeddings, scores),
        "classes": compare_classes(hparams, modules, device),
        "verification": protocol.verification(*pairs),
    }
    with replacing(output / "one_shot.json") as temporary:
        temporary.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    draw_pictures(hparams, modules, test, scores, figures, device)
    print(describe(figures))
    print(f"Figures and pictures: {output}")


def main(arguments):
    """Prepare, then measure."""
    needed = ["prepare_data", "protocol", "checkpointer"]
    hparams, run_opts, overrides = load_experiment(arguments, needed)
    output = hparams["output_folder"]
    if hparams["checkpointer"] and Path(output, "hyperparams.yaml").is_file():
        # By another seed, test speakers may be some that were trained on.
        free = FREE_TO_CHANGE | MEASURING
        refuse_other_settings(output, arguments[0], overrides, free)
    hparams["prepare_data"]()
    measure(hparams, torch.device(run_opts["device"] or infer_device()))


if __name__ == "__main__":
    run(main)
