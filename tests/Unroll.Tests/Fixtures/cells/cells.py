"""Writes NAME.json, what every cell of the zoo computes in double: python3 cells.py

Nothing but Python is needed. Each function below is a step of a cell as its paper or its authors' code has it, one unit or one vector at a time; none
of them reads the definitions in cells/, so that they check these and whatever is made from them. A fixture has
  inputs, units, steps, batch                                   the sizes
  parameters       by their names in the definition: matrices [units][width], vectors [units], numbers
  x                [step][sequence][input]
  first            the number that a state begins with in every unit, by the state's name
  outputs          [step][sequence][unit]                       10 significant digits
  last             the states after the last step, by name: [sequence][unit]
"""
import json
import math
import pathlib
import random
import zlib

INPUTS, UNITS, STEPS, BATCH = 3, 4, 3, 2
HERE = pathlib.Path(__file__).parent


class V(tuple):
    """A vector; its operators take each unit alone, and numbers for vectors of equal numbers."""

    def over(self, other, f):
        return V(f(a, b) for a, b in zip(self, other if isinstance(other, tuple) else [other] * len(self), strict=True))

    def __add__(self, other): return self.over(other, lambda a, b: a + b)
    def __sub__(self, other): return self.over(other, lambda a, b: a - b)
    def __mul__(self, other): return self.over(other, lambda a, b: a * b)
    def __truediv__(self, other): return self.over(other, lambda a, b: a / b)
    def __rsub__(self, other): return self.over(other, lambda a, b: b - a)
    def __neg__(self): return V(-a for a in self)
    __radd__, __rmul__ = __add__, __mul__


class M(tuple):
    """A matrix of rows; M @ v is the product."""

    def __matmul__(self, v):
        return V(math.fsum(a * b for a, b in zip(row, v, strict=True)) for row in self)

    @property
    def T(self):
        return M(zip(*self))


def number(a): return 1 / (1 + math.exp(-a))
def sigmoid(v): return V(map(number, v))
def tanh(v): return V(map(math.tanh, v))
def relu(v): return V(max(a, 0.0) for a in v)
def exp(v): return V(map(math.exp, v))
def log(v): return V(map(math.log, v))
def larger(v, w): return v.over(w, max)


def normalized(v):
    """Layer normalization without gain and bias."""
    mean = math.fsum(v) / len(v)
    variance = math.fsum((a - mean) ** 2 for a in v) / len(v)
    return V((a - mean) / math.sqrt(variance + 1e-5) for a in v)


# What a parameter is: a matrix of x, a matrix of units, a vector, a number.
X, U, B, S = "x", "u", "b", "s"
CELLS = {}


def cell(name, states="h", inputs=INPUTS, first=None, **parameters):
    """Registers a step(p, x, before) → (output, the new states)."""
    def register(step):
        CELLS[name] = (step, states, inputs, first or {}, parameters)
        return step
    return register


def gates(letters, kinds="Wx Uu bb"):
    """W_f, U_f and b_f for every letter."""
    return {f"{kind[:-1]}_{letter}": kind[-1] for letter in letters for kind in kinds.split()}


def affine(p, letter, x, h):
    return p["W_" + letter] @ x + p["U_" + letter] @ h + p["b_" + letter]


def only(h):
    return h, {"h": h}


@cell("mgu", **gates("fn"))
def mgu(p, x, s):
    h, f = s["h"], sigmoid(affine(p, "f", x, s["h"]))
    return only((1 - f) * h + f * tanh(affine(p, "n", x, f * h)))


@cell("janet", **gates("fn"))
def janet(p, x, s):
    c, beta, argument = s["h"], 1.0, affine(p, "f", x, s["h"])
    return only(sigmoid(argument) * c + (1 - sigmoid(argument - beta)) * tanh(affine(p, "n", x, c)))


@cell("light-gru", g_z=B, g_n=B, **gates("zn"))
def light_gru(p, x, s):
    h = s["h"]
    def argument(k): return (p["g_" + k] * normalized(p["W_" + k] @ x) + p["b_" + k]) + p["U_" + k] @ h
    z = sigmoid(argument("z"))
    return only(z * h + (1 - z) * relu(argument("n")))


