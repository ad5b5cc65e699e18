"""Genuine exports of PyTorch's TorchScript exporter (torch.onnx.export, torch 1.13), each with inputs of other sizes than those of the export and
PyTorch's outputs for them. Run: python3 torchscript.py; needs torch 1.13 and onnx."""
import os
import warnings

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from tensors import save

warnings.filterwarnings("ignore")
torch.manual_seed(1)
FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "torchscript")


def export(name, module, example, other, inputs, outputs, axes, opset, **options):
    module.eval()
    torch.onnx.export(module, tuple(example), f"{FOLDER}/{name}.onnx", input_names=inputs, output_names=outputs, dynamic_axes=axes,
                      opset_version=opset, **options)
    with torch.no_grad():
        made = module(*other)
    flat = []

    def walk(value):
        if isinstance(value, torch.Tensor):
            flat.append(value)
        else:
            for one in value:
                walk(one)
    walk(made)
    assert len(flat) == len(outputs), (name, len(flat))
    save(f"{FOLDER}/{name}.safetensors", {**{f"in.{n}": v.numpy() for n, v in zip(inputs, other)},
                                          **{f"out.{n}": v.numpy() for n, v in zip(outputs, flat)}})


def sequences(time, batch, features, batch_first):
    return torch.randn(batch, time, features) if batch_first else torch.randn(time, batch, features)


def axes_of(batch_first):
    return {"x": {0: "batch", 1: "time"} if batch_first else {0: "time", 1: "batch"}}


def recurrent(name, kind, opset, layers=1, bidirectional=False, batch_first=False, states=False, hidden=4, **options):
    extra = {"nonlinearity": options.pop("nonlinearity")} if "nonlinearity" in options else {}
    module = kind(3, hidden, layers, bidirectional=bidirectional, batch_first=batch_first, **extra)
    directions = layers * (2 if bidirectional else 1)
    lstm = kind is nn.LSTM

    def given(time, batch):
        x = [sequences(time, batch, 3, batch_first)]
        h = [torch.randn(directions, batch, hidden) for _ in range(2 if lstm else 1)]
        return x + ([tuple(h)] if lstm else h) if states else x

    class Flat(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = module

        def forward(self, x, h=None, c=None):
            return self.inner(x, (h, c) if c is not None else h) if h is not None else self.inner(x)

    def flat(values):
        return values[:1] + list(values[1]) if states and lstm else values
    inputs = ["x"] + (["h0", "c0"][:2 if lstm else 1] if states else [])
    outputs = ["y", "hn"] + (["cn"] if lstm else [])
    axes = axes_of(batch_first)
    for one in inputs[1:]:
        axes[one] = {1: "batch"}
    export(name, Flat(), flat(given(4, 2)), flat(given(6, 3)), inputs, outputs, axes, opset, **options)


KINDS = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}
for opset in (9, 11, 13, 14, 17):
    for key, kind in KINDS.items():
        recurrent(f"{key}-opset{opset}", kind, opset, states=opset % 2 == 1)
for key, kind in KINDS.items():
    recurrent(f"{key}-bidirectional-2-batch-first", kind, 14, layers=2, bidirectional=True, batch_first=True)
    recurrent(f"{key}-bidirectional-2-unfolded", kind, 13, layers=2, bidirectional=True, do_constant_folding=False)
    recurrent(f"{key}-2-states-unfolded", kind, 9, layers=2, states=True, do_constant_folding=False)
recurrent("rnn-relu", nn.RNN, 14, nonlinearity="relu")


class Packed(nn.Module):
    def __init__(self, kind, ordered, bidirectional):
        super().__init__()
        self.inner = kind(3, 4, bidirectional=bidirectional, batch_first=True)
        self.ordered = ordered

    def forward(self, x, lengths):
        y, h = self.inner(pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=self.ordered))
        return pad_packed_sequence(y, batch_first=True)[0], h


for key, kind in KINDS.items():
    for ordered in (True, False):
        for bidirectional in (True, False):
            name = f"{key}-packed{'' if ordered else '-unsorted'}{'-bidirectional' if bidirectional else ''}"
            # The exporter freezes the batch of the zero states under packing, and says so: only the time differs here.
            lengths = (torch.tensor([4, 2]), torch.tensor([6, 3]) if ordered else torch.tensor([3, 6]))
            outputs = ["y", "hn"] + (["cn"] if key == "lstm" else [])
            export(name, Packed(kind, ordered, bidirectional), [torch.randn(2, 4, 3), lengths[0]], [torch.randn(2, 6, 3), lengths[1]],
                   ["x", "lengths"], outputs, {"x": {0: "batch", 1: "time"}, "lengths": {0: "batch"}}, 13 if ordered else 16)


