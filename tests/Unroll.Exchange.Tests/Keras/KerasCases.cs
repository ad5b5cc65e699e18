using System.Text.Json;
using Unroll.Core;
using Unroll.Exchange.Hdf5.Keras;
using Unroll.Formats;
using Unroll.Networks;
using Unroll.Numerics;

namespace Unroll.Exchange.Tests.Keras;

/// <summary>The files that Fixtures/make.py made with h5py, with inputs and what NumPy in double precision gives for them.</summary>
internal sealed record KerasCase(string Name, string File, string? Config, float[][] Inputs, double[][] Outputs, string? LeftOut,
    string[]? Symbols, string[] Notes, string[] Unused);

internal static class KerasCases
{
    public static string Folder => Path.Combine(AppContext.BaseDirectory, "Keras", "Fixtures");

    public static IReadOnlyList<KerasCase> All { get; } = Load();

    public static string Path_(string file) => Path.Combine(Folder, file);

    public static KerasModel Read(KerasCase one) => KerasFile.Read(Path_(one.File), one.Config is null ? null : Path_(one.Config));

    public static Network Build(KerasModel model)
    {
        Network network = Network.Build(model.Spec);
        using Edit edit = network.Parameters.Edit();
        Dictionary<string, Tensor> left = model.Tensors.ToDictionary(tensor => tensor.Name);
        foreach (Parameter parameter in network.Parameters.All)
        {
            Assert.True(left.Remove(parameter.Name, out Tensor? tensor), $"no tensor for {parameter.Name}");
            Assert.Equal(parameter.Shape, tensor.Shape.ToArray());
            tensor.Float32.CopyTo(edit.Of(parameter));
        }
        Assert.Empty(left.Keys);
        return network;
    }

    /// <summary>All sequences of a case as one ragged batch.</summary>
    public static float[][] Run(Network network, IReadOnlyList<float[]> sequences)
    {
        using ThreadTeam threads = new(1);
        SequenceBatch x = SequenceBatch.FromSequences(network.InputSize, [.. sequences]);
        SequenceBatch y = network.Forward(x, null, new Pass(new Workspace(), threads, new Rng(0), Training: false)).Output;
        return [.. Enumerable.Range(0, sequences.Count).Select(s =>
            Enumerable.Range(0, y.Layout.Lengths[s]).SelectMany(t => y.Row(t, s).ToArray()).ToArray())];
    }

    private static KerasCase[] Load()
    {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(Path_("cases.json")));
        return [.. json.RootElement.EnumerateArray().Select(one => new KerasCase(
            one.GetProperty("name").GetString()!, one.GetProperty("file").GetString()!, one.GetProperty("config").GetString(),
            [.. Rows(one.GetProperty("inputs")).Select(row => row.Select(value => (float)value).ToArray())], Rows(one.GetProperty("outputs")),
            one.GetProperty("leftOut").GetString(),
            one.GetProperty("symbols").ValueKind == JsonValueKind.Null ? null : Texts(one.GetProperty("symbols")),
            Texts(one.GetProperty("notes")), Texts(one.GetProperty("unused"))))];
    }

    private static string[] Texts(JsonElement list) => [.. list.EnumerateArray().Select(one => one.GetString()!)];

    private static double[][] Rows(JsonElement sequences) =>
        [.. sequences.EnumerateArray().Select(rows =>
            rows.EnumerateArray().SelectMany(row => row.EnumerateArray().Select(x => x.GetDouble())).ToArray())];
}
