"""Tell how likely each two test segments come from the same person.

    python verify.py hparams/verify.yaml --test_data test_data.pkl

Model folder + test segments -> embeddings -> N x N scores -> re-ranking ->
``answer.txt`` (distances, smaller = more alike), ``submission.zip`` and calibrated
``same_speaker_probability.npz``. With ``--test_labels <file>`` also all figures:
a table on the screen, ``metrics.json`` and plots. ``--model results/ecapa_cpu/1986``
takes a model of one's own instead of the one that ships. Under ``torchrun`` several
processes share the embedding.

    python verify.py hparams/verify.yaml --pair a.wav b.wav

tells it of two recordings, of any format, length and sample rate. Galleries too large
for a matrix: ``--top_k 100`` writes the nearest of each segment, ``nearest.npz``.
"""

import json
import logging
from functools import partial
from pathlib import Path

import numpy as np
import speechbrain as sb
import torch
from speechbrain.utils.distributed import if_main_process, run_on_main

from local.evaluation.detection import eer_threshold
from local.evaluation.error_rates import det_curve
from local.evaluation.gallery import split_trials
from local.evaluation.nearest import draw_trials, evaluate_nearest
from local.evaluation.retrieval import task_metrics
from local.evaluation.validation import draw_gallery
from local.experiment import load_experiment, run
from local.files import replacing
from local.input.datasets import SegmentDataset
from local.input.labels import read_labels
from local.output import plots
from local.output.judge import format_verdict, load_judge
from local.output.matrix_text import read_matrix
from local.output.metrics import measure_systems
from local.output.nearest import write_nearest
from local.output.report import format_table
from local.output.submission import (
    scores_to_distances,
    write_probabilities,
    write_submission,
)
from local.progress import inner_steps, named_steps
from local.scoring.calibration import fit_calibration
from local.scoring.cohort import load_cohort
from local.scoring.embeddings import cached_embeddings, load_embeddings
from local.scoring.model_folder import (
    check_sample_rate,
    find_model,
    read_facts,
    refuse_other_output,
)
from local.scoring.search import find_nearest
from local.scoring.similarity import cosine_scores
from local.scoring.sparse import draw_pairs
from local.scoring.systems import inductive_systems, transductive_systems
from local.scoring.transductive import centre, segments_per_speaker

NEEDED = ("test_data", "normalization", "read_views")

logger = logging.getLogger(__name__)


def load_test_segments(hparams, model_folder):
    """Return the test segments, from a manifest or from a pickle prepared now."""
    manifest = Path(hparams["test_data"])
    if manifest.suffix != ".csv":
        digests = model_folder / "segment_digests.txt"
        run_on_main(hparams["prepare_test_data"], kwargs={"train_digests": digests})
        manifest = Path(hparams["prepared_folder"]) / "test.csv"
    return SegmentDataset(
        manifest, manifest.parent, hparams["sample_rate"], hparams["max_memory_gb"]
    )


def score_systems(hparams, gallery, cohort, valid):
    """Score the gallery by every system, each calibrated on validation speakers.

    Returns
    -------
    systems : dict of str to (ndarray or Nearest, Calibration)
        Scores (n_segments, n_segments), or the nearest segments with ``top_k``, and
        their map to log-likelihood ratios; the last system is the one to submit.

    Raises
    ------
    ValueError
        If there are too few segments to rank.
    """
    if (n := len(gallery.ids)) < 3:
        raise ValueError(f"test_data: 3 segments are the least to rank, got {n}")
    centred = cosine_scores(centre(valid.matrix))
    counting = fit_calibration(*split_trials(centred, valid.spk_ids))
    systems = inductive_systems(hparams["normalization"], cohort, hparams["top_n"])
    pairs = None
    if hparams["top_k"] is None:
        rerank = hparams["rerank"], hparams["rerankers"]
        systems |= transductive_systems(*rerank, counting)
    else:
        logger.info("top_k: no matrix, so no re-ranking, baseline and chance")
        n_pairs = hparams["n_counting_pairs"]
        pairs = draw_pairs(len(gallery.ids), n_pairs, hparams["seed"])
    n_group = segments_per_speaker(gallery.matrix, counting, pairs)
    logger.info("about %.1f segments a speaker, from the scores alone", n_group)
    geometry = max(2, round(len(gallery.ids) / n_group)), max(2, round(n_group))
    rng = np.random.default_rng(hparams["seed"])
    n_drawn = hparams["n_calibration_galleries"]
    drawn = [draw_gallery(valid.spk_ids, *geometry, rng) for _ in range(n_drawn)]
    return {
        name: (
            score_gallery(hparams, system, gallery),
            calibrate(system, valid, drawn),
        )
        for name, system in named_steps(systems, "score", "system")
    }


