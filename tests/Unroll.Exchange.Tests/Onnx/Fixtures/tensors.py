"""Writes a safetensors file with numpy alone: a header of JSON, then the bytes of the arrays."""
import json
import struct

import numpy as np

TYPES = {"float32": "F32", "float64": "F64", "int64": "I64", "int32": "I32", "bool": "BOOL"}


def save(path, arrays):
    header, at, parts = {}, 0, []
    for name, array in arrays.items():
        array = np.array(array, order="C")
        data = array.tobytes()
        header[name] = {"dtype": TYPES[array.dtype.name], "shape": list(array.shape), "data_offsets": [at, at + len(data)]}
        at += len(data)
        parts.append(data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(parts))
