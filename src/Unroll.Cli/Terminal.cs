using Unroll.Tasks.Data;

namespace Unroll.Cli;

/// <summary>Where a command reads and writes.</summary>
/// <param name="OpenIn">Opens standard input: asked for when it is read, because few commands read it.</param>
/// <param name="Out">Results.</param>
/// <param name="Error">Progress, notes and errors.</param>
/// <param name="Live">Whether a person watches: then progress is a moving bar, else plain lines.</param>
internal sealed record Terminal(Func<Stream> OpenIn, TextWriter Out, TextWriter Error, bool Live)
{
    /// <summary>The files of the disk, and standard input as <c>-</c>.</summary>
    internal DataFiles Files() => DataFiles.Disk.With(DataFiles.StandardInput, OpenIn);
}
