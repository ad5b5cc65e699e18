using System.Globalization;
using Unroll.Core;

namespace Unroll.Tasks.Data.Scores;

//  McNemar 1947: of the pairs on which one method is right and the other wrong, b and c, each is as likely under no difference:
//  p = min(1, 2 Σ_{i ≤ min(b, c)} C(b + c, i) / 2^(b + c))
//  bootstrap: units (sentences, recordings, windows) are drawn with replacement, both methods on the same ones; the interval is where the middle
//  95 % of the differences lie (Efron and Tibshirani 1993, chapter 13; Koehn 2004 for translations)

/// <summary>What a difference of two methods on the same data shows.</summary>
public enum PairedVerdict
{
    /// <summary>Chance alone may make such a difference.</summary>
    NoDifferenceShown,

    /// <summary>The first method is better.</summary>
    Better,

    /// <summary>The first method is worse.</summary>
    Worse,
}

/// <summary>The sums of two methods over one unit, such as a sentence: right labels, errors, nats.</summary>
/// <param name="First">Of the first method.</param>
/// <param name="Second">Of the second.</param>
/// <param name="Count">What both are divided by: steps, words, symbols.</param>
public readonly record struct PairedSums(double First, double Second, double Count);

/// <summary>Two methods measured on the same data: their difference, how far chance may move it, and what that shows.</summary>
/// <param name="Difference">The measure of the first method less that of the second.</param>
/// <param name="Low">Where the 95 % interval of the difference begins; NaN where there are too few units to say.</param>
/// <param name="High">Where it ends.</param>
/// <param name="P">McNemar's exact p, of methods that are right or wrong on each of some examples; null: of other measures.</param>
/// <param name="Verdict">What it shows, at the level of 95 %.</param>
public sealed record PairedTest(double Difference, double Low, double High, double? P, PairedVerdict Verdict)
{
    private const int Replicates = 2000, FewestUnits = 5;
    private const double Level = 0.05;

    /// <summary>The verdict in words: <c>better</c>, <c>worse</c>, <c>no difference shown</c>.</summary>
    public string Word => Verdict switch
    {
        PairedVerdict.Better => "better",
        PairedVerdict.Worse => "worse",
        _ => "no difference shown",
    };

    /// <summary>Of two methods that are right or wrong on each of some examples that do not depend on each other.</summary>
    /// <param name="first">Whether the first is right on each.</param>
    /// <param name="second">Whether the second is.</param>
    /// <exception cref="ArgumentException">They are not as many.</exception>
    public static PairedTest OfRight(IReadOnlyList<bool> first, IReadOnlyList<bool> second)
    {
        if (first.Count != second.Count) throw new ArgumentException($"expected pairs, got {first.Count} and {second.Count}", nameof(second));
        int only = first.Zip(second).Count(pair => pair is (true, false)), other = first.Zip(second).Count(pair => pair is (false, true));
        double p = McNemar(only, other);
        PairedTest test = OfSums([.. first.Zip(second, (a, b) => new PairedSums(a ? 1 : 0, b ? 1 : 0, 1))], largerIsBetter: true);
        return test with
        {
            P = p, Verdict = p >= Level ? PairedVerdict.NoDifferenceShown : only > other ? PairedVerdict.Better : PairedVerdict.Worse,
        };
    }

    /// <summary>Of two methods whose measure is a ratio of sums: errors over words, right labels over steps, nats over symbols.</summary>
    /// <param name="units">What does not depend on each other: sentences, recordings, blocks of a text.</param>
    /// <param name="largerIsBetter">Whether the larger measure is the better one.</param>
    public static PairedTest OfSums(IReadOnlyList<PairedSums> units, bool largerIsBetter) => Of(units.Count, drawn =>
    {
        double difference = 0, count = 0;
        foreach (int i in drawn)
        {
            difference += units[i].First - units[i].Second;
            count += units[i].Count;
        }
        return count > 0 ? difference / count : 0;
    }, largerIsBetter);

    /// <summary>Of two methods with any measure of a set of units, such as BLEU.</summary>
    /// <param name="units">How many units there are.</param>
    /// <param name="difference">The measure of the first method less that of the second on some of the units, given by number, with repetitions.
    /// </param>
    /// <param name="largerIsBetter">Whether the larger measure is the better one.</param>
    public static PairedTest Of(int units, Func<int[], double> difference, bool largerIsBetter)
    {
        int[] drawn = [.. Enumerable.Range(0, units)];
        double whole = units == 0 ? double.NaN : difference(drawn);
        if (units < FewestUnits) return new(whole, double.NaN, double.NaN, null, PairedVerdict.NoDifferenceShown);
        double[] differences = new double[Replicates];
        Rng random = new Rng(1).For("paired test");
        for (int r = 0; r < Replicates; r++)
        {
            Rng own = random.At((ulong)r);
            for (int i = 0; i < units; i++) drawn[i] = own.Below(units, (ulong)i);
            differences[r] = difference(drawn);
        }
        Array.Sort(differences);
        (double low, double high) = (differences[(int)(Level / 2 * Replicates)], differences[(int)((1 - Level / 2) * Replicates) - 1]);
        bool above = low > 0, below = high < 0;
        return new(whole, low, high, null, !above && !below ? PairedVerdict.NoDifferenceShown
            : above == largerIsBetter ? PairedVerdict.Better : PairedVerdict.Worse);
    }

    /// <summary>The exact probability of so uneven a split, or a more uneven one, if both ways are as likely.</summary>
    /// <param name="b">Pairs on which only the first method is right.</param>
    /// <param name="c">Pairs on which only the second is.</param>
    public static double McNemar(int b, int c)
    {
        int n = b + c;
        double log = -n * Math.Log(2), sum = 0;                              // ln C(n, i) / 2ⁿ
        for (int i = 0; i <= Math.Min(b, c); i++)
        {
            sum += Math.Exp(log);
            log += Math.Log(n - i) - Math.Log(i + 1);
        }
        return Math.Min(1, 2 * sum);
    }

    /// <summary>
    /// The difference, its interval and the verdict in a few words: <c>+1.2, 95 % −0.3 … +2.7, McNemar p 0.13: no difference shown</c>.
    /// </summary>
    /// <param name="scale">What the difference is multiplied by: 100 for percentage points.</param>
    public string ToText(double scale = 1) => double.IsNaN(Low) ? $"{Signed(scale * Difference)}, too few to say more"
        : $"{Signed(scale * Difference)}, 95 % {Signed(scale * Low)} … {Signed(scale * High)}" +
            $"{(P is { } p ? $", McNemar p {(p < 0.001 ? "< 0.001" : p.ToString("0.###", CultureInfo.InvariantCulture))}" : "")}: {Word}";

    private static string Signed(double value) => (value == 0 ? 0 : value).ToString(Math.Abs(value) < 0.1 ? "+0.###;−0.###;0" : "+0.##;−0.##;0",
        CultureInfo.InvariantCulture);
}
