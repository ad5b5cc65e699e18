using Unroll.Cells;
using Unroll.Cells.Definitions;
using Unroll.Core;
using Unroll.Layers.Recurrent;
using Unroll.Numerics;
using static Unroll.Tests.Laws.LayerCases;

namespace Unroll.Tests.Laws;

/// <summary>
/// Teams of up to eight, also on fewer cores, over batches of several chunks: gradients are then handed on from chunk to chunk while other workers
/// are still at the one before.
/// </summary>
[Trait("Category", "Bits")]
public sealed class ThreadLaws
{
    public static TheoryData<string> Cells() =>
        new(CellCatalog.BuiltIn.Variants.Select(variant => variant.Name).Concat(["zoo mgu", "zoo janet"]));

    // Even lengths and 17 sequences are divided by sequences (by up to eight workers from 16 on), ragged ones by units; 17 · 34 and 39 · 30 rows are
    // several chunks of at most 192.
    [Theory, MemberData(nameof(Cells)), Trait("Managed", "eight threads that wait for each other take a minute under emulation")]
    public void Up_to_eight_threads_give_the_bits_of_one(string name)
    {
        foreach (int[] lengths in (int[][])[[.. Enumerable.Repeat(34, 17)], [.. Enumerable.Range(0, 39).Select(s => s * 17 % 31)], [40]])
        {
            (RecurrentLayer layer, ParameterStore store) = Make(name);
            float[] expected = WorkspaceLaws.All(layer, store, lengths, NewPass());
            foreach (ThreadTeam team in new[] { Two, Three, Four, Eight })
                LayerLaws.Same(expected, WorkspaceLaws.All(layer, store, lengths, NewPass(team)), $"{team.Threads} threads");
        }
    }

    // 130 units are nine blocks of 16: at least one for each of eight workers.
    private static (RecurrentLayer, ParameterStore) Make(string name)
    {
        const int inputs = 9, hidden = 130;
        ParameterStore store = new();
        ICell cell;
        int? projection = null;
        if (name.StartsWith("zoo ", StringComparison.Ordinal)) cell = CellZoo.Definition(name[4..]).Cell;
        else
        {
            CellOptions options = CellCatalog.BuiltIn.Variants.Single(variant => variant.Name == name).Options;
            if (options.Projection is not null) options = options with { Projection = 133 };
            (cell, projection) = (CellCatalog.BuiltIn.Make(options), options.Projection);
        }
        RecurrentLayer layer = new("l", store, cell, projection, inputs, hidden);
        using (Edit edit = store.Edit())
            for (int i = 0; i < edit.Values.Length; i++) edit.Values[i] = 0.1f * (float)new Rng(5).Normal((ulong)i);
        return (layer, store);
    }
}