def score_gallery(hparams, system, gallery):
    """Score all pairs, or with ``top_k`` find the nearest segments.

    Raises
    ------
    ValueError
        If there is no such search.
    """
    if hparams["top_k"] is None:
        return system(gallery.matrix)
    search = hparams["searches"].get(hparams["search"])
    if search is None:
        raise ValueError(
            f"search must be of {list(hparams['searches'])}, got {hparams['search']!r}"
        )
    return find_nearest(search, system.pairs(gallery.matrix), hparams["top_k"])


def calibrate(score, valid, drawn):
    """Fit a system's calibration to galleries of validation speakers, pooled."""
    trials = [
        split_trials(score(valid.matrix[rows]), valid.spk_ids[rows])
        for rows in inner_steps(drawn, "calibrate", "gallery")
    ]
    return fit_calibration(*map(np.concatenate, zip(*trials, strict=True)))


def baseline_scores(hparams, segments):
    """Score by the cosine of MFCC means, standardised over the gallery."""
    batch = segments.__getitems__(range(len(segments)))
    with torch.inference_mode():
        features = hparams["baseline_features"](batch.sig).double().numpy()
    spread = np.maximum(features.std(axis=0), np.finfo(float).eps)
    return cosine_scores((features - features.mean(axis=0)) / spread)


def measure(hparams, systems, segments, spk_ids):
    """Return all figures of all systems, chance and baseline, as plain values."""
    options = {
        key: hparams[key]
        for key in ("p_targets", "ks", "n_bootstrap", "confidence", "seed")
    }
    if hparams["top_k"] is not None:
        trials = draw_trials(spk_ids, hparams["n_nontarget_trials"], hparams["seed"])
        measured = {name: (found, c.llr) for name, (found, c) in systems.items()}
        evaluate = partial(evaluate_nearest, trials=trials)
        return measure_systems(measured, spk_ids, options, evaluate)
    measured = {
        name: (scores, calibration.llr(scores))
        for name, (scores, calibration) in systems.items()
    }
    logger.info("baseline of MFCCs, then all figures: %d segments", len(segments))
    baseline = baseline_scores(hparams, segments)
    measured["MFCC nearest neighbour"] = baseline, None
    measured["chance"] = np.zeros_like(baseline), None
    answer = Path(hparams["output_folder"]) / "answer.txt"
    distances = read_matrix(answer)  # as a leaderboard reads it
    return {
        **measure_systems(measured, spk_ids, options),
        "submission": task_metrics(distances, spk_ids, hparams["ks"]),
    }


def trial_scores(hparams, scored, spk_ids):
    """Return the scores of target and of nontarget trials, with ``top_k`` a sample."""
    if hparams["top_k"] is None:
        return split_trials(scored, spk_ids)
    trials = draw_trials(spk_ids, hparams["n_nontarget_trials"], hparams["seed"])
    return [scored.pairs.score_pairs(side) for side in trials]


