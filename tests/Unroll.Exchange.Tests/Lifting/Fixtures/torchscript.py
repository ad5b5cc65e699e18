#!/usr/bin/env python3
"""Genuine TorchScript exports of models as users write them: one .onnx file each. Made with PyTorch 1.13.0 and onnx 1.12.0 (Debian 12).

Usage: python3 torchscript.py FOLDER
"""
import sys
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


class CharModel(nn.Module):
    """Characters in, scores of the next one out; the states go in and out."""

    def __init__(self, symbols=11, size=5, hidden=6, layers=2):
        super().__init__()
        self.embed = nn.Embedding(symbols, size)
        self.lstm = nn.LSTM(size, hidden, layers, batch_first=True, dropout=0.3)
        self.fc = nn.Linear(hidden, symbols)

    def forward(self, x, h, c):
        y, (h, c) = self.lstm(self.embed(x), (h, c))
        return self.fc(y), h, c


class TiedModel(CharModel):
    """The scores come from the embedding's own table."""

    def __init__(self):
        super().__init__(size=6)
        self.fc.weight = self.embed.weight

    def forward(self, x):
        y, _ = self.lstm(self.embed(x))
        return self.fc(y)


class CharModelFromZero(CharModel):
    """The same from a state of zeros."""

    def forward(self, x):
        y, _ = self.lstm(self.embed(x))
        return self.fc(y)


class Classifier(nn.Module):
    """Two bidirectional layers of a GRU, the last step, scores; by `take` the other ways to make one row of a sequence."""

    def __init__(self, take, batch_first=True, kind="GRU", inputs=3, hidden=5, classes=4, layers=2, both=True):
        super().__init__()
        self.take, self.first = take, batch_first
        self.rnn = getattr(nn, kind)(inputs, hidden, layers, batch_first=batch_first, bidirectional=both)
        self.norm = nn.LayerNorm(hidden * (2 if both else 1))
        self.drop = nn.Dropout(0.5)
        self.fc = nn.Linear(hidden * (2 if both else 1), classes)
        self.both, self.hidden = both, hidden

    def forward(self, x):
        y, h = self.rnn(x)
        if isinstance(h, tuple):
            h = h[0]
        t = 1 if self.first else 0
        row = {
            "last": lambda: y[:, -1] if self.first else y[-1],
            "last slice": lambda: y[:, -1, :],
            "states": lambda: torch.cat((h[-2], h[-1]), dim=1) if self.both else h[-1],
            "halves": lambda: torch.cat((y[:, -1, :self.hidden], y[:, 0, self.hidden:]), 1),
            "mean": lambda: y.mean(t),
            "max": lambda: y.max(t)[0],
            "norm": lambda: self.norm(y.mean(t)),
            "view": lambda: h.view(2, 2, -1, self.hidden)[-1].transpose(0, 1).reshape(-1, 2 * self.hidden),
            "sum of directions": lambda: y[:, -1, :self.hidden] + y[:, -1, self.hidden:],
        }[self.take]()
        return self.fc(self.drop(row)) if self.take != "sum of directions" else row


class Regressor(nn.Module):
    """An LSTM over numbers, a perceptron on its last state."""

    def __init__(self, middle):
        super().__init__()
        self.lstm = nn.LSTM(2, 7, batch_first=True)
        self.head = nn.Sequential(nn.Linear(7, 6), middle, nn.Linear(6, 1))

    def forward(self, x):
        _, (h, _) = self.lstm(x)
        return self.head(h[-1])


class Tagger(nn.Module):
    """Words and their number in, the logarithms of the tags' probabilities at every word out."""

    def __init__(self, sorted_by_length=True, kind="LSTM"):
        super().__init__()
        self.sorted = sorted_by_length
        self.embed = nn.Embedding(12, 4, padding_idx=0)
        self.rnn = getattr(nn, kind)(4, 5, bidirectional=True, batch_first=True)
        self.fc = nn.Linear(10, 3)

    def forward(self, x, lengths):
        packed = pack_padded_sequence(self.embed(x), lengths, batch_first=True, enforce_sorted=self.sorted)
        y, _ = self.rnn(packed)
        y, _ = pad_packed_sequence(y, batch_first=True)
        return torch.log_softmax(self.fc(y), -1)


