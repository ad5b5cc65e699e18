"""How each engine is asked for times: a command that prints a JSON object a line, with the fields of `unroll bench --json`."""
import json, os, shlex, subprocess, sys
from dataclasses import replace
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WARM_SHAPE = "32,50,64,64"          # about a second of work by every engine's rule of timing
WARM_TIMES = 3
GRU = {"gru-after": "gru"}          # the GRU of every other engine resets after the product


class Engine:
    """
    `workloads`: what it can do. `whole`: it times all its cells and shapes in one call, or nothing.
    `own_names`: what it calls our cells, where the names differ.
    """

    def __init__(self, name, workloads, command, whole=False, environment=None, own_names=None):
        self.name, self.workloads, self.command, self.whole = name, workloads, command, whole
        self.environment, self.own_names = environment or (lambda threads: {}), own_names or {}

    def times(self, under, case, threads):
        """Runs one call and returns its lines; of several for the same point the last, when both threads are warm."""
        ours = {theirs: cell for cell, theirs in self.own_names.items()}
        words = under + self.command(replace(case, cells=tuple(self.own_names.get(cell, cell) for cell in case.cells)), threads)
        run = subprocess.run(words, stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ, **self.environment(threads)})
        if run.returncode:
            print(f"{self.name}: exit code {run.returncode} of: {shlex.join(words)}", file=sys.stderr)
        lines = {}
        for text in run.stdout.splitlines():
            if not text.startswith("{"):
                continue
            line = json.loads(text)
            line["engine"] = self.name
            if "cell" in line:
                line["cell"] = ours.get(line["cell"], line["cell"])
            if line.get("workload") == case.workload and "median_us" in line and (self.whole or case.holds(line)):
                lines[point(line)] = line
        return list(lines.values())


def point(line):
    """What two lines must have in common to be compared."""
    return tuple(line[k] for k in ("workload", "threads", "cell", "layers", "bidir", "B", "T", "I", "H")) + (line.get("ragged", False),)


def options(case, threads, warm=False):
    shapes = [",".join(map(str, s)) for s in case.shapes]
    if warm and threads > 1 and case.workload != "stream":      # unroll warms its threads itself
        shapes = [WARM_SHAPE] * WARM_TIMES + shapes
    words = ["--workload", case.workload, "--cell", ",".join(case.cells), "--shape", ";".join(shapes), "--layers", str(case.layers), "--json"]
    return words + (["--bidir"] if case.bidir else []) + (["--ragged"] if case.ragged else [])


def unroll(command, weights="float32"):
    """This library; with other weights than floats it is an engine of their name, for inference alone."""
    floats = weights == "float32"
    kind = lambda case: ["--weights", weights] if case.workload in ("infer", "stream") else []
    return Engine("unroll" if floats else weights, {"infer", "stream"} | ({"train", "fwdbwd", "charlm"} if floats else set()),
                  lambda case, threads: command + ["bench", "--threads", str(threads)] + options(case, threads) + kind(case))


def of_harness(folder):
    """The engines of a folder with scripts/peers.sh: libtorch, oneDNN and ONNX Runtime."""
    script = str(Path(folder).resolve() / "scripts" / "peers.sh")
    ask = lambda engine: lambda case, threads: [script, str(threads)] + options(case, threads, warm=True) + ["--engine", engine]
    return [
        # its program cannot be warmed, so OpenMP keeps each thread on a core of its own from the beginning
        Engine("onednn", {"train", "infer", "stream"},
               lambda case, threads: [script, str(threads), "exec", "/peers/onednn_rnn", case.workload], whole=True, own_names=GRU,
               environment=lambda threads: {"OMP_PROC_BIND": "true"} if threads > 1 else {}),
        Engine("torch", {"train", "fwdbwd", "infer", "stream", "charlm"}, ask("torch"), own_names=GRU),
        Engine("ort", {"infer", "stream"}, ask("ort"), own_names=GRU),
    ]


def onnx_program():
    """The program that runs ONNX files, built."""
    subprocess.run(["dotnet", "build", HERE / "OnnxRuntime", "-c", "Release", "-v", "q", "--nologo"], check=True, stdout=sys.stderr)
    return ["dotnet", str(ROOT / "artifacts" / "bin" / "Unroll.OnnxRuntime" / "release" / "Unroll.OnnxRuntime.dll")]


def onnxruntime(library):
    """ONNX Runtime's native library by our own small program."""
    words = onnx_program() + ["--library", str(Path(library).resolve())]
    return Engine("ort", {"infer", "stream"}, lambda case, threads: words + ["--threads", str(threads)] + options(case, threads, warm=True))


def own_onnx():
    """This library on the files that ONNX Runtime gets: as a network, which is ours in the tables, and node by node."""
    words = onnx_program()
    ask = lambda engine: lambda case, threads: words + ["--engine", engine, "--threads", str(threads)] + options(case, threads, warm=True)
    return (Engine("unroll", {"infer"}, ask("lifted")),
            Engine("interpreter", {"infer"}, ask("interpreter"), environment=lambda threads: {"DOTNET_PROCESSOR_COUNT": str(threads)}))


def pytorch(python):
    """PyTorch of a Python that can import it; None where it cannot."""
    if subprocess.run([python, "-c", "import torch"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
        return None
    return Engine("pytorch", {"train", "fwdbwd", "infer", "stream", "charlm"},
                  lambda case, threads: [python, str(HERE / "pytorch_times.py"), "--threads", str(threads)] + options(case, threads, warm=True))
