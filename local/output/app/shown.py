"""What the page shows, as HTML: every text that comes from elsewhere is escaped."""

from html import escape
from typing import NamedTuple

import numpy as np
import torch

from local.evaluation.operating_points import OperatingPoint
from local.output.app.histogram import draw_scores
from local.output.judge import Yardstick, format_probability
from local.output.listen.clips import data_url, draw_spectrogram
from local.scoring.pair import Verdict


class Decision(NamedTuple):
    """A verdict, and at which point it is decided.

    Attributes
    ----------
    verdict : local.scoring.pair.Verdict
        Score and probability.
    yardstick : local.output.judge.Yardstick
        What the score is measured by.
    point_name : str
        Of the operating point.
    point : local.evaluation.operating_points.OperatingPoint
        Its threshold and errors.
    p_target : float
        Probability of one speaker before listening.
    """

    verdict: Verdict
    yardstick: Yardstick
    point_name: str
    point: OperatingPoint
    p_target: float

    @property
    def is_accepted(self):
        """Whether it is one speaker."""
        return self.verdict.score >= self.point.threshold

    @property
    def llr(self):
        """How strongly the score speaks for one speaker, however sure it is."""
        return self.yardstick.calibration.llr(self.verdict.score)


def count(number, what):
    """Return a number of things as text.

    Examples
    --------
    >>> count(1, "clip"), count(1200, "clip")
    ('1 clip', '1,200 clips')
    """
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def percent(share):
    """Return a share as text.

    Examples
    --------
    >>> percent(0.0414), percent(0.0004)
    ('4.1 %', '0.04 %')
    """
    return f"{100 * share:.{1 if share >= 0.01 or share == 0 else 2}f} %"


def problem(message):
    """Return an error as a line."""
    return f'<p class="problem" role="alert">{escape(message)}</p>'


def note(message):
    """Return what was done as a line."""
    return f'<p class="note" role="status">{escape(message)}</p>'


def decision_card(decision):
    """Return the verdict on two clips.

    Parameters
    ----------
    decision : Decision
        All there is to tell.

    Returns
    -------
    html : str
        Answer, probability, score among those of the validation speakers, errors.
    """
    verdict, point = decision.verdict, decision.point
    answer = "One speaker" if decision.is_accepted else "Two speakers"
    return (
        f'<section class="card {"same" if decision.is_accepted else "different"}"'
        f' role="status"><p class="answer">{answer}</p>'
        f"<p>Probability of one speaker: <b>{format_probability(verdict.probability)}"
        f"</b> ({decision.p_target:g} before listening). Score: <b>{verdict.score:.3f}"
        f"</b>; at this operating point it is one speaker from"
        f" <b>{point.threshold:.3f}</b> on.</p>"
        f"{draw_scores(decision.yardstick, verdict.score, point.threshold)}"
        f'<p class="small">{errors_told(decision)}</p></section>'
    )


def errors_told(decision):
    """Tell how an operating point errs on the validation speakers."""
    yardstick, point = decision.yardstick, decision.point
    n_tar, n_non = len(yardstick.tar), len(yardstick.non)
    return (
        f"{escape(decision.point_name)}: of pairs of validation speakers with"
        f" {yardstick.size} s a side, {percent(point.p_miss)} of one speaker are missed"
        f" ({round(point.p_miss * n_tar):,} of {n_tar:,}) and {percent(point.p_fa)} of"
        f" two are accepted ({round(point.p_fa * n_non):,} of {n_non:,}). They were"
        " recorded as the training data were; for anything else all this is"
        " approximate."
    )