class PackedClassifier(nn.Module):
    """Rows and their number in, the probability of yes out, from the states of both directions."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(3, 5, bidirectional=True)
        self.fc = nn.Linear(10, 1)

    def forward(self, x, lengths):
        _, h = self.gru(pack_padded_sequence(x, lengths))
        return torch.sigmoid(self.fc(torch.cat((h[0], h[1]), 1)))


class PackedMean(PackedClassifier):
    """The mean over all steps of a ragged batch, padding among them: what it says depends on the padding."""

    def forward(self, x, lengths):
        y, _ = self.gru(pack_padded_sequence(x, lengths))
        y, _ = pad_packed_sequence(y)
        return self.fc(y.mean(0))


class MaskedLast(PackedClassifier):
    """The last real step by gather."""

    def forward(self, x, lengths):
        y, _ = self.gru(pack_padded_sequence(x, lengths))
        y, _ = pad_packed_sequence(y)
        index = (lengths - 1).view(1, -1, 1).expand(1, lengths.size(0), 10)
        return self.fc(y.gather(0, index).squeeze(0))


class ExplicitZeros(nn.Module):
    """States of zeros made by hand, as tutorials do; time first; tanh or relu."""

    def __init__(self, nonlinearity="tanh"):
        super().__init__()
        self.rnn = nn.RNN(3, 6, 2, nonlinearity=nonlinearity)
        self.fc = nn.Linear(6, 2, bias=False)

    def forward(self, x):
        h = torch.zeros(2, x.size(1), 6)
        y, h = self.rnn(x, h)
        return torch.softmax(self.fc(y[-1, :, :]), dim=1)


class Residual(nn.Module):
    """The input is added to the output: no stack of layers."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(4, 4)

    def forward(self, x):
        return x + self.gru(x)[0]


class Steps(nn.Module):
    """Dense before and after, time distributed by flattening."""

    def __init__(self):
        super().__init__()
        self.into = nn.Linear(3, 4)
        self.gru = nn.GRU(4, 5, batch_first=True)
        self.fc = nn.Linear(5, 2)

    def forward(self, x):
        y, _ = self.gru(self.into(x))
        b, t, f = y.shape
        return self.fc(y.reshape(b * t, f)).view(b, t, 2)


class Learned(nn.Module):
    """Begins with a learned state."""

    def __init__(self):
        super().__init__()
        self.h = nn.Parameter(torch.randn(1, 1, 5) * 0.5)
        self.c = nn.Parameter(torch.randn(1, 1, 5) * 0.5)
        self.lstm = nn.LSTM(3, 5, batch_first=True)

    def forward(self, x):
        b = x.size(0)
        y, _ = self.lstm(x, (self.h.expand(1, b, 5).contiguous(), self.c.expand(1, b, 5).contiguous()))
        return y


def randomize(model):
    """Gates that differ, biases and gains that are not 0 and 1."""
    with torch.no_grad():
        for p in model.parameters():
            p.add_(torch.randn_like(p) * 0.3)
    return model.eval()


