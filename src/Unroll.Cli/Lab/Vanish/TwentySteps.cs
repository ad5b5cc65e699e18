using Unroll.Inspection.Textbook;
using Unroll.Numerics;
using static Unroll.Cli.Lab.LabCell;

namespace Unroll.Cli.Lab.Vanish;

/// <summary>The worked example of the study notes: a factor multiplied by itself over T = 20 steps (S10).</summary>
internal static class TwentySteps
{
    internal const int Steps = 20;

    // The figures printed in the study notes, and half a unit of their last digit.
    private static readonly (double Factor, double Noted, double HalfDigit)[] _notes =
    [
        (0.5, 9.54e-7, 0.005e-7), (0.9, 0.1216, 0.00005), (0.95, 0.358, 0.0005), (1.05, 2.65, 0.005), (1.1, 6.727, 0.0005), (2, 1048576, 0.5),
    ];

    /// <summary>Each factor's product beside the notes' figure and the engine's gradient.</summary>
    internal static (LabTable Table, LabVerdict Verdict) Measure(ThreadTeam threads)
    {
        LabTable table = new("a factor over 20 steps", "factor", "product", "study notes' figure", "engine's gradient", "engine, relative "
            + "difference");
        bool right = true;
        double largest = 0;
        foreach ((double factor, double noted, double halfDigit) in _notes)
        {
            double product = Product(factor, Steps), engine = Engine(factor, threads), apart = Math.Abs(engine / product - 1);
            right &= Math.Abs(product - noted) <= halfDigit;
            largest = Math.Max(largest, apart);
            table.Add(factor, product, noted, engine, apart);
        }
        // The factor is rounded to a float, 2⁻²⁵ at most, and so is every one of 20 products.
        return (table, new LabVerdict("S10", "the figures of the worked example T = 20",
            $"all {_notes.Length} products {(right ? "agree" : "do not all agree")} with every digit in the study notes; the engine's gradient of "
                + $"one unit "
                + $"with that weight over 20 steps "
            + $"has a relative error of at most {Short(largest)}.", right && largest < 40 * Math.ScaleB(1, -24)));
    }

    /// <summary>factor · factor · … · factor, in double.</summary>
    internal static double Product(double factor, int steps)
    {
        double product = 1;
        for (int t = 0; t < steps; t++) product *= factor;
        return product;
    }

    //  a⟨t⟩ = max(0, w a⟨t−1⟩ + x⟨t⟩), all positive:  ∂a⟨21⟩/∂x⟨1⟩ = w²⁰
    private static double Engine(double factor, ThreadTeam threads)
    {
        PairedCell cell = new(new() { Kind = "rnn", Activation = "relu" }, inputs: 1, hidden: 1);
        cell.Gate('a', Draw.Identity(1), Draw.Identity(1, factor));
        Vector[] x = [.. Enumerable.Repeat(new Vector(1.0), Steps + 1)];
        return cell.Engine(x, threads, dLast: new Vector(1.0)).Dx(0)[0];
    }
}
