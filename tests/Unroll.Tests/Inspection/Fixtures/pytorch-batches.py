"""Writes pytorch-batches.safetensors: float64 outputs and gradients of PyTorch on ragged batches (pack_padded_sequence), by name.

Run with PyTorch 1.13 (Debian: python3-torch): python3 pytorch-batches.py
Everything that goes in is a float32 number, so that a float32 program computes with the very same weights. N is the sum of the lengths;
rows of x and y are step after step of the first sequence, then of the second, and so on. For every case NAME:
  NAME.lengths [B], NAME.x [N, I], NAME.h0, NAME.c0 [L*D, B, H], NAME.core.weight_ih_l0 ...   what goes in
  NAME.y [N, D*H], NAME.hn, NAME.cn [L*D, B, H]                                               what comes out
  NAME.d.x, NAME.d.h0, NAME.d.c0, NAME.d.core.weight_ih_l0 ...                                the gradients of the loss
For a module alone the loss is sum(wy*y) + sum(wh*hn) + sum(wc*cn), with NAME.wy, NAME.wh, NAME.wc. PyTorch packs no sequence of length
zero: here it is left out of the module's batch, and its last state is its first.
For a network the loss is NAME.loss (the sum over all rows that count) of y against NAME.target.
The few lines of `save` follow https://github.com/huggingface/safetensors#format.
"""
import json
import torch
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

torch.manual_seed(2)
torch.set_default_dtype(torch.float64)
tensors = {}


def save(path):
    header, data = {}, b""
    for name, tensor in tensors.items():
        raw = tensor.detach().contiguous().numpy().tobytes()
        header[name] = {"dtype": "F64", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + data)


def single(tensor):
    return tensor.detach().float().double()


def round_weights(module):
    for parameter in module.parameters():
        parameter.data = single(parameter.data)


def run_ragged(module, x, lengths, first):
    """Rows in, rows out, and the last states of all sequences."""
    there = torch.tensor([s for s, length in enumerate(lengths) if length > 0])
    padded = pad_sequence([part for part in x.split(lengths) if len(part) > 0])
    packed = pack_padded_sequence(padded, [length for length in lengths if length > 0], enforce_sorted=False)
    begin = tuple(state.index_select(1, there) for state in first)
    y, last = module(packed, begin if len(begin) == 2 else begin[0])
    y, own = pad_packed_sequence(y)
    rows = torch.cat([y[:length, s] for s, length in enumerate(own)])
    last = last if isinstance(last, tuple) else (last,)
    return rows, tuple(state.index_copy(1, there, end) for state, end in zip(first, last))


def states_for(module, sequences):
    count = module.num_layers * (2 if module.bidirectional else 1)
    widths = [module.proj_size or module.hidden_size] + ([module.hidden_size] if module.mode == "LSTM" else [])
    return tuple(single(0.5 * torch.randn(count, sequences, width)).requires_grad_() for width in widths)


def add_case(name, lengths, put, got):
    tensors[f"{name}.lengths"] = torch.tensor(lengths).double()
    for key, value in {**put, **got}.items():
        tensors[f"{name}.{key}"] = value
    for key, value in put.items():
        if value.grad is not None:
            tensors[f"{name}.d.{key}"] = value.grad


def add_module(name, module, lengths=(2, 0, 5, 1, 3)):
    round_weights(module)
    lengths = list(lengths)
    x = single(torch.randn(sum(lengths), module.input_size)).requires_grad_()
    first = states_for(module, len(lengths))
    y, last = run_ragged(module, x, lengths, first)
    got = dict(zip(("y", "hn", "cn"), (y, *last)))
    weights = {key: single(torch.randn_like(value)) for key, value in zip(("wy", "wh", "wc"), got.values())}
    sum((w * value).sum() for w, value in zip(weights.values(), got.values())).backward()
    put = dict(zip(("x", "h0", "c0"), (x, *first)))
    put.update({f"core.{key}": value for key, value in module.named_parameters()})
    add_case(name, lengths, put, {**got, **weights})


def add_network(name, lengths, x, modules, y, target, loss):
    """`modules` by the names of the layers; x is an input with a gradient or a list of indices."""
    loss.backward()
    put = {"x": x}
    for layer, module in modules.items():
        put.update({f"{layer}.{key}": value for key, value in module.named_parameters()})
    add_case(name, lengths, put, {"y": y, "target": target.double(), "loss": loss.reshape(1)})


def add_tagger():
    """A label for each step: embedding, two bidirectional LSTMs, a dense layer, cross-entropy with labels that do not count."""
    lengths = [3, 1, 5, 2]
    words, core, head = torch.nn.Embedding(6, 4), torch.nn.LSTM(4, 3, num_layers=2, bidirectional=True), torch.nn.Linear(6, 3)
    modules = {"words": words, "core": core, "head": head}
    for module in modules.values():
        round_weights(module)
    x = torch.randint(6, (sum(lengths),))
    y, _ = run_ragged(core, words(x), lengths, tuple(torch.zeros(4, 4, 3) for _ in range(2)))
    y = head(y)
    target = torch.randint(3, (sum(lengths),))
    target[torch.tensor([1, 3, 8])] = -1
    loss = F.cross_entropy(y, target, ignore_index=-1, reduction="sum")
    add_network("tagger", lengths, x.double().reshape(-1, 1), modules, y, target.reshape(-1, 1), loss)


def add_forecaster():
    """Mean and deviation from the last step alone: GRU, a dense layer, Gaussian likelihood of two targets."""
    lengths = [4, 2, 6]
    core, head = torch.nn.GRU(3, 5), torch.nn.Linear(5, 4)
    modules = {"core": core, "head": head}
    for module in modules.values():
        round_weights(module)
    x = single(torch.randn(sum(lengths), 3)).requires_grad_()
    _, (last,) = run_ragged(core, x, lengths, (torch.zeros(1, 3, 5),))
    y = head(last[0])
    target = single(torch.randn(3, 2))
    loss = F.gaussian_nll_loss(y[:, 0::2], target, torch.exp(2 * y[:, 1::2]), full=True, eps=1e-12, reduction="sum")
    add_network("forecaster", lengths, x, modules, y, target, loss)


add_module("rnn", torch.nn.RNN(3, 17))
add_module("rnn-relu", torch.nn.RNN(3, 5, num_layers=2, nonlinearity="relu", bidirectional=True))
add_module("gru", torch.nn.GRU(4, 18))
add_module("gru-both", torch.nn.GRU(2, 3, num_layers=2, bidirectional=True))
add_module("lstm", torch.nn.LSTM(5, 17))
add_module("lstm-both", torch.nn.LSTM(2, 3, num_layers=2, bidirectional=True))
add_module("lstm-bare", torch.nn.LSTM(2, 3, num_layers=2, bias=False))
add_module("lstm-projected", torch.nn.LSTM(3, 18, proj_size=17))
add_module("lstm-projected-both", torch.nn.LSTM(3, 4, num_layers=2, bidirectional=True, proj_size=2))
add_tagger()
add_forecaster()
save("pytorch-batches.safetensors")