@cell("indrnn", W=X, u=B, b=B)
def indrnn(p, x, s):
    return only(relu(p["W"] @ x + p["u"] * s["h"] + p["b"]))


@cell("minimal-rnn", W_z=X, b_z=B, U_h=U, U_z=U, b_u=B)
def minimal_rnn(p, x, s):
    z = tanh(p["W_z"] @ x + p["b_z"])
    u = sigmoid(p["U_h"] @ s["h"] + p["U_z"] @ z + p["b_u"])
    return only(u * s["h"] + (1 - u) * z)


@cell("ugrnn", **gates("ng"))
def ugrnn(p, x, s):
    g = sigmoid(affine(p, "g", x, s["h"]))
    return only(g * s["h"] + (1 - g) * tanh(affine(p, "n", x, s["h"])))


@cell("cfn", W_h=X, **gates("θη"))
def cfn(p, x, s):
    h = s["h"]
    return only(sigmoid(affine(p, "θ", x, h)) * tanh(h) + sigmoid(affine(p, "η", x, h)) * tanh(p["W_h"] @ x))


@cell("star", W_z=X, b_z=B, **gates("k"))
def star(p, x, s):
    k = sigmoid(affine(p, "k", x, s["h"]))
    return only(tanh((1 - k) * s["h"] + k * tanh(p["W_z"] @ x + p["b_z"])))


@cell("fastgrnn", W=X, U=U, b_z=B, b_n=B, ζ=S, ν=S)
def fastgrnn(p, x, s):
    shared = p["W"] @ x + p["U"] @ s["h"]
    z, candidate = sigmoid(shared + p["b_z"]), tanh(shared + p["b_n"])
    return only((number(p["ζ"]) * (1 - z) + number(p["ν"])) * candidate + z * s["h"])


def sru_state(p, x, c):
    f = sigmoid(p["W_f"] @ x + p["v_f"] * c + p["b_f"])
    r = sigmoid(p["W_r"] @ x + p["v_r"] * c + p["b_r"])
    return r, f * c + (1 - f) * (p["W_c"] @ x)


@cell("sru", "c", inputs=UNITS, W_f=X, v_f=B, b_f=B, W_r=X, v_r=B, b_r=B, W_c=X)
def sru(p, x, s):
    r, c = sru_state(p, x, s["c"])
    alpha = 1.7320508                                    # sqrt(1 + 2 exp(0)), with as many digits as the definition has
    return r * c + (1 - r) * (x * alpha), {"c": c}


@cell("sru-projected", "c", W_f=X, v_f=B, b_f=B, W_r=X, v_r=B, b_r=B, W_c=X, W_h=X)
def sru_projected(p, x, s):
    r, c = sru_state(p, x, s["c"])
    return r * c + (1 - r) * (p["W_h"] @ x), {"c": c}


@cell("min-gru", **gates("zn", "Wx bb"))
def min_gru(p, x, s):
    z = sigmoid(p["W_z"] @ x + p["b_z"])
    return only((1 - z) * s["h"] + z * (p["W_n"] @ x + p["b_n"]))


@cell("min-gru-positive", **gates("zn", "Wx bb"))
def min_gru_positive(p, x, s):
    z = sigmoid(p["W_z"] @ x + p["b_z"])
    candidate = V(a + 0.5 if a >= 0 else number(a) for a in p["W_n"] @ x + p["b_n"])
    return only((1 - z) * s["h"] + z * candidate)


@cell("min-lstm", **gates("fin", "Wx bb"))
def min_lstm(p, x, s):
    f, i = (sigmoid(p["W_" + k] @ x + p["b_" + k]) for k in "fi")
    return only(f / (f + i) * s["h"] + i / (f + i) * (p["W_n"] @ x + p["b_n"]))


