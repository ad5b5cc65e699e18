"""Graphs as exporters write them whose programs are not at hand, after their public sources; expected values by numpy in double precision.

dynamo   torch.onnx.export(dynamo=True): onnxscript's torch_lib (onnxscript/function_libs/torch_lib/ops/core.py, aten_lstm, aten_gru): the gates are
         put into ONNX's order by Slice and Concat, which stay in the graph for large weights; the batch comes from Shape(start, end); nn.RNN is
         decomposed step by step.
tf2onnx  tf2onnx/rewriter/loop_rewriter.py, custom_rnn_rewriter.py, rewriter/lstm_tf2_rewriter.py: Loop and Scan whose states carry the step as
         int64 and a condition as bool; names like 'StatefulPartitionedCall/model/lstm/while:2'; go_backwards as Scan directions.
keras    keras/src/export/onnx.py with the torch backend: the loop over a static number of steps unrolled into Gather, Gemm, Split.

Run: python3 handwritten.py; needs onnx."""
import os

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from tensors import save

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "handwritten")
os.makedirs(FOLDER, exist_ok=True)
rng = np.random.default_rng(5)
FLOAT, INT, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL


def draw(*shape):
    return (rng.standard_normal(shape) * 0.5).astype(np.float32)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def lstm(x, w, r, b, h, c, order="ifgo", reverse=False):
    """x [T, B, I], w [4H, I], r [4H, H], b [4H]; gates stacked as order says."""
    n = h.shape[1]
    steps = []
    for t in (reversed(range(len(x))) if reverse else range(len(x))):
        a = x[t].astype(float) @ w.T + h @ r.T + b
        gates = {name: a[:, k * n:(k + 1) * n] for k, name in enumerate(order)}
        c = sigmoid(gates["f"]) * c + sigmoid(gates["i"]) * np.tanh(gates["g"])
        h = sigmoid(gates["o"]) * np.tanh(c)
        steps.append(h)
    return np.array(steps), h, c


def gru(x, w, r, bw, br, h):
    n = h.shape[1]
    steps = []
    for t in range(len(x)):
        a, q = x[t].astype(float) @ w.T + bw, h @ r.T + br
        reset, update = sigmoid(a[:, :n] + q[:, :n]), sigmoid(a[:, n:2 * n] + q[:, n:2 * n])
        h = (1 - update) * np.tanh(a[:, 2 * n:] + reset * q[:, 2 * n:]) + update * h
        steps.append(h)
    return np.array(steps), h


def const(name, value):
    return numpy_helper.from_array(np.array(value), name)


def write(name, nodes, inputs, outputs, weights, given, expected, producer, version, opset):
    graph = helper.make_graph(nodes, name, [helper.make_tensor_value_info(n, t, s) for n, t, s in inputs],
                              [helper.make_tensor_value_info(n, t, s) for n, t, s in outputs], weights)
    model = helper.make_model(graph, producer_name=producer, producer_version=version, opset_imports=[helper.make_opsetid("", opset)])
    model.ir_version = 8
    onnx.save(model, f"{FOLDER}/{name}.onnx")
    kinds = {FLOAT: np.float32, INT: np.int64, BOOL: bool}
    save(f"{FOLDER}/{name}.safetensors", {**{f"in.{k}": v for k, v in given.items()},
                                          **{f"out.{n}": np.asarray(v, dtype=kinds[t]) for (n, t, _), v in zip(outputs, expected)}})


