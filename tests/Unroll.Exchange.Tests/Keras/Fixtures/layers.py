"""Keras's documented equations in NumPy, in double precision, one sequence at a time; written from the documentation of the layers and the
semantics of keras/src/backend/numpy/rnn.py, independent of Unroll. A layer knows its configuration, its variables in Keras's order and its output."""
import numpy as np

rng = np.random.default_rng(2026)


def draw(*shape):
    return rng.normal(size=shape) * 0.6


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


ACTIVATIONS = {"linear": lambda x: x, "tanh": np.tanh, "relu": lambda x: np.maximum(x, 0), "sigmoid": sigmoid,
               "softmax": lambda x: np.exp(x - x.max(-1, keepdims=True)) / np.exp(x - x.max(-1, keepdims=True)).sum(-1, keepdims=True)}


class Cell:
    def __init__(self, kind, inputs, units, use_bias=True, reset_after=True, activation="tanh", recurrent_activation="sigmoid"):
        self.kind, self.units, self.use_bias, self.reset_after = kind, units, use_bias, reset_after
        self.activation, self.recurrent_activation = activation, recurrent_activation
        gates = {"LSTM": 4, "GRU": 3, "SimpleRNN": 1}[kind]
        self.kernel, self.recurrent = draw(inputs, gates * units), draw(units, gates * units)
        two = kind == "GRU" and reset_after
        self.bias = draw(2, gates * units) if two else draw(gates * units)

    def names(self):
        return ["kernel", "recurrent_kernel"] + (["bias"] if self.use_bias else [])

    def variables(self):
        return [self.kernel, self.recurrent] + ([self.bias] if self.use_bias else [])

    def config(self):
        config = {"units": self.units, "activation": self.activation, "use_bias": self.use_bias, "kernel_initializer": "glorot_uniform",
                  "dropout": 0.0, "recurrent_dropout": 0.0, "seed": None, "trainable": True, "dtype": "float32"}
        if self.kind != "SimpleRNN":
            config["recurrent_activation"] = self.recurrent_activation
        if self.kind == "LSTM":
            config["unit_forget_bias"] = True
        if self.kind == "GRU":
            config["reset_after"] = self.reset_after
        return config

    def zeros(self):
        return [np.zeros(self.units)] * (2 if self.kind == "LSTM" else 1)

    def step(self, x, states):
        n, h = self.units, states[0]
        bias = self.bias if self.use_bias else np.zeros_like(self.bias)
        f, g = ACTIVATIONS[self.activation], ACTIVATIONS[self.recurrent_activation]
        if self.kind == "SimpleRNN":
            h = f(x @ self.kernel + bias + h @ self.recurrent)
            return h, [h]
        if self.kind == "LSTM":
            z = x @ self.kernel + h @ self.recurrent + bias
            i, forget, candidate, out = g(z[:n]), g(z[n:2 * n]), f(z[2 * n:3 * n]), g(z[3 * n:])
            c = forget * states[1] + i * candidate
            h = out * f(c)
            return h, [h, c]
        if self.reset_after:
            a, b = x @ self.kernel + bias[0], h @ self.recurrent + bias[1]
            z, r = g(a[:n] + b[:n]), g(a[n:2 * n] + b[n:2 * n])
            candidate = f(a[2 * n:] + r * b[2 * n:])
        else:
            a = x @ self.kernel + bias
            z, r = g(a[:n] + h @ self.recurrent[:, :n]), g(a[n:2 * n] + h @ self.recurrent[:, n:2 * n])
            candidate = f(a[2 * n:] + (r * h) @ self.recurrent[:, 2 * n:])
        h = z * h + (1 - z) * candidate
        return h, [h]


def loop(cells, x, mask, backwards, zero_output=False):
    """keras/src/backend/numpy/rnn.py: masked steps keep the states and repeat the output before; the outputs are in the order of the run."""
    order = range(len(x))[::-1] if backwards else range(len(x))
    states, outputs, before = [cell.zeros() for cell in cells], [], np.zeros(cells[-1].units)
    for t in order:
        y, fresh = x[t], []
        for cell, state in zip(cells, states):
            y, after = cell.step(y, state)
            fresh.append(after)
        if mask is None or mask[t]:
            states, before, output = fresh, y, y
        else:
            output = np.zeros_like(y) if zero_output else before
        outputs.append(output)
    return np.array(outputs), before


class Recurrent:
    def __init__(self, kind, inputs, units, sequences=True, backwards=False, stateful=False, **cell):
        self.cls, self.cell = kind, Cell(kind, inputs, units, **cell)
        self.sequences, self.backwards, self.stateful = sequences, backwards, stateful

    def parts(self):
        return [("cell", self.cell.names(), self.cell.variables())]

    def config(self):
        return {**self.cell.config(), "return_sequences": self.sequences, "return_state": False, "go_backwards": self.backwards,
                "stateful": self.stateful, "unroll": False, "zero_output_for_mask": False}

    def run(self, x, mask):
        outputs, last = loop([self.cell], x, mask, self.backwards)
        if not self.sequences:
            return last, None
        return outputs, mask[::-1] if mask is not None and self.backwards else mask


