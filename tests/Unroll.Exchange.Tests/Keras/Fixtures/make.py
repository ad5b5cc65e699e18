#!/usr/bin/python3
"""Makes the fixtures: files of Keras as h5py writes them, and cases.json with inputs and expected outputs by layers.py.

Layouts after the public sources of Keras 3 (keras/src/saving/saving_lib.py: _save_state, _save_container_state, H5Entry; keras/src/utils/naming.py;
keras/src/layers/preprocessing/index_lookup.py: save_assets) and of its legacy format (keras/src/legacy/saving/legacy_h5_format.py:
save_model_to_hdf5, save_weights_to_hdf5_group, save_attributes_to_hdf5_group). Needs h5py and NumPy: run 'python3 make.py' in this folder.
"""
import io
import json
import re
import zipfile

import h5py
import numpy as np

from layers import (Bidirectional, Cell, Dense, Embedding, LayerNormalization, Masking, Plain, Recurrent, Stacked, TimeDistributed, average, draw,
                    largest, rng)

CASES = []


def snake(name):
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def names(layers):
    counts, result = {}, []
    for layer in layers:
        name = snake(layer.cls)
        counts[name] = counts.get(name, -1) + 1
        result.append(name + (f"_{counts[name]}" if counts[name] else ""))
    return result


def config3(layers, inputs, own=None):
    shape = [None, None] if inputs == 0 else [None, None, inputs]
    first = {"module": "keras.layers", "class_name": "InputLayer", "config": {"batch_shape": shape, "dtype": "float32", "name": "input_layer"},
             "registered_name": None}
    all_names = own or [f"my_{name}" for name in names(layers)]
    return [first] + [{"module": "keras.layers", "class_name": layer.cls, "config": {"name": name, **layer.config()}, "registered_name": None,
                       "build_config": {"input_shape": shape}} for layer, name in zip(layers, all_names)]


