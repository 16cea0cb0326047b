r"""Analyse what the MFCCs and the pitch of readers tell of their gender.

    python -m recipes.gender.analyse recipes/gender/hparams/mfcc.yaml \
        --librispeech_folder LibriSpeech

writes ``analysis.json``, ``analysis.npz`` and pictures into the output folder, as
`recipes.gender.analysis` describes them.
"""

import json
from pathlib import Path

import numpy as np

from local.experiment import load_experiment, run
from local.files import replacing
from recipes.gender.analysis import analyse
from recipes.gender.data import corpus_features, data_facts, load_corpus
from recipes.gender.plots import draw_analysis
from recipes.gender.utterances import summarise


def describe(figures):
    """Lay out the most important figures for people."""
    data, pitch, pca = (figures[name] for name in ("data", "pitch", "pca"))
    rows = figures["coefficients"]
    certain = [row for row in rows if row["p_adjusted"] < 0.05]
    best = sorted(certain, key=lambda row: -abs(row["r"]["mean"]))[:5]
    leading = ", ".join(f"{row['name']} {row['r']['mean']:+.2f}" for row in best)
    marked = figures["outliers"]
    counts = ", ".join(f"{name} {marked[name]['n']}" for name in list(marked)[:3])
    right = ", ".join(
        f"{name} {100 * found['accuracy']:.1f}"
        for name, found in figures["normalisations"].items()
        if found["accuracy"] is not None
    )
    return (
        f"{data['n_female']} women and {data['n_male']} men, {data['n_utterances']}"
        f" utterances, {data['hours']:.2f} h\n"
        f"Correlated with gender: {len(certain)} of {len(rows)} coefficients;"
        f" {leading}\n"
        f"Outliers: {counts}, all three {marked['overlap']['all']}\n"
        f"Nearest other reader has the same gender (%): {right}\n"
        f"{100 * pca['share']:g} % of the variance: {pca['n_for']} components\n"
        f"Pitch: women {pitch['median_f']:.0f} Hz, men {pitch['median_m']:.0f} Hz;"
        f" {pitch['threshold']:.0f} Hz is right for {100 * pitch['accuracy']:.1f} %"
    )


def write(figures, arrays, output):
    """Write figures and arrays into the output folder."""
    with replacing(output / "analysis.json") as temporary:
        temporary.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    with replacing(output / "analysis.npz") as temporary:
        np.savez_compressed(temporary, **arrays)


def main(arguments):
    """Prepare, analyse, draw; return the output folder."""
    needed = ["prepare_data", "representations", "outliers", "scalers"]
    hparams, _, _ = load_experiment(arguments, needed)
    hparams["prepare_data"]()
    corpus = load_corpus(hparams)
    mfccs, pitches = (
        corpus_features(hparams, corpus, name) for name in ("mfcc", "pitch")
    )
    strength = hparams["voicing_strength"]
    utterances = summarise(corpus, mfccs, pitches, strength)
    print("Figures and pictures of all: about ten seconds", flush=True)
    figures, arrays = analyse(utterances, hparams)
    facts = {"run": "gender", "seed": hparams["seed"]}
    figures = facts | {"data": data_facts(hparams, corpus)} | figures
    output = Path(hparams["output_folder"])
    write(figures, arrays, output)
    draw_analysis(figures, arrays, hparams, output)
    print(describe(figures))
    print(f"Figures and pictures: {output}")
    return output


if __name__ == "__main__":
    run(main)
