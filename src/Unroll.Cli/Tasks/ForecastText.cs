using Unroll.Tasks.Forecast;

namespace Unroll.Cli.Tasks;

/// <summary>A forecasting model in words.</summary>
internal static class ForecastText
{
    internal static IEnumerable<string> Lines(ForecastModel model)
    {
        ForecastDescription d = model.Description;
        ForecastOptions o = d.Options;
        foreach (ForecastColumn c in d.Columns)
            yield return $"column {c.Name}: transform {c.Transform.Word}, the network corrects the forecast '{Anchors.Words[(int)c.Anchor]}'";
        if (d.Inputs.Count > 0) yield return $"seen, not forecast: {string.Join(", ", d.Inputs.Select(i => i.Column))}";
        if (d.Known.Count > 0) yield return $"known in the future: {string.Join(", ", d.Known.Select(k => k.Column))}";
        yield return $"step {d.Axis.Step}, season {(d.Season > 1 ? d.Season : "none")}, window {d.Window}, horizon {d.Horizon}, loss {o.Loss}";
        yield return $"network: {Count(d.Features, "feature")}, {o.Layers} × {o.Cell} of {o.Hidden}{(o.Bidirectional ? ", both directions" : "")}, " +
            $"{Count(model.Network.OutputSize, "output")}, {model.Network.Parameters.Length:N0} weights";
        if (o.Bptt.Count > 0) yield return $"trained through whole series: an update every {o.Bptt[0]} steps, through {o.Bptt[1]} steps";
    }

    private static string Count(int n, string what) => n == 1 ? $"1 {what}" : $"{n} {what}s";
}