def dynamo_lstm():
    n, w, r, bw, br = 4, draw(16, 3), draw(16, 4), draw(16), draw(16)
    nodes, parts = [], {"W": w, "R": r, "bw": bw, "br": br}
    for name in parts:                                        # PyTorch's i f g o become ONNX's i o f c
        for k, gate in enumerate("ifgo"):
            nodes.append(helper.make_node("Slice", [name, f"s{k}", f"s{k + 1}", "axis0"], [f"{name}_{gate}"], name=f"node_Slice_{name}_{gate}"))
        nodes.append(helper.make_node("Concat", [f"{name}_{gate}" for gate in "iofg"], [f"{name}_onnx"], axis=0, name=f"node_Concat_{name}"))
    nodes += [
        helper.make_node("Unsqueeze", ["W_onnx", "axis0"], ["W3"]), helper.make_node("Unsqueeze", ["R_onnx", "axis0"], ["R3"]),
        helper.make_node("Concat", ["bw_onnx", "br_onnx"], ["B"], axis=0), helper.make_node("Unsqueeze", ["B", "axis0"], ["B2"]),
        helper.make_node("Shape", ["x"], ["batch"], start=1, end=2), helper.make_node("Concat", ["one", "batch", "units"], ["zeros_shape"], axis=0),
        helper.make_node("ConstantOfShape", ["zeros_shape"], ["zeros"]),
        helper.make_node("LSTM", ["x", "W3", "R3", "B2", "", "zeros", "zeros"], ["Y", "hn", "cn"], hidden_size=n, direction="forward", name="node_LSTM_0"),
        helper.make_node("Squeeze", ["Y", "axis1"], ["y"]),
    ]
    weights = [const(k, v) for k, v in parts.items()] + [const(f"s{k}", [k * n]) for k in range(5)]
    weights += [const("axis0", [0]), const("axis1", [1]), const("one", [1]), const("units", [n])]
    x = draw(5, 2, 3)
    y, h, c = lstm(x, w, r, bw + br, np.zeros((2, n)), np.zeros((2, n)))
    write("dynamo-lstm-reordered", nodes, [("x", FLOAT, ["time", "batch", 3])],
          [("y", FLOAT, None), ("hn", FLOAT, None), ("cn", FLOAT, None)], weights, {"x": x}, [y, h[None], c[None]], "pytorch", "2.10.0", 18)


def dynamo_gru():
    n, w, r, bw, br = 4, draw(12, 3), draw(12, 4), draw(12), draw(12)
    nodes, parts = [], {"W": w, "R": r, "bw": bw, "br": br}
    for name in parts:                                        # PyTorch's r z n become ONNX's z r h
        for k, gate in enumerate("rzn"):
            nodes.append(helper.make_node("Slice", [name, f"s{k}", f"s{k + 1}", "axis0"], [f"{name}_{gate}"]))
        nodes.append(helper.make_node("Concat", [f"{name}_{gate}" for gate in "zrn"], [f"{name}_onnx"], axis=0))
    nodes += [
        helper.make_node("Unsqueeze", ["W_onnx", "axis0"], ["W3"]), helper.make_node("Unsqueeze", ["R_onnx", "axis0"], ["R3"]),
        helper.make_node("Concat", ["bw_onnx", "br_onnx"], ["B"], axis=0), helper.make_node("Unsqueeze", ["B", "axis0"], ["B2"]),
        helper.make_node("GRU", ["x", "W3", "R3", "B2", "", "h0"], ["Y", "hn"], hidden_size=n, linear_before_reset=1, name="node_GRU_0"),
        helper.make_node("Squeeze", ["Y", "axis1"], ["y"]),
    ]
    weights = [const(k, v) for k, v in parts.items()] + [const(f"s{k}", [k * n]) for k in range(4)] + [const("axis0", [0]), const("axis1", [1])]
    x, h0 = draw(5, 2, 3), draw(1, 2, n)
    y, h = gru(x, w, r, bw, br, h0[0].astype(float))
    write("dynamo-gru-reordered", nodes, [("x", FLOAT, ["s0", "s1", 3]), ("h0", FLOAT, [1, "s1", n])], [("y", FLOAT, None), ("hn", FLOAT, None)],
          weights, {"x": x, "h0": h0}, [y, h[None]], "pytorch", "2.10.0", 20)


