#!/usr/bin/env python3
"""Graphs as other exporters write them, by hand: their programs cannot be had here. Written after the public sources of

- PyTorch's dynamo exporter: onnxscript, function_libs/torch_lib/ops (aten_lstm, aten_gru since #2674): weights sliced and concatenated in the graph,
  Shape with start and end, states of zeros by Expand;
- tf2onnx: rewriter/lstm_rewriter.py, gru_rewriter.py, loop_rewriter.py: time first inside, lengths of all steps by Tile, dense layers over steps by
  Reshape, and Loop where no pattern matches;
- Keras: a float input of an Embedding is cast; two directions may be two nodes.

Usage: python3 graphs.py FOLDER
"""
import sys
import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper, save


class Graph:
    def __init__(self, seed):
        self.rng, self.nodes, self.weights, self.count = np.random.default_rng(seed), [], [], 0

    def add(self, op, *inputs, outputs=1, **attributes):
        names = [f"{op.lower()}_{self.count}_{k}" if outputs > 1 else f"{op.lower()}_{self.count}" for k in range(outputs)]
        self.nodes.append(helper.make_node(op, list(inputs), names, name=f"node_{op}_{self.count}", **attributes))
        self.count += 1
        return names if outputs > 1 else names[0]

    def constant(self, value, dtype=np.int64):
        self.count += 1
        self.weights.append(numpy_helper.from_array(np.asarray(value, dtype), f"val_{self.count}"))
        return f"val_{self.count}"

    def weight(self, name, *shape):
        self.weights.append(numpy_helper.from_array((self.rng.standard_normal(shape) * 0.5).astype(np.float32), name))
        return name

    def save(self, path, inputs, outputs, opset, producer, version=""):
        values = lambda all: [helper.make_tensor_value_info(n, t, s) for n, t, s in all]
        graph = helper.make_graph(self.nodes, "main_graph", values(inputs), values(outputs), self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], producer_name=producer, producer_version=version, ir_version=8)
        checker.check_model(model)
        save(model, path)


F, I64 = TensorProto.FLOAT, TensorProto.INT64


def reordered(g, name, gates, h, order):
    """Slices and Concat that bring PyTorch's gates into ONNX's order."""
    parts = [g.add("Slice", name, g.constant([k * h]), g.constant([(k + 1) * h]), g.constant([0])) for k in order]
    return g.add("Concat", *parts, axis=0)


def dynamo_cell(g, x, stem, op, inputs, h, order, **attributes):
    n = len(order)
    w, r = g.weight(f"{stem}.weight_ih_l0", n * h, inputs), g.weight(f"{stem}.weight_hh_l0", n * h, h)
    bi, bh = g.weight(f"{stem}.bias_ih_l0", n * h), g.weight(f"{stem}.bias_hh_l0", n * h)
    unsqueezed = lambda v: g.add("Unsqueeze", v, g.constant([0]))
    b = g.add("Concat", reordered(g, bi, n, h, order), reordered(g, bh, n, h, order), axis=0)
    batch = g.add("Shape", x, start=1, end=2)
    zero = g.add("Expand", g.constant(0.0, np.float32), g.add("Concat", g.constant([1]), batch, g.constant([h]), axis=0))
    ins = [x, unsqueezed(reordered(g, w, n, h, order)), unsqueezed(reordered(g, r, n, h, order)), unsqueezed(b), "", zero]
    if op == "LSTM":
        return g.add(op, *ins, zero, outputs=3, hidden_size=h, direction="forward", **attributes)
    return g.add(op, *ins, outputs=2, hidden_size=h, direction="forward", **attributes)


def dynamo_lstm(path):
    g = Graph(1)
    x = g.add("Gather", g.weight("embed.weight", 9, 5), "x", axis=0)
    y, *_ = dynamo_cell(g, g.add("Transpose", x, perm=[1, 0, 2]), "lstm", "LSTM", 5, 6, [0, 3, 1, 2])
    y = g.add("Transpose", g.add("Squeeze", y, g.constant([1])), perm=[1, 0, 2])
    y = g.add("MatMul", y, g.add("Transpose", g.weight("fc.weight", 9, 6), perm=[1, 0]))
    y = g.add("Add", y, g.weight("fc.bias", 9))
    g.save(path, [("x", I64, ["s0", "s1"])], [(y, F, ["s0", "s1", 9])], 18, "pytorch", "2.9.1")


