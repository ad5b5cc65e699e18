using Unroll.Inspection.Flow;

namespace Unroll.Inspection;

/// <summary>How much one output depended on each step of the input: one row of a <see cref="DependencyMap"/>.</summary>
public sealed class Saliency
{
    internal Saliency(DependencyMap map, int row, string label) => (Row, Label, Values) = (map.Rows[row], label, map.Values[row]);

    /// <summary>The output row.</summary>
    public int Row { get; }

    /// <summary>What the output row is called.</summary>
    public string Label { get; }

    /// <summary>[steps]: ‖∂L/∂x⟨k⟩‖, with L the loss of that row.</summary>
    public IReadOnlyList<double> Values { get; }

    /// <summary>The steps that count most, the first of all first, with their share of the sum of all values.</summary>
    /// <param name="count">How many at most.</param>
    public IReadOnlyList<(int Step, double Share)> Largest(int count)
    {
        double sum = Values.Sum();
        return sum > 0 && double.IsFinite(sum)
            ? [.. Enumerable.Range(0, Values.Count).Where(k => Values[k] > 0).OrderByDescending(k => Values[k]).Take(count).Select(k =>
                (k, Values[k] / sum))]
            : [];
    }

    /// <summary>The last step that the output depended on at all: its own, or, of a network that reads ahead, a later one.</summary>
    public int Last
    {
        get
        {
            int last = Values.Count - 1;
            while (last > 0 && Values[last] == 0) last--;
            return last;
        }
    }

    /// <summary>How many steps, counted back from <see cref="Last"/> and with it, have that share of the sum of all values.</summary>
    /// <param name="share">0 … 1.</param>
    public int Reach(double share)
    {
        double sum = Values.Sum(), kept = 0;
        for (int k = Last; k >= 0; k--)
            if ((kept += Values[k]) >= share * sum) return Last - k + 1;
        return Last + 1;
    }
}
