"""Which of the readers speaks? Every classifier of a YAML, by every split; then maps.

    python -m recipes.wav2vec2_speaker_id.classify \
        recipes/wav2vec2_speaker_id/hparams/mfcc.yaml --librispeech_folder LibriSpeech

writes ``classification.json`` and pictures into the output folder, and beside them
``folds``: what every classifier said of every fold. A run that was killed goes on from
there, and after a change of the YAML only what it changed is computed anew. At the end
it looks at the features as `recipes.wav2vec2_speaker_id.explore` does.
"""

import json
import logging
from pathlib import Path

import numpy as np
from speechbrain.utils.distributed import infer_device

from local.evaluation.classification import figures
from local.evaluation.levels import decide
from local.experiment import load_experiment, run
from local.files import replacing
from local.hardware import device_name
from local.models.cross_fitting import chosen, cross_fit, seconds
from local.models.fold_keys import fold_key
from recipes.wav2vec2_speaker_id.data import chunk_features, data_facts, load_chunks
from recipes.wav2vec2_speaker_id.explore import look
from recipes.wav2vec2_speaker_id.pictures import draw_pictures
from recipes.wav2vec2_speaker_id.splits import LEFT_OUT, deal, groups_of

logger = logging.getLogger(__name__)


def deal_splits(hparams, chunks):
    """Deal the chunks out by every split that the corpus allows.

    Parameters
    ----------
    hparams : dict
        The constructed YAML.
    chunks : list of Fragment
        All of them.

    Returns
    -------
    dealt : dict of str to (ndarray, ndarray)
        Split to the groups and the folds of the chunks.
    left_out : dict of str to str or int
        Split to why there is none, or to the number of readers it leaves out.

    Raises
    ------
    ValueError
        If there is no such split, or not one that the corpus allows.
    """
    dealt, left_out = {}, {}
    for split in hparams["splits"]:
        groups = groups_of(chunks, split, hparams["n_folds"])
        try:
            folds = deal(chunks, split, hparams["n_folds"], hparams["seed"])
        except ValueError as reason:
            left_out[split] = str(reason)
            logger.warning("no split by %s: %s", split, reason)
            continue
        dealt[split] = groups, folds
        readers = {chunk.spk_id for chunk, fold in zip(chunks, folds, strict=True)}
        tested = {
            chunk.spk_id
            for chunk, fold in zip(chunks, folds, strict=True)
            if fold != LEFT_OUT
        }
        left_out[split] = len(readers) - len(tested)
    if not dealt:
        raise ValueError(f"no split is possible: {'; '.join(left_out.values())}")
    return dealt, left_out


def test_system(hparams, chunks, name, feats, split, groups, folds):
    """Train and test a system fold by fold.

    Parameters
    ----------
    hparams : dict
        The constructed YAML.
    chunks : list of Fragment
        All of them.
    name : str
        Of the system.
    feats : ndarray, (n_chunks, ...)
        What it hears.
    split : str
        One that the corpus allows.
    groups, folds : ndarray, (n_chunks,)
        As from `deal_splits`.

    Returns
    -------
    records : list of dict
        Figures at both levels.
    effort : dict
        Seconds it took, settings chosen in each fold.
    """
    classifier = hparams["systems"][name].classifier
    speakers = np.array([chunk.spk_id for chunk in chunks])
    names, labels = np.unique(speakers, return_inverse=True)
    folder = Path(hparams["output_folder"], "folds")
    told = feats, labels, groups, folds
    key = fold_key(f"{name}-{split}", classifier, *told)
    posteriors = cross_fit(classifier, *told, folder, key)
    parents = {"utterance": np.array([chunk.utterance for chunk in chunks])}
    records = []
    for level, rule, rows, predicted in decide(posteriors, "chunk", parents, folds):
        measured = figures(
            *(labels[rows], predicted, len(names), speakers[rows], folds[rows]),
            hparams["n_bootstrap"],
            hparams["seed"],
            classes_are_speakers=True,
        )
        place = {"system": name, "split": split, "level": level, "rule": rule}
        records.append(place | {"readers": "all"} | measured)
    return records, {"seconds": seconds(folder, key), "chosen": chosen(folder, key)}


def classify(hparams, chunks, dealt):
    """Test every system by every split.

    Parameters
    ----------
    hparams, chunks
        As of `test_system`.
    dealt : dict
        As from `deal_splits`.

    Returns
    -------
    figures : dict
        ``systems`` and ``results``; seconds and choices are those of the last split,
        which is the strictest.
    """
    facts, results = {}, []
    n_speakers = len({chunk.spk_id for chunk in chunks})
    for name, system in hparams["systems"].items():
        feats = chunk_features(hparams, chunks, system.feats)
        for split, (groups, folds) in dealt.items():
            records, effort = test_system(
                hparams, chunks, name, feats, split, groups, folds
            )
            results += records
        facts[name] = system.facts(feats, n_speakers) | effort
    return {"systems": facts, "results": results}


def describe(figures):
    """Lay out the accuracies for people."""
    data = figures["data"]
    lines = [
        f"{data['n_speakers']} readers, {data['n_chunks']} chunks of"
        f" {data['chunk_seconds']:g} s; right, 95 % intervals over readers"
    ]
    for record in figures["results"]:
        if record["rule"] != "vote":
            shares = (100 * record["accuracy"][k] for k in ("mean", "low", "high"))
            mean, low, high = (f"{share:.1f}" for share in shares)
            what = f"{record['system']:<14} {record['split']:<10} {record['level']:<10}"
            lines.append(f"{what} {mean:>5} % [{low}, {high}]")
    return "\n".join(lines)


def main(arguments):
    """Prepare, test, write and draw; return the output folder."""
    needed = ["prepare_data", "systems", "splits", "explore"]
    hparams, run_opts, _ = load_experiment(arguments, needed)
    hparams["prepare_data"]()
    chunks = load_chunks(hparams)
    dealt, left_out = deal_splits(hparams, chunks)
    output = Path(hparams["output_folder"])
    figures = {
        "run": output.parent.name.removeprefix("speaker_id_"),
        "seed": hparams["seed"],
        "data": data_facts(hparams, chunks)
        | {"n_folds": hparams["n_folds"], "left_out": left_out},
        **classify(hparams, chunks, dealt),
        "device": device_name(run_opts["device"] or infer_device()),
    }
    with replacing(output / "classification.json") as temporary:
        temporary.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    draw_pictures(figures, output)
    print(describe(figures))
    look(hparams)
    return output


if __name__ == "__main__":
    run(main)