@cell("lstm-coupled", "hc", **gates("igo"))
def lstm_coupled(p, x, s):
    h, c = s["h"], s["c"]
    i, o = sigmoid(affine(p, "i", x, h)), sigmoid(affine(p, "o", x, h))
    c = (1 - i) * c + i * tanh(affine(p, "g", x, h))
    h = o * tanh(c)
    return h, {"h": h, "c": c}


@cell("lstm-peephole", "hc", p_i=B, p_f=B, p_o=B, **gates("ifgo"))
def lstm_peephole(p, x, s):
    h, before = s["h"], s["c"]
    i = sigmoid(affine(p, "i", x, h) + p["p_i"] * before)
    f = sigmoid(affine(p, "f", x, h) + p["p_f"] * before)
    c = f * before + i * tanh(affine(p, "g", x, h))
    h = sigmoid(affine(p, "o", x, h) + p["p_o"] * c) * tanh(c)
    return h, {"h": h, "c": c}


@cell("mut1", inputs=UNITS, W_z=X, b_z=B, **gates("r"), U_n=U, b_n=B)
def mut1(p, x, s):
    h, z = s["h"], sigmoid(p["W_z"] @ x + p["b_z"])
    r = sigmoid(affine(p, "r", x, h))
    return only(tanh(p["U_n"] @ (r * h) + tanh(x) + p["b_n"]) * z + h * (1 - z))


@cell("mut2", inputs=UNITS, **gates("zn"), U_r=U, b_r=B)
def mut2(p, x, s):
    h, z = s["h"], sigmoid(affine(p, "z", x, s["h"]))
    r = sigmoid(x + p["U_r"] @ h + p["b_r"])
    return only(tanh(p["U_n"] @ (r * h) + p["W_n"] @ x + p["b_n"]) * z + h * (1 - z))


@cell("mut3", **gates("zrn"))
def mut3(p, x, s):
    h, z = s["h"], sigmoid(affine(p, "z", x, tanh(s["h"])))
    r = sigmoid(affine(p, "r", x, h))
    return only(tanh(p["U_n"] @ (r * h) + p["W_n"] @ x + p["b_n"]) * z + h * (1 - z))


@cell("nas", "hc", **gates("12345678", "Wx Uu"))
def nas(p, x, s):
    # https://github.com/tensorflow/addons, NASCell: three layers of two, the cell state put in after the second
    a = [p[f"W_{k}"] @ x for k in range(1, 9)]
    m = [p[f"U_{k}"] @ s["h"] for k in range(1, 9)]
    functions = [sigmoid, relu, sigmoid, relu, tanh, sigmoid, tanh, sigmoid]
    first = [f(a[k] * m[k] if k == 3 else a[k] + m[k]) for k, f in enumerate(functions)]
    second = [tanh(first[0] * first[1]), tanh(first[2] + first[3]), tanh(first[4] * first[5]), sigmoid(first[6] + first[7])]
    c = tanh(second[0] + s["c"]) * second[1]
    h = tanh(c * tanh(second[2] + second[3]))
    return h, {"h": h, "c": c}


@cell("slstm", "hcnm", first={"m": -1000.0}, **gates("ifzo"))
def slstm(p, x, s):
    h = s["h"]
    log_i, log_f = affine(p, "i", x, h), log(sigmoid(affine(p, "f", x, h)))
    m = larger(log_f + s["m"], log_i)
    i, f = exp(log_i - m), exp(log_f + s["m"] - m)
    c, n = f * s["c"] + i * tanh(affine(p, "z", x, h)), f * s["n"] + i
    h = sigmoid(affine(p, "o", x, h)) * c / n
    return h, {"h": h, "c": c, "n": n, "m": m}


def antisymmetric(u, gamma):
    return M(V(u[i][j] - u[j][i] - (gamma if i == j else 0) for j in range(len(u))) for i in range(len(u)))


@cell("antisymmetric-rnn", U=U, W=X, b=B)
def antisymmetric_rnn(p, x, s):
    return only(s["h"] + 0.01 * tanh(antisymmetric(p["U"], 0.01) @ s["h"] + p["W"] @ x + p["b"]))