def sequential3(layers, inputs):
    return {"module": "keras", "class_name": "Sequential", "config": {"name": "sequential", "trainable": True, "dtype": {
        "module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}, "registered_name": None},
        "layers": config3(layers, inputs)}, "registered_name": None}


def tensor(name):
    return {"class_name": "__keras_tensor__", "config": {"shape": [None, None], "dtype": "float32", "keras_history": [name, 0, 0]}}


def functional3(layers, inputs, masked_by=None):
    configs, before = config3(layers, inputs), "input_layer"
    for one in configs:
        one["name"] = one["config"]["name"]
        if one["class_name"] == "InputLayer":
            one["inbound_nodes"] = []
            continue
        kwargs = {"mask": tensor("not_equal")} if masked_by and one["class_name"] in ("LSTM", "GRU", "Bidirectional") else {}
        one["inbound_nodes"] = [{"args": [tensor(before)], "kwargs": kwargs}]
        before = one["name"]
    if masked_by:
        configs.insert(1, {"module": "keras.src.ops.numpy", "class_name": "NotEqual", "config": {"name": "not_equal"}, "registered_name": "NotEqual",
                           "name": "not_equal", "inbound_nodes": [{"args": [tensor("input_layer"), 0], "kwargs": {}}]})
    return {"module": "keras.src.models.functional", "class_name": "Functional", "config": {
        "name": "functional", "trainable": True, "layers": configs, "input_layers": [["input_layer", 0, 0]], "output_layers": [[before, 0, 0]]},
        "registered_name": "Functional"}


def write3(file, layers, dtype="float32", root="layers", twice=False, **storage):
    """_save_state: every layer's group has a group vars, whose members are numbers; names count classes."""
    file.create_group("vars")
    counts = {}
    for layer in layers:
        name = snake(layer.cls)
        k = counts[name] = counts.get(name, -1) + 1
        if twice and layer.parts():          # Keras 2.12: layer_with_weights-N and layer-N are one layer, counted twice
            counts[name] += 1
        path = f"{root}/{name}" + (f"_{k}" if k else "")
        file.require_group(path + "/vars")
        for part, _, values in layer.parts():
            group = file.require_group(f"{path}/{part}/vars" if part else f"{path}/vars")
            for i, value in enumerate(values):
                if dtype == "bfloat16":      # H5Entry: what NumPy has no type for is stored as two opaque bytes
                    bits = (value.astype("<f4").view("<u4") >> 16).astype("<u2")
                    group.create_dataset(str(i), data=bits.view("V2")).attrs["dtype"] = "bfloat16"
                else:
                    group.create_dataset(str(i), data=value.astype(dtype), **storage)


def seed_state(file, path):
    file.require_group(path + "/vars").create_dataset("0", data=np.array([1, 2], "uint32"))


def rounded(layers, dtype):
    """Expected outputs are those of the numbers that the file holds."""
    def fit(value):
        if dtype == "bfloat16":
            return ((value.astype("<f4").view("<u4") >> 16) << 16).view("<f4").astype("float64")
        return value.astype(dtype).astype("float64")
    for layer in layers:
        for _, _, values in layer.parts():
            for value in values:
                value[...] = fit(value)


def run(layers, x):
    mask, y = None, x
    for layer in layers:
        y, mask = layer.run(y, mask)
    return y, mask


def case(name, file, layers, inputs, lengths=(5, 1, 3), padded=False, left_out=None, config=None, symbols=None, notes=(), unused=()):
    """Inputs as Keras gets them; where it masks, a sequence is filled up to 7 steps, and only the steps that are there count."""
    sequences, expected = [], []
    for length in lengths:
        x = rng.integers(1, layers_vocabulary(layers), size=length) if inputs == 0 else draw(length, inputs).astype("float32").astype("float64")
        whole = x
        if padded:
            whole = np.concatenate([x, np.zeros(7 - length, x.dtype)]) if inputs == 0 else np.concatenate([x, np.zeros((7 - length, inputs))])
        y, mask = run(layers, whole)
        if padded and y.ndim == 2:
            y = y[mask]
        sequences.append(np.asarray(x, "float64").reshape(length, -1).tolist())
        expected.append(np.atleast_2d(y).tolist())
    CASES.append({"name": name, "file": file, "config": config, "inputs": sequences, "outputs": expected, "leftOut": left_out,
                  "symbols": symbols, "notes": list(notes), "unused": list(unused)})


def layers_vocabulary(layers):
    return next((layer.table.shape[0] for layer in layers if isinstance(layer, Embedding)), 2)


def keras3(name, layers, inputs, model=None, version="3.8.0", dtype="float32", assets=None, compression=zipfile.ZIP_STORED, h5=None, **rest):
    rounded(layers, dtype)
    memory = io.BytesIO()
    with h5py.File(memory, "w", **(h5 or {})) as file:
        write3(file, layers, dtype, **{k: rest.pop(k) for k in ("root", "twice", "storage") if k in rest and k != "storage"}, **rest.pop("storage", {}))
        if rest.pop("with_seed", False):
            seed_state(file, "layers/dropout/seed_generator")
    with zipfile.ZipFile(f"{name}.keras", "w", compression) as archive:
        archive.writestr(zipfile.ZipInfo("metadata.json"), json.dumps({"keras_version": version, "date_saved": "2026-01-01@00:00:00"}))
        archive.writestr(zipfile.ZipInfo("config.json"), json.dumps(model or sequential3(layers, inputs)))
        entry = zipfile.ZipInfo("model.weights.h5")
        entry.compress_type = compression
        archive.writestr(entry, memory.getvalue())
        for path, text in (assets or {}).items():
            archive.writestr(zipfile.ZipInfo(path), text)
    rest.pop("model", None)
    case(name, f"{name}.keras", [l for l in layers if l.cls not in ("TextVectorization",)], inputs, **rest)


# ---- the legacy format -------------------------------------------------------------------------------------------------------------------

def save_attributes(group, name, data, limit=64512):
    """save_attributes_to_hdf5_group, with a limit that a small file reaches too."""
    array, chunks = np.asarray(data), 1
    parts = np.array_split(array, chunks)
    while any(part.nbytes > limit for part in parts):
        chunks += 1
        parts = np.array_split(array, chunks)
    if chunks > 1:
        for k, part in enumerate(parts):
            group.attrs[f"{name}{k}"] = part
    else:
        group.attrs[name] = data


def legacy_config(layers, inputs, all_names, functional):
    shape = [None, None] if inputs == 0 else [None, None, inputs]
    configs = [{"class_name": "InputLayer", "config": {"batch_input_shape": shape, "dtype": "float32", "sparse": False, "ragged": False,
                                                       "name": "input_1"}}]
    for layer, name in zip(layers, all_names):
        config = {"name": name, "trainable": True, "dtype": "float32", **json.loads(json.dumps(layer.config()))}
        if layer.cls == "Bidirectional":     # Keras 2 writes no backward layer that it made itself
            del config["backward_layer"]
        configs.append({"class_name": layer.cls, "config": config})
    if not functional:
        return {"class_name": "Sequential", "config": {"name": "sequential", "layers": configs}}
    before = None
    for one in configs:
        one["name"] = one["config"]["name"]
        one["inbound_nodes"] = [] if before is None else [[[before, 0, 0, {}]]]
        before = one["name"]
    return {"class_name": "Functional", "config": {"name": "model", "layers": configs, "input_layers": [["input_1", 0, 0]],
                                                   "output_layers": [[before, 0, 0]]}}


def keras2(name, layers, inputs, functional=False, limit=64512, version="2.11.0", weights_only=False, **rest):
    rounded(layers, "float32")
    all_names = names(layers)
    config = legacy_config(layers, inputs, all_names, functional)
    with h5py.File(f"{name}.h5", "w") as file:
        group = file if weights_only else file.create_group("model_weights")
        if not weights_only:
            file.attrs["keras_version"], file.attrs["backend"] = version, "tensorflow"
            file.attrs["model_config"] = json.dumps(config).encode("utf8")
            file.attrs["training_config"] = json.dumps({"loss": "mse"}).encode("utf8")
            file.create_group("optimizer_weights").create_dataset("iter:0", data=np.int64(7))
        layer_names = (["input_1"] if functional else []) + all_names
        save_attributes(group, "layer_names", [one.encode("utf8") for one in layer_names], limit)
        group.attrs["backend"], group.attrs["keras_version"] = b"tensorflow", version.encode("utf8")
        for layer, layer_name in sorted(zip([None] * functional + list(layers), layer_names), key=lambda pair: pair[1]):
            own = group.create_group(layer_name)
            weights = []
            for part, variables, values in layer.parts() if layer else []:
                inner = {"": "", "cell": "lstm_cell/", "layer": ""}.get(part, part.replace("/", "_") + "/")
                weights += [(f"{layer_name}/{inner}{variable}:0", value) for variable, value in zip(variables, values)]
            save_attributes(own, "weight_names", [w.encode("utf8") for w, _ in weights], limit)
            for weight, value in weights:
                own.create_dataset(weight, data=value.astype("float32"))
        group.create_group("top_level_model_weights").attrs["weight_names"] = []
    config_file = None
    if weights_only:
        config_file = f"{name}.config.json"
        with open(config_file, "w") as file:
            json.dump({**config, "keras_version": version, "backend": "tensorflow"}, file)
    case(name, f"{name}.h5", layers, inputs, config=config_file, unused=[] if weights_only else ["optimizer_weights/iter:0"], **rest)


def both(kind, sequences=True, merge="concat", inputs=3, **cell):
    return Bidirectional(Recurrent(kind, inputs, 4, sequences, **cell), Recurrent(kind, inputs, 4, sequences, **cell), merge)


def hidden(layer):
    """What the network gives where a last softmax or sigmoid is left out."""
    layer.activation = "linear"


def main():
    keras3("lstm", [Recurrent("LSTM", 3, 4), Recurrent("LSTM", 4, 5), Dense(5, 2)], 3)
    keras3("gru-after", [Recurrent("GRU", 3, 4, sequences=False), Dense(4, 2, use_bias=False)], 3, compression=zipfile.ZIP_DEFLATED)
    keras3("gru-before", [Recurrent("GRU", 3, 4, reset_after=False), Dropout(0.3), Dense(4, 2)], 3, with_seed=True,
           unused=["layers/dropout/seed_generator/vars/0"])
    keras3("gru-no-bias", [Recurrent("GRU", 3, 4, use_bias=False)], 3)
    keras3("rnn", [Recurrent("SimpleRNN", 3, 4, activation="relu"), Recurrent("SimpleRNN", 4, 3, use_bias=False), Dense(3, 4, "relu"), Dense(4, 1)], 3)
    for merge in ("concat", "sum", "ave", "mul"):
        keras3(f"both-{merge}", [both("LSTM", merge=merge), Dense(8 if merge == "concat" else 4, 2)], 3)
        keras3(f"both-{merge}-last", [both("GRU", False, merge), Dense(8 if merge == "concat" else 4, 2)], 3)
    keras3("backwards", [Recurrent("LSTM", 3, 4, backwards=True), Recurrent("GRU", 4, 3), Recurrent("GRU", 3, 2, backwards=True)], 3)
    keras3("backwards-last", [Recurrent("GRU", 3, 4, False, backwards=True), Dense(4, 2)], 3)
    keras3("stacked", [Stacked(Cell("LSTM", 3, 4), Cell("LSTM", 4, 2), Cell("GRU", 2, 3, reset_after=False))], 3)
    keras3("stacked-backwards", [Stacked(Cell("SimpleRNN", 3, 4), Cell("GRU", 4, 3), backwards=True, sequences=False)], 3)
    keras3("masked-both", [Embedding(9, 3, True), both("LSTM"), both("GRU", merge="sum", inputs=8), Dense(4, 2)], 0, padded=True,
           notes=["mask_zero"])
    keras3("masked-last", [Embedding(9, 3, True), Recurrent("LSTM", 3, 4), both("LSTM", False, "mul", 4), Dense(4, 3)], 0, padded=True)
    keras3("masked-mean", [Masking(), Recurrent("GRU", 3, 4), Plain("GlobalAveragePooling1D", average, keepdims=False)], 3, padded=True,
           notes=["mask_value"])
    keras3("max", [Recurrent("GRU", 3, 4, stateful=True), Plain("GlobalMaxPooling1D", largest)], 3, notes=["stateful"])
    keras3("distributed", [both("GRU"), LayerNormalization(8), TimeDistributed(Dense(8, 4, "relu")), TimeDistributed(Dense(4, 2))], 3)
    keras3("norms", [LayerNormalization(3, 0.05, center=False), Recurrent("LSTM", 3, 4), LayerNormalization(4, scale=False), Dense(4, 2)], 3)
    keras3("float16", [Recurrent("LSTM", 3, 4), LayerNormalization(4)], 3, dtype="float16", notes=["float16"])
    keras3("bfloat16", [Recurrent("GRU", 3, 4)], 3, dtype="bfloat16", notes=["bfloat16"])
    keras3("float64", [Recurrent("LSTM", 3, 4)], 3, dtype="float64", notes=["rounded"])
    packed()
    keras3("newest-hdf5", [Recurrent("LSTM", 3, 4)], 3, h5={"libver": "latest"})

    layers = [Embedding(9, 3, True), Recurrent("LSTM", 3, 4, sequences=False), Dense(4, 3, "softmax")]
    model = functional3(layers, 0, masked_by=True)
    hidden(layers[-1])
    keras3("functional", layers, 0, model=model, padded=True, left_out="softmax")
    layers = [Recurrent("LSTM", 3, 4), Recurrent("LSTM", 4, 5), Dense(5, 2), Dense(2, 3)]
    model = legacy_config(layers, 3, names(layers), functional=True)
    keras3("keras-2.12", layers, 3, model=model, version="2.12.0", root="_layer_checkpoint_dependencies", twice=True)
    vocabulary()
    bare()

    keras2("legacy", [Recurrent("LSTM", 3, 4), Recurrent("GRU", 4, 3, sequences=False, reset_after=False), Dense(3, 2)], 3)
    keras2("legacy-both", [Embedding(9, 3), both("GRU", False, "ave"), Dense(4, 2)], 0, functional=True, version="2.3.1")
    keras2("legacy-split", [Recurrent("LSTM", 3, 2)] + [Dense(2, 2) for _ in range(12)], 3, limit=40, lengths=(3,))
    keras2("legacy-weights", [Recurrent("SimpleRNN", 3, 4), Dense(4, 2)], 3, weights_only=True)
    refused()
    with open("cases.json", "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(one, separators=(",", ":")) for one in CASES) + "\n]\n")


def Dropout(rate):
    return Plain("Dropout", rate=rate, seed=None)


def packed():
    layers = [Recurrent("LSTM", 7, 5), Dense(5, 2)]
    rounded(layers, "float32")
    with h5py.File("packed.weights.h5", "w") as file:
        write3(file, layers)
        for path in [p for p in list_sets(file)]:
            value = file[path][()]
            del file[path]
            file.create_dataset(path, data=value, chunks=tuple(max(1, n // 2) for n in value.shape), compression="gzip", shuffle=True, fletcher32=True)
    with open("packed.config.json", "w") as file:
        json.dump(sequential3(layers, 7), file)
    case("packed", "packed.weights.h5", layers, 7, config="packed.config.json")


def list_sets(file):
    found = []
    file.visititems(lambda path, item: found.append(path) if isinstance(item, h5py.Dataset) else None)
    return found


def vocabulary():
    symbols = ["", "[UNK]", "the", "été", "red"]
    text = "\n".join(symbols)
    layers = [Plain("TextVectorization", output_mode="int", max_tokens=None, standardize="lower_and_strip_punctuation"), Embedding(5, 3, True),
              Recurrent("LSTM", 3, 4, sequences=False), Dense(4, 1, "sigmoid")]
    model = sequential3(layers, 0)
    hidden(layers[-1])
    folder = "assets/layers/text_vectorization"
    keras3("vocabulary", layers, 0, model=model, assets={f"{folder}/vocabulary.txt": text, f"{folder}/_lookup_layer/vocabulary.txt": text},
           left_out="sigmoid", symbols=symbols, padded=True)
    layers = [Plain("TextVectorization", output_mode="int"), Embedding(6, 3), Recurrent("LSTM", 3, 4)]
    keras3("vocabulary-latin1", layers, 0, assets={f"{folder}/vocabulary.txt": text.encode("latin-1")}, symbols=symbols + ["[row 5]"],
           notes=["Latin-1", "[row 5]"])


def bare():
    layers = [Recurrent("GRU", 3, 4), Dense(4, 2)]
    rounded(layers, "float32")
    with h5py.File("bare.weights.h5", "w") as file:
        write3(file, layers)
    with open("bare.config.json", "w") as file:
        json.dump(sequential3(layers, 3), file)
    case("bare", "bare.weights.h5", layers, 3, config="bare.config.json")
    # The same in the other forms that HDF5 has.
    with h5py.File("newest.weights.h5", "w", libver="latest") as file:
        write3(file, layers)
    case("newest", "newest.weights.h5", layers, 3, config="bare.config.json")
    with h5py.File("packed-small.weights.h5", "w") as file:
        write3(file, layers, chunks=True, compression="gzip", shuffle=True, fletcher32=True)
    case("packed-small", "packed-small.weights.h5", layers, 3, config="bare.config.json")
    with h5py.File("big-endian.weights.h5", "w") as file:
        write3(file, layers, dtype=">f4", track_order=True)
    case("big-endian", "big-endian.weights.h5", layers, 3, config="bare.config.json")


def refused():
    """Files that are refused: what should be in the message stands in RefusalTests."""
    def keep(name, layers, inputs=3, model=None, version="3.8.0"):
        before = list(CASES)
        keras3(name, layers, inputs, model=model, version=version)
        CASES[:] = before
    plain = Recurrent("LSTM", 3, 4)
    hard = Recurrent("LSTM", 3, 4)
    hard_config = sequential3([hard], 3)
    hard_config["config"]["layers"][1]["config"]["recurrent_activation"] = "hard_sigmoid"
    keep("refused-hard-3", [hard], model=hard_config)
    keep("refused-hard-2", [hard], model=hard_config, version="2.13.1")
    keep("refused-lambda", [plain, Plain("Lambda", function={"class_name": "__lambda__", "config": {"code": "4wEAAAA="}})])
    custom = sequential3([plain], 3)
    custom["config"]["layers"][1].update(module="mine", registered_name="Mine>LSTM")
    keep("refused-custom", [plain], model=custom)
    keep("refused-middle-softmax", [plain, Dense(4, 2, "softmax"), Dense(2, 2)])
    keep("refused-backward-kind", [Bidirectional(Recurrent("LSTM", 3, 4), Recurrent("GRU", 3, 4))])
    keep("refused-conv", [plain, Plain("Conv2D", filters=3)])
    branch = functional3([plain, Dense(4, 2)], 3)
    branch["config"]["layers"][2]["inbound_nodes"][0]["args"].append(tensor("input_layer"))
    keep("refused-branch", [plain, Dense(4, 2)], model=branch)
    with h5py.File("refused-soft.weights.h5", "w") as file:
        write3(file, [plain])
        file["layers/soft"] = h5py.SoftLink("/layers/lstm")
    with h5py.File("refused-external.weights.h5", "w") as file:
        write3(file, [plain])
        file["layers/external"] = h5py.ExternalLink("/etc/hostname", "/x")
    with h5py.File("refused-storage.weights.h5", "w") as file:
        write3(file, [plain])
        file.create_dataset("far", (4,), "f4", external=[("/etc/hostname", 0, 16)])
    with h5py.File("refused-virtual.weights.h5", "w", libver="latest") as file:
        write3(file, [plain])
        layout = h5py.VirtualLayout((4,), "f4")
        layout[:] = h5py.VirtualSource("/etc/hostname", "x", (4,))
        file.create_virtual_dataset("virtual", layout)
    with h5py.File("refused-filter.weights.h5", "w") as file:
        write3(file, [plain])
        file.create_dataset("packed", data=np.zeros(64, "f4"), compression="lzf")
    with h5py.File("refused-huge.weights.h5", "w") as file:
        write3(file, [plain])
        file.create_dataset("huge", (1 << 20, 1 << 20), "f4", chunks=(1024, 1024))
    with h5py.File("refused-fill.weights.h5", "w") as file:
        write3(file, [plain])
        file.create_dataset("fill", (1 << 28,), "f4", fillvalue=1)
    with h5py.File("refused-bomb.weights.h5", "w") as file:
        write3(file, [plain])
        file.create_dataset("bomb", data=np.zeros(1 << 25, "f4"), chunks=(1 << 25,), compression="gzip", compression_opts=9)
    with open("lstm.config.json", "w") as file:
        json.dump(sequential3([plain], 3), file)


if __name__ == "__main__":
    main()
