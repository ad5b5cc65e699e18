using Unroll.Cells;
using Unroll.Cells.Definitions;
using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Recurrent;
using Unroll.Numerics;
using Unroll.Tests.Cells.Definitions.Written;
using Unroll.Tests.Laws;

namespace Unroll.Tests.Cells.Definitions;

/// <summary>A layer of a defined cell, of the same by single operations, and of the class that is written for it: the same bits.</summary>
[Trait("Category", "Bits")]
public sealed class WrittenCellLaws
{
    private static readonly Dictionary<string, Func<ICell>> Written = new()
    {
        ["mgu"] = () => new MguCell(), ["light-gru"] = () => new LightGruCell(), ["slstm"] = () => new SlstmCell(), ["mut1"] = () => new Mut1Cell(),
        ["nas"] = () => new NasCell(), ["antisymmetric-rnn"] = () => new AntisymmetricRnnCell(),
    };

    public static TheoryData<string> Cells => [.. Written.Keys];

    [Theory, MemberData(nameof(Cells))]
    public void The_written_class_gives_the_bits_of_the_defined_cell(string cell) =>
        Same(Written[cell](), new DefinedCell(CellText.Read(CellZoo.Text(cell), cell)));

    [Theory, MemberData(nameof(CellZooNames))]
    public void Single_operations_give_the_bits_of_the_joined_ones(string cell)
    {
        CellDefinition definition = CellText.Read(CellZoo.Text(cell), cell);
        Same(new DefinedCell(definition, StatementShapes.Single), new DefinedCell(definition));
    }

    public static TheoryData<string> CellZooNames => [.. CellZoo.Names];

    private static void Same(ICell one, ICell other)
    {
        foreach (int units in (int[])[5, 20])
        {
            (float[][] expected, float[][] actual) = (Run(other, units), Run(one, units));
            foreach ((float[] a, float[] b, string what) in expected.Zip(actual, ["outputs", "δx", "gradients"])) LayerLaws.Same(a, b, what);
            Assert.Contains(expected[2], value => value != 0);
        }
    }

    private static float[][] Run(ICell cell, int units)
    {
        ParameterStore store = new();
        RecurrentLayer layer = new("own", store, cell, null, units, units);
        using (Edit edit = store.Edit())
            for (int i = 0; i < edit.Values.Length; i++) edit.Values[i] = 0.3f * (float)new Rng(5).Normal((ulong)i);
        SequenceLayout layout = SequenceLayout.FromLengths([4, 1, 0, 6, 3]);
        Pass pass = LayerCases.NewPass();
        store.ClearGradients();
        Cache cache = layer.Forward(LayerCases.Draw(layout, units, 1), null, pass);
        float[] dx = layer.Backward(LayerCases.Draw(layout, units, 2), cache, pass).All.ToArray();
        return [cache.Output.All.ToArray(), dx, store.Gradients.ToArray()];
    }
}
