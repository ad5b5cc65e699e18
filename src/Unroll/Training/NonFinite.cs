using System.Globalization;
using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Training;

/// <summary>What happens when a loss or a gradient is NaN or infinite. The weights are never updated with it.</summary>
public enum NonFinitePolicy
{
    /// <summary>Training ends with an error that names the place.</summary>
    Stop,

    /// <summary>The batch is passed over; the step is reported with its fault.</summary>
    SkipBatch,

    /// <summary>
    /// Training goes on from the last checkpoint at the beginning of an epoch, with the learning rate halved (the same rate would lead to
    /// the same fault). After five times it ends with the error.
    /// </summary>
    RestoreLastCheckpoint,
}

/// <summary>Says in one line what is not finite, and where.</summary>
/// <remarks>Epochs and batches are counted from 1 here, steps from 0 as everywhere.</remarks>
internal static class Fault
{
    /// <summary>A loss: <c>step 12 (epoch 1, batch 3): the loss is NaN at sequence 3, step 17</c>.</summary>
    public static string OfLoss(TrainingPlace place, double loss, string? where) => $"{Of(place)}: the loss is {Text(loss)}{At(where)}";

    /// <summary>
    /// A gradient: <c>step 12 (epoch 1, batch 3): the gradient of 'encoder.weight_hh_l0' [256, 64] is NaN at [70, 3] (gate f, unit 6)</c>.
    /// </summary>
    /// <param name="place">Which batch.</param>
    /// <param name="parameters">Whose gradients; at least one is not finite.</param>
    /// <param name="gatesOf">The gates whose rows a parameter stacks, or null.</param>
    /// <param name="where">What the objective can say.</param>
    public static string OfGradient(TrainingPlace place, ParameterStore parameters, Func<Parameter, string?> gatesOf, string? where)
    {
        foreach (Parameter parameter in parameters.All)
        {
            int at = Reduce.IndexOfNonFinite(parameter.Gradients);
            if (at < 0) continue;
            string gate = Gate(parameter, at, gatesOf(parameter));
            return $"{Of(place)}: the gradient of '{parameter.Name}' [{Join(parameter.Shape)}] is {Text(parameter.Gradients[at])} "
                + $"at [{Join(Indices(parameter.Shape, at))}]{gate}{At(where)}";
        }
        throw new ArgumentException("every gradient is finite", nameof(parameters));
    }

    private static string Of(TrainingPlace place) =>
        string.Create(CultureInfo.InvariantCulture, $"step {place.Step} (epoch {place.Epoch + 1}, batch {place.Batch + 1})");

    private static string At(string? where) => where is null ? "" : $", first at {where}";

    private static string Text(double value) => double.IsNaN(value) ? "NaN" : value > 0 ? "+infinity" : "-infinity";

    private static string Join(ReadOnlySpan<int> numbers) => string.Join(", ", numbers.ToArray());

    private static int[] Indices(ReadOnlySpan<int> shape, int at)
    {
        int[] indices = new int[shape.Length];
        for (int axis = shape.Length - 1; axis >= 0; at /= shape[axis--]) indices[axis] = at % shape[axis];
        return indices;
    }

    // Gates are stacked along the first extent, units within a gate.
    private static string Gate(Parameter parameter, int at, string? gates)
    {
        if (string.IsNullOrEmpty(gates) || parameter.Shape.Length == 0 || parameter.Shape[0] % gates.Length != 0) return "";
        int units = parameter.Shape[0] / gates.Length, row = at / (parameter.Length / parameter.Shape[0]);
        return string.Create(CultureInfo.InvariantCulture, $" (gate {gates[row / units]}, unit {row % units})");
    }
}
