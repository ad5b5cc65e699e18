"""The list of cases: what each is about, and the numbers that go in. What must come out is the oracle's word (oracle.py)."""

import itertools
import zlib

import numpy as np

from oracle import DEFAULT_ACTIVATIONS, GATES, TAKES_ALPHA, TAKES_BETA

OPERATORS = ["LSTM", "GRU", "RNN"]
DIRECTIONS = ["forward", "reverse", "bidirectional"]
ALL_ACTIVATIONS = ["Relu", "Tanh", "Sigmoid", "Affine", "LeakyRelu", "ThresholdedRelu", "ScaledTanh", "HardSigmoid", "Elu", "Softsign", "Softplus"]
ALPHA = {"Affine": 0.6, "LeakyRelu": 0.15, "ThresholdedRelu": 0.2, "ScaledTanh": 1.4, "HardSigmoid": 0.3, "Elu": 0.7}
BETA = {"Affine": 0.1, "ScaledTanh": 0.7, "HardSigmoid": 0.4}


class Case:
    """One node: its attributes, which inputs and outputs it has, and sizes."""

    def __init__(self, name, group, about, op, opset=14, **options):
        self.name, self.group, self.about, self.op, self.opset = name, group, about, op, opset
        self.attributes = dict(options.pop("attributes", {}))
        self.steps, self.batch, self.inputs, self.hidden = options.pop("sizes", (5, 3, 4, 5))
        self.dtype = np.dtype(options.pop("dtype", "float32"))
        self.lengths = options.pop("lengths", None)          # one of LENGTHS, or None: no such input
        self.bias = options.pop("bias", True)
        self.states = options.pop("states", "")              # which initial states: "", "h", "c", "hc"
        self.peepholes = options.pop("peepholes", False)
        self.constant = options.pop("constant", True)        # weights as initializers, not as inputs
        self.scale = options.pop("scale", 1.0)               # of weights and biases
        self.scale_x = options.pop("scale_x", 1.0)
        self.hidden_size = options.pop("hidden_size", True)
        self.padding = options.pop("padding", None)          # what X holds past the sequences' ends; None: other numbers
        self.outputs = options.pop("outputs", ["Y", "Y_h", "Y_c"] if op == "LSTM" else ["Y", "Y_h"])
        self.salt = 0                                        # another draw, where the first stood on a step of an activation
        assert not options, options

    @property
    def directions(self):
        return 2 if self.attributes.get("direction") == "bidirectional" else 1

    def tensors(self):
        """The inputs that the node has, in order of the specification."""
        random = np.random.RandomState(zlib.crc32(self.name.encode()) + self.salt)

        def draw(scale, *shape):
            return (random.uniform(-1, 1, shape) * scale).astype(self.dtype)

        t, b, i, h, d, g = self.steps, self.batch, self.inputs, self.hidden, self.directions, GATES[self.op]
        batch_first = bool(self.attributes.get("layout", 0))
        tensors = {
            "X": draw(self.scale_x, *((b, t, i) if batch_first else (t, b, i))),
            "W": draw(0.9 * self.scale, d, g * h, i),
            "R": draw(0.7 * self.scale, d, g * h, h),
        }
        if self.bias:
            tensors["B"] = draw(0.5 * self.scale, d, 2 * g * h)
        if self.lengths:
            tensors["sequence_lens"] = LENGTHS[self.lengths](t, b).astype(np.int32)
            if self.padding is not None:
                for s, length in enumerate(tensors["sequence_lens"]):
                    (tensors["X"][s, length:] if batch_first else tensors["X"][length:, s])[...] = self.padding
        state = (b, d, h) if batch_first else (d, b, h)
        if "h" in self.states:
            tensors["initial_h"] = draw(0.8 * self.scale_x, *state)
        if "c" in self.states:
            tensors["initial_c"] = draw(1.5 * self.scale_x, *state)
        if self.peepholes:
            tensors["P"] = draw(0.9 * self.scale, d, 3 * h)
        return tensors


