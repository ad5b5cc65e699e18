#!/usr/bin/env python3
"""Times unroll and other engines in turn, round after round, and writes every line as JSON and the tables as Markdown. See README.md."""
import argparse, json, os, shlex, subprocess, sys, time
from dataclasses import replace
from pathlib import Path
import engines, plans, tables


def arguments():
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("plans", nargs="*", default=["train", "infer", "stream"], help=f"of {', '.join(plans.PLANS)} (default: train infer stream)")
    a.add_argument("--threads", default="1", help="1, 2 or 1,2 (default 1)")
    a.add_argument("--rounds", type=int, default=5, help="how often every engine takes its turn (default 5)")
    a.add_argument("--each", choices=["point", "cell", "workload"], default="point",
                   help="how much one engine does before the next takes its turn (default: one point)")
    a.add_argument("--cell", help="only these cells: lstm,gru-after,rnn")
    a.add_argument("--shape", help="only these shapes: B,T,I,H;…")
    a.add_argument("--engines", help="only these engines beside unroll: torch,onednn,ort,pytorch")
    a.add_argument("--weights", default="", help="time unroll with these weights too, as engines of their names: int8,bfloat16")
    a.add_argument("--peers", default=os.environ.get("UNROLL_PEERS"),
                   help="a folder with scripts/peers.sh, for libtorch, oneDNN and ONNX Runtime (or UNROLL_PEERS)")
    a.add_argument("--ort", default=os.environ.get("ONNXRUNTIME_LIBRARY"),
                   help="ONNX Runtime's native library, libonnxruntime.so.1 (or ONNXRUNTIME_LIBRARY)")
    a.add_argument("--python", default="python3", help="a Python that may have PyTorch (default python3)")
    a.add_argument("--unroll", default=str(engines.ROOT / "unroll"), help="the command to time (default: that of this checkout)")
    a.add_argument("--under", default="", help="a command to run every engine under, such as 'taskset -c 0,1' or 'flock FILE'")
    a.add_argument("--out", default="artifacts/compare",
                   help="folder of the results (default artifacts/compare); further runs add rounds to it")
    return a.parse_args()


def find_engines(o):
    found = engines.of_harness(o.peers) if o.peers else []
    if o.ort and not o.peers:
        found.append(engines.onnxruntime(o.ort))
    wanted = o.engines.split(",") if o.engines else None
    if wanted is None or "pytorch" in wanted:
        found += [e for e in [engines.pytorch(o.python)] if e]
    return [e for e in found if wanted is None or e.name in wanted]


def narrowed(case, o):
    cells = tuple(c for c in case.cells if not o.cell or c in o.cell.split(","))
    wanted = [tuple(map(int, s.split(","))) for s in o.shape.split(";")] if o.shape else None
    shapes = tuple(s for s in case.shapes if wanted is None or s in wanted)
    return replace(case, cells=cells, shapes=shapes)


def turns(case, each):
    return case.points() if each == "point" else case.by_cell() if each == "cell" else [case]


def main():
    o = arguments()
    unknown = [p for p in o.plans if p not in plans.PLANS]
    if unknown:
        sys.exit(f"error: there is no plan '{unknown[0]}'; expected some of {', '.join(plans.PLANS)}.")
    cells = {cell for cases in plans.PLANS.values() for case in cases for cell in case.cells}
    strange = [cell for cell in (o.cell or "").split(",") if cell and cell not in cells]
    if strange:
        sys.exit(f"error: there is no cell '{strange[0]}' in the plans; expected some of {', '.join(sorted(cells))}.")
    own, peers, under = engines.unroll(shlex.split(o.unroll)), find_engines(o), shlex.split(o.under)
    peers += [engines.unroll(shlex.split(o.unroll), weights) for weights in o.weights.split(",") if weights]
    out = Path(o.out)
    out.mkdir(parents=True, exist_ok=True)
    names = ", ".join(e.name for e in peers) or "nothing: give --peers or --ort, or install PyTorch"
    print(f"unroll beside {names}; results in {out}", file=sys.stderr)
    subprocess.run(shlex.split(o.unroll) + ["--version"], check=True, stdout=subprocess.DEVNULL)      # builds the program where needed
    session = time.strftime("%Y%m%dT%H%M%S")
    lifted, interpreter = engines.own_onnx() if "onnx" in o.plans else (own, None)
    for plan in o.plans:
        mine, others = (lifted, [e for e in peers if e.name == "ort"] + [interpreter]) if plan == "onnx" else (own, peers)
        with open(out / f"{plan}.jsonl", "a") as results:
            for number in range(o.rounds):
                for threads in map(int, o.threads.split(",")):
                    one_round(o, plan, mine, others, under, threads, number, lambda line: keep(results, line, f"{session}.{number}"))
        tables.write(out, plan)


def one_round(o, plan, own, peers, under, threads, number, keep):
    """Every engine once on every point; who begins changes from round to round."""
    for case in (narrowed(case, o) for case in plans.PLANS[plan]):
        if not case.cells or not case.shapes or (case.workload == "stream" and threads > 1):
            continue
        able = [] if plan == "variants" else [e for e in peers if case.workload in e.workloads]
        plain = case.layers == 1 and not case.bidir and not case.ragged
        for engine in (e for e in able if e.whole and plain):
            for line in engine.times(under, case, threads):
                if case.holds(line):
                    keep(line)
        for turn in turns(case, "workload" if plan == "variants" else o.each):
            order = [own] + [e for e in able if not e.whole]
            for engine in order if number % 2 == 0 else reversed(order):
                for line in engine.times(under, turn, threads):
                    keep(line)


def keep(results, line, name):
    results.write(json.dumps({"round": name, **line}) + "\n")
    results.flush()
    print(f"{name} {line['engine']:8} {line['workload']:7} {line['threads']} thread(s) {line['cell']:16} "
          f"{line['B']},{line['T']},{line['I']},{line['H']}: {line['median_us']:.1f} µs", file=sys.stderr)


if __name__ == "__main__":
    main()