def dynamo_rnn():
    n, steps, w, r, b = 4, 3, draw(4, 3), draw(4, 4), draw(4)
    nodes = [helper.make_node("Split", ["x"], [f"x{t}" for t in range(steps)], axis=0, num_outputs=steps)]
    last = "h0"
    for t in range(steps):
        nodes += [helper.make_node("Squeeze", [f"x{t}", "axis0"], [f"xs{t}"]), helper.make_node("Gemm", [f"xs{t}", "w", "b"], [f"a{t}"], transB=1),
                  helper.make_node("Gemm", [last, "r"], [f"q{t}"], transB=1), helper.make_node("Add", [f"a{t}", f"q{t}"], [f"s{t}"]),
                  helper.make_node("Tanh", [f"s{t}"], [f"h_{t}"])]
        last = f"h_{t}"
    nodes += [helper.make_node("Unsqueeze", [f"h_{t}", "axis0"], [f"u{t}"]) for t in range(steps)]
    nodes += [helper.make_node("Concat", [f"u{t}" for t in range(steps)], ["y"], axis=0), helper.make_node("Identity", [last], ["hn"])]
    x, h = draw(steps, 2, 3), np.zeros((2, n))
    ys = []
    for t in range(steps):
        h = np.tanh(x[t] @ w.T.astype(float) + b + h @ r.T)
        ys.append(h)
    write("dynamo-rnn-unrolled", nodes, [("x", FLOAT, [steps, 2, 3])], [("y", FLOAT, None), ("hn", FLOAT, None)],
          [const("w", w), const("r", r), const("b", b), const("h0", np.zeros((2, n), np.float32)), const("axis0", [0])], {"x": x}, [np.array(ys), h],
          "pytorch", "2.10.0", 18)


def tf_loop():
    """An LSTM as TensorFlow's while loop: the step as int64 and the outputs gathered by the loop; kernel [I, 4H], gates i f c o."""
    n, k, q, b, p = 3, draw(4, 12), draw(3, 12), draw(12), "StatefulPartitionedCall/model/lstm/while"
    body = [
        helper.make_node("Gather", ["x_time:0", f"{p}/step:0"], [f"{p}/x:0"], axis=0),
        helper.make_node("MatMul", [f"{p}/x:0", "kernel:0"], [f"{p}/MatMul:0"]), helper.make_node("MatMul", [f"{p}/h:0", "recurrent:0"], [f"{p}/MatMul_1:0"]),
        helper.make_node("Add", [f"{p}/MatMul:0", f"{p}/MatMul_1:0"], [f"{p}/add:0"]), helper.make_node("Add", [f"{p}/add:0", "bias:0"], [f"{p}/BiasAdd:0"]),
        helper.make_node("Split", [f"{p}/BiasAdd:0"], [f"{p}/split:{i}" for i in range(4)], axis=1),
        helper.make_node("Sigmoid", [f"{p}/split:0"], [f"{p}/i:0"]), helper.make_node("Sigmoid", [f"{p}/split:1"], [f"{p}/f:0"]),
        helper.make_node("Tanh", [f"{p}/split:2"], [f"{p}/g:0"]), helper.make_node("Sigmoid", [f"{p}/split:3"], [f"{p}/o:0"]),
        helper.make_node("Mul", [f"{p}/f:0", f"{p}/c:0"], [f"{p}/mul:0"]), helper.make_node("Mul", [f"{p}/i:0", f"{p}/g:0"], [f"{p}/mul_1:0"]),
        helper.make_node("Add", [f"{p}/mul:0", f"{p}/mul_1:0"], [f"{p}/c_next:0"]), helper.make_node("Tanh", [f"{p}/c_next:0"], [f"{p}/Tanh:0"]),
        helper.make_node("Mul", [f"{p}/o:0", f"{p}/Tanh:0"], [f"{p}/h_next:0"]), helper.make_node("Identity", [f"{p}/h_next:0"], [f"{p}/out:0"]),
        helper.make_node("Add", [f"{p}/step:0", "one:0"], [f"{p}/step_next:0"]), helper.make_node("Less", [f"{p}/step_next:0", "steps:0"], [f"{p}/go:0"]),
    ]
    info = helper.make_tensor_value_info
    graph = helper.make_graph(body, f"{p}_body", [info(f"{p}/i_unused:0", INT, []), info(f"{p}/cond:0", BOOL, []), info(f"{p}/step:0", INT, []),
                                                  info(f"{p}/h:0", FLOAT, None), info(f"{p}/c:0", FLOAT, None)],
                              [info(f"{p}/go:0", BOOL, []), info(f"{p}/step_next:0", INT, []), info(f"{p}/h_next:0", FLOAT, None),
                               info(f"{p}/c_next:0", FLOAT, None), info(f"{p}/out:0", FLOAT, None)])
    nodes = [
        helper.make_node("Transpose", ["x:0"], ["x_time:0"], perm=[1, 0, 2]), helper.make_node("Shape", ["x_time:0"], ["shape:0"]),
        helper.make_node("Gather", ["shape:0", "zero:0"], ["steps:0"], axis=0), helper.make_node("Slice", ["shape:0", "s1", "s2"], ["batch:0"]),
        helper.make_node("Concat", ["batch:0", "units"], ["zeros/shape:0"], axis=0), helper.make_node("ConstantOfShape", ["zeros/shape:0"], ["zeros:0"]),
        helper.make_node("Loop", ["", "true:0", "zero:0", "zeros:0", "zeros:0"], [f"{p}:0", f"{p}:2", f"{p}:3", f"{p}:4"], body=graph, name=f"{p}_loop"),
        helper.make_node("Transpose", [f"{p}:4"], ["Identity:0"], perm=[1, 0, 2]),
    ]
    weights = [const("kernel:0", k), const("recurrent:0", q), const("bias:0", b), const("zero:0", 0), const("one:0", 1), const("s1", [1]), const("s2", [2]),
               const("units", [n]), const("true:0", True)]
    x = draw(2, 5, 4)
    y, h, c = lstm(x.transpose(1, 0, 2), k.T, q.T, b, np.zeros((2, n)), np.zeros((2, n)))
    write("tf2onnx-loop-lstm", nodes, [("x:0", FLOAT, ["unk__1", "unk__2", 4])], [("Identity:0", FLOAT, None), (f"{p}:2", FLOAT, None), (f"{p}:0", INT, [])],
          weights, {"x:0": x}, [y.transpose(1, 0, 2), h, 5], "tf2onnx", "1.16.1", 12)


