"""M4A files: their length by the header, their samples by ffmpeg."""

import shutil
import subprocess
import sys

import numpy as np
import pytest
import soundfile
from made_up_voxceleb import m4a_bytes

from data_prep.m4a import m4a_seconds, read_m4a


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "00001.m4a"
    path.write_bytes(m4a_bytes(1000, 7800))
    return path


def install_ffmpeg(folder, monkeypatch, code):
    """Put a program of that name, in Python, on the PATH, and nothing else."""
    program = folder / "bin" / "ffmpeg"
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable}\nimport sys\n{code}\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))


@pytest.mark.parametrize("wide", [False, True])
def test_the_length_is_that_of_the_header(wide, path):
    path.write_bytes(m4a_bytes(16000, 16000 * 3 + 4000, wide))
    assert m4a_seconds(path) == 3.25


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "00001.m4a: not an M4A file .no box moov"),
        (b"RIFF....WAVE", "no box moov"),
        (bytes(40), "no box moov"),
        (m4a_bytes(1000, 0), "tells no length"),
        (m4a_bytes(0, 1000), "tells no length"),
        (m4a_bytes(1000, 1000)[:-28], "no box mvhd"),
        (m4a_bytes(1000, 1000)[:-20], "tells no length"),
    ],
)
def test_what_tells_no_length_is_refused(content, message, path):
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        m4a_seconds(path)


def test_samples_are_what_ffmpeg_writes_at_the_rate_asked_for(
    path, tmp_path, monkeypatch
):
    install_ffmpeg(
        tmp_path,
        monkeypatch,
        "import struct\n"
        "given = dict(zip(sys.argv, sys.argv[1:]))\n"
        "right = given['-i'].startswith('file:') and given['-f'] == 'f32le'\n"
        "rate = float(given['-ar'])\n"
        "sys.stdout.buffer.write(struct.pack('<3f', right, rate, -0.5))",
    )
    wav = read_m4a(path, 16000)
    assert wav.dtype == np.float32
    np.testing.assert_array_equal(wav, [1, 16000, -0.5])


def test_what_ffmpeg_says_is_passed_on_in_one_line(path, tmp_path, monkeypatch):
    install_ffmpeg(tmp_path, monkeypatch, "sys.exit('first\\nmoov atom not found')")
    with pytest.raises(ValueError, match="00001.m4a: .*moov atom not found") as caught:
        read_m4a(path, 16000)
    assert "\n" not in str(caught.value)


def test_a_file_without_sound_is_refused(path, tmp_path, monkeypatch):
    install_ffmpeg(tmp_path, monkeypatch, "sys.exit(0)")
    with pytest.raises(ValueError, match="cannot read it .no sound"):
        read_m4a(path, 16000)


def test_without_ffmpeg_it_is_said_what_to_install(path, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="install ffmpeg .*or convert"):
        read_m4a(path, 16000)


@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="ffmpeg is not installed")
def test_a_tone_comes_back_from_the_real_ffmpeg(tmp_path):
    tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(32000) / 16000)
    soundfile.write(tmp_path / "a.wav", tone, 16000)
    path = tmp_path / "a.m4a"
    command = ["ffmpeg", "-v", "error", "-i", tmp_path / "a.wav", "-c:a", "aac", path]
    subprocess.run(command, check=True)
    wav = read_m4a(path, 16000)
    assert m4a_seconds(path) == pytest.approx(2, abs=0.001)
    assert len(wav) == pytest.approx(32000, abs=2048)  # whole blocks of AAC
    assert np.abs(wav[4000:28000] - tone[4000:28000]).max() < 0.02