def ranking(decisions):
    """Return the enrolled voices, the likeliest first.

    Parameters
    ----------
    decisions : dict of str to Decision
        Name -> decision, at least one, all at one operating point.

    Returns
    -------
    html : str
        Answer and table.
    """
    ranked = sorted(decisions.items(), key=lambda item: -item[1].llr)
    passing = [name for name, decision in ranked if decision.is_accepted]
    answer = f"This is {escape(passing[0])}" if passing else "None of them"
    rows = "".join(ranking_row(name, decision) for name, decision in ranked)
    wrongly = min(1.0, sum(decision.point.p_fa for _, decision in ranked))
    return (
        f'<section class="card {"same" if passing else "different"}" role="status">'
        f'<p class="answer">{answer}</p>{also_passing(passing)}'
        '<table class="told"><thead><tr><th class="name">Voice</th><th>Probability'
        '</th><th class="extra">Score</th><th class="extra">Needed</th>'
        "<th>Verdict</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>"
        f'<p class="small">{escape(ranked[0][1].point_name)}: somebody who is not'
        f" enrolled passes for one of {count(len(ranked), 'voice')} with a probability"
        f" of up to {percent(wrongly)}, measured on validation speakers. Each"
        f" probability is of that voice alone, {ranked[0][1].p_target:g} before"
        " listening.</p></section>"
    )


def also_passing(passing):
    """Tell which voices pass beside the first."""
    if len(passing) < 2:
        return ""
    return f"<p>Passing, too: {escape(', '.join(passing[1:]))}.</p>"


def ranking_row(name, decision):
    """Return a voice as a row."""
    verdict = decision.verdict
    return (
        f'<tr><td class="name">{escape(name)}</td>'
        f"<td>{format_probability(verdict.probability)}</td>"
        f'<td class="extra">{verdict.score:.3f}</td>'
        f'<td class="extra">{decision.point.threshold:.3f}</td>'
        f"<td>{'passes' if decision.is_accepted else 'no'}</td></tr>"
    )


def voices_table(enrolled):
    """Return the enrolled voices.

    Parameters
    ----------
    enrolled : dict of str to local.scoring.enrolment.Enrolled
        By name.
    """
    if not enrolled:
        return note("No voice is enrolled yet.")
    rows = "".join(
        f'<tr><td class="name">{escape(name)}</td><td>{len(one.n_views)}</td>'
        f"<td>{one.n_views.sum()}</td></tr>"
        for name, one in enrolled.items()
    )
    return (
        '<table class="told"><thead><tr><th class="name">Voice</th><th>Clips</th>'
        f"<th>Views</th></tr></thead><tbody>{rows}</tbody></table>"
    )


def clip_picture(clip, sample_rate, recorded_hz):
    """Return the spectrogram of a clip with the views cut from it.

    Parameters
    ----------
    clip : local.scoring.pair.Clip
        As the model hears it.
    sample_rate, recorded_hz : int
        Of the clip and of its recording, Hz.

    Returns
    -------
    html : str
        Picture, a mark a view, a line of text.
    """
    wav = torch.from_numpy(np.ascontiguousarray(clip.wav))
    url = data_url("image/png", draw_spectrogram(wav, sample_rate))
    width = 100 * clip.views.shape[1] / len(clip.wav)
    marks = "".join(
        f'<i class="{"view" if heard else "pause"}"'
        f' style="left:{100 * start / len(clip.wav):.3f}%;width:{width:.3f}%"></i>'
        for start, heard in zip(clip.starts, clip.is_heard, strict=True)
    )
    return (
        f'<figure class="heard"><div class="strip"><img src="{url}" alt="Spectrogram,'
        f' 0 to {sample_rate // 2} Hz">{marks}</div><figcaption>'
        f"{clip_told(clip, sample_rate, recorded_hz)}</figcaption></figure>"
    )


def clip_told(clip, sample_rate, recorded_hz):
    """Tell what the model hears of a clip."""
    n_pauses = int((~clip.is_heard).sum())
    pauses = f", {count(n_pauses, 'pause')} left out (grey)" if n_pauses else ""
    narrow = (
        f" Recorded at {recorded_hz} Hz: above {recorded_hz // 2} Hz there is nothing"
        " to hear, so the score is less sure."
        if recorded_hz < sample_rate
        else ""
    )
    return (
        f"What the model hears, at {sample_rate} Hz:"
        f" {count(len(clip.views), 'one-second view')}{pauses}.{narrow}"
    )
