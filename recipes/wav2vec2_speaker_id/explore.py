r"""Look at the features: maps, clusters, and whether these are the speakers.

    python -m recipes.wav2vec2_speaker_id.explore \
        recipes/wav2vec2_speaker_id/hparams/wav2vec2.yaml \
        --librispeech_folder LibriSpeech

writes pictures and ``exploration.json`` into the output folder: ``map_<map>`` shows
some speakers, ``map_<map>_all`` all of them, ``clusters_<method>`` speakers by
clusters. `recipes.wav2vec2_speaker_id.classify` does so too, at its end. The fields of
the JSON:

- ``run``, ``seed``, ``feats``, ``layer``: what was looked at;
- ``n_chunks``, ``n_speakers``, ``n_utterances``, ``n_dims``, ``n_components``;
- ``pca``: ``explained``, share of the variance of each component up to 85 % of it;
  ``n_for_85``, how many; ``between_speakers``, share of the variance of the
  ``first_two`` and of ``all`` components kept;
- ``neighbours``: of every map, and of ``all`` components kept: how often the nearest
  other chunk (``any``), the nearest of another utterance (``other_utterance``), is of
  the same speaker; the latter null if no speaker has several utterances;
- ``clusters``: of every method ``ari`` (``mean``, ``low``, ``high`` over resampled
  speakers), ``nmi``, ``silhouette``, ``matched``, ``largest``; of k-means
  ``ari_of_starts``, the least and the most of its starts;
- ``true_silhouette``: that of the speakers;
- ``chance``: the same as of clusters, of speakers shuffled, and ``neighbours``.
"""

import json
from pathlib import Path

import numpy as np

from local.experiment import load_experiment, run
from local.files import replacing
from local.output.class_plots import plot_confusion
from local.output.maps import plot_points
from recipes.wav2vec2_speaker_id.clusters import Space, matched_table
from recipes.wav2vec2_speaker_id.data import chunk_features, load_chunks
from recipes.wav2vec2_speaker_id.planes import AXES, project
from recipes.wav2vec2_speaker_id.reading import NAMES, interpret


def draw_maps(settings, space, planes, spk_ids, output):
    """Draw the maps of all speakers, and new ones of some, which have more room."""
    some = np.isin(spk_ids, settings.choose_speakers(spk_ids))
    few = Space(space.components[some], space.points[some], space.explained)
    n = len(np.unique(spk_ids))
    for name, points in planes.items():
        title = f"All {n} speakers"
        path = output / f"map_{name}_all"
        plot_points(points, spk_ids, path, AXES[name], title)
        points = project(few, name, settings.seed)
        path = output / f"map_{name}"
        plot_points(points, spk_ids[some], path, AXES[name])


def draw_clusters(labels, spk_ids, output):
    """Draw how the chunks of each speaker fall into the clusters of every method."""
    for method, found in labels.items():
        table, names = matched_table(spk_ids, found)
        axis = f"Cluster by {NAMES[method]}", "Speaker"
        plot_confusion(table, names, output / f"clusters_{method}", axis)


def describe(figures):
    """Lay out the most important figures for people."""
    layer = "" if figures["layer"] is None else f", layer {figures['layer']}"
    lines = [
        f"{figures['run']}, seed {figures['seed']}: {figures['feats']}{layer},"
        f" {figures['n_chunks']} chunks of {figures['n_speakers']} speakers,"
        f" {figures['n_utterances']} utterances",
        f"{'clusters by':<16}{'ARI':<20}   NMI  silhouette  matched",
    ]
    rows = {NAMES[name]: one for name, one in figures["clusters"].items()}
    for name, one in {**rows, "shuffled speakers": figures["chance"]}.items():
        low, high = one["ari"]["low"], one["ari"]["high"]
        interval = f"{one['ari']['mean']:5.2f} [{low:.2f}, {high:.2f}]"
        lines.append(
            f"{name:<18}{interval:<18}{one['nmi']:6.2f}{one['silhouette']:12.2f}"
            f"{100 * one['matched']:7.1f} %"
        )
    return "\n".join(lines)


def explore(hparams):
    """Measure the chunks of a run, draw the pictures, and return the figures."""
    settings, output = hparams["explore"], Path(hparams["output_folder"])
    chunks = load_chunks(hparams)
    rows = settings.choose_chunks([chunk.spk_id for chunk in chunks])
    feats = settings.pick(chunk_features(hparams, chunks, settings.feats), rows)
    spk_ids = np.array([chunks[row].spk_id for row in rows])
    utterances = np.array([chunks[row].utterance for row in rows])
    found, space, planes, labels = settings.measure(feats, spk_ids, utterances)
    draw_maps(settings, space, planes, spk_ids, output)
    draw_clusters(labels, spk_ids, output)
    return {
        "run": output.parent.name.removeprefix("speaker_id_"),
        "seed": hparams["seed"],
        "feats": settings.feats,
        "layer": settings.layer,
        "n_chunks": len(rows),
        "n_speakers": len(np.unique(spk_ids)),
        "n_utterances": len(np.unique(utterances)),
        "n_dims": feats.shape[1],
        "n_components": space.components.shape[1],
        **found,
    }


def look(hparams):
    """Look at the prepared chunks, write what is found, and tell."""
    figures = explore(hparams)
    output = Path(hparams["output_folder"])
    with replacing(output / "exploration.json") as temporary:
        temporary.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print(f"{describe(figures)}\n\n{interpret(figures)}\n")
    print(f"Figures and pictures: {output}")


def main(arguments):
    """Prepare, look, write and tell."""
    needed = ["prepare_data", "explore", "representations"]
    hparams, _, _ = load_experiment(arguments, needed)
    hparams["prepare_data"]()
    look(hparams)


if __name__ == "__main__":
    run(main)
