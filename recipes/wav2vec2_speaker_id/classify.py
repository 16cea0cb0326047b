r"""Which of the readers speaks? Every classifier of a YAML, by every split; then maps.

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

from speechbrain.utils.distributed import infer_device

from local.experiment import load_experiment, run
from local.files import replacing
from local.hardware import device_name
from recipes.wav2vec2_speaker_id.data import chunk_features, data_facts, load_chunks
from recipes.wav2vec2_speaker_id.explore import look
from recipes.wav2vec2_speaker_id.pictures import draw_confusion, draw_pictures
from recipes.wav2vec2_speaker_id.splits import LEFT_OUT, deal, groups_of
from recipes.wav2vec2_speaker_id.sweep import sweep_layers
from recipes.wav2vec2_speaker_id.testing import cross_test

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
        reasons = dict.fromkeys(left_out.values())
        raise ValueError(f"no split is possible: {'; '.join(reasons) or 'none given'}")
    return dealt, left_out


def classify(hparams, chunks, dealt):
    """Test every system by every split.

    Parameters
    ----------
    hparams, chunks
        As of `deal_splits`.
    dealt : dict
        As from `deal_splits`.

    Returns
    -------
    figures : dict
        ``systems`` and ``results``; seconds and choices are those of the last split,
        which is the strictest.
    confusions : dict of str to ndarray
        System to confusion of the speakers by that split, chunks.
    """
    facts, results, confusions = {}, [], {}
    n_speakers = len({chunk.spk_id for chunk in chunks})
    for name, system in hparams["systems"].items():
        feats = chunk_features(hparams, chunks, system.feats)
        for split, (groups, folds) in dealt.items():
            told = name, system.classifier, feats, split, groups, folds
            records, effort = cross_test(hparams, chunks, *told)
            confusions[name] = records[0].pop("confusion")
            results += records
        facts[name] = system.facts(feats, n_speakers) | effort
    return {"systems": facts, "results": results}, confusions


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
    found, confusions = classify(hparams, chunks, dealt)
    figures = {
        "run": output.parent.name.removeprefix("speaker_id_"),
        "seed": hparams["seed"],
        "data": data_facts(hparams, chunks)
        | {"n_folds": hparams["n_folds"], "left_out": left_out},
        **found,
        "device": device_name(run_opts["device"] or infer_device()),
    }
    if hparams["sweep"]:
        figures["layers"] = sweep_layers(hparams, chunks, dealt)
    with replacing(output / "classification.json") as temporary:
        temporary.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    draw_pictures(figures, output)
    speakers = sorted({chunk.spk_id for chunk in chunks})
    draw_confusion(confusions, speakers, output / "confusion")
    print(describe(figures))
    look(hparams)
    return output


if __name__ == "__main__":
    run(main)