def main(folder):
    torch.manual_seed(0)
    symbols = lambda b, t, n=11: torch.randint(0, n, (b, t))
    lengths = torch.tensor([5, 3, 2])
    x = torch.randn(3, 5, 3)                                            # batch, time, features
    bt, tb = {0: "batch", 1: "time"}, {0: "time", 1: "batch"}
    states = {"h": {1: "batch"}, "c": {1: "batch"}}
    char = (symbols(3, 5), torch.zeros(2, 3, 6), torch.zeros(2, 3, 6))
    jobs = {
        "char-states": (CharModel(), char, ["x", "h", "c"], ["y", "hn", "cn"], {"x": bt, **states}, 13, True),
        "char-states-unfolded": (CharModel(), char, ["x", "h", "c"], ["y", "hn", "cn"], {"x": bt, **states}, 11, False),
        "char-zero": (CharModelFromZero(), (symbols(3, 5),), ["x"], ["y"], {"x": bt}, 17, True),
        "char-static": (CharModelFromZero(), (symbols(1, 5),), ["x"], ["y"], {}, 14, True),
        "gru-last": (Classifier("last"), (x,), ["x"], ["y"], {"x": bt}, 13, True),
        "gru-last-unfolded": (Classifier("last"), (x,), ["x"], ["y"], {"x": bt}, 16, False),
        "gru-last-slice": (Classifier("last slice"), (x,), ["x"], ["y"], {"x": bt}, 11, True),
        "gru-states": (Classifier("states"), (x,), ["x"], ["y"], {"x": bt}, 15, True),
        "gru-halves": (Classifier("halves"), (x,), ["x"], ["y"], {"x": bt}, 17, True),
        "gru-mean": (Classifier("mean", batch_first=False), (x,), ["x"], ["y"], {"x": tb}, 12, True),
        "gru-max": (Classifier("max"), (x,), ["x"], ["y"], {"x": bt}, 17, True),
        "gru-norm": (Classifier("norm"), (x,), ["x"], ["y"], {"x": bt}, 17, True),
        "gru-norm-13": (Classifier("norm"), (x,), ["x"], ["y"], {"x": bt}, 13, True),
        "gru-view": (Classifier("view"), (x,), ["x"], ["y"], {"x": bt}, 13, True),
        "char-tied": (TiedModel(), (symbols(3, 5),), ["x"], ["y"], {"x": bt}, 13, True),
        "gru-directions-summed": (Classifier("sum of directions"), (x,), ["x"], ["y"], {"x": bt}, 17, True),
        "lstm-one-way-states": (Classifier("states", kind="LSTM", both=False, layers=1), (x,), ["x"], ["y"], {"x": bt}, 17, True),
        "regressor-relu": (Regressor(nn.ReLU()), (torch.randn(3, 5, 2),), ["x"], ["y"], {"x": bt}, 17, True),
        "regressor-tanh": (Regressor(nn.Tanh()), (torch.randn(3, 5, 2),), ["x"], ["y"], {"x": bt}, 17, True),
        "tagger": (Tagger(), (symbols(3, 5), lengths), ["x", "lengths"], ["y"], {"x": bt, "lengths": {0: "batch"}}, 13, True),
        "tagger-unsorted": (Tagger(False, "GRU"), (symbols(3, 5), lengths), ["x", "lengths"], ["y"], {"x": bt, "lengths": {0: "batch"}}, 14, True),
        "packed-states": (PackedClassifier(), (x.transpose(0, 1), lengths), ["x", "lengths"], ["y"], {"x": tb, "lengths": {0: "batch"}}, 17, True),
        "packed-mean": (PackedMean(), (x.transpose(0, 1), lengths), ["x", "lengths"], ["y"], {"x": tb, "lengths": {0: "batch"}}, 17, True),
        "packed-gather": (MaskedLast(), (x.transpose(0, 1), lengths), ["x", "lengths"], ["y"], {"x": tb, "lengths": {0: "batch"}}, 17, True),
        "rnn-zeros": (ExplicitZeros(), (x,), ["x"], ["y"], {"x": tb}, 17, True),
        "rnn-relu": (ExplicitZeros("relu"), (x,), ["x"], ["y"], {"x": tb}, 11, True),
        "residual": (Residual(), (torch.randn(5, 3, 4),), ["x"], ["y"], {"x": tb}, 17, True),
        "flattened-steps": (Steps(), (x,), ["x"], ["y"], {"x": bt}, 17, True),
        "learned-state": (Learned(), (x,), ["x"], ["y"], {"x": bt}, 17, True),
    }
    for number, (name, (model, args, ins, outs, axes, opset, fold)) in enumerate(jobs.items()):
        torch.manual_seed(number)
        torch.onnx.export(randomize(model), args, f"{folder}/{name}.onnx", input_names=ins, output_names=outs, dynamic_axes=axes,
                          opset_version=opset, do_constant_folding=fold)


if __name__ == "__main__":
    main(sys.argv[1])
