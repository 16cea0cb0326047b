"""Tests of local.output.export."""

import numpy as np
import onnxruntime
import pytest
import torch

from local.output import export, onnx_int8, real_spectrum
from local.output.combine import combine_models
from local.scoring.model_folder import load_encoder


def export_error(capsys, *arguments):
    """Return the one line in which the command ends."""
    with pytest.raises(SystemExit) as exit_:
        export.main(list(map(str, arguments)))
    assert exit_.value.code == 1
    (line,) = capsys.readouterr().err.splitlines()[-1:]
    assert line.startswith("error: ")
    return line


def embed(path, clips):
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (name,) = (given.name for given in session.get_inputs())
    found = session.run(None, {name: clips})[0]
    return found, session.get_modelmeta().custom_metadata_map


def test_a_combination_is_exported_and_says_what_it_is(
    untrained_model, tmp_path, capsys
):
    members = [untrained_model(seed) for seed in (0, 1)]
    folder = combine_models(members, [1.0, 2.0], tmp_path / "both" / "1", compact=False)
    export.main([str(folder), "--output", str(tmp_path / "new" / "x.onnx")])
    clips = torch.randn(3, 11025, generator=torch.Generator().manual_seed(0)) / 10
    found, facts = embed(tmp_path / "new" / "x.onnx", clips.numpy())
    expected = load_encoder(folder, "cpu").encode_batch(clips).squeeze(1)
    np.testing.assert_allclose(found, expected, atol=1e-4)
    assert facts["features"] == "inside" and facts["input_shape"] == "batch 11025"
    assert (facts["sample_rate"], facts["samples"]) == ("11025", "11025")
    assert (facts["emb_dim"], facts["opset"]) == ("12", "18")
    assert facts["model"].startswith("both, StatisticsEncoder + StatisticsEncoder")
    shown = capsys.readouterr().out
    assert "Checked on 32 clips of synthetic signals" in shown
    assert 'session.run(None, {"wavs": wavs})' in shown
    line = export_error(capsys, folder, "--features", "outside")
    assert "take --features inside" in line


def test_int8_goes_beside_and_embeds_nearly_the_same(
    untrained_model, task_folder, tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr(onnx_int8, "LEAST_WEIGHTS", 16)  # the model is tiny
    path = tmp_path / "x.onnx"
    data = ["--test_data", task_folder / "test_data.pkl"]
    data += ["--test_labels", task_folder / "test_labels.npy"]
    options = [untrained_model(0), "--output", path, "--features", "outside", *data]
    export.main(list(map(str, [*options, "--int8"])))
    feats = np.random.default_rng(0).standard_normal((50, 1, 40)).astype("f4")
    (exact, facts), (near, _) = (
        embed(file, feats) for file in (path, tmp_path / "x.int8.onnx")
    )
    assert facts["features"] == "outside" and facts["input_shape"] == "batch 1 40"
    assert 0.9 < np.corrcoef(exact.ravel(), near.ravel())[0, 1] < 0.9999999
    shown = capsys.readouterr().out.splitlines()
    rows = {line.split()[0]: line for line in shown}
    for name in ("PyTorch", "float32", "int8"):
        assert "clips/s" in rows[name] and "R-precision" in rows[name]


def test_other_embeddings_than_pytorchs_are_refused_and_an_earlier_file_stays(
    untrained_model, tmp_path, capsys, monkeypatch
):
    path = tmp_path / "x.onnx"
    path.write_bytes(b"earlier")
    right = real_spectrum.rfft
    monkeypatch.setattr(real_spectrum, "rfft", lambda frames: right(frames.abs()))
    line = export_error(capsys, untrained_model(0), "--output", path)
    assert "x.onnx is not written" in line
    assert path.read_bytes() == b"earlier"
    assert [file.name for file in tmp_path.glob("*.onnx")] == ["x.onnx"]


def test_missing_packages_are_named_with_what_installs_them(
    tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr(export, "find_spec", lambda name: None)
    line = export_error(capsys, tmp_path, "--output", tmp_path / "x.onnx")
    assert "needs onnx, onnxruntime, onnxscript" in line
    assert line.endswith("pip install -r requirements-onnx.txt")


def test_int8_wants_real_clips(tmp_path, capsys):
    assert "give --test_data" in export_error(capsys, tmp_path, "--int8")


def test_a_folder_without_a_model_is_named(tmp_path, capsys):
    assert "no model here" in export_error(capsys, tmp_path)
