"""Tests of local.output.app.studio, and of what it shows."""

import re

import numpy as np
import pytest
import soundfile
from hyperpyyaml import load_hyperpyyaml

from local.output.app.studio import Studio
from local.output.judge import Judge
from local.scoring.enrolment import Enrolment

RATE = 11025
LIMITS = {"longest_s": 5, "most_channels": 2, "p_target": 0.5}


@pytest.fixture
def studio(untrained_model, tmp_path):
    """Return what the page can do by an untrained model."""
    with open("hparams/app.yaml", encoding="utf-8") as stream:
        hparams = load_hyperpyyaml(stream)
    settings = {key: hparams[key] for key in ("read_clip", "operating_points")}
    judge = Judge(untrained_model(1), "cpu", [], "speaker", 3, 64, 3)
    enrolment = Enrolment(tmp_path / "enrolled", "1", "made up", 3, 3, 20)
    return Studio(judge, enrolment, **LIMITS, **settings)


@pytest.fixture
def record(tmp_path, rng):
    """Return a function that writes noise of a colour and gives its path."""

    def write(name="a.wav", seconds=1.0, rate=RATE, channels=1, power=1, level=0.1):
        shape = round(seconds * rate), channels
        wav = level * rng.standard_normal(shape) ** power
        soundfile.write(tmp_path / name, wav, rate, subtype="FLOAT")
        return str(tmp_path / name)

    return write


def text(html):
    return re.sub("<[^>]*>", "", html)


def test_the_answer_is_that_of_the_threshold(studio, record):
    paths = record("a.wav"), record("b.wav", power=3)
    for name, chosen in studio.operating_points.items():
        voices = [studio.listen(path, "Clip") for path in paths]
        decision = studio.decide(*voices, name)
        yardstick, point = decision.yardstick, decision.point
        assert point.p_fa == np.mean(yardstick.non >= point.threshold)
        assert point.p_fa <= chosen.get("p_fa", 1)
        accepted = decision.verdict.score >= point.threshold
        answer = "One speaker" if accepted else "Two speakers"
        card = text(studio.compare(*paths, name))
        assert answer in card and f"{name}: of pairs of validation" in card


def test_a_wrong_operating_point_is_refused_at_once(studio):
    settings = studio.judge, studio.enrolment, studio.read_clip, 5, 2
    for wrong in ({"p_fa": 2}, {"p_fa": "x"}, {"x": 1}, None):
        with pytest.raises(ValueError, match="Wrong: .* a share in"):
            Studio(*settings, {"Wrong": wrong}, 0.5)
    with pytest.raises(ValueError, match="operating_points: none"):
        Studio(*settings, {}, 0.5)
    with pytest.raises(ValueError, match="p_target must be between"):
        Studio(*settings, {"Balanced": {}}, 0)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"seconds": 0.1}, "0.10 s of audio; a speaker is told from 0.3 s or more"),
        ({"seconds": 5.1}, "5.1 s of audio; at most 5 s are read, so cut it"),
        ({"channels": 3}, "3 channels; at most 2 are read"),
        ({"level": 0}, "silent; record it again"),
        ({"level": 1e19}, "louder than any recording; full scale is 1"),
        ({"rate": 3000}, "3000 Hz; speech needs 4000 Hz or more"),
        ({"rate": 200_000}, "200000 Hz; at most 192000 Hz"),
    ],
)
def test_a_clip_that_cannot_be_used_is_told_of_in_a_line(
    studio, record, settings, reason
):
    path = record(**settings)
    for said in (
        studio.show_clip(path, "First clip"),
        studio.compare(path, record("b.wav"), "Balanced"),
    ):
        assert text(said) == f"First clip: {reason}" and 'role="alert"' in said
    assert text(studio.enrol("Ann", path)) == f"Clip: {reason}"
    assert studio.names() == []


@pytest.mark.parametrize("content", [b"", b"text", b"RIFF\x00\x00\x00\x00WAVE"])
def test_what_is_no_audio_is_told_of_without_its_path(studio, tmp_path, content):
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    said = text(studio.compare(str(path), None, "Balanced"))
    assert said.startswith("First clip: ") and str(tmp_path) not in said
    assert "\n" not in said


def test_a_clip_that_is_missing_is_told_of(studio, record, tmp_path):
    path = record()
    assert "Second clip: none yet" in studio.compare(path, None, "Balanced")
    gone = str(tmp_path / "gone.wav")
    assert "First clip: deleted by now" in studio.compare(gone, path, "Balanced")
    assert studio.show_clip(None, "Clip") == ""


def test_the_picture_marks_views_and_pauses(studio, tmp_path, rng):
    wav = 0.1 * rng.standard_normal(round(3.5 * RATE))
    wav[RATE : 2 * RATE] *= 1e-4
    soundfile.write(tmp_path / "b.wav", wav, RATE)
    picture = studio.show_clip(str(tmp_path / "b.wav"), "Clip")
    classes = re.findall(r'<i class="(\w+)"', picture)
    assert classes == ["view", "pause", "view", "view"]
    starts = [float(x) for x in re.findall(r"left:([\d.]+)%", picture)]
    np.testing.assert_allclose(starts, [0, 100 / 3.5, 200 / 3.5, 250 / 3.5], atol=0.01)
    assert "3 one-second views, 1 pause left out" in text(picture)


def test_a_narrow_band_is_told_of(studio, record):
    assert "above 4000 Hz there is nothing" in studio.show_clip(
        record(rate=8000), "Clip"
    )
    assert "nothing" not in studio.show_clip(record(rate=48000), "Clip")


def test_an_enrolled_voice_is_recognised(studio, record):
    assert "no voice is enrolled yet" in studio.recognise(record(), "Balanced")
    path = record("b.wav", power=3)
    said = text(studio.enrol(" Ann  B. ", path))
    assert said == "Ann B.: enrolled with 1 clip, 1 one-second view."
    studio.enrol("Cy", record("c.wav"))
    assert studio.names() == ["Ann B.", "Cy"]
    told = studio.recognise(path, "Balanced")
    assert "This is Ann B." in told and text(told).index("Ann") < text(told).index("Cy")
    assert text(studio.remove("Ann B.")) == "Ann B.: removed."
    assert "Ann" not in studio.recognise(path, "Balanced")


def test_nobody_is_named_where_none_passes(studio, record):
    studio.operating_points = {"Nobody": {"p_fa": 0.0}}
    studio.enrol("Ann", record())
    others = studio.judge.find_yardstick([1, 1]).non
    studio.judge._yardsticks[1] = studio.judge.find_yardstick([1, 1])._replace(
        tar=np.array([others.max() + 99]), non=np.append(others, others.max() + 98)
    )
    told = text(studio.recognise(record(), "Nobody"))
    assert told.startswith("None of them") and "passes for one of 1 voice" in told


def test_voices_of_another_model_are_told_of_where_they_are_listed(studio, record):
    studio.enrol("Ann", record())
    studio.enrolment.identity = "2"
    assert "Ann was enrolled by another model" in studio.list_voices()
    assert studio.names() == []


def test_no_text_becomes_html(studio, tmp_path):
    said = studio.enrol("<b>Ann</b>", None) + studio.remove("<b>Ann</b>")
    said += studio.compare(str(tmp_path / "<b>.wav"), None, "Balanced")
    assert "<b>" not in said
