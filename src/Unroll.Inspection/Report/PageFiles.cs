namespace Unroll.Inspection.Report;

/// <summary>The files that reports are made of, for a page of another kind that is to look and sound like them.</summary>
public static class PageFiles
{
    /// <summary>The style of reports, as CSS.</summary>
    public static Stream Style() => PageResources.Open("report.css");

    /// <summary>What draws charts, a script: <c>unrollCharts</c>. It needs <see cref="CompressedECharts"/> before it.</summary>
    public static Stream Charts() => PageResources.Open("charts.js");

    /// <summary>What plays notes by Web Audio, a script: <c>unrollPlayer</c>.</summary>
    public static Stream Player() => PageResources.Open("player.js");

    /// <summary>Apache ECharts (Apache License 2.0) as it is vendored: a script, gzipped.</summary>
    public static Stream CompressedECharts() => PageResources.Open("echarts.min.js.gz");
}
