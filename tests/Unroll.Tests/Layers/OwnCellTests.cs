using Unroll.Cells;
using Unroll.Core;
using Unroll.Inspection;
using Unroll.Layers.Recurrent;
using Unroll.Numerics;
using Unroll.Tests.Laws;

namespace Unroll.Tests.Layers;

/// <summary>A cell of one's own in the recurrent layer: what it may leave out, and what is refused.</summary>
public sealed class OwnCellTests
{
    //  b = W x + b_ih + b_hh        a = W x + W_ha h₋ + b_ih + b_hh        h = b + a ⊙ h₋        : the gate b has no recurrent product
    private sealed class Sketch : ICell
    {
        public string Name => "sketch";
        public string Gates { get; init; } = "ab";
        public bool HasCellState => false;
        public IReadOnlyList<string> Saved { get; init; } = ["a", "b"];
        public IReadOnlyList<Product> Products { get; init; } = [new("a", "h")];
        public int Stages { get; init; } = 1;
        public int ExtraRows => 0;

        public void Forward(int stage, in Tile s)
        {
            for (int row = 0; row < s.H.Rows; row++)
                for (int u = 0; u < s.H.Columns; u++) s.H.Row(row)[u] = s.Saved(1).Row(row)[u] + s.Saved(0).Row(row)[u] * s.HPrev.Row(row)[u];
        }

        public void Backward(int stage, in TileBack s)
        {
            for (int row = 0; row < s.DH.Rows; row++)
                for (int u = 0; u < s.DH.Columns; u++)
                {
                    float d = s.DH.Row(row)[u];
                    s.DA(0).Row(row)[u] = d * s.HPrev.Row(row)[u];
                    s.DA(1).Row(row)[u] = d;
                    s.DHPrev.Row(row)[u] = d * s.Saved(0).Row(row)[u];
                }
        }

        public void AddExtraGradients(in UnitRange s) { }
    }

    [Fact]
    public void A_gate_without_a_recurrent_product_has_the_gradients_of_both_its_biases()
    {
        ParameterStore store = new();
        RecurrentLayer layer = new("own", store, new Sketch(), null, 3, 5);
        using (Edit edit = store.Edit())
            for (int i = 0; i < edit.Values.Length; i++) edit.Values[i] = 0.2f * (float)new Rng(5).Normal((ulong)i);
        SequenceBatch x = LayerCases.Draw(SequenceLayout.FromLengths(2, 0, 1), 3, 1);
        GradientCheckOfLayer check = new(layer, store, x, LayerCases.NewPass());
        Assert.All(check.AgainstFloatDifferences(), result => Assert.True(result.Passed, result.ToString()));
    }

    public static TheoryData<string> Mistakes() => ["at most 4", "'c'", "'hm'", "projection", "stage", "'ba'", "saved"];

    [Theory, MemberData(nameof(Mistakes))]
    public void A_cell_that_the_layer_cannot_run_is_refused_by_name(string mistake)
    {
        Sketch cell = mistake switch
        {
            "at most 4" => new Sketch { Gates = "abcde", Saved = ["a", "b", "c", "d", "e"] },
            "'c'" => new Sketch { Products = [new("c", "h")] },
            "'hm'" => new Sketch { Products = [new("a", "hm", Stage: 1)], Stages = 2 },
            "projection" => new Sketch { Products = [new("a", "h"), new("h", "b", Stage: 1)], Stages = 2 },
            "stage" => new Sketch { Products = [new("a", "h", Stage: 1)] },
            "'ba'" => new Sketch { Products = [new("ba", "h")] },
            _ => new Sketch { Saved = ["b", "a"] },
        };
        string message = Assert.Throws<UserErrorException>(() => new RecurrentLayer("own", new ParameterStore(), cell, null, 3, 5)).Message;
        Assert.Contains("'sketch'", message);
        Assert.Contains(mistake, message);
    }

    /// <summary>A cell that asks for whole rows, and does nothing with them.</summary>
    private sealed class RowSketch : IRowCell
    {
        public string Name => "sketch";
        public string Gates => "ab";
        public bool HasCellState => false;
        public IReadOnlyList<string> Saved { get; } = ["a", "b", "xa", "xb", "ua", "ub"];
        public IReadOnlyList<Product> Products { get; init; } = [new("ab", "h", Into: "ua")];
        public int Stages => 1;
        public int ExtraRows { get; init; } = 5;
        public string InputInto { get; init; } = "xa";
        public IReadOnlyList<CellParameter> Parameters { get; } = [new("gain", 1)];
        public IReadOnlyList<string> Deltas => [];
        public void Forward(int stage, in Tile s) { }
        public void Backward(int stage, in TileBack s) { }
        public void AddExtraGradients(in UnitRange s) { }
    }

    [Theory, InlineData("input into 'ub'"), InlineData("extra rows: expected 5"), InlineData("slots of its own"), InlineData("into 'ub'"),
        InlineData("projection")]
    public void A_cell_of_whole_rows_that_the_layer_cannot_run_is_refused_by_name(string mistake)
    {
        RowSketch cell = mistake switch
        {
            "input into 'ub'" => new RowSketch { InputInto = "ub" },                 // and the other gate's?
            "extra rows: expected 5" => new RowSketch { ExtraRows = 1 },
            "slots of its own" => new RowSketch { Products = [new("ab", "h")] },
            "into 'ub'" => new RowSketch { Products = [new("ab", "h", Into: "ub")] },
            _ => new RowSketch(),
        };
        string message = Assert.Throws<UserErrorException>(
            () => new RecurrentLayer("own", new ParameterStore(), cell, mistake == "projection" ? 2 : null, 3, 5)).Message;
        Assert.Contains("'sketch'", message);
        Assert.Contains(mistake, message);
        _ = new RecurrentLayer("own", new ParameterStore(), new RowSketch(), null, 3, 5);
    }
}
