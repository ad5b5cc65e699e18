"""The recurrent operators of ONNX, in double precision, written from the specification alone.

Source: the ONNX operator specification (https://onnx.ai/onnx/operators/), RNN-1/7/14/22, GRU-1/3/7/14/22, LSTM-1/7/14/22. Clarity before
speed: one sequence, one step, one direction at a time, in plain NumPy. Nothing here comes from a runtime.

Where the specification can be read in more than one way, the reading taken is marked READING and explained in docs/conformance.md.
"""

import numpy as np

GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}
DEFAULT_ACTIVATIONS = {"RNN": ["Tanh"], "GRU": ["Sigmoid", "Tanh"], "LSTM": ["Sigmoid", "Tanh", "Tanh"]}

#   Relu             max(0, x)
#   Tanh             (1 - exp(-2x)) / (1 + exp(-2x))
#   Sigmoid          1 / (1 + exp(-x))
#   Affine           alpha x + beta
#   LeakyRelu        x if x >= 0 else alpha x
#   ThresholdedRelu  x if x >= alpha else 0
#   ScaledTanh       alpha tanh(beta x)
#   HardSigmoid      min(max(alpha x + beta, 0), 1)
#   Elu              x if x >= 0 else alpha (exp(x) - 1)
#   Softsign         x / (1 + |x|)
#   Softplus         log(1 + exp(x))
ACTIVATIONS = {
    "relu": lambda x, a, b: np.maximum(0, x),
    "tanh": lambda x, a, b: np.tanh(x),
    "sigmoid": lambda x, a, b: np.where(x >= 0, 1 / (1 + np.exp(-np.abs(x))), np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x)))),
    "affine": lambda x, a, b: a * x + b,
    "leakyrelu": lambda x, a, b: np.where(x >= 0, x, a * x),
    "thresholdedrelu": lambda x, a, b: np.where(x >= a, x, 0),
    "scaledtanh": lambda x, a, b: a * np.tanh(b * x),
    "hardsigmoid": lambda x, a, b: np.minimum(np.maximum(a * x + b, 0), 1),
    "elu": lambda x, a, b: np.where(x >= 0, x, a * np.expm1(np.minimum(x, 0))),
    "softsign": lambda x, a, b: x / (1 + np.abs(x)),
    "softplus": lambda x, a, b: np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))),
}

# "Default values are the same as of corresponding ONNX operators." As float32, since attributes are.
# Affine was an operator once, with the defaults 1 and 0. READING: those hold. ScaledTanh never had defaults, so it has none here.
DEFAULT_ALPHA = {"affine": 1.0, "leakyrelu": 0.01, "thresholdedrelu": 1.0, "hardsigmoid": 0.2, "elu": 1.0}
DEFAULT_BETA = {"affine": 0.0, "hardsigmoid": 0.5}
TAKES_ALPHA = {"affine", "leakyrelu", "thresholdedrelu", "scaledtanh", "hardsigmoid", "elu"}
TAKES_BETA = {"affine", "scaledtanh", "hardsigmoid"}


def activations_of(op, directions, names=None, alphas=None, betas=None):
    """The functions f, g, h of each direction; parameters are consumed in order by the functions that take one.

    READING: the names are known in any case, since files in the world write them so.
    READING: "The values are consumed in the order of activation functions": a function without alpha consumes none. A list with a value
    for every function, taking a parameter or not, is unmistakable by its length and read by position.
    """
    names = [n.lower() for n in (names or DEFAULT_ACTIVATIONS[op] * directions)]
    if len(names) != len(DEFAULT_ACTIVATIONS[op]) * directions:
        raise ValueError(f"{len(names)} activations, expected {len(DEFAULT_ACTIVATIONS[op]) * directions}")

    def spread(values, takers, defaults):
        taking = [n in takers for n in names]
        if not values:
            values = [np.float32(defaults[n]) if n in defaults else None for n in names]
        elif len(values) == sum(taking):
            left = list(values)
            values = [left.pop(0) if takes else None for takes in taking]
        elif len(values) != len(names):
            raise ValueError(f"{len(values)} parameters for {names}")
        return [None if v is None else float(np.float32(v)) for v in values]

    a, b = spread(alphas, TAKES_ALPHA, DEFAULT_ALPHA), spread(betas, TAKES_BETA, DEFAULT_BETA)
    functions = [lambda x, n=n, a=a, b=b: ACTIVATIONS[n](x, a, b) for n, a, b in zip(names, a, b)]
    each = len(DEFAULT_ACTIVATIONS[op])
    return [functions[d * each:(d + 1) * each] for d in range(directions)]


def clipper(clip):
    """"Clipping bounds the elements of a tensor in the range of [-threshold, +threshold] and is applied to the input of activations."

    READING: it acts on the gates' arguments. The cell state, which is the input of an LSTM's last activation h, is not clipped.
    """
    return (lambda x: x) if clip is None else (lambda x: np.clip(x, -float(np.float32(clip)), float(np.float32(clip))))


#   h = f(W x + R h' + Wb + Rb)                                                     ' : of the step before
def rnn_step(x, h, c, w, r, wb, rb, p, functions, clip, options):
    (f,) = functions
    return f(clip(w @ x + r @ h + wb + rb)), c


