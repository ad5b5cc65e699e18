#!/usr/bin/env python3
"""Tag a sentence word by word over the Open Inference Protocol (version 2, REST); nothing but Python's own library.

usage: open_inference.py ADDRESS MODEL WORD…        UNROLL_KEY has the key, if the server wants one
https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
"""
import json
import os
import sys
import urllib.error
import urllib.request

address, model, *words = sys.argv[1:]


def ask(path, body=None):
    request = urllib.request.Request(address + path, None if body is None else json.dumps(body).encode())
    request.add_header("Content-Type", "application/json")
    if "UNROLL_KEY" in os.environ:
        request.add_header("Authorization", "Bearer " + os.environ["UNROLL_KEY"])
    try:
        with urllib.request.urlopen(request) as response:
            return json.load(response)
    except urllib.error.HTTPError as problem:
        sys.exit(f"error: {json.load(problem)['error']}")


if not ask("/v2/health/ready")["ready"]:
    sys.exit("error: the server is not ready")
source = ask(f"/v2/models/{model}")["inputs"][-1]
for i, word in enumerate(words):
    said = ask(f"/v2/models/{model}/infer", {
        "id": str(i),
        "parameters": {"sequence_id": f"sentence-{os.getpid()}", "sequence_start": i == 0, "sequence_end": i == len(words) - 1},
        "inputs": [{"name": source["name"], "datatype": source["datatype"], "shape": [1], "data": [word]}],
    })
    outputs = {output["name"]: output["data"] for output in said["outputs"]}
    print(f"{word}\t{outputs['label'][0]}\t{max(outputs['probabilities']):.3f}")
