"""Writes pytorch-ctc.safetensors: float64 losses and gradients of PyTorch's CTC, one sequence a case.

Run with PyTorch 1.13 (Debian: python3-torch): python3 pytorch-ctc.py
The logits are float32 numbers. For every case NAME:
  NAME.z [T, C] logits, NAME.labels [L] (absent for none), NAME.loss [1] in nats, NAME.dz [T, C] its gradient by the logits.
The few lines of `save` follow https://github.com/huggingface/safetensors#format.
"""
import json
import torch

torch.manual_seed(5)
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


def case(name, steps, classes, labels, scale=1.0):
    z = (scale * torch.randn(steps, classes)).float().double().requires_grad_()
    loss = torch.nn.functional.ctc_loss(z.log_softmax(1)[:, None], torch.tensor([labels], dtype=torch.long), (steps,), (len(labels),), reduction="sum")
    loss.backward()
    tensors.update({f"{name}.z": z, f"{name}.loss": loss[None], f"{name}.dz": z.grad})
    if labels:
        tensors[f"{name}.labels"] = torch.tensor(labels, dtype=torch.float64)


case("one", 1, 3, [2])
case("empty", 4, 3, [])
case("repeats", 9, 4, [1, 1, 2, 3, 3])
case("tight", 7, 4, [1, 1, 2, 3, 3])
case("long", 60, 12, [1 + i * i % 11 for i in range(20)])
case("sure", 30, 8, [1 + i % 7 for i in range(12)], scale=40.0)
save("pytorch-ctc.safetensors")
