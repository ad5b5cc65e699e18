using System.CommandLine;
using System.Text.Json;
using Unroll.Numerics;

namespace Unroll.Cli;

/// <summary>One call of a verb on a model: what was typed, and where to write.</summary>
/// <param name="terminal">Where to read and write.</param>
/// <param name="common">Threads and JSON.</param>
/// <param name="parsed">What was typed.</param>
internal sealed class ModelCall(Terminal terminal, CommonOptions common, ParseResult parsed)
{
    /// <summary>The model file.</summary>
    internal string Path => parsed.GetValue(common.Model)!;

    internal Terminal Terminal => terminal;

    /// <summary>Standard input.</summary>
    internal TextReader In => terminal.In;

    /// <summary>Where lines for people go.</summary>
    internal TextWriter Lines => common.Lines(parsed);

    /// <summary>Whether standard output ends with an object.</summary>
    internal bool IsJson => common.IsJson(parsed);

    /// <summary>What was typed after an option; null where it was not.</summary>
    internal T? Get<T>(Option<T> option) => parsed.GetValue(option);

    internal ThreadTeam Team() => common.Team(parsed);

    /// <summary>Writes the object, on one line, where it is asked for.</summary>
    internal void WriteJson(Action<Utf8JsonWriter> members) => common.WriteJson(parsed, members);
}
