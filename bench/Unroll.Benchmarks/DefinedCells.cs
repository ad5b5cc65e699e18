using BenchmarkDotNet.Attributes;
using Unroll.Cells;
using Unroll.Cells.Definitions;
using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Recurrent;
using Unroll.Numerics;

namespace Unroll.Benchmarks;

/// <summary>A training step of a built-in cell by its hand-written kernels and by its equations, on one thread.</summary>
public class DefinedCells
{
    private Func<Cache> _hand = null!, _defined = null!;

    /// <summary>The cell.</summary>
    [Params("lstm", "gru-after", "gru")] public string Cell { get; set; } = "lstm";

    /// <summary>Sequences, steps, inputs, units.</summary>
    [Params("32,100,128,128", "64,100,256,256", "32,50,64,64", "1,200,32,64")] public string Shape { get; set; } = "";

    /// <summary>Makes the two layers.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        BuiltInDefinition one = BuiltInDefinitions.All.First(each => each.Name == Cell);
        (_hand, _defined) = (Step(CellCatalog.BuiltIn.Make(one.Options)), Step(one.Definition.Cell));
    }

    /// <summary>By hand.</summary>
    [Benchmark(Baseline = true)] public Cache HandWritten() => _hand();

    /// <summary>By the equations.</summary>
    [Benchmark] public Cache Defined() => _defined();

    private Func<Cache> Step(ICell cell)
    {
        int[] size = [.. Shape.Split(',').Select(int.Parse)];
        ParameterStore store = new();
        RecurrentLayer layer = new("layer", store, cell, null, size[2], size[3]);
        using (Edit edit = store.Edit())
            for (int k = 0; k < edit.Values.Length; k++) edit.Values[k] = 0.1f * (float)new Rng(3).Normal((ulong)k);
        SequenceBatch x = SequenceBatch.Zeros(SequenceLayout.FromLengths([.. Enumerable.Repeat(size[1], size[0])]), size[2]);
        for (int k = 0; k < x.All.Length; k++) x.All[k] = (float)new Rng(5).Normal((ulong)k);
        Workspace workspace = new();
        ThreadTeam one = new(1);
        return () =>
        {
            workspace.Reset();
            store.ClearGradients();
            using (store.Edit()) { }                                     // as after an update: panels are packed again
            Pass pass = new(workspace, one, new Rng(1), Training: true);
            Cache cache = layer.Forward(x, pass);
            layer.Backward(cache.Output, cache, pass);
            return cache;
        };
    }
}
