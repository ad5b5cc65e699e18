using Unroll.Core;
using Unroll.Tasks.Data.Tables;

namespace Unroll.Tasks.Data.TimeSeries;

/// <summary>What is done to a target column before it is standardized.</summary>
public enum TransformKind
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>z_t = ln y_t; for values above 0 whose swings grow with their level.</summary>
    Log,

    /// <summary>z_t = y_t − y₋; for a level that wanders.</summary>
    Difference,

    /// <summary>z_t = ln y_t − ln y₋: growth rates.</summary>
    LogDifference,
}

/// <summary>A transform of one column and its inverse; part of a forecasting model's description.</summary>
/// <param name="Kind">Which transform.</param>
public sealed record Transform(TransformKind Kind)
{
    /// <summary>How many rows at the start have no transformed value: 1 for differences, else 0.</summary>
    public int Lost => Kind is TransformKind.Difference or TransformKind.LogDifference ? 1 : 0;

    private bool Logarithmic => Kind is TransformKind.Log or TransformKind.LogDifference;

    /// <summary>The transform by the word of the command line: <c>none</c>, <c>log</c>, <c>difference</c>, <c>log-difference</c>.</summary>
    /// <param name="word">What was typed.</param>
    /// <exception cref="UserErrorException">It is no such word.</exception>
    public static Transform Parse(string word) => new(word switch
    {
        "none" => TransformKind.None,
        "log" => TransformKind.Log,
        "difference" => TransformKind.Difference,
        "log-difference" => TransformKind.LogDifference,
        _ => throw new UserErrorException($"There is no transform '{Table.Shorten(word)}'" +
            $"{(NearestName.Of(word, Words) is { } near ? $" (did you mean '{near}'?)" : "")}; there are: {string.Join(", ", Words)}."),
    });

    /// <summary>The word that <see cref="Parse"/> reads.</summary>
    public string Word => Words[(int)Kind];

    /// <summary>The words, in the order of <see cref="TransformKind"/>.</summary>
    public static IReadOnlyList<string> Words { get; } = ["none", "log", "difference", "log-difference"];

    /// <summary>The transformed column; element i stands for row i + <see cref="Lost"/>.</summary>
    /// <param name="values">The column, without missing values.</param>
    /// <param name="where">Names a row in errors, for instance by <see cref="Series.Where"/>.</param>
    /// <returns>[values.Length − Lost], a new array.</returns>
    /// <exception cref="UserErrorException">A value is not above 0 and its logarithm is asked for.</exception>
    public float[] Apply(ReadOnlySpan<float> values, Func<int, string> where)
    {
        float[] result = new float[Math.Max(0, values.Length - Lost)];
        for (int row = 0; row < values.Length; row++)
        {
            if (Logarithmic && !(values[row] > 0))
                throw new UserErrorException($"{where(row)}: expected a value above 0 because of the transform '{Word}', found {values[row]:G7}; " +
                    "choose the transform none or difference.");
            if (row < Lost) continue;
            double z = Level(values[row]);
            result[row - Lost] = (float)(Lost == 0 ? z : z - Level(values[row - 1]));
        }
        return result;
    }

    //  none: y = z     log: y = exp z     difference: y_h = y_0 + Σ z     log-difference: y_h = y_0 · exp Σ z
    /// <summary>Undoes the transform of a forecast: the values of the steps 1 … h after the last observed one.</summary>
    /// <param name="transformed">[h], as a model forecasts them.</param>
    /// <param name="last">The last observed value, untransformed; used by the differences alone.</param>
    /// <param name="values">[h]; overwritten; may be <paramref name="transformed"/> itself.</param>
    /// <remarks>
    /// Monotone in every element, so that quantiles go to quantiles. Quantiles of differences summed over several steps assume that errors go
    /// all one way, and make intervals too wide rather than too narrow.
    /// </remarks>
    public void Invert(ReadOnlySpan<float> transformed, float last, Span<float> values)
    {
        double sum = Lost == 0 ? 0 : Level(last);
        for (int step = 0; step < transformed.Length; step++)
        {
            sum = Lost == 0 ? transformed[step] : sum + transformed[step];
            values[step] = (float)(Logarithmic ? Math.Exp(sum) : sum);
        }
    }

    private double Level(float value) => Logarithmic ? Math.Log(value) : value;
}