class Stacked:
    cls = "RNN"

    def __init__(self, *cells, sequences=True, backwards=False):
        self.cells, self.sequences, self.backwards = cells, sequences, backwards

    def parts(self):
        counts, parts = {}, []
        for cell in self.cells:
            name = {"LSTM": "lstm_cell", "GRU": "gru_cell", "SimpleRNN": "simple_rnn_cell"}[cell.kind]
            k = counts[name] = counts.get(name, -1) + 1
            parts.append((f"cell/cells/{name}" + (f"_{k}" if k else ""), cell.names(), cell.variables()))
        return parts

    def config(self):
        cells = [{"module": "keras.layers", "class_name": cell.kind + "Cell", "config": {"name": f"cell_{i}", **cell.config()}, "registered_name": None}
                 for i, cell in enumerate(self.cells)]
        return {"cell": {"module": "keras.layers", "class_name": "StackedRNNCells", "config": {"name": "stack", "cells": cells}, "registered_name": None},
                "return_sequences": self.sequences, "go_backwards": self.backwards}

    def run(self, x, mask):
        outputs, last = loop(self.cells, x, mask, self.backwards)
        return (outputs, mask) if self.sequences else (last, None)


class Bidirectional:
    cls = "Bidirectional"

    def __init__(self, forward, backward, merge="concat"):
        self.forward, self.backward, self.merge = forward, backward, merge
        self.backward.backwards = True

    def parts(self):
        return [(f"forward_layer/{p}", n, v) for p, n, v in self.forward.parts()] + [(f"backward_layer/{p}", n, v) for p, n, v in self.backward.parts()]

    def config(self):
        def wrapped(layer, name):
            return {"module": "keras.layers", "class_name": layer.cls, "config": {"name": name, **layer.config()}, "registered_name": None}
        return {"merge_mode": self.merge, "layer": wrapped(self.forward, "forward"), "backward_layer": wrapped(self.backward, "backward")}

    def run(self, x, mask):
        sequences = self.forward.sequences
        a, last_a = loop([self.forward.cell], x, mask, False, sequences)
        b, last_b = loop([self.backward.cell], x, mask, True, sequences)
        a, b = (a, b[::-1]) if sequences else (last_a, last_b)
        y = {"concat": lambda: np.concatenate([a, b], -1), "sum": lambda: a + b, "ave": lambda: (a + b) / 2, "mul": lambda: a * b}[self.merge]()
        return y, mask if sequences else None


class Dense:
    cls = "Dense"

    def __init__(self, inputs, units, activation="linear", use_bias=True):
        self.units, self.activation, self.use_bias = units, activation, use_bias
        self.kernel, self.bias = draw(inputs, units), draw(units)

    def parts(self):
        return [("", ["kernel", "bias"], [self.kernel, self.bias]) if self.use_bias else ("", ["kernel"], [self.kernel])]

    def config(self):
        return {"units": self.units, "activation": self.activation, "use_bias": self.use_bias}

    def run(self, x, mask):
        return ACTIVATIONS[self.activation](x @ self.kernel + (self.bias if self.use_bias else 0)), mask


class TimeDistributed:
    cls = "TimeDistributed"

    def __init__(self, layer):
        self.layer = layer

    def parts(self):
        return [("layer", names, values) for _, names, values in self.layer.parts()]

    def config(self):
        return {"layer": {"module": "keras.layers", "class_name": self.layer.cls, "config": {"name": "inner", **self.layer.config()}, "registered_name": None}}

    def run(self, x, mask):
        return self.layer.run(x, mask)


class Embedding:
    cls = "Embedding"

    def __init__(self, rows, size, mask_zero=False):
        self.table, self.mask_zero = draw(rows, size), mask_zero

    def parts(self):
        return [("", ["embeddings"], [self.table])]

    def config(self):
        return {"input_dim": self.table.shape[0], "output_dim": self.table.shape[1], "mask_zero": self.mask_zero}

    def run(self, x, mask):
        return self.table[x], (x != 0) if self.mask_zero else mask


class Masking:
    cls = "Masking"

    def __init__(self, value=0.0):
        self.value = value

    def parts(self):
        return []

    def config(self):
        return {"mask_value": self.value}

    def run(self, x, mask):
        mask = (x != self.value).any(-1)
        return x * mask[:, None], mask


class LayerNormalization:
    cls = "LayerNormalization"

    def __init__(self, size, epsilon=1e-3, scale=True, center=True):
        self.epsilon, self.scale, self.center, self.gamma, self.beta = epsilon, scale, center, 1 + draw(size), draw(size)

    def parts(self):
        pairs = [(n, v) for n, v, has in (("gamma", self.gamma, self.scale), ("beta", self.beta, self.center)) if has]
        return [("", [n for n, _ in pairs], [v for _, v in pairs])]

    def config(self):
        return {"axis": -1, "epsilon": self.epsilon, "center": self.center, "scale": self.scale}

    def run(self, x, mask):
        normal = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + self.epsilon)
        return normal * (self.gamma if self.scale else 1) + (self.beta if self.center else 0), mask


class Plain:
    """A layer without variables, by a function of its own."""

    def __init__(self, cls, by=lambda x, mask: (x, mask), **config):
        self.cls, self.by, self.settings = cls, by, config

    def parts(self):
        return []

    def config(self):
        return self.settings

    def run(self, x, mask):
        return self.by(x, mask)


def average(x, mask):
    return (x.mean(0) if mask is None else x[mask].mean(0)), None


def largest(x, mask):
    return x.max(0), None
