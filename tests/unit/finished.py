"""Finished runs in miniature: the files that a hand-in is made of, made up."""

import json

from made_up import made_up_metrics

KEPT = "# Generated 2026-01-31 from:\n# /mine/a.yaml\n# yamllint disable\n"
TRAINING = """\
data_pickle: /mine/raw.pkl
prepared_folder: /mine/prepared
output_folder: {folder}
loss: !new:local.models.losses.ScheduledAAM
  scale: 30
batch_size: 64
"""
VERIFICATION = """\
model: {model}
test_data: /mine/test.pkl
test_labels: /mine/labels.npy
output_folder: {folder}
prepared_folder: {folder}/prepared
"""


def write_finished(results, experiment="net", members=()):
    """Write a verification of a model, and the model; return the verification's folder.

    Members of a combination are experiments written before.
    """
    output = results / experiment / "1"
    metrics = made_up_metrics(experiment, 1, device="a CPU, 2 cores", n_threads=1)
    facts = metrics["model"] | {"experiment": experiment, "seed": 1}
    if members:
        facts["members"] = [
            facts | {"experiment": name, "weight": 0.5} for name in members
        ]
    (output / "model").mkdir(parents=True)
    for name in ("hyperparams.yaml", "embedding_model.ckpt"):
        (output / "model" / name).write_text("sample_rate: 11025\n")
    (output / "model" / "training.json").write_text(json.dumps(facts))
    if not members:
        (output / "hyperparams.yaml").write_text(KEPT + TRAINING.format(folder=output))
        (output / "train_log.txt").write_text("epoch: 1 - train loss: 2.0\n")
    folder = output / "test"
    folder.mkdir()
    text = VERIFICATION.format(model=output, folder=folder)
    (folder / "hyperparams.yaml").write_text(KEPT + text)
    (folder / "answer.txt").write_text("0;1\n1;0\n")
    (folder / "metrics.json").write_text(json.dumps(metrics | {"model": facts}))
    return folder
