using FsCheck;
using FsCheck.Fluent;
using Unroll.Cells;
using Unroll.Core;
using Unroll.Layers;
using Unroll.Layers.Recurrent;
using static Unroll.Tests.Laws.LayerCases;
using static Unroll.Tests.Laws.LayerLaws;

namespace Unroll.Tests.Laws;

/// <summary>
/// The laws that hold bit for bit, for random cells, directions, sizes and lengths; a failure prints the shape and what to replay it with.
/// </summary>
[Trait("Category", "Bits"), Trait("Managed", "FsCheck draws its cases by reflection")]
public sealed class RandomShapeLaws
{
    [Fact]
    public void A_ragged_batch_gives_each_sequence_what_it_gets_alone() => Check(25, shape =>
    {
        (IRecurrentLayer layer, _) = shape.Make();
        SequenceLayout layout = SequenceLayout.FromLengths(shape.Lengths);
        SequenceBatch x = Draw(layout, shape.Inputs, 1), w = Draw(layout, layer.OutputSize, 2);
        State first = DrawState(layer, layout.Sequences, 3);
        Run together = Run.Of(layer, x, w, first, NewPass());
        for (int s = 0; s < layout.Sequences; s++)
        {
            SequenceLayout single = SequenceLayout.FromLengths(shape.Lengths[s]);
            Run alone = Run.Of(layer, Pick(x, single, s), Pick(w, single, s), PickState(layer, first, s), NewPass());
            Same(alone.Y.All, Pick(together.Y, single, s).All, "y");
            Same(alone.Dx.All, Pick(together.Dx, single, s).All, "dx");
            SameStates(alone.Last, PickState(layer, together.Last, s));
            SameStates(alone.DFirst, PickState(layer, together.DFirst, s));
        }
    });

    [Fact]
    public void One_thread_and_three_give_the_same_bits() => Check(15, shape =>
    {
        (IRecurrentLayer layer, ParameterStore store) = shape.Make();
        SequenceLayout layout = SequenceLayout.FromLengths(shape.Lengths);
        SequenceBatch x = Draw(layout, shape.Inputs, 1), w = Draw(layout, layer.OutputSize, 2);
        State first = DrawState(layer, layout.Sequences, 3);
        Run one = Run.Of(layer, x, w, first, NewPass(One));
        float[] gradients = store.Gradients.ToArray();
        store.ClearGradients();
        Run three = Run.Of(layer, x, w, first, NewPass(Three));
        Same(one.Y.All, three.Y.All, "y");
        Same(one.Dx.All, three.Dx.All, "dx");
        SameStates(one.Last, three.Last);
        SameStates(one.DFirst, three.DFirst);
        Same(gradients, store.Gradients, "weight gradients");
    });

    [Fact]
    public void Step_by_step_equals_the_whole_sequence() => Check(25, any =>
    {
        Shape shape = any with { Direction = Direction.Forward };
        (IRecurrentLayer layer, _) = shape.Make();
        SequenceLayout layout = SequenceLayout.FromLengths(shape.Lengths);
        SequenceBatch x = Draw(layout, shape.Inputs, 1);
        State first = DrawState(layer, layout.Sequences, 3), last = layer.NewState(layout.Sequences);
        Cache whole = layer.Forward(x, first, NewPass());
        layer.Last(whole, last);
        float[] y = new float[layer.OutputSize];
        for (int s = 0; s < layout.Sequences; s++)
        {
            State state = PickState(layer, first, s);
            for (int t = 0; t < shape.Lengths[s]; t++)
            {
                layer.Step(x.Row(t, s), state, y);
                Same(whole.Output.Row(t, s), y, $"y of sequence {s}, step {t}");
            }
            SameStates(PickState(layer, last, s), state);
        }
    });

    private static void Check(int cases, Action<Shape> law) =>
        Prop.ForAll(Arb.From(Shapes), law).Check(Config.QuickThrowOnFailure.WithMaxTest(cases));

    private static Gen<Shape> Shapes =>
        from variant in Gen.Elements(OwnCells.All.Variants.ToArray())
        from direction in Gen.Elements(Enum.GetValues<Direction>())
        from inputs in Gen.Choose(1, 20)
        from hidden in Gen.Choose(1, 40)
        from projection in Gen.Choose(1, 40)
        from sequences in Gen.Choose(0, 6)
        from lengths in Gen.ArrayOf(Gen.Choose(0, 9), sequences)
        select new Shape(variant.Name, direction, inputs, hidden, Math.Min(projection, hidden), lengths);

    private sealed record Shape(string Variant, Direction Direction, int Inputs, int Hidden, int Projection, int[] Lengths)
    {
        public (IRecurrentLayer Layer, ParameterStore Store) Make()
        {
            ParameterStore store = new();
            CellOptions cell = OwnCells.Options(Variant);
            if (cell.Projection is not null) cell = cell with { Projection = Projection };
            RecurrentLayer Of(bool reverse) => new(reverse ? "r" : "f", store, cell, Inputs, Hidden, reverse, cells: OwnCells.All);
            IRecurrentLayer layer = Direction switch
            {
                Direction.Forward => Of(reverse: false),
                Direction.Reverse => Of(reverse: true),
                _ => new Bidirectional("both", Of(reverse: false), Of(reverse: true), Merge.Concatenate),
            };
            using Edit edit = store.Edit();
            for (int i = 0; i < edit.Values.Length; i++) edit.Values[i] = new Rng(9).Uniform((ulong)i) - 0.5f;
            return (layer, store);
        }

        public override string ToString() =>
            $"{Variant}, {Direction}, {Inputs} inputs, {Hidden} hidden, projection {Projection}, lengths {string.Join(' ', Lengths)}";
    }
}
