r"""Woman or man? Every classifier of a YAML, tested on readers it never heard.

    python -m recipes.gender.classify recipes/gender/hparams/classify.yaml \
        --librispeech_folder LibriSpeech

writes ``classification.json`` and pictures into the output folder, and beside them
``folds``: what every classifier said of every fold. A run that was killed goes on from
there, and after a change of the YAML only what it changed is computed anew.
"""

import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
from speechbrain.utils.distributed import infer_device

from local.evaluation.levels import decide
from local.experiment import load_experiment, run
from local.files import replacing
from local.hardware import device_name
from local.models.cross_fitting import chosen, cross_fit, seconds
from local.models.fold_keys import fold_key
from recipes.gender.data import GENDERS, corpus_features, data_facts, load_corpus
from recipes.gender.folds import check_splits, deal, divides_readers, split_groups
from recipes.gender.pictures import draw_pictures
from recipes.gender.records import list_errors, measure, wrong_shares


class Tested(NamedTuple):
    """What a system said of all units, none of a group it was trained on.

    Attributes
    ----------
    decisions : list of tuple
        As from `local.evaluation.levels.decide`.
    chunks, folds : ndarray of int, (n_units,)
        Chunk of each unit, and when it was tested.
    effort : dict
        Seconds it took, settings chosen in each fold.
    """

    decisions: list
    chunks: np.ndarray
    folds: np.ndarray
    effort: dict


def cross_test(hparams, corpus, name, units, split, labels):
    """Train and test a system fold by fold.

    Parameters
    ----------
    hparams : dict
        The constructed YAML.
    corpus : recipes.gender.data.Corpus
        The readers.
    name : str
        Of the system.
    units : recipes.gender.systems.Units
        What it decides upon.
    split : str
        As in `recipes.gender.folds.split_groups`.
    labels : ndarray of int, (n_chunks,)
        Classes.

    Returns
    -------
    tested : Tested
        What it said.
    """
    system, chunks = hparams["systems"][name], units.chunks
    groups = split_groups(corpus, split, system.hears)
    folds = deal(groups, labels, hparams["n_folds"], hparams["seed"])[chunks]
    told = units.inputs, labels[chunks], groups[chunks], folds
    key = fold_key(f"{name}-{split}", system.classifier, *told, units.fit)
    folder = Path(hparams["output_folder"], "folds")
    posteriors = cross_fit(system.classifier, *told, folder, key, units.fit)
    parents = corpus.parents(system.hears, chunks)
    decisions = list(decide(posteriors, system.hears, parents, folds))
    effort = {"seconds": seconds(folder, key), "chosen": chosen(folder, key)}
    return Tested(decisions, chunks, folds, effort)


def records(hparams, corpus, tested, labels, what):
    """Return the figures of a system at every level."""
    found = []
    for level, rule, rows, predicted in tested.decisions:
        chunks = tested.chunks[rows]
        measured = measure(
            labels[chunks],
            predicted,
            corpus.speakers[chunks],
            tested.folds[rows],
            corpus.never_heard[chunks],
            hparams["n_bootstrap"],
            hparams["seed"],
        )
        place = {**what, "level": level, "rule": rule}
        found += [place | record for record in measured]
    return found


def mistakes(corpus, tested):
    """Return how often a system mistakes each reader: by itself, and by utterance."""
    shares = {}
    for level, rule, rows, predicted in tested.decisions:
        chunks = tested.chunks[rows]
        told = corpus.corrected[chunks], predicted, corpus.speakers[chunks]
        if rule != "vote":
            shares[level] = wrong_shares(*told)
    return shares[tested.decisions[0][0]], shares["utterance"]


def classify(hparams, corpus):
    """Test every system by every split, with every set of labels.

    Parameters
    ----------
    hparams : dict
        The constructed YAML.
    corpus : recipes.gender.data.Corpus
        The readers.

    Returns
    -------
    figures : dict
        ``systems``, ``results`` and ``errors``.

    Raises
    ------
    ValueError
        If the splits are not as expected.
    """
    check_splits(hparams["splits"])
    label_sets = {"corrected": corpus.corrected}
    if (corpus.given != corpus.corrected).any():
        label_sets["as_given"] = corpus.given
    facts, results, shares, mistaken = {}, [], {}, {}
    for name, system in hparams["systems"].items():
        feats = corpus_features(hparams, corpus, system.feats)
        units = system.units(feats, corpus.utterances)
        for split in hparams["splits"]:
            groups = split_groups(corpus, split, system.hears)
            if split == "random" and not divides_readers(corpus, groups):
                continue  # whole utterances of readers who have no other
            for kind, labels in label_sets.items():
                tested = cross_test(hparams, corpus, name, units, split, labels)
                what = {"system": name, "split": split, "labels": kind}
                results += records(hparams, corpus, tested, labels, what)
                if (split, kind) == ("speaker", "corrected"):
                    facts[name] = system.facts(units.inputs) | tested.effort
                    shares[name], mistaken[name] = mistakes(corpus, tested)
    genders = [GENDERS[label] for label in corpus.corrected]
    labels = dict(zip(corpus.speakers.tolist(), genders, strict=True))
    errors = list_errors(shares, mistaken, labels)
    return {"systems": facts, "results": results, "errors": errors}


def relabelled(hparams, corpus):
    """Return what is corrected, and whether it is of readers of this corpus."""
    given = dict(zip(corpus.speakers.tolist(), corpus.given.tolist(), strict=True))
    return [
        {
            "speaker": str(reader),
            "given": GENDERS[1 - GENDERS.index(gender)],
            "corrected": gender,
            "in_corpus": str(reader) in given,
        }
        for reader, gender in hparams["relabelled"].items()
        if given.get(str(reader)) != GENDERS.index(gender)
    ]


def describe(figures):
    """Lay out the accuracy of every system for people."""
    data = figures["data"]
    lines = [
        f"{data['n_female']} women and {data['n_male']} men, {data['n_chunks']} chunks"
        f" of {data['chunk_seconds']:g} s; utterances right, intervals over readers"
    ]
    for record in figures["results"]:
        shown = record["level"], record["readers"], record["labels"]
        if shown == ("utterance", "all", "corrected") and record["rule"] != "vote":
            # Else utterances were dealt in parts: other decisions, of less speech.
            if record["n"] == data["n_utterances"]:
                shares = (record["accuracy"][k] for k in ("mean", "low", "high"))
                mean, low, high = (f"{100 * share:.1f}" for share in shares)
                what = f"{record['system']:<20} split by {record['split']:<8}"
                lines.append(f"{what} {mean:>5} % [{low}, {high}]")
    return "\n".join(lines)


def main(arguments):
    """Prepare, test, write and draw; return the output folder."""
    needed = ["prepare_data", "systems", "relabelled"]
    hparams, run_opts, _ = load_experiment(arguments, needed)
    hparams["prepare_data"]()
    corpus = load_corpus(hparams)
    output = Path(hparams["output_folder"])
    figures = {
        "run": output.parent.name,
        "seed": hparams["seed"],
        "data": data_facts(hparams, corpus) | {"n_folds": hparams["n_folds"]},
        **classify(hparams, corpus),
        "relabelled": relabelled(hparams, corpus),
        "device": device_name(run_opts["device"] or infer_device()),
    }
    with replacing(output / "classification.json") as temporary:
        temporary.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    draw_pictures(figures, output)
    print(describe(figures))
    print(f"Figures and pictures: {output}")
    return output


if __name__ == "__main__":
    run(main)