def tf_scan(name, axis, in_reverse, out_reverse, opset=13):
    """A GRU-like cell by Scan; a count as int64 state, whether any input was positive as bool state; input axis and directions as asked."""
    n, k, q, b = 3, draw(4, 3), draw(3, 3), draw(3)
    info = helper.make_tensor_value_info
    body = helper.make_graph([
        helper.make_node("MatMul", ["cell/x", "kernel"], ["cell/a"]), helper.make_node("MatMul", ["cell/h", "recurrent"], ["cell/q"]),
        helper.make_node("Sum", ["cell/a", "cell/q", "bias"], ["cell/s"]), helper.make_node("Tanh", ["cell/s"], ["cell/h_next"]),
        helper.make_node("Add", ["cell/count", "one"], ["cell/count_next"]), helper.make_node("ReduceMax", ["cell/x"], ["cell/max"], keepdims=0),
        helper.make_node("Greater", ["cell/max", "limit"], ["cell/big"]), helper.make_node("Or", ["cell/any", "cell/big"], ["cell/any_next"]),
        helper.make_node("Identity", ["cell/h_next"], ["cell/out"]), helper.make_node("Identity", ["cell/count_next"], ["cell/number"]),
    ], "body", [info("cell/count", INT, []), info("cell/any", BOOL, []), info("cell/h", FLOAT, [2, n]), info("cell/x", FLOAT, [2, 4])],
        [info("cell/count_next", INT, []), info("cell/any_next", BOOL, []), info("cell/h_next", FLOAT, [2, n]), info("cell/out", FLOAT, [2, n]),
         info("cell/number", INT, [])])
    nodes = [helper.make_node("Scan", ["count", "any", "h0", "x"], ["count_end", "any_end", "hn", "y", "numbers"], body=body, num_scan_inputs=1,
                              scan_input_axes=[axis], scan_input_directions=[int(in_reverse)], scan_output_axes=[axis, 0],
                              scan_output_directions=[int(out_reverse), int(out_reverse)], name="rnn/scan")]
    x, h = draw(5, 2, 4), np.zeros((2, n))
    ys, numbers = [], []
    for t in (reversed(range(5)) if in_reverse else range(5)):
        h = np.tanh(x[t].astype(float) @ k + h @ q + b)
        ys.append(h)
        numbers.append(len(numbers) + 1)
    if out_reverse:
        ys, numbers = ys[::-1], numbers[::-1]
    order = {0: (0, 1, 2), 1: (1, 0, 2), 2: (1, 2, 0), -1: (1, 2, 0)}[axis]
    weights = [const("kernel", k), const("recurrent", q), const("bias", b), const("one", 1), const("limit", np.float32(0.5)), const("count", 0),
               const("any", False), const("h0", np.zeros((2, n), np.float32))]
    write(name, nodes, [("x", FLOAT, None)], [("count_end", INT, []), ("any_end", BOOL, []), ("hn", FLOAT, None), ("y", FLOAT, None), ("numbers", INT, None)],
          weights, {"x": x.transpose(order).copy()}, [5, bool((x > 0.5).any()), h, np.array(ys).transpose(order), numbers], "tf2onnx", "1.16.1", opset)


