"""Checks of segments and labels before anything is written.

What cannot be right raises a ValueError; what is merely odd comes back as a `Finding`.
Both say what is wrong, in how many segments, which are the first, and what to do. The
thresholds are the keyword arguments of `check_segments`; their defaults stand there.
"""

import logging
from typing import NamedTuple

import numpy as np

from data_prep.findings import first_few, note, refuse
from data_prep.manifest import is_plain
from data_prep.sample_scale import decoded_blocks, scale_segments, segment_digests
from data_prep.task_file import read_task_file

logger = logging.getLogger(__name__)


class CheckedSegments(NamedTuple):
    """What a task file holds, after the checks.

    Attributes
    ----------
    samples : ndarray, (n_segments, n_samples)
        Of a type and scale that a WAV holds exactly.
    digests : list of str
        One for each segment.
    labels : list of str or None
        The spk_id of each segment; None for a test.
    findings : list of Finding
        What was odd.
    """

    samples: np.ndarray
    digests: list
    labels: list | None
    findings: list


def read_checked(path, labelled, segment_samples, on_wrong_length, rescale):
    """Read a task file, run all checks on it and log what was odd.

    Parameters
    ----------
    path : str or Path
        In a form that `data_prep.task_file` reads.
    labelled : bool
        Whether labels are needed; if not, they are left aside.
    segment_samples, on_wrong_length
        As for `fit_length`.
    rescale : bool
        As for `data_prep.sample_scale.scale_segments`.

    Returns
    -------
    checked : CheckedSegments
        The segments, ready to be written.

    Raises
    ------
    ValueError
        If a check fails; the message names the file.
    FileNotFoundError
        If there is no such file.
    """
    segments, labels = read_task_file(path)
    if labels is not None and not labelled:
        logger.info("%s: its labels are not used", path)
        labels = None
    try:
        # Lengths first: transposed data have a wrong number of labels too.
        segments, fitted = fit_length(segments, segment_samples, on_wrong_length)
        findings = check_labels(labels, len(segments)) if labelled else []
        samples, scaled = scale_segments(segments, rescale)
        digests = segment_digests(samples)
        findings += fitted + scaled + check_segments(samples, digests, labels)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    log_findings(path, findings)
    return CheckedSegments(samples, digests, labels, findings)


def log_findings(path, findings):
    """Log findings as warnings.

    Parameters
    ----------
    path : str or Path
        The task file concerned.
    findings : list of Finding
        One line each.
    """
    for finding in findings:
        logger.warning("%s: %s", path, finding.message)


def check_labels(labels, n_segments):
    """Refuse labels that training cannot use.

    Parameters
    ----------
    labels : list of str or None
        The spk_id of each segment.
    n_segments : int
        Number of segments they belong to.

    Returns
    -------
    findings : list of Finding
        Of the kind "single": speakers with one segment.

    Raises
    ------
    ValueError
        If there are no labels, too few or too many, labels that a manifest cannot
        hold, or one speaker only.
    """
    if labels is None:
        raise ValueError("no labels; training needs [data, labels]")
    if len(labels) != n_segments:
        raise ValueError(
            f"{n_segments} segments but {len(labels)} labels; give one label each"
        )
    refuse(
        np.array([not is_plain(label) for label in labels]),
        "have labels with a $, unprintable characters or blanks at an end; rename the"
        " speakers",
    )
    names, speakers, counts = np.unique(labels, return_inverse=True, return_counts=True)
    if len(names) == 1:
        raise ValueError(
            f"all {n_segments} segments are of one speaker, {labels[0]!r}; add segments"
            " of other speakers"
        )
    single = counts[speakers] == 1  # (n_speakers,) -> (n_segments,)
    return note("single", single, "are the only one of their speaker; not validated on")


