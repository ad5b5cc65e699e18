namespace Unroll.Cells;

/// <summary>Which parameters of a layer have rows gate by gate.</summary>
internal static class StackedParameters
{
    private static readonly string[] s_every = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"];

    /// <summary>Whether a parameter stacks the cell's gates.</summary>
    /// <param name="cell">The layer's cell.</param>
    /// <param name="parameter">The whole name: <c>encoder.weight_ih_l0_reverse</c>.</param>
    /// <param name="prefix">The layer's name and a dot.</param>
    public static bool IsStacked(this ICell cell, string parameter, string prefix)
    {
        foreach (string stem in s_every)
            if (parameter.StartsWith($"{prefix}{stem}_l", StringComparison.Ordinal)) return true;
        return cell is IRowCell rows
            && rows.Parameters.Any(own => own.PerGate && parameter.StartsWith($"{prefix}{own.Name}_l", StringComparison.Ordinal));
    }
}