class Tagger(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.embedding, self.inner, self.norm = nn.Embedding(11, 5), kind(5, 6, 2, bidirectional=True, dropout=0.2), nn.LayerNorm(12)
        self.head = nn.Linear(12, 7)

    def forward(self, tokens):
        y, _ = self.inner(self.embedding(tokens))
        return torch.log_softmax(self.head(self.norm(y)), -1)


class Classifier(nn.Module):
    def __init__(self, pooling):
        super().__init__()
        self.embedding, self.inner, self.pooling = nn.Embedding(11, 5, padding_idx=0), nn.LSTM(5, 6, batch_first=True, bidirectional=True), pooling
        self.head = nn.Sequential(nn.Linear(12, 8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 3))

    def forward(self, tokens):
        y, (h, _) = self.inner(self.embedding(tokens))
        if self.pooling == "last":
            pooled = torch.cat([h[-2], h[-1]], 1)
        elif self.pooling == "mean":
            pooled = y.mean(1)
        elif self.pooling == "max":
            pooled = y.max(1)[0]
        else:
            pooled = (torch.softmax(y.sum(-1), 1).unsqueeze(-1) * y).sum(1)
        return torch.softmax(self.head(pooled), -1)


tokens = [torch.randint(0, 11, size) for size in ((2, 4), (3, 6))]
for opset in (11, 17):
    for key in ("lstm", "gru"):
        export(f"tagger-{key}-opset{opset}", Tagger(KINDS[key]), tokens[:1], tokens[1:], ["x"], ["y"], axes_of(False), opset)
for pooling in ("last", "mean", "max", "attention"):
    export(f"classifier-{pooling}", Classifier(pooling), tokens[:1], tokens[1:], ["x"], ["y"], axes_of(True), 14)


class Scripted(nn.Module):
    def __init__(self):
        super().__init__()
        self.w, self.r = nn.Linear(3, 16), nn.Linear(4, 16)

    def forward(self, x: torch.Tensor, h: torch.Tensor, c: torch.Tensor):
        steps: list[torch.Tensor] = []
        for t in range(x.size(0)):
            i, f, g, o = (self.w(x[t]) + self.r(h)).chunk(4, 1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
            steps.append(h)
        return torch.stack(steps), h, c


class ScriptedUntil(nn.Module):
    """A loop that ends by what it computes, and a branch of two ranks."""
    def __init__(self):
        super().__init__()
        self.cell = nn.Linear(4, 4, bias=False)

    def forward(self, h: torch.Tensor):
        count = torch.zeros(1, dtype=torch.int64)
        while bool(h.abs().sum() > 0.5):
            h = torch.tanh(self.cell(h)) * 0.5
            count = count + 1
        if bool(count.sum() > 1):
            y = h.sum(0)
        else:
            y = h.sum(0) * 2
        return y, count


class Squeezed(nn.Module):
    def forward(self, x: torch.Tensor):
        if x.size(0) == 1:
            return x.squeeze(0)
        return x * 2


state = [torch.randn(2, 4), torch.randn(2, 4)]
state2 = [torch.randn(3, 4), torch.randn(3, 4)]
for opset in (13, 16):
    export(f"scripted-lstm-opset{opset}", torch.jit.script(Scripted()), [torch.randn(4, 2, 3)] + state, [torch.randn(6, 3, 3)] + state2,
           ["x", "h0", "c0"], ["y", "hn", "cn"], {"x": {0: "time", 1: "batch"}, "h0": {0: "batch"}, "c0": {0: "batch"}}, opset)
export("scripted-until", torch.jit.script(ScriptedUntil()), [torch.randn(2, 4)], [torch.randn(3, 4)], ["h"], ["y", "count"], {"h": {0: "batch"}}, 14)
for size in (1, 3):
    export(f"scripted-squeeze-{size}", torch.jit.script(Squeezed()), [torch.randn(2, 4)], [torch.randn(size, 4)], ["x"], ["y"], {"x": {0: "n"}}, 13)


class Cells(nn.Module):
    """Cells in a Python loop: traced, and so unrolled over the example's steps."""
    def __init__(self, kind):
        super().__init__()
        self.cell, self.kind = kind(3, 4), kind

    def forward(self, x):
        h, steps = torch.zeros(x.size(1), 4), []
        state = (h, h) if self.kind is nn.LSTMCell else h
        for t in range(x.size(0)):
            state = self.cell(x[t], state)
            steps.append(state[0] if self.kind is nn.LSTMCell else state)
        return torch.stack(steps)


for key, kind in (("lstm", nn.LSTMCell), ("gru", nn.GRUCell), ("rnn", nn.RNNCell)):
    export(f"cells-{key}", Cells(kind), [torch.randn(5, 2, 3)], [torch.randn(5, 3, 3)], ["x"], ["y"], {"x": {1: "batch"}}, 13)


class Mixed(nn.Module):
    """What heads are made of beside the recurrent layers: masks, comparisons, gathers, splits, pads."""
    def forward(self, x, lengths):
        mask = torch.arange(x.size(1)).unsqueeze(0) < lengths.unsqueeze(1)
        last = x.gather(1, (lengths - 1).clamp(min=0).view(-1, 1, 1).expand(-1, 1, x.size(2))).squeeze(1)
        masked = x.masked_fill(~mask.unsqueeze(-1), -1e9)
        weights = torch.softmax(masked, 1)
        total = (x * mask.unsqueeze(-1)).sum(1) / lengths.unsqueeze(1).float()
        a, b = torch.split(torch.nn.functional.pad(x, (1, 0)), [2, x.size(2) - 1], 2)
        return last, masked.max(1)[0], weights.cumsum(1), total, a.prod(2), b.norm(dim=2), x.flip(1), x.argmax(2), torch.where(x > 0, x, x.exp() - 1)


export("mixed", Mixed(), [torch.randn(2, 4, 3), torch.tensor([4, 2])], [torch.randn(3, 6, 3), torch.tensor([3, 6, 1])], ["x", "lengths"],
       ["last", "largest", "weights", "mean", "product", "norm", "flipped", "best", "elu"], {"x": {0: "batch", 1: "time"}, "lengths": {0: "batch"}}, 14)
