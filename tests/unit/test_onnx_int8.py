"""Tests of local.output.onnx_int8."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from local.output.onnx_int8 import BatchReader, find_layers, write_int8

SIZE = 100  # of a square weight, above the least


def write_graph(path, ops, size=SIZE):
    """Write a chain of products with random weights (MatMul) and of other operators."""
    rng = np.random.default_rng(0)
    nodes, weights = [], []
    for n, op in enumerate(ops):
        names = [f"x{n}"]
        if op == "MatMul":
            names.append(f"w{n}")
            weight = rng.standard_normal((size, size)).astype("f4") / size**0.5
            weights.append(numpy_helper.from_array(weight, names[1]))
        nodes.append(helper.make_node(op, names, [f"x{n + 1}"], name=f"{op}{n}"))
    ends = [
        helper.make_tensor_value_info(f"x{n}", TensorProto.FLOAT, ["batch", size])
        for n in (0, len(ops))
    ]
    graph = helper.make_graph(nodes, "chain", ends[:1], ends[1:], weights)
    opset = [helper.make_opsetid("", 18)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=10), path)
    return onnx.load(path).graph


def run(path, inputs):
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return session.run(None, {"x0": inputs})[0]


@pytest.mark.parametrize(
    ("ops", "found"),
    [
        (["MatMul", "Relu", "MatMul"], ["MatMul0", "MatMul2"]),
        (["MatMul", "Exp", "Log", "MatMul", "Relu"], ["MatMul3"]),
        (["Relu"], []),
    ],
)
def test_layers_are_those_behind_the_features(tmp_path, ops, found):
    graph = write_graph(tmp_path / "x.onnx", ops)
    assert [node.name for node in find_layers(graph)] == found


def test_small_weights_are_left_alone(tmp_path):
    assert not find_layers(write_graph(tmp_path / "x.onnx", ["MatMul"], size=10))


def test_a_quantised_graph_is_smaller_and_does_nearly_the_same(tmp_path):
    paths = [tmp_path / name for name in ("float.onnx", "int8.onnx")]
    write_graph(paths[0], ["MatMul", "Relu", "MatMul", "Relu", "MatMul"])
    inputs = np.random.default_rng(1).standard_normal((20, SIZE)).astype("f4")
    write_int8(*paths, inputs)
    exact, near = (run(path, inputs) for path in paths)
    assert 0.99 < np.corrcoef(exact.ravel(), near.ravel())[0, 1] < 1
    assert paths[1].stat().st_size < 0.4 * paths[0].stat().st_size


def test_a_graph_without_layers_is_refused(tmp_path):
    write_graph(tmp_path / "x.onnx", ["Relu"])
    with pytest.raises(ValueError, match="no layer of 4096 weights or more"):
        write_int8(tmp_path / "x.onnx", tmp_path / "y.onnx", np.ones((2, SIZE), "f4"))


def test_all_clips_calibrate(tmp_path):
    inputs = np.arange(21.0).reshape(21, 1)
    reader = BatchReader("x", inputs)
    feeds = list(iter(reader.get_next, None))
    assert np.array_equal(np.concatenate([feed["x"] for feed in feeds]), inputs)
    assert max(len(feed["x"]) for feed in feeds) <= 8
