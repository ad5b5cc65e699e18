using System.Text;
using System.Text.Json;
using Unroll.Tasks.Shared;

namespace Unroll.Serving.Tests.Fixtures;

/// <summary>A session of the task itself, with nobody beside it: what a served one has to equal to the bit.</summary>
internal sealed class Alone(TaskCase task)
{
    private readonly ITaskSession _session = task.Model.NewSession(task.Options.Settings)!;

    public long Position { get; private set; }

    /// <summary>The answers to a list of steps, as a server sends them.</summary>
    public string Take(string steps)
    {
        using JsonDocument document = JsonDocument.Parse(steps);
        List<string> answers = [];
        foreach (JsonElement step in document.RootElement.EnumerateArray())
        {
            answers.Add(_session.Step(step).ToJson());
            Position++;
        }
        return $"[{string.Join(',', answers)}]";
    }

    public static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);
}
