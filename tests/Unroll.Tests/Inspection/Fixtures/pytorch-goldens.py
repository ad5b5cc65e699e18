"""Writes pytorch-goldens.safetensors: float64 outputs and gradients of PyTorch's recurrent modules and losses, by name.

Run with PyTorch 1.13 (Debian: python3-torch): python3 pytorch-goldens.py
For every module NAME, a single sequence:
  NAME.x [T, I], NAME.h0, NAME.c0 [L*D, H], NAME.weight_ih_l0 ...      what goes in
  NAME.y [T, D*H], NAME.hn, NAME.cn                                    what comes out
  NAME.wy, NAME.wh, NAME.wc                                            the loss is sum(wy*y) + sum(wh*hn) + sum(wc*cn)
  NAME.d.x, NAME.d.h0, NAME.d.c0, NAME.d.weight_ih_l0 ...              its gradients
For every loss NAME: NAME.y, NAME.target, NAME.loss (the sum), NAME.d.y.
The few lines of `save` follow https://github.com/huggingface/safetensors#format.
"""
import json
import torch
from torch.nn import functional as F

torch.manual_seed(1)
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


def add_module(name, module, steps=5):
    directions = 2 if module.bidirectional else 1
    outputs = module.proj_size or module.hidden_size
    lstm = module.mode == "LSTM"
    put = {"x": torch.randn(steps, module.input_size), "h0": 0.5 * torch.randn(module.num_layers * directions, outputs)}
    if lstm:
        put["c0"] = 0.5 * torch.randn(module.num_layers * directions, module.hidden_size)
    for tensor in put.values():
        tensor.requires_grad_()
    first = (put["h0"], put["c0"]) if lstm else put["h0"]
    y, last = module(put["x"], first)
    got = {"y": y, "hn": last[0] if lstm else last}
    if lstm:
        got["cn"] = last[1]
    weights = {"y": "wy", "hn": "wh", "cn": "wc"}
    loss = 0
    for key, value in got.items():
        weight = torch.randn_like(value)
        tensors[f"{name}.{weights[key]}"] = weight
        loss = loss + (weight * value).sum()
    loss.backward()
    put.update(dict(module.named_parameters()))
    for key, value in {**put, **got}.items():
        tensors[f"{name}.{key}"] = value
    for key, value in put.items():
        tensors[f"{name}.d.{key}"] = value.grad


def add_loss(name, loss, y, target):
    y.requires_grad_()
    value = loss(y, target)
    value.backward()
    tensors.update({f"{name}.y": y, f"{name}.target": target.double(), f"{name}.loss": value.reshape(1), f"{name}.d.y": y.grad})


add_module("rnn", torch.nn.RNN(3, 4))
add_module("rnn-relu", torch.nn.RNN(3, 4, num_layers=2, nonlinearity="relu", bidirectional=True))
add_module("gru", torch.nn.GRU(3, 4))
add_module("gru-both", torch.nn.GRU(2, 3, num_layers=2, bidirectional=True))
add_module("lstm", torch.nn.LSTM(3, 4))
add_module("lstm-both", torch.nn.LSTM(2, 3, num_layers=2, bidirectional=True))
add_module("lstm-bare", torch.nn.LSTM(2, 3, bias=False))
add_module("lstm-projected", torch.nn.LSTM(3, 4, num_layers=2, bidirectional=True, proj_size=2))

labels = torch.tensor([0, 3, -1, 2])
add_loss("cross-entropy", lambda y, t: F.cross_entropy(y, t, ignore_index=-1, reduction="sum"), 30 * torch.randn(4, 4), labels)
add_loss("binary-cross-entropy", lambda y, t: F.binary_cross_entropy_with_logits(y, t, reduction="sum"), 3 * torch.randn(4, 3), torch.rand(4, 3).round())
add_loss("squared-error", lambda y, t: F.mse_loss(y, t, reduction="sum"), torch.randn(4, 3), torch.randn(4, 3))
add_loss("absolute-error", lambda y, t: F.l1_loss(y, t, reduction="sum"), torch.randn(4, 3), torch.randn(4, 3))
add_loss("huber", lambda y, t: F.huber_loss(y, t, reduction="sum", delta=1.0), 2 * torch.randn(4, 3), torch.randn(4, 3))


def gaussian(y, target):
    return F.gaussian_nll_loss(y[:, 0::2], target, torch.exp(2 * y[:, 1::2]), full=True, eps=1e-12, reduction="sum")


def quantile(y, target):
    q = torch.tensor([0.1, 0.5, 0.9], dtype=torch.float32).double()
    e = target.unsqueeze(-1) - y.reshape(4, -1, 3)
    return torch.maximum(q * e, (q - 1) * e).sum()


add_loss("gaussian", gaussian, torch.randn(4, 4), torch.randn(4, 2))
add_loss("quantile", quantile, torch.randn(4, 6), torch.randn(4, 2))
save("pytorch-goldens.safetensors")
