"""What the page can do: clips and names in, what is shown out."""

from functools import wraps

from local.evaluation.detection import det_curve
from local.evaluation.operating_points import find_operating_point
from local.input.recordings import check_extent
from local.output.app import shown


def in_plain_words(step):
    """Let a step show the message of an error by the user in place of its result."""

    @wraps(step)
    def plain_step(*args):
        try:
            return step(*args)
        except (ValueError, OSError) as error:
            return shown.problem(str(error))

    return plain_step


def check_operating_points(operating_points):
    """Refuse operating points that cannot be found.

    Parameters
    ----------
    operating_points : dict of str to dict
        As of `Studio`.

    Raises
    ------
    ValueError
        If there is none, or one is no share.
    """
    if not operating_points:
        raise ValueError("operating_points: none; give at least {Balanced: {}}")
    curve = det_curve([1.0], [0.0])
    for name, chosen in operating_points.items():
        try:
            find_operating_point(curve, **chosen)
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"operating_points, {name}: expected p_fa or p_miss, a share in 0..1,"
                f" as {{p_fa: 0.01}}, or {{}}; got {chosen!r}"
            ) from error


class Studio:
    """Hears clips, compares them, enrols and recognises voices.

    Parameters
    ----------
    judge : local.output.judge.Judge
        Of pairs.
    enrolment : local.scoring.enrolment.Enrolment
        Voices known by name.
    read_clip : callable
        `local.scoring.pair.read_clip`, its settings bound.
    longest_s, most_channels
        As of `local.input.recordings.check_extent`.
    operating_points : dict of str to dict
        Name -> arguments of `find_operating_point`, in the order shown.
    p_target : float
        Probability of one speaker before listening, in (0, 1).
    """

    def __init__(
        self,
        judge,
        enrolment,
        read_clip,
        longest_s,
        most_channels,
        operating_points,
        p_target,
    ):
        self.judge = judge
        self.enrolment = enrolment
        self.read_clip = read_clip
        self.longest_s = longest_s
        self.most_channels = most_channels
        self.operating_points = {str(n): p for n, p in operating_points.items()}
        self.p_target = p_target
        # What is wrong is refused now, not when something is clicked.
        check_operating_points(operating_points)
        judge.find_yardstick([1, 1]).calibration.threshold(p_target)

    def read(self, path, what):
        """Read a clip.

        Parameters
        ----------
        path : str or None
            Of the upload.
        what : str
            Name of the clip, in place of a path nobody gave.

        Returns
        -------
        clip : local.scoring.pair.Clip
            What the model hears.
        recorded_hz : int
            Its sample rate before.

        Raises
        ------
        ValueError
            If there is none, or it cannot be used.
        """
        if not path:
            raise ValueError(f"{what}: none yet; record or upload one")
        try:
            recorded_hz = check_extent(path, self.longest_s, self.most_channels)
            return self.read_clip(path), recorded_hz
        except FileNotFoundError as error:
            gone = f"{what}: deleted by now; record or upload it again"
            raise ValueError(gone) from error
        except (ValueError, OSError) as error:
            raise ValueError(str(error).replace(str(path), what)) from error

    def listen(self, path, what):
        """Return the `Voice` in a clip, as of `read`."""
        return self.judge.listen(self.read(path, what)[0].views)

    def decide(self, first, second, point_name):
        """Compare two voices at an operating point.

        Returns
        -------
        decision : local.output.app.shown.Decision
            All there is to show.
        """
        verdict, yardstick = self.judge.compare(first, second, self.p_target)
        if point_name not in self.operating_points:
            raise ValueError("at which operating point? Choose one of the list")
        chosen = self.operating_points[point_name]
        curve = det_curve(yardstick.tar, yardstick.non)
        point = find_operating_point(curve, **chosen)
        return shown.Decision(verdict, yardstick, point_name, point, self.p_target)

    @in_plain_words
    def show_clip(self, path, what):
        """Return a picture of a clip, or nothing where there is none."""
        if not path:
            return ""
        clip, recorded_hz = self.read(path, what)
        sample_rate = self.read_clip.keywords["sample_rate"]
        return shown.clip_picture(clip, sample_rate, recorded_hz)

    @in_plain_words
    def compare(self, first_path, second_path, point_name):
        """Return the verdict on two clips."""
        first = self.listen(first_path, "First clip")
        second = self.listen(second_path, "Second clip")
        return shown.decision_card(self.decide(first, second, point_name))

    @in_plain_words
    def enrol(self, name, path):
        """Enrol the voice in a clip, and say so."""
        enrolled = self.enrolment.add(name, self.listen(path, "Clip"))
        n_clips, n_views = len(enrolled.n_views), enrolled.n_views.sum()
        return shown.note(
            f"{enrolled.name}: enrolled with {shown.count(n_clips, 'clip')},"
            f" {shown.count(n_views, 'one-second view')}."
        )

    @in_plain_words
    def remove(self, name):
        """Forget a voice, and say so."""
        self.enrolment.remove(name)
        return shown.note(f"{name}: removed.")

    @in_plain_words
    def recognise(self, path, point_name):
        """Return the enrolled voices by how likely they are that of a clip."""
        voice = self.listen(path, "Clip")
        voices = self.enrolment.voices()
        if not voices:
            raise ValueError("no voice is enrolled yet; enrol one first")
        decisions = {
            name: self.decide(voice, enrolled, point_name)
            for name, enrolled in voices.items()
        }
        return shown.ranking(decisions)

    @in_plain_words
    def list_voices(self):
        """Return the enrolled voices as a table."""
        return shown.voices_table(self.enrolment.read())

    def names(self):
        """Return the names of the enrolled voices; none where they cannot be read."""
        try:
            return list(self.enrolment.read())
        except (ValueError, OSError):  # which `list_voices` tells
            return []
