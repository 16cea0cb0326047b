"""A verified gallery -> one HTML page that holds all it shows, audio and scripts too.

What the page shows is worked out here and handed over as JSON; its scripts only show
it. They set texts as texts, never as HTML, so that no name of a speaker can be code.
"""

import json
import re
from html import escape
from pathlib import Path

import numpy as np
from scipy.special import expit, logit, ndtri
from tqdm import tqdm

from local.evaluation.detection import auc, det_curve, eer
from local.evaluation.gallery import split_trials
from local.optional import import_optional
from local.output.listen.clips import describe_clip
from local.output.listen.errors import (
    describe_speakers,
    describe_thresholds,
    draw_points,
    hardest_pairs,
)
from local.output.maps import embed_in_plane, look
from local.output.plots import DET_RANGE, DET_TICKS, line_styles, probit
from local.scoring.similarity import length_normalize

HERE = Path(__file__).parent
SCRIPTS = ("tools", "player", "map", "chosen", "pairs", "curves", "speakers", "page")
FEWEST_SEGMENTS = 4  # of a map


def build_page(verified, n_pairs, n_neighbors, max_mb):
    """Lay out the page.

    Parameters
    ----------
    verified : local.output.listen.verified.Verified
        What to show; without speakers, map, players and neighbours alone.
    n_pairs, n_neighbors : int
        Hardest errors of each kind, and nearest segments of each; at least 1.
    max_mb : float
        Megabytes the page may have. The segments of the hardest errors can always be
        played; of the others as many, drawn, as there is room for.

    Returns
    -------
    page : str
        HTML, the same for the same input.

    Raises
    ------
    ValueError
        If there is no room, there are too few segments, or plotly is missing.
    """
    if min(n_pairs, n_neighbors) < 1:
        raise ValueError(
            f"n_pairs and n_neighbors: expected 1 at least, got {n_pairs},"
            f" {n_neighbors}"
        )
    if len(verified.segments) < FEWEST_SEGMENTS:
        raise ValueError(
            f"{len(verified.segments)} segments; a map takes {FEWEST_SEGMENTS}"
        )
    data = describe(verified, n_pairs, n_neighbors)
    page = fill_template(verified.title, data)
    room = max_mb * 1e6 - len(page.encode())
    add_clips(data, verified, room)
    return fill_template(verified.title, data)


def describe(verified, n_pairs, n_neighbors):
    """Return all the page shows but the segments for ear and eye.

    Parameters
    ----------
    verified, n_pairs, n_neighbors
        As of `build_page`.

    Returns
    -------
    data : dict
        Plain values; what needs speakers is left out where there are none.
    """
    data = {
        "title": verified.title,
        "systems": list(verified.scores),
        "submitted": verified.submitted,
        "p_target": verified.p_target,
        "clips": place_clips(verified),
        "neighbors": [
            [describe_pair(verified, row, other) for other in nearest]
            for row, nearest in enumerate(find_nearest(verified.llr, n_neighbors))
        ],
    }
    if verified.spk_ids is None:
        return data
    wrong = hardest_pairs(verified.llr, verified.spk_ids, n_pairs)
    pairs = [[describe_pair(verified, *pair) for pair in kind] for kind in wrong]
    trials = split_trials(verified.llr, verified.spk_ids)
    thresholds = describe_thresholds(*trials, verified.p_target)
    values = np.array(thresholds["values"])
    return {
        **data,
        "false_accepts": pairs[0],
        "false_rejects": pairs[1],
        "thresholds": thresholds,
        "speakers": describe_speakers(verified.llr, verified.spk_ids, values),
        **describe_curves(verified, thresholds),
    }


def place_clips(verified):
    """Place the segments on a map.

    Parameters
    ----------
    verified : Verified
        The gallery.

    Returns
    -------
    clips : list of dict
        ``id``, ``speaker`` (None where unknown), ``x``, ``y`` and ``look``, colour and
        marker, of each.
    """
    points = embed_in_plane(length_normalize(verified.embeddings), verified.seed)
    n_clips = len(points)
    speakers, codes = [None] * n_clips, np.zeros(n_clips, dtype=int)
    if verified.spk_ids is not None:
        speakers = verified.spk_ids.tolist()
        codes = np.unique(speakers, return_inverse=True)[1]
    rows = zip(verified.segments.ids, speakers, points, codes.tolist(), strict=True)
    return [
        {
            "id": name,
            "speaker": speaker,
            "x": round(float(x), 3),
            "y": round(float(y), 3),
            "look": look(code),
        }
        for name, speaker, (x, y), code in rows
    ]


