#!/usr/bin/env python3
"""Markdown tables from the lines that compare.py wrote: tables.py FOLDER [PLAN…]."""
import json, math, sys
from pathlib import Path
from statistics import median
from engines import point

ORDER = {"lstm": 0, "gru-after": 1, "rnn": 2}
PLAIN = {"lstm": "lstm", "gru": "gru-after", "rnn": "rnn", "residual": "rnn"}          # what a kind of cell is compared with


def read(path):
    """{point: {engine: {round: line}}}"""
    found = {}
    for text in open(path):
        line = json.loads(text)
        found.setdefault(point(line), {}).setdefault(line["engine"], {})[line["round"]] = line
    return found


def ratios(own, other, value=lambda line: line["median_us"]):
    """Ours ÷ theirs in each round that has both."""
    return [value(own[r]) / value(other[r]) for r in own if r in other]


def time(us):
    return f"{us:.1f} µs" if us < 1000 else f"{us / 1000:.2f} ms" if us < 1e5 else f"{us / 1000:.0f} ms"


def middle(lines, field="median_us"):
    return median(line[field] for line in lines.values())


def span(values):
    return f"{median(values):.3f} ({min(values):.2f}–{max(values):.2f})"


def name(p):
    _, _, cell, layers, bidir, b, t, i, h, ragged = p
    return f"{cell}{f' ×{layers}' if layers > 1 else ''}{' both ways' if bidir else ''}{' ragged' if ragged else ''} ({b},{t},{i},{h})"


def ours(lines):
    text = f"{time(middle(lines))} | " + (f"{100 * middle(lines, 'share_of_peak'):.0f} %" if all("share_of_peak" in line for line in lines.values()) else "–")
    if all("tokens_per_s" in line for line in lines.values()):
        text += f", {middle(lines, 'tokens_per_s'):.0f} tokens/s, {middle(lines, 'rss_peak_mb'):.0f} MiB"
    return text


def theirs(own, lines):
    found = ratios(own, lines)
    if not found:
        return "–"
    more = f", {middle(lines, 'rss_peak_mb'):.0f} MiB" if all("rss_peak_mb" in line for line in lines.values()) else ""
    return f"{time(middle(lines))}{more}, **{span(found)}**"


def table(found, workload, threads):
    points = sorted((p for p in found if p[0] == workload and p[1] == threads and "unroll" in found[p]),
                    key=lambda p: (ORDER.get(p[2], 3), p[2], p[3:]))
    if not points:
        return []
    others = sorted({e for p in points for e in found[p]} - {"unroll"})
    rounds = max(len(found[p]["unroll"]) for p in points)
    yield f"\n### {workload}, {threads} thread{'s' if threads > 1 else ''}, {rounds} round{'s' if rounds > 1 else ''}\n"
    yield "| cell (B,T,I,H) | unroll | of peak |" + "".join(f" {e}, **unroll ÷ {e}** (all rounds) |" for e in others)
    yield "|---" * (3 + len(others)) + "|"
    for p in points:
        own = found[p]["unroll"]
        yield f"| {name(p)} | {ours(own)} |" + "".join(f" {theirs(own, found[p].get(e, {}))} |" for e in others)
    for e in others:
        every = [median(r) for p in points if (r := ratios(found[p]["unroll"], found[p].get(e, {})))]
        if every:
            mean = math.exp(sum(map(math.log, every)) / len(every))
            yield (f"\nunroll ÷ {e}: geometric mean {mean:.3f}, from {min(every):.3f} to {max(every):.3f}; "
                   f"{sum(r >= 1 for r in every)} of {len(every)} points at 1 or above.")


def disturbed(found):
    """A line about the times that other processes may have changed."""
    lines = [line for engines in found.values() for line in engines.get("unroll", {}).values() if line.get("other_cores") is not None]
    some = [line for line in lines if line["other_cores"] + line["stolen_cores"] > 0.1]
    text = f"\nDuring {len(some)} of unroll's {len(lines)} measurements, other processes or the host used more than a tenth of a core."
    return [text] if some else []


def plain_of(p):
    workload, threads, cell, *rest, ragged = p
    return (workload, threads, PLAIN[cell.split("-")[0]], *rest, False)


def variants(found, threads):
    """Each variant and each ragged batch beside the plain cell of the same round."""
    points = sorted((p for p in found if p[1] == threads and plain_of(p) in found and plain_of(p) != p),
                    key=lambda p: (p[5:9], ORDER.get(plain_of(p)[2], 3), p))
    if not points:
        return []
    flops = lambda line: line["gflops"] * line["median_us"]
    yield f"\n### variants beside the plain cell, training, {threads} thread{'s' if threads > 1 else ''}\n"
    yield "| cell (B,T,I,H) | time | plain | time ÷ plain (all rounds) | products ÷ plain | time ÷ plain, a row |"
    yield "|---" * 6 + "|"
    for p in points:
        own, plain = found[p]["unroll"], found[plain_of(p)]["unroll"]
        if ratios(own, plain):
            rows = median(ratios(own, plain, lambda line: line["median_us"] / line["rows"]))
            products = median(ratios(own, plain, flops))
            yield (f"| {name(p)} | {time(middle(own))} | {time(middle(plain))} | **{span(ratios(own, plain))}** "
                   f"| {products:.3f} | {rows:.3f} |")


def write(folder, plan):
    found = read(Path(folder) / f"{plan}.jsonl")
    lines = []
    for threads in sorted({p[1] for p in found}):
        if plan == "variants":
            lines += variants(found, threads)
        else:
            for workload in sorted({p[0] for p in found}, reverse=True):
                lines += table(found, workload, threads)
    lines += disturbed(found)
    text = "\n".join(lines).strip() + "\n"
    (Path(folder) / f"{plan}.md").write_text(text)
    print(text)


if __name__ == "__main__":
    names = sys.argv[2:] or [p.stem for p in sorted(Path(sys.argv[1]).glob("*.jsonl"))]
    for plan in names:
        write(sys.argv[1], plan)