def gru(path, producer, version="", resets=(None,), before=False):
    """GRUs on each other; `resets`: what each says of linear_before_reset."""
    g = Graph(2)
    y, width = g.add("Transpose", "x", perm=[1, 0, 2]), 3
    for k, reset in enumerate(resets):
        attributes = {} if reset is None else {"linear_before_reset": reset}
        y, last = dynamo_cell(g, y, f"gru{k}", "GRU", width, 5, [1, 0, 2], **attributes)
        y, width = g.add("Squeeze", y, g.constant([1])), 5
    y = g.add("Gemm", g.add("Squeeze", last, g.constant([0])), g.weight("fc.weight", 4, 5), g.weight("fc.bias", 4), transB=1)
    g.save(path, [("x", F, ["s0", "s1", 3])], [(y, F, ["s0", 4])], 18, producer, version)


def tf_lstm(path, activations=("Sigmoid", "Tanh", "Tanh")):
    """Keras: Embedding, LSTM with sequences, TimeDistributed(Dense(softmax))."""
    g = Graph(3)
    x = g.add("Gather", g.weight("model/embedding/embedding_lookup", 8, 4), g.add("Cast", "x", to=TensorProto.INT32), axis=0)
    x = g.add("Transpose", x, perm=[1, 0, 2])
    shape = g.add("Cast", g.add("Shape", x), to=TensorProto.INT32)
    steps = g.add("Slice", shape, g.constant([0]), g.constant([1]), g.constant([0]))
    lengths = g.add("Tile", steps, g.add("Slice", g.add("Shape", x), g.constant([1]), g.constant([2]), g.constant([0])))
    zero = g.add("ConstantOfShape", g.add("Concat", g.constant([1]), g.add("Slice", g.add("Shape", x), g.constant([1]), g.constant([2]), g.constant([0])),
                 g.constant([6]), axis=0), value=helper.make_tensor("v", F, [1], [0.0]))
    y, *_ = g.add("LSTM", x, g.weight("W", 1, 24, 4), g.weight("R", 1, 24, 6), g.weight("B", 1, 48), lengths, zero, zero, outputs=3, hidden_size=6,
                  direction="forward", activations=list(activations))
    y = g.add("Transpose", g.add("Squeeze", y, g.constant([1])), perm=[1, 0, 2])
    outer = g.add("Slice", g.add("Shape", y), g.constant([0]), g.constant([2]), g.constant([0]))
    rows = g.add("Reshape", y, g.constant([-1, 6]))
    rows = g.add("Add", g.add("MatMul", rows, g.weight("dense/kernel", 6, 7)), g.weight("dense/bias", 7))
    y = g.add("Softmax", g.add("Reshape", rows, g.add("Concat", outer, g.constant([7]), axis=0)), axis=-1)
    g.save(path, [("x", F, ["unk__1", "unk__2"])], [(y, F, ["unk__1", "unk__2", 7])], 15, "tf2onnx", "1.16.1")