LENGTHS = {
    "full": lambda t, b: np.full(b, t),
    "short": lambda t, b: np.array([max(1, t - 2 * s) for s in range(b)])[::-1],
    "rising": lambda t, b: np.array([min(t, 1 + s) for s in range(b)]),
    "zero": lambda t, b: np.array([0 if s == b // 2 else max(1, t - s) for s in range(b)]),
    "all-zero": lambda t, b: np.zeros(b),
}


def with_activations(op, *sets):
    """Attributes naming activations, one set a direction, with a value for every parameter that they take."""
    names = [n for one in sets for n in one]
    attributes = {"activations": names}
    alphas, betas = [ALPHA[n] for n in names if n.lower() in TAKES_ALPHA], [BETA[n] for n in names if n.lower() in TAKES_BETA]
    if alphas:
        attributes["activation_alpha"] = alphas
    if betas:
        attributes["activation_beta"] = betas
    if len(sets) == 2:
        attributes["direction"] = "bidirectional"
    return attributes


def pairs(factors, allowed, seed):
    """Rows in which every two values of two factors meet, where they are allowed to (greedy)."""
    random = np.random.RandomState(seed)
    names = list(factors)
    open_pairs = {(a, x, b, y) for a, b in itertools.combinations(names, 2) for x in factors[a] for y in factors[b]
                  if allowed({a: x, b: y})}
    rows = []
    while open_pairs:
        best, best_gain = None, -1
        start = sorted(open_pairs, key=str)[0]
        for _ in range(60):
            row = {n: factors[n][random.randint(len(factors[n]))] for n in names}
            row[start[0]], row[start[2]] = start[1], start[3]
            if not allowed(row):
                continue
            gain = sum((a, row[a], b, row[b]) in open_pairs for a, b in itertools.combinations(names, 2))
            if gain > best_gain:
                best, best_gain = row, gain
        if best is None:
            open_pairs.discard(start)
            continue
        rows.append(best)
        open_pairs -= {(a, best[a], b, best[b]) for a, b in itertools.combinations(names, 2)}
    return rows


def pair_cases(op, wide):
    """Every pair of attributes and inputs. Wide: with layout, double, zero lengths and no hidden_size, which some runtimes refuse."""
    factors = {
        "direction": DIRECTIONS,
        "lengths": [None, "full", "short", "zero"] if wide else [None, "full", "short"],
        "bias": [True, False],
        "states": ["", "h", "c", "hc"] if op == "LSTM" else ["", "h"],
        "clip": [None, 0.4],
        "activations": ["default", "other"],
        "constant": [True, False],
        "outputs": ["all", "Y", "last"],
        "opset": [14, 22] if wide else [7, 11, 14, 22],
    }
    if op == "LSTM":
        factors |= {"peepholes": [False, True], "input_forget": [None, 1]}
    if op == "GRU":
        factors |= {"linear_before_reset": [None, 1]}
    if wide:
        factors |= {"layout": [0, 1], "dtype": ["float32", "float64"], "hidden_size": [True, False]}
    group = "pairs with layout, double, zero lengths, no hidden_size" if wide else "pairs"
    prefix = f"{op.lower()}_{'wide_pairs' if wide else 'pairs'}"
    rows = pairs(factors, lambda row: not (row.get("constant") and row.get("opset") == 7), zlib.crc32(prefix.encode()))
    for number, row in enumerate(rows):
        directions = 2 if row["direction"] == "bidirectional" else 1
        other = {"LSTM": ["HardSigmoid", "Softsign", "ScaledTanh"], "GRU": ["HardSigmoid", "Softsign"], "RNN": ["ScaledTanh"]}[op]
        attributes = with_activations(op, *[other] * directions) if row["activations"] == "other" else {}
        attributes |= {k: row[k] for k in ("clip", "input_forget", "linear_before_reset") if row.get(k)} | {"direction": row["direction"]}
        if row.get("layout"):
            attributes["layout"] = 1
        last = ["", "Y_h", "Y_c"] if op == "LSTM" else ["", "Y_h"]
        said = ", ".join(f"{k} {v}" for k, v in row.items() if v not in (None, "", False))
        yield Case(f"{prefix}_{number:02}", group, said, op, row["opset"], attributes=attributes, lengths=row["lengths"], bias=row["bias"],
                   states=row["states"], peepholes=row.get("peepholes", False), hidden_size=row.get("hidden_size", True), constant=row["constant"],
                   dtype=row.get("dtype", "float32"),
                   **({} if row["outputs"] == "all" else {"outputs": ["Y"] if row["outputs"] == "Y" else last}))


def activation_cases(op):
    usual, low = DEFAULT_ACTIVATIONS[op], op.lower()
    for place, kind in itertools.product(range(len(usual)), ALL_ACTIVATIONS):
        names = usual[:place] + [kind] + usual[place + 1:]
        yield Case(f"{low}_activation_{'fgh'[place]}_{kind.lower()}", "activations", f"{kind} as {'fgh'[place]}, its parameters given", op,
                   attributes=with_activations(op, names), states="h")
    for kind in ["Affine", "LeakyRelu", "ThresholdedRelu", "HardSigmoid", "Elu"]:
        names = [kind] + usual[1:] if op != "LSTM" else usual[:2] + [kind]
        yield Case(f"{low}_activation_default_{kind.lower()}", "activation parameters", f"{kind} with the default parameters", op,
                   attributes={"activations": names})
    for case in (str.lower, str.upper):
        yield Case(f"{low}_activation_names_{case.__name__}", "activation parameters", f"names of activations in {case.__name__} case", op,
                   attributes={"activations": [case(n) for n in usual]})
    first = {"LSTM": ["HardSigmoid", "LeakyRelu", "Softsign"], "GRU": ["HardSigmoid", "Softsign"], "RNN": ["ScaledTanh"]}[op]
    second = {"LSTM": ["Sigmoid", "Affine", "ScaledTanh"], "GRU": ["Sigmoid", "LeakyRelu"], "RNN": ["Elu"]}[op]
    yield Case(f"{low}_activation_each_direction", "activation parameters", "each direction has its own activations and parameters", op,
               attributes=with_activations(op, first, second), states="h")
    if op != "RNN":
        yield Case(f"{low}_activation_by_position", "activation parameters", "activation_alpha has a value for every function", op,
                   attributes={"activations": usual[:-1] + ["LeakyRelu"], "activation_alpha": [0.0] * (len(usual) - 1) + [0.3]})


def length_cases(op):
    low = op.lower()
    for direction, lengths in itertools.product(DIRECTIONS, ["short", "rising", "zero"]):
        for states in ("", "hc" if op == "LSTM" else "h"):
            if lengths == "rising" and states:
                continue
            group = "zero lengths" if lengths == "zero" else "lengths"
            yield Case(f"{low}_lengths_{lengths}_{direction}{'_states' if states else ''}", group, f"{lengths} lengths, {direction}"
                       + (", initial states given" if states else ""), op, attributes={"direction": direction}, lengths=lengths, states=states,
                       sizes=(6, 4, 3, 4))
    for direction, padding in itertools.product(DIRECTIONS, [np.nan, np.inf]):
        yield Case(f"{low}_padding_{padding}_{direction}", "padding", f"X holds {padding} past the sequences' ends, {direction}", op,
                   attributes={"direction": direction}, lengths="short", states="h", padding=padding)
    yield Case(f"{low}_no_hidden_size", "no hidden_size", "H is left to the shape of R", op, hidden_size=False)
    yield Case(f"{low}_lengths_all_zero", "zero lengths", "every sequence is empty: the last states are the initial ones", op,
               attributes={"direction": "bidirectional"}, lengths="all-zero", states="hc" if op == "LSTM" else "h")
    yield Case(f"{low}_no_steps", "zero lengths", "X has no steps at all", op, sizes=(0, 2, 3, 4), states="hc" if op == "LSTM" else "h")


def variant_cases(op):
    low = op.lower()
    for clip, direction in itertools.product([0.1, 1.0], DIRECTIONS):
        yield Case(f"{low}_clip_{clip}_{direction}", "clip", f"arguments clipped to {clip}, {direction}", op,
                   attributes={"clip": clip, "direction": direction}, states="h", scale=2)
    if op == "LSTM":
        for peepholes, coupled, clip, direction in itertools.product([False, True], [0, 1], [None, 0.5], ["forward", "bidirectional"]):
            if not (peepholes or coupled):
                continue
            words = ["peepholes"] * peepholes + ["input_forget"] * coupled + ["clip"] * (clip is not None) + [direction]
            yield Case("lstm_" + "_".join(words), "peepholes and input_forget", ", ".join(words), op, states="hc", peepholes=peepholes,
                       lengths="short", attributes={"input_forget": coupled, "direction": direction} | ({"clip": clip} if clip else {}))
    if op == "GRU":
        for lbr, clip, direction in itertools.product([0, 1], [None, 0.5], DIRECTIONS):
            yield Case(f"gru_linear_before_reset_{lbr}{'_clip' if clip else ''}_{direction}", "linear_before_reset",
                       f"linear_before_reset {lbr}, {direction}" + (", clip" if clip else ""), op, states="h", lengths="short",
                       attributes={"linear_before_reset": lbr, "direction": direction} | ({"clip": clip} if clip else {}))


def opset_cases(op):
    low = op.lower()
    for opset in [7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22]:
        yield Case(f"{low}_opset_{opset}", "opsets", f"opset {opset}", op, opset, states="h", lengths="short", constant=opset >= 9,
                   attributes={"direction": DIRECTIONS[opset % 3]})
    for opset in ([1, 3, 6] if op == "GRU" else [1, 6]):
        reset = {"linear_before_reset": 1} if op == "GRU" and opset == 3 else {}
        yield Case(f"{low}_opset_{opset}", "opsets before 7", f"opset {opset}, output_sequence 1", op, opset, constant=False,
                   attributes={"output_sequence": 1, "direction": "forward"} | reset)
    yield Case(f"{low}_opset_6_no_sequence", "opsets before 7", "output_sequence 0 and Y not asked for", op, 6, constant=False,
               attributes={"output_sequence": 0, "direction": "forward"}, outputs=["", "Y_h"])


def number_cases(op):
    low, states = op.lower(), "hc" if op == "LSTM" else "h"
    for direction, layout in itertools.product(DIRECTIONS, [0, 1]):
        yield Case(f"{low}_layout_{layout}_{direction}", "layout 1" if layout else "layout 0", f"layout {layout}, {direction}", op, states=states,
                   lengths="short", attributes={"direction": direction, "layout": layout})
        if not layout:
            yield Case(f"{low}_double_{direction}", "double", f"double, {direction}", op, dtype="float64", states=states, lengths="short",
                       attributes={"direction": direction})
    yield Case(f"{low}_double_long", "double", "double, 256 steps", op, dtype="float64", sizes=(256, 1, 2, 3))
    yield Case(f"{low}_double_saturated", "double", "double, gates' arguments of about 100", op, dtype="float64", scale=40)
    yield Case(f"{low}_double_tiny", "double", "double, values of about 1e-200", op, dtype="float64", scale_x=1e-200, bias=False, states=states)
    for steps, direction in itertools.product([200, 300], ["forward", "reverse"]):
        yield Case(f"{low}_long_{steps}_{direction}", "long", f"{steps} steps, {direction}", op, sizes=(steps, 2, 2, 3),
                   attributes={"direction": direction}, lengths="short" if steps == 300 else None)
    for scale in (10, 40, 1000):
        yield Case(f"{low}_saturated_{scale}", "saturated", f"weights up to {scale}: gates stand at their ends", op, scale=scale, states=states,
                   attributes={"direction": "bidirectional"})
    for scale in (1e-10, 1e-30, 1e-40):
        yield Case(f"{low}_tiny_{scale:.0e}".replace("-", "m"), "tiny", f"inputs and states of about {scale:.0e}", op, scale_x=scale, bias=False,
                   states=states, attributes={"direction": "bidirectional"})
    for word, sizes in {"one_unit": (4, 3, 2, 1), "one_step": (1, 3, 4, 5), "one_sequence": (6, 1, 4, 5), "one_input": (4, 3, 1, 5),
                        "all_one": (1, 1, 1, 1), "seventeen_units": (4, 5, 7, 17), "many_inputs": (3, 2, 40, 6)}.items():
        yield Case(f"{low}_{word}", "sizes", f"{word.replace('_', ' ')}, bidirectional", op, sizes=sizes, states=states,
                   attributes={"direction": "bidirectional"})
    names = ["Y", "Y_h", "Y_c"] if op == "LSTM" else ["Y", "Y_h"]
    for kept in range(1, 2 ** len(names) - 1):
        outputs = [n if kept >> k & 1 else "" for k, n in enumerate(names)]
        while not outputs[-1]:
            outputs.pop()
        yield Case(f"{low}_outputs_{'_'.join(n.lower() for n in outputs if n)}", "optional outputs", f"outputs {outputs}", op, outputs=outputs,
                   states="h", lengths="short")


def all_cases():
    cases = []
    for op in OPERATORS:
        for family in (number_cases(op), opset_cases(op), variant_cases(op), length_cases(op), activation_cases(op), pair_cases(op, False),
                       pair_cases(op, True)):
            cases += family
    assert len({case.name for case in cases}) == len(cases)
    return cases
