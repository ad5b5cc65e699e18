"""Runs the suite on a runtime: python3 conformance/run.py --runtime onnxruntime [--group lengths] [--case NAME] [--verbose]

Needs numpy and onnx, and the runtime's Python package. Runtimes: those of RUNTIMES; to add one, write a function that takes the bytes of a model
and a dictionary of inputs and gives the list of outputs. What it throws counts as a refusal, which is not a failure: a wrong number is.
"""

import argparse
import collections
import json
import pathlib
import sys
import zipfile

import numpy as np
import onnx
from onnx import numpy_helper

HERE = pathlib.Path(__file__).parent


def onnxruntime(model, inputs):
    import onnxruntime as ort
    return ort.InferenceSession(model, providers=["CPUExecutionProvider"]).run(None, inputs)


def reference(model, inputs):
    """The evaluator in Python that onnx has from 1.13 on."""
    from onnx.reference import ReferenceEvaluator
    return ReferenceEvaluator(onnx.load_from_string(model)).run(None, inputs)


def oracle(model, inputs):
    """The suite's own oracle: tests the suite's plumbing, not itself."""
    import oracle as own
    graph = onnx.load_from_string(model).graph
    node, values = graph.node[0], inputs | {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    attributes = {k: v.decode() if isinstance(v, bytes) else [n.decode() if isinstance(n, bytes) else n for n in v] if isinstance(v, list) else v
                  for k, v in attributes.items()}
    slots = ["X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P"]
    outputs = own.run(node.op_type, **{s: values[n] for s, n in zip(slots, node.input) if n}, **attributes)
    return [o.astype(values[node.input[0]].dtype) for o, n in zip(outputs, node.output) if n]


RUNTIMES = {f.__name__: f for f in (onnxruntime, reference, oracle)}


def fault(actual, wanted, tolerance):
    """None where the numbers are right: within tolerance times the largest number of this output. Else what is wrong."""
    if len(actual) != len(wanted):
        return f"{len(actual)} outputs, expected {len(wanted)}"
    for name, a, w in ((n, np.asarray(a), w) for a, (n, w) in zip(actual, wanted)):
        if a.shape != w.shape or a.dtype != w.dtype:
            return f"{name} is {a.dtype} {a.shape}, expected {w.dtype} {w.shape}"
        floor = 1e-42 if w.dtype == np.float32 else 1e-320          # some hundred steps of the smallest numbers there are
        worst = np.abs(a.astype(np.float64) - w).max(initial=0)
        if not worst <= tolerance * np.abs(w).max(initial=0) + floor:
            return f"{name} differs by {worst:.3g} where the largest number is {np.abs(w).max():.3g}"
    return None


def own_cases():
    archive = zipfile.ZipFile(HERE / "cases.zip")
    names = set(archive.namelist())
    for case in json.loads((HERE / "cases.json").read_text()):
        yield case, lambda name, case=case: archive.read(f"{case['name']}/{name}") if f"{case['name']}/{name}" in names else None


def official_cases():
    for folder in sorted((HERE / "official").glob("opset*/test_*")):
        case = {"name": f"{folder.parent.name}/{folder.name}", "group": f"official, {folder.parent.name}", "tolerance": 1e-5}
        yield case, lambda name, folder=folder: (folder / name).read_bytes() if (folder / name).exists() else None


def tensors(read, kind):
    i = 0
    while (content := read(f"test_data_set_0/{kind}_{i}.pb")) is not None:
        tensor = onnx.TensorProto.FromString(content)
        yield tensor.name, numpy_helper.to_array(tensor)
        i += 1


def run(runtime, case, read):
    model = read("model.onnx")
    names = [i.name for i in onnx.load_from_string(model).graph.input]
    inputs = dict(zip(names, (value for _, value in tensors(read, "input"))))
    try:
        actual = runtime(model, inputs)
    except Exception as e:                                          # whatever a runtime throws, it has refused
        return "refused", str(e).splitlines()[0] if str(e) else type(e).__name__
    wrong = fault(actual, list(tensors(read, "output")), case["tolerance"])
    return ("wrong", wrong) if wrong else ("passed", "")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runtime", choices=RUNTIMES, required=True)
    parser.add_argument("--group", help="only this group")
    parser.add_argument("--case", help="only this case")
    parser.add_argument("--skip", action="append", default=[], help="without this case: gru_no_steps ends the process of ONNX Runtime 1.31.1")
    parser.add_argument("--verbose", action="store_true", help="what was said about each case that did not pass")
    options = parser.parse_args()
    table = collections.defaultdict(collections.Counter)
    for case, read in [*own_cases(), *official_cases()] if not options.case else (c for c in own_cases() if c[0]["name"] == options.case):
        if options.group and case["group"] != options.group or case["name"] in options.skip:
            continue
        result, said = run(RUNTIMES[options.runtime], case, read)
        table[case["group"]][result] += 1
        if options.verbose and said:
            print(f"{result}: {case['name']}: {said}", file=sys.stderr)
    print("| group | passed | refused | wrong |\n|---|---|---|---|")
    for group, counts in table.items():
        print(f"| {group} | {counts['passed']} | {counts['refused']} | {counts['wrong']} |")
    sys.exit(1 if any(counts["wrong"] for counts in table.values()) else 0)


if __name__ == "__main__":
    main()
