"""Tests of recipes.wav2vec2_speaker_id.weights."""

import argparse
import collections
import sys

import pytest
import torch
from tiny_wav2vec2 import noise, tiny, tiny_network
from torchaudio.models.wav2vec2.utils import import_fairseq

from recipes.wav2vec2_speaker_id.weights import SOURCES, read_weights, rename

FAIRSEQ = {  # of torchaudio's names to fairseq's, in turn
    "encoder.feature_projection.layer_norm.": "layer_norm.",
    "encoder.feature_projection.projection.": "post_extract_proj.",
    "encoder.transformer.pos_conv_embed.conv.": "encoder.pos_conv.0.",
    "encoder.transformer.": "encoder.",
    "0.layer_norm.": "0.self_attn_layer_norm.",
    "1.layer_norm.": "1.self_attn_layer_norm.",
    "conv_layers.0.self_attn_layer_norm.": "conv_layers.0.2.",
    ".attention.": ".self_attn.",
    ".feed_forward.intermediate_dense.": ".fc1.",
    ".feed_forward.output_dense.": ".fc2.",
    ".conv.weight": ".0.weight",
}
HUGGING_FACE = {
    "encoder.feature_projection.": "feature_projection.",
    "encoder.transformer.": "encoder.",
}
WEIGHT_NORM = {
    "parametrizations.weight.original0": "weight_g",
    "parametrizations.weight.original1": "weight_v",
}


def named(names, prefix="", extra=()):
    """Return the weights of the tiny network under other names, and some besides."""
    renamed = {}
    for name, weights in tiny_network().state_dict().items():
        for ours, theirs in names.items():
            name = name.replace(ours, theirs)
        renamed[prefix + name] = weights
    return renamed | {name: torch.zeros(2) for name in extra}


def fairseq():
    """Return weights named and accompanied as in wav2vec_small.pt."""
    extra = ("mask_emb", "quantizer.vars", "project_q.weight", "final_proj.bias")
    return named(WEIGHT_NORM | FAIRSEQ, extra=extra)


LAYOUTS = {
    "torchaudio": lambda: named({}),
    "torchaudio of before": lambda: named(WEIGHT_NORM),
    "fairseq": lambda: {"args": None, "model": fairseq()},
    "Hugging Face alone": lambda: named(HUGGING_FACE),
    "Hugging Face for pretraining": lambda: named(
        WEIGHT_NORM | HUGGING_FACE,
        "wav2vec2.",
        ("wav2vec2.masked_spec_embed", "quantizer.codevectors", "project_hid.bias"),
    ),
}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "weights.pt"


def expected():
    return tiny_network().state_dict()


def assert_same(found):
    assert found.keys() == expected().keys()
    assert all(torch.equal(found[name], w) for name, w in expected().items())


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_the_same_weights(path, layout):
    torch.save(LAYOUTS[layout](), path)
    assert_same(read_weights(path, tiny_network()))


def test_torchaudio_reads_the_names_of_fairseq_as_we_do():
    theirs = import_fairseq._convert_state_dict(fairseq())
    ours = rename(fairseq())
    assert len(ours) == len(expected())
    assert rename(theirs).keys() == ours.keys()
    assert all(torch.equal(rename(theirs)[name], w) for name, w in ours.items())


@pytest.mark.parametrize("name", ["model.safetensors", "pytorch_model.bin"])
def test_a_folder_of_hugging_face_is_read(tmp_path, name):
    if name.endswith("safetensors"):
        save = pytest.importorskip("safetensors.torch").save_file
    else:
        save = torch.save
    save(named(HUGGING_FACE), tmp_path / name)
    assert_same(read_weights(tmp_path, tiny_network()))
    assert_same(read_weights(tmp_path / name, tiny_network()))


def test_halves_are_read_as_whole_numbers_of_32_bits(path):
    torch.save({name: w.half() for name, w in named({}).items()}, path)
    assert tiny(path)(noise()).dtype == torch.float32


# What a file holds besides weights


RAN = []


def leave_a_trace(value):
    RAN.append(value)
    return Config()


class Config:
    """Something that a file of pickle would have made by a function of its choice."""

    def __reduce__(self):
        return (leave_a_trace, (1,), {"more": [1, 2]})


@pytest.mark.parametrize("in_zip", [True, False])
def test_the_arguments_of_fairseq_are_no_obstacle(path, in_zip):
    """Files of 2020 are of the format before zip."""
    content = {"args": argparse.Namespace(lr=[1e-3], arch="wav2vec2")}
    content |= {"model": fairseq(), "optimizer_history": [{"num_updates": 4}]}
    torch.save(content, path, _use_new_zipfile_serialization=in_zip)
    assert_same(read_weights(path, tiny_network()))


def test_code_beside_the_weights_is_not_run(path):
    RAN.clear()
    torch.save({"cfg": Config(), "model": fairseq()}, path)
    assert_same(read_weights(path, tiny_network()))
    assert not RAN
    torch.load(path, weights_only=False)
    assert RAN == [1]  # the file does hold it


