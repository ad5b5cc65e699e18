namespace Unroll.Inspection;

//  what a unit remembers shrinks by the factor k⟨t⟩ at step t (LSTM: k = f, GRU: k = z); over many steps by e^(mean ln k) a step:
//  half-life = ln 2 ÷ −mean ln k

/// <summary>
/// After how many steps half of what a unit remembers is gone, by the gate that keeps it: f of an LSTM (S30), z of a GRU, or by the one that forgets.
/// It counts the direct path alone, c₋ → c or h₋ → h, not what passes through the gates.
/// </summary>
public sealed class MemoryHalfLife
{
    private readonly double[] _rates;                       // −mean ln k of each unit

    /// <summary>From the gate that keeps.</summary>
    /// <param name="gate">What multiplies the state: mostly of 0 … 1; of a negative value its size counts.</param>
    /// <param name="forgets">Whether 0 keeps all; else 1 does.</param>
    /// <param name="state">The state that it keeps.</param>
    internal MemoryHalfLife(GateTrace gate, bool forgets = false, string state = "h")
    {
        (Gate, State) = (gate.Name, state);
        _rates = [.. Enumerable.Range(0, gate.Units).Select(u => -gate.Values.Average(step => Math.Log(Math.Abs(forgets ? 1 - step[u] : step[u]))))];
        Units = [.. _rates.Select(FromRate)];
    }

    /// <summary>The gate that keeps or forgets: <c>f</c>, <c>z</c>.</summary>
    public string Gate { get; }

    /// <summary>The state that it keeps: <c>c</c>, <c>h</c>.</summary>
    public string State { get; }

    /// <summary>Steps, for each unit; infinite where all is kept at every step, 0 where it once is nothing.</summary>
    public IReadOnlyList<double> Units { get; }

    /// <summary>
    /// Steps, at the mean rate of all units: ln 2 ÷ −(mean of ln k over units and steps), the harmonic mean of <see cref="Units"/>.
    /// </summary>
    public double Mean => FromRate(_rates.Average());

    /// <summary>Steps: half of the units remember for longer.</summary>
    public double Median
    {
        get
        {
            double[] sorted = [.. Units.Order()];
            return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
        }
    }

    /// <summary>Steps: the unit that remembers longest.</summary>
    public double Longest => Units.Max();

    private static double FromRate(double rate) => Math.Log(2) / Math.Max(rate, 0);
}
