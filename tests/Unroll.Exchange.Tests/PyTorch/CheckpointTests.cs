using System.Text.Json;
using Unroll.Formats;
using Unroll.Tasks.Networks;

namespace Unroll.Exchange.Tests.PyTorch;

/// <summary>Checkpoints that PyTorch 1.13 and 2.6 wrote, imported, against what PyTorch answers in double precision.</summary>
public sealed class CheckpointTests : IDisposable
{
    private static readonly string s_fixtures = Path.Combine(AppContext.BaseDirectory, "PyTorch", "Fixtures");
    private readonly TempFolder _folder = new();

    public static TheoryData<string> Files =>
        [.. Directory.EnumerateFiles(s_fixtures, "*.pth").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)];

    public void Dispose() => _folder.Dispose();

    // Floats carry 6e-8 of relative rounding; after 7 steps of a few units the outputs, below 2, differ by less than 1e-6.
    [Theory, MemberData(nameof(Files))]
    public void Outputs_equal_those_of_PyTorch(string name)
    {
        using JsonDocument facts = JsonDocument.Parse(File.ReadAllText(Path.Combine(s_fixtures, $"{name}.json")));
        JsonElement root = facts.RootElement;
        int[] Wholes(string key) => [.. root.GetProperty(key).EnumerateArray().Select(one => one.GetInt32())];
        float[] Numbers(string key) => [.. root.GetProperty(key).EnumerateArray().Select(one => (float)one.GetDouble())];
        string[] options = [.. root.GetProperty("options").EnumerateArray().Select(one => one.GetString()!)];
        string to = _folder["m.safetensors"];
        CliRun.Of(["import", Path.Combine(s_fixtures, $"{name}.pth"), "--output", to, .. options]).Done();

        NetworkModel model = NetworkModel.Open(to);
        NetworkRows rows = NetworkRows.OfArray(model, Tensor.Of("x", Wholes("shape"), Numbers("input")), name);
        float[] outputs = [.. model.Run(rows.Sequences).SelectMany(one => one)], expected = Numbers("expected");
        Assert.Equal(expected.Length, outputs.Length);
        for (int i = 0; i < expected.Length; i++) Assert.True(Math.Abs(expected[i] - outputs[i]) <= 1e-6,
            $"output {i}: {outputs[i]}, expected {expected[i]}");
    }
}
