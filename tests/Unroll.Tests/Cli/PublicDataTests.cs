using System.Text.Json;
using Unroll.Tests.Formats;

namespace Unroll.Tests.Cli;

/// <summary>
/// Series that may not be shipped with this repository. UNROLL_DATA names a folder; in its folder timeseries/ lie daily-min-temperatures.csv
/// (Melbourne, 1981 to 1990) and sunspots-monthly-silso.csv (SILSO, version 2.0), as their publishers give them.
/// </summary>
[Trait("Category", "Data")]
public sealed class PublicDataTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // Persistence one day ahead errs by 2.58 degrees (root mean square) on the last year: published, and 2.5 to 2.7 on the last tenth of ten years.
    [Fact]
    public void Melbournes_daily_temperatures_are_forecast_better_than_by_persistence()
    {
        JsonElement json = Train(Published("daily-min-temperatures.csv"), "--resample", "--missing", "interpolate", "--split", "0.8,0.1");
        Assert.InRange(json.GetProperty("persistence_rmse").GetDouble(), 2.5, 2.7);
        Assert.InRange(json.GetProperty("rmse").GetDouble(), 1.5, 0.92 * json.GetProperty("persistence_rmse").GetDouble());
        Assert.InRange(json.GetProperty("coverage").GetDouble(), 0.85, 0.95);
    }

    // Persistence errs by 25.3 on the last 649 months: published for this split.
    [Fact]
    public void The_monthly_sunspots_of_SILSO_are_forecast_better_than_by_persistence()
    {
        string[] months = File.ReadAllLines(Published("sunspots-monthly-silso.csv"));
        string table = _folder["silso.csv"];
        File.WriteAllLines(table,
            ["month,sunspots", .. months.Select(line => line.Split(';')).Select(part => $"{part[0]}-{part[1]},{part[3].Trim()}")]);
        JsonElement json = Train(table);
        Assert.InRange(json.GetProperty("persistence_rmse").GetDouble(), 25.2, 25.5);
        Assert.InRange(json.GetProperty("rmse").GetDouble(), 15, 0.92 * json.GetProperty("persistence_rmse").GetDouble());
        Assert.InRange(json.GetProperty("coverage").GetDouble(), 0.85, 0.95);
    }

    private JsonElement Train(string data, params string[] more)
    {
        CliRun run = CliRun.Of(["train", "forecast", "--data", data, "--runs", _folder["runs"], "--json", .. more]);
        Assert.True(run.Exit == 0, run.Error);
        return run.Json;
    }

    private static string Published(string name)
    {
        string? folder = Environment.GetEnvironmentVariable("UNROLL_DATA");
        Assert.SkipWhen(string.IsNullOrEmpty(folder), $"needs {name}: set UNROLL_DATA to the folder that has it in timeseries/");
        string path = Path.Combine(folder!, "timeseries", name);
        Assert.SkipUnless(File.Exists(path), $"there is no '{path}'");
        return path;
    }
}