@cell("antisymmetric-rnn-gated", U=U, **gates("zn", "Wx bb"))
def antisymmetric_rnn_gated(p, x, s):
    shared = antisymmetric(p["U"], 0.01) @ s["h"]
    z = sigmoid(shared + p["W_z"] @ x + p["b_z"])
    return only(s["h"] + 0.01 * z * tanh(shared + p["W_n"] @ x + p["b_n"]))


@cell("residual", W=X, U=U, b=B)
def residual(p, x, s):
    return only(s["h"] + tanh(p["W"] @ x + p["U"] @ s["h"] + p["b"]))


@cell("rhn", **gates("nt"), V_n=U, b_v=B, V_t=U, b_u=B)
def rhn(p, x, s):
    h, candidate, t = s["h"], tanh(affine(p, "n", x, s["h"])), sigmoid(affine(p, "t", x, s["h"]))
    h = candidate * t + h * (1 - t)
    candidate, t = tanh(p["V_n"] @ h + p["b_v"]), sigmoid(p["V_t"] @ h + p["b_u"])
    return only(candidate * t + h * (1 - t))


@cell("scrn", "hs", B=X, P=U, A=X, R=U, U=U, V=U)
def scrn(p, x, s):
    alpha = 0.95
    slow = (1 - alpha) * (p["B"] @ x) + alpha * s["s"]
    h = sigmoid(p["P"] @ slow + p["A"] @ x + p["R"] @ s["h"])
    return p["U"] @ h + p["V"] @ slow, {"h": h, "s": slow}


@cell("lem", "hz", **gates("dezh"))
def lem(p, x, s):
    y, z, largest = s["h"], s["z"], 1.0
    step, step_bar = largest * sigmoid(affine(p, "d", x, y)), largest * sigmoid(affine(p, "e", x, y))
    z = (1 - step) * z + step * tanh(affine(p, "z", x, y))
    y = (1 - step_bar) * y + step_bar * tanh(affine(p, "h", x, z))
    return y, {"h": y, "z": z}


def draw(rng, kind, inputs):
    """Between −1 and 1 with four digits, so that a file holds exactly what was computed with."""
    def one(): return round(rng.uniform(-1, 1), 4)
    if kind == S: return one()
    if kind == B: return V(one() for _ in range(UNITS))
    return M(V(one() for _ in range(inputs if kind == X else UNITS)) for _ in range(UNITS))


def short(value):
    return float(f"{value:.10g}") if isinstance(value, float) else [short(v) for v in value]


def fixture(name):
    step, states, inputs, first, kinds = CELLS[name]
    rng = random.Random(zlib.crc32(name.encode()))
    parameters = {key: draw(rng, kind, inputs) for key, kind in kinds.items()}
    x = [[V(round(rng.uniform(-1.5, 1.5), 4) for _ in range(inputs)) for _ in range(BATCH)] for _ in range(STEPS)]
    first = {state: first.get(state, 0.0) for state in states}
    now = [{state: V([value] * UNITS) for state, value in first.items()} for _ in range(BATCH)]
    outputs = []
    for t in range(STEPS):
        pairs = [step(parameters, x[t][b], now[b]) for b in range(BATCH)]
        outputs.append([output for output, _ in pairs])
        now = [new for _, new in pairs]
    last = {state: [new[state] for new in now] for state in states}
    return {"cell": name, "inputs": inputs, "units": UNITS, "steps": STEPS, "batch": BATCH, "parameters": parameters, "x": x, "first": first,
            "outputs": short(outputs), "last": {state: short(value) for state, value in last.items()}}


def lines(value):
    """One line a key, and one a parameter or state."""
    def flat(v): return json.dumps(v, ensure_ascii=False)
    parts = [f' "{key}": ' + ("{\n" + ",\n".join(f'  "{k}": {flat(v)}' for k, v in part.items()) + "\n }" if isinstance(part, dict) else flat(part))
             for key, part in value.items()]
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    for name in CELLS:
        (HERE / f"{name}.json").write_text(lines(fixture(name)), encoding="utf-8")
    print(f"{len(CELLS)} cells")