def fit_length(segments, segment_samples, on_wrong_length="error"):
    """Give all segments the same length, or refuse those of another.

    Parameters
    ----------
    segments : ndarray, (n_segments, n_samples), or list of ndarray, (n_samples,)
        As read from a task file.
    segment_samples : int
        The length wanted.
    on_wrong_length : {"error", "pad_crop"}
        "pad_crop" keeps the middle of a longer segment, and puts a shorter one in the
        middle of silence.

    Returns
    -------
    segments : ndarray, (n_segments, segment_samples)
        In the type of the input.
    findings : list of Finding
        Of the kind "length": segments padded or cropped.

    Raises
    ------
    ValueError
        If there are no segments, one is empty, or "error" meets another length.
    """
    if segment_samples < 1:
        raise ValueError(f"segment_samples is {segment_samples}, expected 1 or more")
    if on_wrong_length not in ("error", "pad_crop"):
        raise ValueError(
            f"on_wrong_length is {on_wrong_length!r}, expected error or pad_crop"
        )
    lengths = np.array([len(segment) for segment in segments])
    if not len(lengths):
        raise ValueError("no segments; give at least one")
    refuse(lengths == 0, "have no samples; remove them")
    wrong = lengths != segment_samples
    if not wrong.any():
        return np.asarray(segments), []
    found = first_few(np.unique(lengths[wrong]))
    text = f"have {found} samples, not {segment_samples}"
    if on_wrong_length == "error":
        remedy = "set on_wrong_length to pad_crop, or cut them anew"
        if wrong.all() and len(wrong) == segment_samples:
            remedy = "are they transposed? Store them as (segments, samples)"
        refuse(wrong, f"{text}; {remedy}")
    fitted = np.stack([_centred(segment, segment_samples) for segment in segments])
    return fitted, note("length", wrong, f"{text}; padded or cropped in the middle")


def _centred(segment, n_samples):
    surplus = len(segment) - n_samples
    if surplus >= 0:
        return segment[surplus // 2 :][:n_samples]
    silence = 128 if segment.dtype == np.uint8 else 0
    before = -surplus // 2
    return np.pad(segment, (before, -surplus - before), constant_values=silence)


def check_segments(
    samples,
    digests,
    labels=None,
    *,
    silent_rms=3e-4,
    constant_std=3e-4,
    clipped_level=0.999,
    clipped_share=1e-3,
):
    """Look for segments that are silent, constant, clipped or there twice.

    Levels are against full scale, 1.

    Parameters
    ----------
    samples : ndarray, (n_segments, n_samples)
        As from `data_prep.sample_scale.scale_segments`.
    digests : list of str
        As from `data_prep.sample_scale.segment_digests`.
    labels : list of str or None
        The spk_id of each segment, if known.
    silent_rms : float
        A segment whose root mean square is below this is silent; 3e-4 is -70 dB.
    constant_std : float
        One that is not silent, but varies by less than this, is constant.
    clipped_level, clipped_share : float
        One with at least this share of its samples at this level or above is clipped.

    Returns
    -------
    findings : list of Finding
        Of the kinds "silent", "constant", "clipped" and "duplicate". Silent and
        constant segments are not duplicates: they are no speech of anyone.

    Raises
    ------
    ValueError
        If the same segment has two labels.
    """
    rms, std, loud = np.empty((3, len(samples)))
    for block, wavs in decoded_blocks(samples):
        std[block] = wavs.std(axis=1)
        rms[block] = np.hypot(std[block], wavs.mean(axis=1))
        loud[block] = (np.abs(wavs) >= clipped_level).mean(axis=1)
    silent = rms < silent_rms
    constant = ~silent & (std < constant_std)
    clipped = ~constant & (loud >= clipped_share)
    earlier = _earlier_copies(digests, ~(silent | constant))
    copied = earlier >= 0
    if labels is not None:
        spk_ids = np.asarray(labels)
        crossed = copied & (spk_ids != spk_ids[earlier])
        text = "are copies of segments with another label; correct or remove"
        refuse(crossed, f"{text} them ({_pairs(crossed, earlier)})")
    return [
        *note("silent", silent, f"are silent (below {silent_rms:g} of full scale)"),
        *note("constant", constant, f"are constant (vary below {constant_std:g})"),
        *note("clipped", clipped, f"are clipped (at {clipped_level:g} or above)"),
        *note("duplicate", copied, f"are copies ({_pairs(copied, earlier)})"),
    ]


def _earlier_copies(digests, considered):
    """Return, for each segment, the first with its digest before it, or -1."""
    first = {}
    earlier = np.full(len(digests), -1)
    for i in np.flatnonzero(considered).tolist():
        found = first.setdefault(digests[i], i)
        if found != i:
            earlier[i] = found
    return earlier


def _pairs(mask, earlier):
    return first_few([f"{i} = {earlier[i]}" for i in np.flatnonzero(mask)])


def find_leaks(digests, train_digests):
    """Find test segments that also stand in the training data.

    Parameters
    ----------
    digests : list of str
        Of the test segments.
    train_digests : collection of str
        Of the training segments.

    Returns
    -------
    findings : list of Finding
        Of the kind "leak".
    """
    known = set(train_digests)
    leaked = np.array([digest in known for digest in digests])
    return note(
        "leak", leaked, "are in the training data too; do not trust the figures"
    )
