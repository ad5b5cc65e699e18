using System.Text.Json;
using Unroll.Core;

namespace Unroll.Tasks.Data.TimeSeries;

/// <summary>
/// The JSON of transforms, standardizations and time axes: parts of a forecasting model's description. Some members are there for people.
/// </summary>
internal static class ScalingText
{
    internal static void Write(Utf8JsonWriter json, Transform transform)
    {
        json.WriteString("kind", transform.Kind.ToString());
        json.WriteNumber("lost", transform.Lost);
        json.WriteString("word", transform.Word);
    }

    internal static Transform ReadTransform(JsonRecord json)
    {
        json.Ignore("lost");
        json.Ignore("word");
        return new Transform(json.Choice<TransformKind>("kind"));
    }

    internal static void Write(Utf8JsonWriter json, Standardizer standardizer)
    {
        json.WriteString("column", standardizer.Column);
        json.WriteNumber("mean", standardizer.Mean);
        json.WriteNumber("deviation", standardizer.Deviation);
        json.WriteBoolean("constant", standardizer.Constant);
        if (standardizer.Minimum is { } minimum) json.WriteNumber("minimum", minimum);
        if (standardizer.Maximum is { } maximum) json.WriteNumber("maximum", maximum);
        json.WriteUnlessNull("note", standardizer.Note);
    }

    internal static Standardizer ReadStandardizer(JsonRecord json)
    {
        json.Ignore("note");
        return new Standardizer(json.Text("column"), json.Real("mean"), json.Real("deviation"), json.Flag("constant", false))
        {
            Minimum = json.Absent("minimum") ? null : json.Real("minimum"), Maximum = json.Absent("maximum") ? null : json.Real("maximum"),
        };
    }

    internal static void Write(Utf8JsonWriter json, TimeAxis axis)
    {
        json.WriteString("kind", axis.Kind.ToString());
        json.WriteObject("step", axis.Step, Write);
        json.WriteNumber("month-day", axis.MonthDay);
    }

    internal static TimeAxis ReadAxis(JsonRecord json) =>
        new(json.Choice<TimeKind>("kind"), json.Object("step", ReadStep), json.Between("month-day", 0, 31, 0));

    private static void Write(Utf8JsonWriter json, TimeStep step)
    {
        json.WriteNumber("count", step.Count);
        json.WriteString("unit", step.Unit.ToString());
        json.WriteNumber("season", step.Season);
    }

    private static TimeStep ReadStep(JsonRecord json)
    {
        json.Ignore("season");
        return new TimeStep(json.RealBetween("count", 1e-12, 1e12), json.Choice<TimeUnit>("unit"));
    }
}
