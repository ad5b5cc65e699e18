"""Writes audio-features.safetensors: a sound and its features, in float64, from torch.stft and the written definitions of the rest.

Run with PyTorch 1.13 and NumPy (Debian: python3-torch): python3 audio-features.py
  samples [N]                          a chirp with noise, float32 numbers, at 8000 samples a second; the last 400 are digital silence
  power [T, 129]                       |STFT|^2 by torch.stft: windows of 200, Hann's (periodic), every 80, padded to 256, not centred
  htk.log, slaney.log [T, M]           ln max(power . filters, 1e-8): 40 filters of HTK 20 to 4000 Hz, 26 of Slaney 0 to 3800 Hz
  mfcc [T, 39]                         13 cepstra of htk.log with pre-emphasis 0.97, and first and second differences over two steps each way
The filters are written out over dense matrices from the scales' definitions, the cosine transform as a matrix checked to be orthonormal.
"""
import json
import numpy as np
import torch

rate, window, hop, size = 8000, 200, 80, 256
tensors = {}


def save(path):
    header, data = {}, b""
    for name, array in tensors.items():
        raw = np.ascontiguousarray(array, dtype=np.float64).tobytes()
        header[name] = {"dtype": "F64", "shape": list(array.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + data)


def stft_power(x):
    y = torch.stft(torch.tensor(x), size, hop, window, torch.hann_window(window, dtype=torch.float64), center=False, return_complex=True)
    # torch puts the window of 200 into the middle of 256 samples: shift the signal so that window t begins at sample t * hop
    return (y.abs() ** 2).numpy().T


def framed_power(x):
    before = (size - window) // 2
    padded = np.concatenate([np.zeros(before), x, np.zeros(size - window - before)])
    return stft_power(padded)


def to_mel(f, scale):
    if scale == "htk":
        return 2595 * np.log10(1 + f / 700)
    return np.where(f < 1000, 3 * f / 200, 15 + 27 * np.log(np.maximum(f, 1) / 1000) / np.log(6.4))


def to_hertz(m, scale):
    if scale == "htk":
        return 700 * (10 ** (m / 2595) - 1)
    return np.where(m < 15, 200 * m / 3, 1000 * 6.4 ** ((m - 15) / 27))


def filters(count, low, high, scale):
    ends = to_mel(np.array([low, high], dtype=float), scale)
    points = to_hertz(np.linspace(ends[0], ends[1], count + 2), scale)
    f = np.arange(size // 2 + 1) * rate / size
    up = (f[:, None] - points[:-2]) / np.diff(points)[:-1]
    down = (points[2:] - f[:, None]) / np.diff(points)[1:]
    bank = np.maximum(0, np.minimum(up, down))
    return bank if scale == "htk" else bank * 2 / (points[2:] - points[:-2])


def logarithm(power, bank):
    return np.log(np.maximum(power @ bank, 1e-8))


def differences(rows):
    padded = np.pad(rows, ((2, 2), (0, 0)), mode="edge")
    count = len(rows)
    return sum(n * (padded[2 + n:2 + n + count] - padded[2 - n:2 - n + count]) for n in (1, 2)) / 10


random = np.random.RandomState(3)
n = np.arange(2810)
samples = 0.4 * np.sin(2 * np.pi * (200 * n / rate + 0.5 * 8000 * (n / rate) ** 2)) + 0.02 * random.randn(len(n))
samples[-400:] = 0
samples = samples.astype(np.float32).astype(np.float64)
tensors["samples"] = samples
tensors["power"] = framed_power(samples)
tensors["htk.log"] = logarithm(tensors["power"], filters(40, 20, 4000, "htk"))
tensors["slaney.log"] = logarithm(tensors["power"], filters(26, 0, 3800, "slaney"))

lifted = samples - 0.97 * np.concatenate([[0], samples[:-1]])
mels = logarithm(framed_power(lifted), filters(40, 20, 4000, "htk"))
k, m = np.arange(40)[:, None], np.arange(40)[None, :]
cosines = np.cos(np.pi * k * (m + 0.5) / 40) * np.sqrt(np.where(k == 0, 1, 2) / 40)
assert np.allclose(cosines @ cosines.T, np.eye(40))
cepstra = (mels @ cosines.T)[:, :13]
first = differences(cepstra)
tensors["mfcc"] = np.concatenate([cepstra, first, differences(first)], axis=1)
save("audio-features.safetensors")