def draw(hparams, systems, spk_ids, model_folder):
    """Draw ROC, DET, the histogram of the submitted system and the training curve."""
    folder = Path(hparams["output_folder"])
    logger.info("%s: drawing ROC, DET, scores and training", folder)
    trials = {
        name: trial_scores(hparams, scored, spk_ids)
        for name, (scored, _) in systems.items()
    }
    curves = {name: det_curve(tar, non) for name, (tar, non) in trials.items()}
    plots.plot_roc(curves, folder / "roc")
    plots.plot_det(curves, folder / "det")
    name, (tar, non) = list(trials.items())[-1]
    thresholds = {"threshold": eer_threshold(curves[name])}
    plots.plot_score_histogram(tar, non, thresholds, folder / "scores", name)
    log = model_folder / "train_log.txt"
    if log.is_file():  # not of a model that was trained elsewhere
        plots.plot_training_curve(plots.read_training_log(log), folder / "training")


def report(hparams, systems, segments, spk_ids, model_folder):
    """Measure against the labels: table on the screen, metrics.json, plots."""
    folder = Path(hparams["output_folder"])
    model = read_facts(model_folder)
    metrics = {
        "test_set": folder.name,
        "experiment": model["experiment"],
        "seed": model["seed"],
        "model": model,
        **measure(hparams, systems, segments, spk_ids),
    }
    with replacing(folder / "metrics.json") as temporary:
        temporary.write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")
    draw(hparams, systems, spk_ids, model_folder)
    print(format_table(metrics))


def verify_pair(hparams, model_folder, device):
    """Tell how likely two recordings are of one speaker."""
    views = [hparams["read_views"](path) for path in hparams["pair"]]
    judge = load_judge(hparams, model_folder, device)
    p_target = hparams["pair_p_target"]
    voices = [judge.listen(part) for part in views]
    verdict, yardstick = judge.compare(*voices, p_target)
    n_views = [voice.n_views for voice in voices]
    print(format_verdict(verdict, n_views, yardstick.size, p_target))


def verify_test(hparams, model_folder, cohort, valid, run_opts):
    """Embed, score, normalise, write; with labels, measure."""
    folder = Path(hparams["output_folder"])
    segments = load_test_segments(hparams, model_folder)
    labels = hparams["test_labels"]
    spk_ids = read_labels(labels, len(segments)) if labels else None
    (folder / "metrics.json").unlink(missing_ok=True)  # of an earlier submission
    gallery = cached_embeddings(
        model_folder,
        segments,
        folder,
        hparams["batch_size"],
        run_opts["device"],
        run_opts["precision"],
    )
    if not if_main_process():  # under torchrun the others have done their share
        return
    systems = score_systems(hparams, gallery, cohort, valid)
    written = write_scores(hparams, gallery.ids, *list(systems.values())[-1])
    if spk_ids is not None:
        report(hparams, systems, segments, spk_ids, model_folder)
    print(f"{written} ({len(segments)} segments)")


def write_scores(hparams, ids, scores, calibration):
    """Write the submission and the probabilities, or with ``top_k`` the nearest."""
    folder, p_target = Path(hparams["output_folder"]), hparams["p_target"]
    if hparams["top_k"] is not None:
        path = folder / "nearest.npz"
        write_nearest(path, ids, scores, calibration, p_target)
        return f"Nearest segments: {path}"
    archive = write_submission(scores_to_distances(scores), folder, hparams["decimals"])
    path = folder / "same_speaker_probability.npz"
    probabilities = calibration.probability(scores, p_target)
    write_probabilities(path, ids, probabilities, calibration.llr(scores))
    return f"Submission: {archive}"


def main(arguments):
    """Verify a test, or two recordings."""
    hparams, run_opts, overrides = load_experiment(arguments, NEEDED)
    model_folder = find_model(hparams["model"])
    check_sample_rate(model_folder, hparams["sample_rate"])
    if hparams["pair"]:
        run_on_main(verify_pair, [hparams, model_folder, run_opts["device"]])
        return
    refuse_other_output(hparams["output_folder"])
    cohort = load_cohort(model_folder, hparams["cohort_unit"])
    valid = load_embeddings(model_folder / "valid.npz")
    sb.create_experiment_directory(hparams["output_folder"], arguments[0], overrides)
    verify_test(hparams, model_folder, cohort, valid, run_opts)


if __name__ == "__main__":
    run(main)
