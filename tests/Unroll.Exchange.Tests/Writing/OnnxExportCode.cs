// README: run
using Microsoft.ML.OnnxRuntime;
using Unroll.Exchange.Onnx.Writing;
using Unroll.Formats;
// end
using Unroll.Core;
using Unroll.Networks;
using Unroll.Numerics;

namespace Unroll.Exchange.Tests.Writing;

/// <summary>The code of docs/onnx-export.md.</summary>
public sealed class OnnxExportCode
{
    [Fact]
    public void A_model_is_written_and_run_whole_and_as_a_stream()
    {
        using TemporaryFolder folder = new();
        Network network = Written.Random(new NetworkSpec(3,
            [new RecurrentSpec { Name = "encoder", Hidden = 4 }, new DenseSpec { Name = "head", Outputs = 2 }]));
        ModelFile.Save(folder.File("model.safetensors"), network.Spec, "{}", network.Parameters);
        string at = folder.File("model");
        float[][] stream = [[1, 2, 3], [0, 1, 0], [-1, 0, 2]];
        List<float[]> answers = [];
        // README: run
        OnnxExport.Save($"{at}.onnx", ModelFile.Load($"{at}.safetensors"), new OnnxExportOptions { Step = true });

        // without it a warning for each state, that its default may be replaced
        using SessionOptions quiet = new() { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        using InferenceSession session = new($"{at}.onnx", quiet);
        using RunOptions options = new();
        float[] rows = new float[2 * 7 * 3];                             // two sequences of 3 features, padded to 7 steps
        using OrtValue x = OrtValue.CreateTensorValueFromMemory(rows, [2, 7, 3]);
        using OrtValue lengths = OrtValue.CreateTensorValueFromMemory(new[] { 7, 4 }, [2]);
        using var whole = session.Run(options, ["x", "lengths"], [x, lengths], ["y"]);
        float[] y = whole[0].GetTensorDataAsSpan<float>().ToArray();     // [2, 7, outputs], 0 past the 4 steps of the second

        using InferenceSession step = new($"{at}.step.onnx", quiet);
        string[] outputs = [.. step.OutputMetadata.Keys];                // y, then the last states
        Dictionary<string, OrtValue> states = [];                        // at first none: the model's own first states
        foreach (float[] row in stream)
        {
            using OrtValue next = OrtValue.CreateTensorValueFromMemory(row, [1, 3]);
            var said = step.Run(options, ["x", .. states.Keys], [next, .. states.Values], outputs);
            states = outputs.Zip(said).Skip(1).ToDictionary(one => one.First.Replace("_out", "_in"), one => one.Second);
            answers.Add(said[0].GetTensorDataAsSpan<float>().ToArray());
        }
        // end
        Assert.Equal(2 * 7 * 2, y.Length);
        Assert.All(y[((7 + 4) * 2)..], value => Assert.Equal(0, value));
        using ThreadTeam one = new(1);
        float[] expected = network.Forward(SequenceBatch.FromSequences(3, stream.SelectMany(row => row).ToArray()), null,
            new Pass(new Workspace(), one, new Rng(0), Training: false)).Output.All.ToArray();
        Assert.All(expected.Zip(answers.SelectMany(answer => answer)), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }
}