@pytest.mark.parametrize("in_zip", [True, False])
@pytest.mark.parametrize("call", ["exit", "system"])
def test_a_file_that_asks_for_a_program_is_not_obeyed(path, tmp_path, in_zip, call):
    class Program:
        def __reduce__(self):
            if call == "exit":
                return (sys.exit, (3,))
            import os

            return (os.system, (f"touch {tmp_path / 'ran'}",))

    content = {"cfg": Program(), "model": fairseq()}
    torch.save(content, path, _use_new_zipfile_serialization=in_zip)
    with pytest.raises(ValueError, match="without running its code") as caught:
        read_weights(path, tiny_network())
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "ran").exists()


def test_a_stand_in_is_trusted_no_longer_than_the_file_is_read(path):
    torch.save({"args": argparse.Namespace(), "model": fairseq()}, path)
    before = set(torch.serialization.get_safe_globals())
    read_weights(path, tiny_network())
    assert set(torch.serialization.get_safe_globals()) == before


# What is refused


def test_missing_weights_tell_where_to_get_them(path):
    with pytest.raises(FileNotFoundError) as caught:
        read_weights(path, tiny_network())
    message = str(caught.value)
    assert message.startswith(f"{path}: no weights of wav2vec 2.0 base; download https")
    assert all(source in message for source in SOURCES)
    assert "\n" not in message


@pytest.mark.parametrize(
    "head", ["aux.weight", "lm_head.bias", "projector.weight", "classifier.bias"]
)
def test_fine_tuned_weights_are_refused(path, head):
    torch.save(named({}) | {head: torch.zeros(3)}, path)
    with pytest.raises(ValueError, match=rf"holds {head}, so it was fine-tuned"):
        read_weights(path, tiny_network())


def test_fine_tuned_weights_of_fairseq_are_refused(path):
    fine_tuned = {f"w2v_encoder.w2v_model.{name}": w for name, w in fairseq().items()}
    torch.save({"model": fine_tuned}, path)
    with pytest.raises(ValueError, match=r"holds w2v_encoder\.\S+, so it was fine-tu"):
        read_weights(path, tiny_network())


PROJECTION = "encoder.feature_projection.projection.bias"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({PROJECTION: torch.zeros(9)}, r"\.bias is \(9,\), expected \(8,\): a network"),
        ({PROJECTION: None}, r"1 names missing, such as .*projection\.bias; expected"),
        ({PROJECTION: 3}, r"projection\.bias is \(\), expected \(8,\)"),
        ({"label_embs": torch.zeros(2)}, "1 names unknown, such as label_embs;"),
        ({7: torch.zeros(2)}, "1 names unknown, such as 7;"),
    ],
)
def test_other_weights_are_refused(path, change, message):
    changed = named({}) | change
    torch.save({k: v for k, v in changed.items() if v is not None}, path)
    with pytest.raises(ValueError, match=message) as caught:
        read_weights(path, tiny_network())
    assert "\n" not in str(caught.value)


def test_a_larger_network_is_told_by_its_size(path):
    larger = named({}) | {
        name.replace("layers.1.", "layers.2."): torch.zeros(2)
        for name in named({})
        if "transformer.layers.1." in name
    }
    torch.save(larger | {PROJECTION: torch.zeros(1024)}, path)
    with pytest.raises(ValueError, match="of another size; take the base one"):
        read_weights(path, tiny_network())
    torch.save(larger, path)
    with pytest.raises(
        ValueError, match=r"16 names unknown, such as .*layers\.2\.\S+,"
    ):
        read_weights(path, tiny_network())


@pytest.mark.parametrize(
    "content",
    [
        [1, 2],
        torch.zeros(3),
        {},
        {"model": None},
        {"model": [1]},
        collections.Counter(),
    ],
)
def test_what_is_no_state_dict_is_refused(path, content):
    torch.save(content, path)
    with pytest.raises(ValueError, match=r"weights\.pt: ") as caught:
        read_weights(path, tiny_network())
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"not a file of torch", b"PK\x03\x04 cut"])
@pytest.mark.parametrize("name", ["w.pt", "w.safetensors"])
def test_a_broken_file_is_refused(tmp_path, content, name):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=rf"{name}: ") as caught:
        read_weights(tmp_path / name, tiny_network())
    assert "\n" not in str(caught.value)


def test_every_cut_of_a_file_is_refused(path):
    torch.save(LAYOUTS["fairseq"](), path, _use_new_zipfile_serialization=False)
    whole = path.read_bytes()
    for size in range(1, len(whole), len(whole) // 40):
        path.write_bytes(whole[:size])
        with pytest.raises(ValueError, match="not weights"):
            read_weights(path, tiny_network())


def test_safetensors_without_the_package_tell_the_command(tmp_path, monkeypatch):
    (tmp_path / "w.safetensors").write_bytes(b"")
    monkeypatch.setitem(sys.modules, "safetensors", None)
    with pytest.raises(ValueError, match=r"pip install -r requirements-wav2vec2\.txt"):
        read_weights(tmp_path / "w.safetensors", tiny_network())
