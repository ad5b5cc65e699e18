"""Writes official/ from the test data of ONNX's own releases: python3 conformance/official.py 9=DIR 14=DIR 22=DIR

Each DIR holds test_lstm_defaults, …: onnx/backend/test/data/node of a release, as Debian's package libonnx-testdata has it too
(/usr/share/libonnx-testdata/data/node; 1.7.0 in Debian 11, 1.12.0 in 12, 1.17.0 in 13). Files are copied bit by bit. The operators of opset 8
are those of opset 9 (RNN-7, GRU-7, LSTM-7), so the tests of opset 8 are those of opset 9 with the number of the opset, and nothing else, changed.
"""

import pathlib
import shutil
import sys

import onnx

HERE = pathlib.Path(__file__).parent / "official"
PREFIXES = ("test_lstm_", "test_gru_", "test_rnn_", "test_simple_rnn_")


def main():
    for opset, folder in (argument.split("=", 1) for argument in sys.argv[1:]):
        for source in sorted(pathlib.Path(folder).iterdir()):
            if source.name.startswith(PREFIXES):
                shutil.copytree(source, HERE / f"opset{opset}" / source.name, dirs_exist_ok=True)
                if opset == "9":
                    shutil.copytree(source, HERE / "opset8" / source.name, dirs_exist_ok=True)
                    path = HERE / "opset8" / source.name / "model.onnx"
                    model = onnx.load(path)
                    model.opset_import[0].version = 8
                    path.write_bytes(model.SerializeToString())


if __name__ == "__main__":
    main()