def find_nearest(llr, n_neighbors):
    """Return the other segments nearest to each, the nearest first."""
    scores = np.array(llr, dtype=float)
    np.fill_diagonal(scores, -np.inf)
    n_neighbors = min(n_neighbors, len(llr) - 1)
    return np.argsort(-scores, axis=1, kind="stable")[:, :n_neighbors].tolist()


def describe_pair(verified, a, b):
    """Return the scores of two segments by each system, and their probability."""
    llr = float(verified.llr[a, b])
    return {
        "clips": [a, b],
        "scores": [round(float(m[a, b]), 4) for m in verified.scores.values()],
        "llr": llr,  # not rounded: it is compared with thresholds
        "probability": float(expit(llr + logit(verified.p_target))),
    }


def describe_curves(verified, thresholds):
    """Return the points of the ROC and DET curves, and those of the thresholds.

    Parameters
    ----------
    verified : Verified
        With speakers.
    thresholds : dict
        As from `describe_thresholds`.

    Returns
    -------
    curves : dict
        ``curves`` of all systems, ``marks`` of the thresholds, and ``det_axis``.
    """
    systems = {**verified.scores, verified.submitted: verified.llr}
    curves = []
    for (name, scores), style in zip(systems.items(), line_styles(), strict=False):
        curve = det_curve(*split_trials(scores, verified.spk_ids))
        points = draw_plane(*draw_points(curve))
        figures = {"name": name, "eer": eer(curve), "auc": auc(curve)}
        curves.append({**figures, "colour": style["color"], **points})
    p_fa = np.array(thresholds["false_accepts"]) / thresholds["n_non"]
    p_miss = np.array(thresholds["misses"]) / thresholds["n_tar"]
    axis = {
        "at": probit(DET_TICKS).tolist(),
        "text": [f"{100 * rate:g}" for rate in DET_TICKS],
        "range": ndtri(DET_RANGE).tolist(),
    }
    axis["text"][0] = f"≤{axis['text'][0]}"
    return {"curves": curves, "marks": draw_plane(p_fa, p_miss), "det_axis": axis}


def draw_plane(p_fa, p_miss):
    """Return error rates where a ROC plot (percent) and a DET plot (probit) have them.

    Examples
    --------
    >>> draw_plane(np.array([0.5]), np.array([0.25]))["roc"]
    [[50.0], [75.0]]
    """
    return {
        "roc": [(100 * p_fa).round(4).tolist(), (100 - 100 * p_miss).round(4).tolist()],
        "det": [probit(rates).round(4).tolist() for rates in (p_fa, p_miss)],
    }


def add_clips(data, verified, room):
    """Add segments for ear and eye: those of the hardest errors, then any that fit.

    Parameters
    ----------
    data : dict
        As from `describe`; added to.
    verified : Verified
        With their audio.
    room : float
        Bytes there are for them.

    Raises
    ------
    ValueError
        If those of the errors do not fit.
    """
    kinds = (data.get("false_accepts", ()), data.get("false_rejects", ()))
    needed = {clip for pairs in kinds for pair in pairs for clip in pair["clips"]}
    rng = np.random.default_rng(verified.seed)
    others = rng.permutation(len(data["clips"])).tolist()
    queue = dict.fromkeys([*sorted(needed), *others])
    for n, row in enumerate(tqdm(queue, desc="clips", unit="clip", disable=None)):
        wav = verified.segments[row].sig[0]
        clip = describe_clip(wav, verified.segments.sample_rate)
        room -= len(format_json(clip))
        if room < 0 and n < max(1, len(needed)):
            raise ValueError(
                f"no room for the {max(1, len(needed))} segments that must be played,"
                f" {-room / 1e6:.1f} MB are missing at number {n + 1}; raise --max_mb"
                " or show fewer --n_pairs and --n_neighbors"
            )
        if room < 0:
            return
        data["clips"][row] |= clip


def fill_template(title, data):
    """Put title, data and scripts into the page."""
    parts = {
        "title": escape(title),
        "style": read("page.css"),
        "data": format_json(data),
        "plotly": import_optional("plotly.offline", "listen").get_plotlyjs(),
        "script": "\n".join(read(f"{name}.js") for name in SCRIPTS),
    }
    # In one pass: what is put in is not looked through again.
    return re.sub(r"@(\w+)@", lambda match: parts[match[1]], read("page.html"))


def format_json(data):
    r"""Return data as JSON that can end no script and begin no tag in HTML.

    Examples
    --------
    >>> print(format_json("</script>"))
    "\u003c/script>"
    """
    text = json.dumps(data, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def read(name):
    """Return a file of this folder."""
    return (HERE / name).read_text(encoding="utf-8")
