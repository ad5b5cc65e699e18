#!/usr/bin/env python3
"""PyTorch's times of the work that `unroll bench` does, by the same rule of timing, as the same JSON lines; for compare.py."""
import argparse, json, resource, time
import torch
from torch import nn

MODULES = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru-after": nn.GRU}          # nn.GRU resets after the product
GATES = {"rnn": 1, "lstm": 4, "gru-after": 3}
VOCABULARY = 65


def seconds(call):
    """Warm-up of at least 2 calls and 0.15 s; samples of at least 20 ms: at least 7, and up to 41 within 0.7 s."""
    def repeat(minimum, limit):
        start, n = time.perf_counter(), 0
        while n < minimum or time.perf_counter() - start < limit:
            call()
            n += 1
        return n, time.perf_counter() - start
    repeat(2, 0.15)
    n, took = repeat(1, 0.05)
    inner, samples, start = max(1, int(0.02 * n / took)), [], time.perf_counter()
    while len(samples) < 7 or (time.perf_counter() - start < 0.7 and len(samples) < 41):
        begin = time.perf_counter()
        for _ in range(inner):
            call()
        samples.append((time.perf_counter() - begin) / inner)
    return sorted(samples)


def flops(cell, b, t, i, h, layers, bidir):
    total, directions = 0, 2 if bidir else 1
    for _ in range(layers):
        total += directions * 2.0 * GATES[cell] * b * t * (i + h) * h
        i = h * directions
    return total


def step(module, loss_of, rate):
    """Clears gradients, forward, backward, clipping at a norm of 5, Adam."""
    adam = torch.optim.Adam(module.parameters(), rate)
    def call():
        adam.zero_grad()
        loss = loss_of()
        loss.backward()
        nn.utils.clip_grad_norm_(module.parameters(), 5.0)
        adam.step()
        return loss.item()
    return call


def forward_backward(module, x):
    def call():
        module.zero_grad()
        module(x)[0].square().mean().backward()
    return call


def stream(module, cell, i, h):
    x, zeros = torch.rand(1, 1, i), torch.zeros(module.num_layers, 1, h)
    state = [(zeros, zeros) if cell == "lstm" else zeros]
    def call():
        _, state[0] = module(x, state[0])
    return call


class CharacterModel(nn.Module):
    def __init__(self, module, h):
        super().__init__()
        self.embedding, self.module, self.head = nn.Embedding(VOCABULARY, h), module, nn.Linear(h, VOCABULARY)

    def loss(self, characters, following):
        return nn.functional.cross_entropy(self.head(self.module(self.embedding(characters))[0]).reshape(-1, VOCABULARY), following)


def call_of(workload, module, cell, b, t, i, h):
    """The call to be timed, and the operations of its products in units of a forward pass."""
    x = torch.rand(t, b, i) * 2 - 1
    if workload == "train":
        x.requires_grad_()
        return step(module, lambda: module(x)[0].square().mean(), 1e-6), 3
    if workload == "fwdbwd":
        x.requires_grad_()
        return forward_backward(module, x), 3
    if workload == "infer":
        return lambda: module(x), 1
    if workload == "stream":
        return stream(module, cell, i, h), 1
    model = CharacterModel(module, h)
    characters, following = torch.randint(VOCABULARY, (t, b)), torch.randint(VOCABULARY, (t * b,))
    return step(model, lambda: model.loss(characters, following), 1e-3), 3


def main():
    a = argparse.ArgumentParser(description=__doc__)
    for name in ("--workload", "--cell", "--shape"):
        a.add_argument(name, required=True)
    a.add_argument("--threads", type=int, default=1)
    a.add_argument("--layers", type=int, default=1)
    a.add_argument("--bidir", action="store_true")
    a.add_argument("--json", action="store_true", help="accepted, because every engine is asked so: lines are JSON in any case")
    o = a.parse_args()
    torch.set_num_threads(o.threads)
    for cell in o.cell.split(","):
        for b, t, i, h in (map(int, s.split(",")) for s in o.shape.split(";")):
            module = MODULES[cell](i, h, num_layers=o.layers, bidirectional=o.bidir)
            call, passes = call_of(o.workload, module, cell, b, t, i, h)
            with torch.inference_mode(o.workload in ("infer", "stream")):
                samples = seconds(call)
            middle = samples[len(samples) // 2]
            work = flops(cell, b, t, i, h, o.layers, o.bidir) + (2.0 * b * t * h * VOCABULARY if o.workload == "charlm" else 0)
            line = dict(engine="pytorch", version=torch.__version__, threads=o.threads, workload=o.workload, cell=cell, layers=o.layers,
                        bidir=o.bidir, B=b, T=t, I=i, H=h, median_us=round(middle * 1e6, 3), min_us=round(samples[0] * 1e6, 3),
                        max_us=round(samples[-1] * 1e6, 3), samples=len(samples), gflops=round(passes * work / middle * 1e-9, 2))
            if o.workload == "charlm":
                line.update(tokens_per_s=round(b * t / middle), rss_peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
