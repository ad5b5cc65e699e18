using Unroll.Exchange.Onnx.Values;
using Unroll.Formats;

namespace Unroll.Exchange.Tests.Lifting;

public sealed class RunTests
{
    [Fact]
    public void Run_answers_with_the_network_as_the_graph_would()
    {
        using TempFolder folder = new();
        float[] numbers = [.. Enumerable.Range(0, 2 * 4 * 3).Select(i => MathF.Sin(i))];
        Npy.Write(folder["x.npy"], Tensor.Of("", [2, 4, 3], numbers));
        CliRun.Of("run", Fixture.Path("gru-last"), "--input", $"x={folder["x.npy"]}", "--output-dir", folder["out"]).Done();
        OnnxTensor expected = (OnnxTensor)Fixture.Load("gru-last").Run(new Dictionary<string,
            OnnxValue> { ["x"] = OnnxTensor.Of<float>([2, 4, 3], numbers) })["y"];
        float[] found = Npy.Read(Path.Combine(folder["out"], "y.npy")).Float32.ToArray();
        for (int i = 0; i < found.Length; i++) Assert.InRange(found[i], expected.Values<float>()[i] - 1e-6, expected.Values<float>()[i] + 1e-6);
    }

    [Fact]
    public void Run_warns_of_a_suspect_GRU_and_takes_the_option()
    {
        using TempFolder folder = new();
        Npy.Write(folder["x.npy"], Tensor.Of("", [1, 2, 3], [0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f]));
        string[] words = ["run", Fixture.Path("dynamo-gru-wrong"), "--input", $"x={folder["x.npy"]}"];
        CliRun plain = CliRun.Of(words), before = CliRun.Of([.. words, "--gru-reset", "before"]),
            after = CliRun.Of([.. words, "--gru-reset", "after"]);
        Assert.Contains("onnxscript #2852", plain.Error);
        Assert.Equal("", before.Error);
        Assert.Equal(plain.Done(), before.Done());
        Assert.NotEqual(plain.Out, after.Done());
    }
}
