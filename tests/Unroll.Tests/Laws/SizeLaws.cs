using Unroll.Cells;
using Unroll.Core;
using Unroll.Inspection;
using Unroll.Inspection.Textbook;
using Unroll.Layers;
using Unroll.Layers.Losses;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
using Unroll.Numerics;
using static Unroll.Tests.Laws.LayerCases;

namespace Unroll.Tests.Laws;

/// <summary>
/// Sizes around the blocks of the kernels: 16 units, 64 columns, 64 rows, 384 terms; few sequences, so that units are split among threads, and many.
/// </summary>
[Trait("Category", "Bits")]
public sealed class SizeLaws
{
    private static readonly (int Inputs, int Hidden, int Sequences)[] Sizes =
        [(1, 1, 2), (16, 15, 20), (17, 16, 3), (64, 17, 70), (3, 65, 4), (100, 64, 5)];

    // (*) Two numbers standardized are 1 and −1 whatever they were: the gradient of one unit is what the 10⁻⁵ beside the variance leaves, and cancels
    // in floats.
    public static TheoryData<string, int, int, int> Cases()
    {
        TheoryData<string, int, int, int> cases = [];
        // no kinks
        foreach ((string name, CellOptions _) in CellCatalog.BuiltIn.Variants.Where(v => !v.Name.Contains("clip") && !v.Name.Contains("relu")))
            foreach ((int inputs, int hidden, int sequences) in Sizes)
                if (hidden > 1 || !name.EndsWith("-ln", StringComparison.Ordinal)) cases.Add(name, inputs, hidden, sequences);      // (*)
        foreach (string name in new[] { "lstm", "gru-after" }) cases.Add(name, 20, 130, 50);
        return cases;
    }

    // Sums of up to 4 · 130 + 65 rounded terms: 2⁻²⁴ √585 = 1.5e-6 of the largest, several layers of them; every slip of an index is far above 3e-5.
    [Theory, MemberData(nameof(Cases))]
    public void The_engine_is_the_textbook_at_every_size(string name, int inputs, int hidden, int sequences)
    {
        RecurrentSpec spec = new()
        {
            Name = "rnn", Cell = Options(name, hidden), Hidden = hidden, InitialState = InitialState.Learned,
            Direction = hidden % 2 == 0 ? Direction.Forward : Direction.Bidirectional,
        };
        GradientCheckCase subject =
            new("cell", name, new NetworkSpec(inputs, [spec]), new SquaredError(), TextbookNetwork.Width(spec)) { Lengths = Lengths(sequences) };
        GradientCheckData data = GradientCheckData.Of(subject);
        IReadOnlyList<TextbookGradient> gradients = [.. data.Examples.Select(data.Objective.AddGradient)];
        Assert.All(GradientCheckEngine.Errors(subject, data, gradients), error => Assert.True(error.Value < 3e-5, $"{error.Key}: {error.Value}"));
    }

    [Theory, MemberData(nameof(Cases))]
    public void Threads_and_company_change_no_bit_at_any_size(string name, int inputs, int hidden, int sequences)
    {
        ParameterStore store = new();
        RecurrentLayer layer = new("l", store, Options(name, hidden), inputs, hidden, reverse: hidden % 2 == 1);
        using (Edit edit = store.Edit())
            for (int i = 0; i < edit.Values.Length; i++) edit.Values[i] = 0.2f * (float)new Rng(5).Normal((ulong)i);
        int[] lengths = Lengths(sequences);
        float[] expected = WorkspaceLaws.All(layer, store, lengths, NewPass());
        foreach (ThreadTeam team in new[] { Two, Three })
            LayerLaws.Same(expected, WorkspaceLaws.All(layer, store, lengths, NewPass(team)), $"{team.Threads} threads");

        SequenceLayout layout = SequenceLayout.FromLengths(lengths);
        SequenceBatch x = Draw(layout, inputs, 1), w = Draw(layout, layer.OutputSize, 2);
        (SequenceBatch y, SequenceBatch dx) = Pass(layer, x, w);
        for (int s = 0; s < Math.Min(sequences, 3); s++)
        {
            SequenceLayout single = SequenceLayout.FromLengths(lengths[s]);
            (SequenceBatch yAlone, SequenceBatch dxAlone) = Pass(layer, LayerLaws.Pick(x, single, s), LayerLaws.Pick(w, single, s));
            for (int t = 0; t < lengths[s]; t++)
            {
                LayerLaws.Same(yAlone.Row(t, 0), y.Row(t, s), "y");
                LayerLaws.Same(dxAlone.Row(t, 0), dx.Row(t, s), "dx");
            }
        }
    }

    private static (SequenceBatch Y, SequenceBatch Dx) Pass(RecurrentLayer layer, SequenceBatch x, SequenceBatch w)
    {
        Pass pass = NewPass();
        Cache cache = layer.Forward(x, pass);
        return (cache.Output, layer.Backward(w, cache, pass));
    }

    private static CellOptions Options(string name, int hidden)
    {
        CellOptions options = CellCatalog.BuiltIn.Variants.Single(variant => variant.Name == name).Options;
        return options.Projection is null ? options : options with { Projection = hidden / 2 + 1 };
    }

    private static int[] Lengths(int sequences) => [.. Enumerable.Range(0, sequences).Select(s => 3 - s % 4)];
}