def tf_loop(path):
    """A cell that no pattern of tf2onnx knows, as a Loop over the steps."""
    g, b = Graph(4), Graph(5)
    h = b.add("Tanh", b.add("Add", b.add("MatMul", b.add("Gather", "time_first", "step", axis=0), "kernel"), b.add("MatMul", "h_in", "recurrent")))
    b.nodes.append(helper.make_node("Identity", ["condition_in"], ["condition_out"]))
    body = helper.make_graph(b.nodes, "body",
                             [helper.make_tensor_value_info("step", I64, []), helper.make_tensor_value_info("condition_in", TensorProto.BOOL, []),
                              helper.make_tensor_value_info("h_in", F, ["b", 4])],
                             [helper.make_tensor_value_info("condition_out", TensorProto.BOOL, []), helper.make_tensor_value_info(h, F, ["b", 4])], [])
    g.weight("kernel", 3, 4), g.weight("recurrent", 4, 4)
    g.nodes.append(helper.make_node("Transpose", ["x"], ["time_first"], perm=[1, 0, 2]))
    steps = g.add("Squeeze", g.add("Shape", "time_first", start=0, end=1), g.constant([0]))
    zero = g.add("ConstantOfShape", g.add("Concat", g.add("Shape", "time_first", start=1, end=2), g.constant([4]), axis=0))
    y = g.add("Loop", steps, g.constant(True, np.bool_), zero, body=body)
    g.save(path, [("x", F, ["b", "t", 3])], [(y, F, ["b", 4])], 15, "tf2onnx", "1.16.1")


def two_nodes(path, merge):
    """Bidirectional(LSTM) of Keras as two nodes, one of them in reverse."""
    g = Graph(6)
    x, halves = g.add("Transpose", "x", perm=[1, 0, 2]), []
    for direction in ("forward", "reverse"):
        y, last, _ = g.add("LSTM", x, g.weight(f"W_{direction}", 1, 20, 3), g.weight(f"R_{direction}", 1, 20, 5), g.weight(f"B_{direction}", 1, 40),
                           outputs=3, hidden_size=5, direction=direction)
        halves.append(g.add("Squeeze", y if merge == "sum" else last, g.constant([1 if merge == "sum" else 0])))
    y = g.add("Add", *halves) if merge == "sum" else g.add("Concat", *halves, axis=-1)
    if merge == "sum":
        y = g.add("Transpose", y, perm=[1, 0, 2])
    y = g.add("Add", g.add("MatMul", y, g.weight("dense/kernel", 5 if merge == "sum" else 10, 2)), g.weight("dense/bias", 2))
    g.save(path, [("x", F, ["n", "t", 3])], [(y, F, ["n", "t", 2] if merge == "sum" else ["n", 2])], 13, "tf2onnx", "1.16.1")


def rare(path, layout, **attributes):
    """One LSTM with peepholes, its input and outputs as the operator has them."""
    g = Graph(7)
    d = 2
    names = g.add("LSTM", "x", g.weight("W", d, 16, 3), g.weight("R", d, 16, 4), g.weight("B", d, 32), "", "h", "c", g.weight("P", d, 12), outputs=3,
                  hidden_size=4, direction="bidirectional", **({"layout": 1} if layout else {}), **attributes)
    state = ["n", d, 4] if layout else [d, "n", 4]
    x, y = (["n", "t", 3], ["n", "t", d, 4]) if layout else (["t", "n", 3], ["t", d, "n", 4])
    g.save(path, [("x", F, x), ("h", F, state), ("c", F, state)], [(names[0], F, y), (names[1], F, state), (names[2], F, state)], 14, "by hand")


def main(folder):
    dynamo_lstm(f"{folder}/dynamo-lstm.onnx")
    gru(f"{folder}/dynamo-gru-wrong.onnx", "pytorch", "2.10.0")
    gru(f"{folder}/dynamo-gru-right.onnx", "pytorch", "2.11.0", resets=(1,))
    gru(f"{folder}/dynamo-two-grus.onnx", "pytorch", "2.10.0", resets=(1, None))
    gru(f"{folder}/keras-gru-before.onnx", "tf2onnx", "1.16.1", resets=(0,))
    tf_lstm(f"{folder}/tf-lstm.onnx")
    tf_lstm(f"{folder}/tf-hard-sigmoid.onnx", ("HardSigmoid", "Tanh", "Tanh"))
    tf_loop(f"{folder}/tf-loop.onnx")
    two_nodes(f"{folder}/keras-two-nodes.onnx", "concat")
    two_nodes(f"{folder}/keras-two-nodes-sum.onnx", "sum")
    rare(f"{folder}/rare.onnx", 0, clip=0.7)
    rare(f"{folder}/rare-batch-first.onnx", 1, input_forget=1)


if __name__ == "__main__":
    main(sys.argv[1])
