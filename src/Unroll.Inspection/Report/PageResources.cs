using System.IO.Compression;

namespace Unroll.Inspection.Report;

/// <summary>The files that every page carries; they lie in the assembly.</summary>
internal static class PageResources
{
    public static string Style() => Read("report.css");

    /// <summary>What draws charts.</summary>
    public static string ChartScript() => Read("charts.js");

    public static string Script() => Read("report.js");

    /// <summary>What plays notes.</summary>
    public static string Player() => Read("player.js");

    /// <summary>What plays the piano rolls of a report.</summary>
    public static string Roll() => Read("roll.js");

    /// <summary>What computes live cells.</summary>
    public static string LiveCell() => Read("cell.js");

    /// <summary>Apache ECharts, which lies compressed in the assembly (see vendor/package.json).</summary>
    public static void CopyCharts(TextWriter output)
    {
        using GZipStream plain = new(Open("echarts.min.js.gz"), CompressionMode.Decompress);
        using StreamReader reader = new(plain);
        char[] buffer = new char[1 << 14];
        for (int count; (count = reader.Read(buffer)) > 0;) output.Write(buffer, 0, count);
        output.Write('\n');
    }

    private static string Read(string name)
    {
        using StreamReader reader = new(Open(name));
        return reader.ReadToEnd();
    }

    internal static Stream Open(string name) =>
        typeof(PageResources).Assembly.GetManifestResourceStream("Unroll.Report." + name)
        ?? throw new InvalidOperationException($"the assembly was built without its resource '{name}'");
}
