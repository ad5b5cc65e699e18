using System.Text.Json;
using Unroll.Core;

namespace Unroll.Tasks.Data.TimeSeries;

/// <summary>The whole way of one column from the file's numbers to a model's and back: transform, then standardize.</summary>
/// <param name="Transform">The transform, undone last.</param>
/// <param name="Standardizer">The standardization of the transformed values.</param>
public sealed record ColumnScaling(Transform Transform, Standardizer Standardizer)
{
    /// <summary>Transforms and standardizes a column; element i stands for row i + <c>Transform.Lost</c>.</summary>
    /// <param name="values">The column, without missing values.</param>
    /// <param name="where">Names a row in errors.</param>
    /// <returns>[values.Length − Transform.Lost], a new array.</returns>
    /// <exception cref="UserErrorException">A value is not above 0 and its logarithm is asked for.</exception>
    public float[] Apply(ReadOnlySpan<float> values, Func<int, string> where)
    {
        float[] scaled = Transform.Apply(values, where);
        Standardizer.Apply(scaled, scaled);
        return scaled;
    }

    /// <summary>Undoes both for a forecast of the steps 1 … h after the last observed value.</summary>
    /// <param name="forecast">[h], in a model's numbers.</param>
    /// <param name="last">The last observed value in the file's numbers.</param>
    /// <param name="values">[h], in the file's numbers; overwritten; may be <paramref name="forecast"/> itself.</param>
    public void Invert(ReadOnlySpan<float> forecast, float last, Span<float> values)
    {
        Standardizer.Invert(forecast, values);
        Transform.Invert(values[..forecast.Length], last, values);
    }

    /// <summary>The scaling as one JSON object; doubles are written so that they read back to the same bits.</summary>
    public string ToJson() => JsonText.Of(indented: false, members: json =>
    {
        json.WriteObject("transform", Transform, ScalingText.Write);
        json.WriteObject("standardiser", Standardizer, ScalingText.Write);
    });

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The text.</param>
    /// <exception cref="UserErrorException">It is no such object, or its deviation is not above 0.</exception>
    public static ColumnScaling FromJson(string json)
    {
        ColumnScaling read;
        try
        {
            read = JsonRecord.Read(json, r => new ColumnScaling(
                r.Object("transform", ScalingText.ReadTransform), r.Object("standardiser", ScalingText.ReadStandardizer)));
        }
        catch (JsonException e)
        {
            throw new UserErrorException($"The column scaling of the model cannot be read: {e.Message}.", e);
        }
        if (!(read.Standardizer.Deviation > 0) || !double.IsFinite(read.Standardizer.Mean))
            throw new UserErrorException("The column scaling of the model is incomplete: expected a transform, " +
                "a finite mean and a deviation above 0.");
        return read;
    }
}
