"""Simulated sessions: the same speech, in order, by a device a chapter."""

import numpy as np
import pytest
import soundfile

from data_prep.librispeech import find_utterances
from data_prep.librispeech_sessions import simulate_sessions, write_chapter
from data_prep.simulated_recording import SEVERITIES, draw_device


@pytest.fixture
def simulate(librispeech_folder, tmp_path):
    """Return a function that simulates two readers, and gives their files."""
    readers = tmp_path / "readers.txt"
    readers.write_text("13\n14\n")

    def simulated(name="sessions", **changes):
        settings = {"subset": "dev-clean", "readers": readers, "n_utterances": 3}
        output = tmp_path / name
        simulate_sessions(librispeech_folder, output, **settings | changes)
        return output, find_utterances(output, ["dev-clean"])

    return simulated


def spectrum(path):
    """Return the level of 32 bands, dB, the mean over time."""
    wav, _ = soundfile.read(path)
    power = np.abs(np.fft.rfft(wav[: len(wav) // 64 * 64].reshape(-1, 64))) ** 2
    return 10 * np.log10(power.mean(axis=0)[1:22] + 1e-12)


def test_a_reader_has_chapters_of_utterances_and_all_of_the_speech(
    simulate, librispeech_folder
):
    output, found = simulate()
    assert list(found) == ["13", "14"]
    names = [path.name for path in found["13"]]
    assert names == [f"13-{c}-{n:04d}.flac" for c in (0, 1) for n in (0, 1, 2)]
    (output / "SPEAKERS.TXT").read_text(encoding="utf-8").index("13")
    before = find_utterances(librispeech_folder, ["dev-clean"])["13"]
    seconds = [
        sum(soundfile.info(path).duration for path in paths)
        for paths in (before, found["13"])
    ]
    assert seconds[1] == pytest.approx(seconds[0], abs=0.01)


def test_chapters_sound_apart_and_utterances_of_one_alike(tmp_path, rng):
    noise = rng.normal(size=22050) * 0.1
    for chapter in ("0", "1"):
        draws = np.random.default_rng(int(chapter))
        device = draw_device(SEVERITIES["default"], 11025, draws)
        write_chapter(tmp_path / "9" / chapter, [noise, noise], device, draws)
    levels = [spectrum(path) for path in sorted(tmp_path.rglob("*.flac"))]
    levels = [level - level.mean() for level in levels]
    within = np.abs(levels[0] - levels[1]).mean()
    assert np.abs(levels[0] - levels[2]).mean() > 3 * within


def test_the_same_seed_simulates_the_same_and_another_others(simulate):
    first, again, other = (
        soundfile.read(simulate(name, seed=seed)[1]["14"][0])[0]
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0.01


def test_what_is_there_is_not_made_again(simulate):
    output, found = simulate()
    before = found["13"][0].stat().st_mtime_ns
    simulate()
    assert found["13"][0].stat().st_mtime_ns == before


@pytest.mark.parametrize(
    "wrong", [{"n_chapters": 0}, {"severity": "harsh"}, {"seed": -1}]
)
def test_impossible_sessions_are_refused(simulate, wrong):
    with pytest.raises(ValueError, match="expected n_chapters and n_utterances of 1"):
        simulate(**wrong)
