using Microsoft.ML.OnnxRuntime;
using Unroll.Exchange.Onnx.Writing;
using Unroll.Formats;
using Unroll.Tasks.Shared;

namespace Unroll.ServingTimes;

/// <summary>The same model in ONNX Runtime on one thread, with states that the caller carries from step to step, as a C# program has to.</summary>
internal sealed class OnnxRuntimeTimes : IDisposable
{
    private readonly InferenceSession _step;
    private readonly RunOptions _options = new();
    private readonly string[] _inputs, _outputs;
    private readonly int[] _widths;                          // of y, then of each state
    private readonly int _features;

    /// <summary>Exports the model's graph of one step, and opens it.</summary>
    public OnnxRuntimeTimes(ITaskModel model, int features)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("unroll-times-");
        string file = Path.Combine(folder.FullName, "model");
        model.Save(file + ".safetensors");
        OnnxExport.Save(file + ".onnx", ModelFile.Load(file + ".safetensors"), new OnnxExportOptions { Step = true });
        using SessionOptions quiet = new()
        {
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, IntraOpNumThreads = 1, InterOpNumThreads = 1,
        };
        _step = new InferenceSession(file + ".step.onnx", quiet);
        folder.Delete(recursive: true);
        _features = features;
        _outputs = [.. _step.OutputMetadata.Keys];
        _inputs = ["x", .. _outputs.Skip(1).Select(name => name.Replace("_out", "_in"))];
        _widths = [.. _outputs.Select(name => _step.OutputMetadata[name].Dimensions[^1])];
    }

    /// <summary>A batch of sessions that step together, in values that are made once.</summary>
    /// <param name="rows">How many.</param>
    public Batch Of(int rows) => new(this, rows);

    public void Dispose()
    {
        _step.Dispose();
        _options.Dispose();
    }

    internal sealed class Batch
    {
        private readonly OnnxRuntimeTimes _of;
        private readonly OrtValue[][] _in, _out;             // of even and odd steps: what one writes the next one reads
        private int _turn;

        internal Batch(OnnxRuntimeTimes of, int rows)
        {
            _of = of;
            X = new float[rows * of._features];
            States = [.. new int[2].Select(_ => of._widths.Select(width => new float[rows * width]).ToArray())];
            OrtValue x = OrtValue.CreateTensorValueFromMemory(X, [rows, of._features]);
            OrtValue[][] values = [.. States.Select(all => all.Select((state, i) =>
                OrtValue.CreateTensorValueFromMemory(state, of._step.OutputMetadata[of._outputs[i]].Dimensions.Length == 2
                    ? [rows, of._widths[i]] : [1, rows, of._widths[i]])).ToArray())];
            _in = [.. values.Select(all => (OrtValue[])[x, .. all.Skip(1)])];
            _out = [values[1], values[0]];
        }

        /// <summary>[rows, features].</summary>
        public float[] X { get; }

        /// <summary>[2][y, states …][rows, width]: those of the last step are at <see cref="Last"/>.</summary>
        public float[][][] States { get; }

        /// <summary>Where the last step's are.</summary>
        public int Last => _turn;

        /// <summary>A step of every row.</summary>
        public void Step()
        {
            _of._step.Run(_of._options, _of._inputs, _in[_turn], _of._outputs, _out[_turn]);
            _turn ^= 1;
        }
    }
}