def keras_unrolled():
    """keras.layers.GRU(reset_after=True), unroll, static T: kernel [I, 3H], gates z r h."""
    n, steps, k, q, b = 3, 4, draw(2, 9), draw(3, 9), draw(2, 9)
    nodes, last = [], "zeros"
    for t in range(steps):
        nodes += [
            helper.make_node("Gather", ["input_layer", f"t{t}"], [f"x{t}"], axis=1), helper.make_node("Gemm", [f"x{t}", "kernel", "bias_0"], [f"a{t}"]),
            helper.make_node("Gemm", [last, "recurrent", "bias_1"], [f"q{t}"]), helper.make_node("Split", [f"a{t}", "thirds"], [f"a{t}z", f"a{t}r", f"a{t}h"], axis=1),
            helper.make_node("Split", [f"q{t}", "thirds"], [f"q{t}z", f"q{t}r", f"q{t}h"], axis=1),
            helper.make_node("Add", [f"a{t}z", f"q{t}z"], [f"sz{t}"]), helper.make_node("Sigmoid", [f"sz{t}"], [f"z{t}"]),
            helper.make_node("Add", [f"a{t}r", f"q{t}r"], [f"sr{t}"]), helper.make_node("Sigmoid", [f"sr{t}"], [f"r{t}"]),
            helper.make_node("Mul", [f"r{t}", f"q{t}h"], [f"rq{t}"]), helper.make_node("Add", [f"a{t}h", f"rq{t}"], [f"sh{t}"]),
            helper.make_node("Tanh", [f"sh{t}"], [f"hh{t}"]), helper.make_node("Sub", ["one", f"z{t}"], [f"nz{t}"]),
            helper.make_node("Mul", [f"z{t}", last], [f"kept{t}"]), helper.make_node("Mul", [f"nz{t}", f"hh{t}"], [f"new{t}"]),
            helper.make_node("Add", [f"kept{t}", f"new{t}"], [f"h{t}"]),
        ]
        last = f"h{t}"
    nodes.append(helper.make_node("Softmax", [last], ["output_0"], axis=-1))
    x, h = draw(2, steps, 2), np.zeros((2, n))
    for t in range(steps):
        a, p = x[:, t].astype(float) @ k + b[0], h @ q + b[1]
        z, r = sigmoid(a[:, :n] + p[:, :n]), sigmoid(a[:, n:2 * n] + p[:, n:2 * n])
        h = z * h + (1 - z) * np.tanh(a[:, 2 * n:] + r * p[:, 2 * n:])
    y = np.exp(h) / np.exp(h).sum(1, keepdims=True)
    weights = [const("kernel", k), const("recurrent", q), const("bias_0", b[0]), const("bias_1", b[1]), const("thirds", [n, n, n]), const("one", np.float32(1)),
               const("zeros", np.zeros((2, n), np.float32))] + [const(f"t{t}", t) for t in range(steps)]
    write("keras-gru-unrolled", nodes, [("input_layer", FLOAT, [2, steps, 2])], [("output_0", FLOAT, [2, n])], weights, {"input_layer": x}, [y], "pytorch",
          "2.9.0", 18)


dynamo_lstm()
dynamo_gru()
dynamo_rnn()
tf_loop()
keras_unrolled()
for name, arguments in {"forward": (0, False, False), "reverse": (0, True, True), "axis1": (1, False, True), "last-axis": (-1, True, False)}.items():
    tf_scan(f"tf2onnx-scan-{name}", *arguments)
