using System.Text;
using System.Text.Json;
using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Cli.Bench;

/// <summary>Where results go: lines of a table, or a JSON object a line.</summary>
/// <param name="Writer">Receives them, each when it is known.</param>
/// <param name="Json">Which of the two.</param>
/// <param name="Threads">Of the team.</param>
internal sealed record BenchOutput(TextWriter Writer, bool Json, int Threads)
{
    private static string Version => typeof(SequenceLayout).Assembly.GetName().Version?.ToString(3) ?? "";

    /// <summary>The head of a table.</summary>
    internal void Head(string text)
    {
        if (!Json) Writer.WriteLine(text);
    }

    /// <summary>A result.</summary>
    /// <param name="workload">Its name.</param>
    /// <param name="text">As a line of a table.</param>
    /// <param name="members">As the members of an object that come after engine, version, threads, path of the kernels and workload.</param>
    internal void Line(string workload, string text, Action<Utf8JsonWriter> members)
    {
        Writer.WriteLine(Json ? Object(workload, members) : text);
        Writer.Flush();
    }

    private string Object(string workload, Action<Utf8JsonWriter> members)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartObject();
            json.WriteString("engine", "unroll");
            json.WriteString("version", Version);
            json.WriteNumber("threads", Threads);
            json.WriteString("path", Hardware.Path);
            json.WriteString("workload", workload);
            members(json);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.ToArray());
    }
}
