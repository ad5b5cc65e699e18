"""Writes cases.zip and cases.json: python3 conformance/generate.py

Needs numpy and onnx. Each case is a folder in the layout of ONNX's own node tests, so that any runtime's runner takes it:
    NAME/model.onnx    NAME/test_data_set_0/input_0.pb …    NAME/test_data_set_0/output_0.pb …
Inputs are drawn from a generator whose seed is the name; what must come out is computed by oracle.py in double and rounded once.
"""

import argparse
import json
import pathlib
import zipfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import oracle
from cases import all_cases

HERE = pathlib.Path(__file__).parent
INPUTS = {"LSTM": ["X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P"],
          "GRU": ["X", "W", "R", "B", "sequence_lens", "initial_h"], "RNN": ["X", "W", "R", "B", "sequence_lens", "initial_h"]}
WEIGHTS = {"W", "R", "B", "P"}
IR_VERSION = {**dict.fromkeys(range(1, 9), 3), 9: 4, 10: 5, 11: 6, 12: 7, 13: 7, 14: 7, 15: 8, 16: 8, 17: 8, 18: 8, 19: 9, 20: 9, 21: 10, 22: 10}


def expected(case, tensors):
    return dict(zip(["Y", "Y_h", "Y_c"], oracle.run(case.op, **tensors, **case.attributes)))


def is_steady(case, tensors, outputs):
    """Whether a change in the last place of the inputs leaves the outputs alone: no argument stands at a step of an activation."""
    small = 1e-6 if case.dtype == np.float32 else 1e-13
    for sign in (1, -1):
        moved = {k: v * (1 + sign * small * np.cos(np.arange(v.size)).reshape(v.shape)) if v.dtype.kind == "f" else v for k, v in tensors.items()}
        for name, value in expected(case, moved).items():
            if value is not None and value.size and np.abs(value - outputs[name]).max() > 100 * small * np.abs(outputs[name]).max() + 1e-300:
                return False
    return True


def build(case):
    """The node's model, its inputs in order, its outputs in order."""
    tensors = case.tensors()
    outputs = expected(case, tensors)
    while not is_steady(case, tensors, outputs):
        case.salt += 1
        tensors = case.tensors()
        outputs = expected(case, tensors)
    names = [n if n in tensors else "" for n in INPUTS[case.op]]
    while not names[-1]:
        names.pop()
    attributes = dict(case.attributes)
    if case.hidden_size:
        attributes["hidden_size"] = case.hidden
    node = helper.make_node(case.op, names, case.outputs, name=case.name, **attributes)
    constant = WEIGHTS & set(tensors) if case.constant else set()
    kind = TensorProto.DOUBLE if case.dtype == np.float64 else TensorProto.FLOAT
    inputs = [n for n in names if n and n not in constant]
    kept = [n for n in case.outputs if n]
    graph = helper.make_graph(
        [node], case.name,
        [helper.make_tensor_value_info(n, TensorProto.INT32 if n == "sequence_lens" else kind, tensors[n].shape) for n in inputs],
        [helper.make_tensor_value_info(n, kind, outputs[n].shape) for n in kept],
        initializer=[numpy_helper.from_array(tensors[n], n) for n in names if n in constant])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", case.opset)], producer_name="unroll-conformance")
    model.ir_version = IR_VERSION[case.opset]
    if case.opset <= onnx.defs.onnx_opset_version() and case.opset >= 7:
        onnx.checker.check_model(model)
    return model, [(n, tensors[n]) for n in inputs], [(n, outputs[n].astype(case.dtype)) for n in kept]


def files(case):
    model, inputs, outputs = build(case)
    yield f"{case.name}/model.onnx", model.SerializeToString()
    for kind, values in (("input", inputs), ("output", outputs)):
        for i, (name, value) in enumerate(values):
            yield f"{case.name}/test_data_set_0/{kind}_{i}.pb", numpy_helper.from_array(value, name).SerializeToString()


def describe(case):
    return {"name": case.name, "group": case.group, "operator": case.op, "opset": case.opset, "type": case.dtype.name, "about": case.about,
            "tolerance": 1e-12 if case.dtype == np.float64 else 1e-5}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folders", help="also write the cases as folders here")
    folders = parser.parse_args().folders
    cases = all_cases()
    with zipfile.ZipFile(HERE / "cases.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for case in cases:
            for name, content in files(case):
                archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
                if folders:
                    target = pathlib.Path(folders) / name
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(content)
    (HERE / "cases.json").write_text("[\n" + ",\n".join(json.dumps(describe(case)) for case in cases) + "\n]\n")
    print(f"{len(cases)} cases, {(HERE / 'cases.zip').stat().st_size} bytes")


if __name__ == "__main__":
    main()