#   z = f(Wz x + Rz h' + Wbz + Rbz)
#   r = f(Wr x + Rr h' + Wbr + Rbr)
#   n = g(Wh x + Rh (r * h') + Rbh + Wbh)             linear_before_reset = 0
#   n = g(Wh x + r * (Rh h' + Rbh) + Wbh)             linear_before_reset = 1
#   h = (1 - z) * n + z * h'
def gru_step(x, h, c, w, r, wb, rb, p, functions, clip, options):
    f, g = functions
    (wz, wr, wh), (rz, rr, rh) = np.split(w, 3), np.split(r, 3)
    (wbz, wbr, wbh), (rbz, rbr, rbh) = np.split(wb, 3), np.split(rb, 3)
    z = f(clip(wz @ x + rz @ h + wbz + rbz))
    reset = f(clip(wr @ x + rr @ h + wbr + rbr))
    if options.get("linear_before_reset", 0) != 0:
        n = g(clip(wh @ x + reset * (rh @ h + rbh) + wbh))
    else:
        n = g(clip(wh @ x + rh @ (reset * h) + rbh + wbh))
    return (1 - z) * n + z * h, c


#   i = f(Wi x + Ri h' + Pi * c' + Wbi + Rbi)
#   f = f(Wf x + Rf h' + Pf * c' + Wbf + Rbf)         input_forget = 1:  f = 1 - i
#   n = g(Wc x + Rc h' + Wbc + Rbc)
#   c = f * c' + i * n
#   o = f(Wo x + Ro h' + Po * c + Wbo + Rbo)
#   h = o * h(c)
def lstm_step(x, h, c, w, r, wb, rb, p, functions, clip, options):
    f, g, last = functions
    (wi, wo, wf, wc), (ri, ro, rf, rc) = np.split(w, 4), np.split(r, 4)
    (wbi, wbo, wbf, wbc), (rbi, rbo, rbf, rbc) = np.split(wb, 4), np.split(rb, 4)
    pi, po, pf = np.split(p, 3)
    i = f(clip(wi @ x + ri @ h + pi * c + wbi + rbi))
    # READING: "Couple the input and forget gates if 1": the forget gate is one minus the input gate.
    forget = 1 - i if options.get("input_forget", 0) != 0 else f(clip(wf @ x + rf @ h + pf * c + wbf + rbf))
    new = forget * c + i * g(clip(wc @ x + rc @ h + wbc + rbc))
    o = f(clip(wo @ x + ro @ h + po * new + wbo + rbo))
    return o * last(new), new


STEP = {"RNN": rnn_step, "GRU": gru_step, "LSTM": lstm_step}


def run(op, X, W, R, B=None, sequence_lens=None, initial_h=None, initial_c=None, P=None, **attributes):
    """Y, Y_h and Y_c (None unless LSTM) in double, in the layout that the attributes ask for.

    A reverse direction begins at a sequence's own last step. Y is zero past a sequence's end. Y_h and Y_c are the states after the last
    step that was taken.
    READING: where a sequence has no steps they are the initial states, as if the sequence were part of a longer one.
    """
    X, W, R = (np.asarray(v, np.float64) for v in (X, W, R))
    if attributes.get("layout", 0):
        X = X.transpose(1, 0, 2)
        initial_h, initial_c = (None if v is None else np.asarray(v).transpose(1, 0, 2) for v in (initial_h, initial_c))
    steps, batch, _ = X.shape
    directions, hidden = R.shape[0], R.shape[2]
    gates = GATES[op]
    B = np.zeros((directions, 2 * gates * hidden)) if B is None else np.asarray(B, np.float64)
    P = np.zeros((directions, 3 * hidden)) if P is None else np.asarray(P, np.float64)
    lengths = [steps] * batch if sequence_lens is None else [int(n) for n in sequence_lens]
    functions = activations_of(op, directions, *(attributes.get(k) for k in ("activations", "activation_alpha", "activation_beta")))
    clip = clipper(attributes.get("clip"))

    Y = np.zeros((steps, directions, batch, hidden))
    Y_h, Y_c = np.zeros((directions, batch, hidden)), np.zeros((directions, batch, hidden))
    for d in range(directions):
        backward = attributes.get("direction", "forward") == "reverse" or d == 1
        wb, rb = np.split(B[d], 2)
        for s in range(batch):
            h = np.zeros(hidden) if initial_h is None else np.asarray(initial_h[d, s], np.float64)
            c = np.zeros(hidden) if initial_c is None else np.asarray(initial_c[d, s], np.float64)
            order = range(lengths[s])
            for t in reversed(order) if backward else order:
                h, c = STEP[op](X[t, s], h, c, W[d], R[d], wb, rb, P[d], functions[d], clip, attributes)
                Y[t, d, s] = h
            Y_h[d, s], Y_c[d, s] = h, c
    if attributes.get("layout", 0):
        Y, Y_h, Y_c = Y.transpose(2, 0, 1, 3), Y_h.transpose(1, 0, 2), Y_c.transpose(1, 0, 2)
    return Y, Y_h, Y_c if op == "LSTM" else None
