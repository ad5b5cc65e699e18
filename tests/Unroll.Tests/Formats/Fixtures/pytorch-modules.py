"""Writes pytorch-modules.safetensors: weights of PyTorch's recurrent modules, an input [T, B, I] each, and its output.

Run with PyTorch 1.13 (Debian: python3-torch): python3 pytorch-modules.py
The few lines of `save` follow https://github.com/huggingface/safetensors#format.
"""
import json
import torch


def save(tensors, path):
    header, data = {}, b""
    for name, tensor in tensors.items():
        raw = tensor.detach().contiguous().numpy().tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + data)


torch.manual_seed(1)
modules = {
    "rnn": torch.nn.RNN(3, 5),
    "relu": torch.nn.RNN(3, 4, num_layers=2, nonlinearity="relu", bidirectional=True),
    "gru": torch.nn.GRU(3, 5, num_layers=2),
    "gru-both": torch.nn.GRU(2, 4, num_layers=2, bidirectional=True, bias=False),
    "lstm": torch.nn.LSTM(3, 5),
    "lstm-both": torch.nn.LSTM(3, 4, num_layers=3, bidirectional=True),
    "lstm-bare": torch.nn.LSTM(2, 4, num_layers=2, bias=False),
    "lstm-projected": torch.nn.LSTM(3, 6, num_layers=2, bidirectional=True, proj_size=2),
}
tensors = {}
for name, module in modules.items():
    tensors.update({f"{name}.{key}": value for key, value in module.state_dict().items()})
    x = torch.randn(4, 2, module.input_size)
    tensors[f"input.{name}"] = x
    tensors[f"output.{name}"] = module(x)[0]
save(tensors, "pytorch-modules.safetensors")
