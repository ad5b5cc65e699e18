using System.CommandLine;
using System.Text;
using System.Text.Json;
using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Cli;

/// <summary>Options that several commands share, and how commands end.</summary>
/// <param name="terminal">Where to write.</param>
internal sealed class CommonOptions(Terminal terminal)
{
    private readonly Option<int?> _threads = Opt.Int("--threads", "N",
        "threads (default: depends on the amount of work, at most one per core); changes no bit of any result");

    private readonly Option<bool> _json = Opt.Bool("--json", "print one line with a JSON object to standard output; everything else goes to "
        + "standard error");

    internal Argument<string> Model { get; } = new("MODEL") { Description = "a model file written by a training run: runs/NAME/model.safetensors" };

    internal Command AddTo(Command command, bool threads = true)
    {
        if (threads) command.Add(_threads);
        command.Add(_json);
        return command;
    }

    internal bool IsJson(ParseResult parsed) => parsed.GetValue(_json);

    /// <summary>Where text output goes.</summary>
    internal TextWriter Lines(ParseResult parsed) => IsJson(parsed) ? terminal.Error : terminal.Out;

    /// <summary>As many threads as were asked for; otherwise those of <see cref="ThreadTeam.Default"/>, which go by the size of the work.</summary>
    /// <param name="parsed">The command.</param>
    /// <param name="most">How many at most where none were asked for; null: as many as there are cores.</param>
    internal ThreadTeam Team(ParseResult parsed, int? most = null) => parsed.GetValue(_threads) switch
    {
        null => most is { } few ? new ThreadTeam(few) { MinimumPerWorker = ThreadTeam.LargeShare } : ThreadTeam.Default,
        >= 1 and <= 1024 and { } threads => new ThreadTeam(threads),
        { } threads => throw new UserErrorException($"--threads: expected a whole number from 1 to 1024, got {threads}."),
    };

    /// <summary>Writes the object, on one line.</summary>
    internal void WriteJson(ParseResult parsed, Action<Utf8JsonWriter> members)
    {
        if (!IsJson(parsed)) return;
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }
        terminal.Out.WriteLine(Encoding.UTF8.GetString(bytes.ToArray()));
    }
}
