"""What is compared: the points of each table."""
from dataclasses import dataclass, replace

CELLS = ("lstm", "gru-after", "rnn")
TRAIN = ((32, 50, 64, 64), (32, 100, 128, 128), (64, 100, 256, 256), (32, 100, 512, 512), (20, 35, 650, 650), (16, 64, 1024, 1024),
         (1, 200, 32, 64))
INFER = ((32, 100, 128, 128), (64, 100, 256, 256), (32, 100, 512, 512), (1, 200, 256, 256))
STREAM = tuple((1, 1, h, h) for h in (32, 64, 128, 256, 512, 1024))
DEEP = ((32, 100, 128, 128), (64, 100, 256, 256))
VARIANTS = ("lstm", "lstm-peephole", "lstm-projection", "lstm-coupled", "lstm-clipped-cell", "gru-after", "gru", "rnn",
            "residual")


@dataclass(frozen=True)
class Case:
    """One call of an engine: some cells on some shapes."""
    workload: str
    cells: tuple
    shapes: tuple
    layers: int = 1
    bidir: bool = False
    ragged: bool = False

    def holds(self, line):
        return line["cell"] in self.cells and (line["B"], line["T"], line["I"], line["H"]) in self.shapes

    def points(self):
        return [replace(self, cells=(cell,), shapes=(shape,)) for cell in self.cells for shape in self.shapes]

    def by_cell(self):
        return [replace(self, cells=(cell,)) for cell in self.cells]


PLANS = {
    "train": [Case("train", CELLS, TRAIN)],
    "fwdbwd": [Case("fwdbwd", CELLS, TRAIN)],
    "infer": [Case("infer", CELLS, INFER)],
    # ONNX files: lifted to a network ("unroll" in the tables) and node by node, beside ONNX Runtime
    "onnx": [Case("infer", ("lstm", "gru-after"), INFER), Case("infer", ("lstm",), DEEP, layers=2, bidir=True)],
    "stream": [Case("stream", CELLS, STREAM)],
    "bidir": [Case("train", ("lstm",), DEEP, layers=2, bidir=True), Case("infer", ("lstm",), DEEP, layers=2, bidir=True)],
    "charlm": [Case("charlm", ("lstm",), ((50, 50, 128, 128), (50, 50, 512, 512)), layers=2)],
    # ours against ours: a variant, or a ragged batch, beside the plain cell in the same process
    "variants": [Case("train", VARIANTS, (shape,)) for shape in DEEP]
                + [Case("train", CELLS, (shape,), ragged=True) for shape in DEEP],
}
