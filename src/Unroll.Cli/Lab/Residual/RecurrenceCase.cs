using Unroll.Cells;
using Unroll.Core;
using Unroll.Inspection;
using Unroll.Inspection.Textbook;

namespace Unroll.Cli.Lab.Residual;

/// <summary>One kind of recurrence, all of whose recurrent matrices are drawn alike.</summary>
/// <param name="Name">In tables.</param>
/// <param name="Options">The cell.</param>
internal sealed record RecurrenceCase(string Name, CellOptions Options)
{
    internal static IReadOnlyList<RecurrenceCase> All { get; } =
    [
        new("residual, logistic", new() { Kind = "residual", Activation = "logistic" }),
        new("residual, tanh", new() { Kind = "residual" }),
        new("rnn, tanh", new() { Kind = "rnn" }),
        new("gru", new() { Kind = "gru" }),
        new("lstm (its c)", new() { Kind = "lstm" }),
    ];

    /// <summary>W_i the identity, W_h of the given spectral radius for every gate, biases 0 but for an LSTM's forget gate, which has 1.</summary>
    internal PairedCell Draw(Rng random, int hidden, double radius)
    {
        PairedCell cell = new(Options, hidden, hidden);
        foreach (char gate in cell.Equations.Gates)
        {
            bool candidate = gate is 'a' or 'g' or 'n';                  // the same draw for what enters the state, whichever cell it is
            Matrix recurrent = Lab.Draw.OfRadius(random.For(candidate ? "candidate" : $"gate {gate}"), hidden, radius);
            cell.Gate(gate, Lab.Draw.Identity(hidden), recurrent, bias: gate == 'f' ? 1 : 0);
        }
        return cell;
    }

    /// <summary>What one draw of weights and inputs shows at some lengths.</summary>
    internal IReadOnlyList<RecurrenceFigures> Measure(Rng random, int hidden, double radius, IReadOnlyList<int> lengths)
    {
        PairedCell cell = Draw(random.For("weights"), hidden, radius);
        Vector[] x = Lab.Draw.Inputs(random.For("inputs"), lengths[^1], hidden, 1);
        RecurrentRun whole = cell.Textbook(x);
        return [.. lengths.Select(length => Figures(cell, x, whole, length))];
    }

    private static RecurrenceFigures Figures(PairedCell cell, Vector[] x, RecurrentRun whole, int length)
    {
        StateJacobians jacobians = StateJacobians.Of(cell, cell.Textbook(x[..length]));
        CellStep last = whole.Steps[length - 1];
        bool residual = cell.Options.Kind == "residual";
        return new RecurrenceFigures
        {
            Length = length,
            Growth = Spectrum.Norm(jacobians.First),
            Newest = Typical(jacobians.Inputs[^1]),
            Oldest = Typical(jacobians.Inputs[0]),
            State = last.After[cell.Equations.States[^1]].Value.Average(Math.Abs),
            Added = residual ? last["g"].Average() : double.NaN,
            Slope = residual ? ErrorTerms.Slope(cell, last).Average() : double.NaN,
            Falls = Enumerable.Range(0, length).Any(t => Fall(whole.Steps[t])),
        };
    }

    // √(Σ (∂s_u/∂x_i)² ÷ units): the length of a unit's gradient, root mean square over the units. The largest unit alone would hang on the draw.
    private static double Typical(Matrix effect) =>
        Math.Sqrt(Enumerable.Range(0, effect.Rows).Sum(row => Enumerable.Range(0, effect.Columns).Sum(i =>
            effect[row, i] * effect[row, i])) / effect.Rows);

    private static bool Fall(CellStep step) => step.After["h"].Value.Zip(step.Before["h"].Value, (now, before) => now < before).Any(falls => falls);
}

/// <summary>Figures of one recurrence after <see cref="Length"/> steps; s is c for a cell that has one, else h.</summary>
internal sealed record RecurrenceFigures
{
    /// <summary>t, from 1.</summary>
    public required int Length { get; init; }

    /// <summary>‖∂s⟨t⟩/∂s⟨0⟩‖₂.</summary>
    public required double Growth { get; init; }

    /// <summary>‖∂s_u⟨t⟩/∂x⟨t⟩‖, root mean square over the units u: how much the newest input counts.</summary>
    public required double Newest { get; init; }

    /// <summary>‖∂s_u⟨t⟩/∂x⟨1⟩‖, likewise: how much the first input still counts.</summary>
    public required double Oldest { get; init; }

    /// <summary>The mean of |s⟨t⟩| over the units.</summary>
    public required double State { get; init; }

    /// <summary>The mean of g over the units; NaN for other cells than the residual one.</summary>
    public required double Added { get; init; }

    /// <summary>The mean of g′ over the units; NaN likewise.</summary>
    public required double Slope { get; init; }

    /// <summary>Whether a unit of h was smaller after some step than before it.</summary>
    public required bool Falls { get; init; }

    /// <summary>What spans many decades by its geometric mean, the rest by the mean.</summary>
    internal static RecurrenceFigures Mean(IReadOnlyList<RecurrenceFigures> draws) => new()
    {
        Length = draws[0].Length,
        Growth = Geometric(draws, d => d.Growth),
        Newest = draws.Average(d => d.Newest),
        Oldest = Geometric(draws, d => d.Oldest),
        State = draws.Average(d => d.State),
        Added = draws.Average(d => d.Added),
        Slope = draws.Average(d => d.Slope),
        Falls = draws.Any(d => d.Falls),
    };

    // A norm below the smallest double is shown as that.
    private static double Geometric(IReadOnlyList<RecurrenceFigures> draws, Func<RecurrenceFigures, double> of) =>
        Math.Exp(draws.Average(d => Math.Log(Math.Max(of(d), double.Epsilon))));
}
