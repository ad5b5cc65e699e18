"""Whole modules and views whose weights do not say what they compute; written by torch 1.13 (negative-view: by 2.6).

    python3 modules.py        # writes own-cell.pth, norm-epsilon.pth, norm-without-weights.pth, negative-view.pth
"""
import torch
from torch import nn


class MyCell(nn.Module):
    """A cell of one's own with gates in the order i, f, o, g."""

    def __init__(self):
        super().__init__()
        for name, shape in (("weight_ih", (16, 6)), ("weight_hh", (16, 4)), ("bias_ih", (16,)), ("bias_hh", (16,))):
            setattr(self, name, nn.Parameter(torch.randn(shape)))

    def forward(self, x):
        h = c = x.new_zeros(x.shape[0], 4)
        rows = []
        for t in range(x.shape[1]):
            i, f, o, g = (x[:, t] @ self.weight_ih.T + self.bias_ih + h @ self.weight_hh.T + self.bias_hh).chunk(4, 1)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
            rows.append(h)
        return torch.stack(rows, 1)


def module(**parts):
    whole = nn.Module()
    for name, part in parts.items():
        setattr(whole, name, part)
    return whole


torch.manual_seed(1)
torch.save(module(a=MyCell(), h=nn.Linear(4, 3)), "own-cell.pth")
lstm = nn.LSTM(6, 4, batch_first=True)
torch.save(module(a=lstm, n=nn.LayerNorm(4, eps=1e-2), h=nn.Linear(4, 3)), "norm-epsilon.pth")
torch.save(module(a=lstm, n=nn.LayerNorm(4, elementwise_affine=False), h=nn.Linear(4, 3)), "norm-without-weights.pth")
states = {**{f"a.{k}": v for k, v in lstm.state_dict().items()}, **{f"h.{k}": v for k, v in nn.Linear(4, 3).state_dict().items()}}
states["h.weight"] = torch._neg_view(states["h.weight"])
torch.save(states, "negative-view.pth")
