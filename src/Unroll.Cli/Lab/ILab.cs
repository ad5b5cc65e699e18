using System.CommandLine;

namespace Unroll.Cli.Lab;

/// <summary>One experiment of <c>unroll lab</c>: it measures what the study notes claim and says whether the figures confirm it.</summary>
internal interface ILab
{
    /// <summary>As typed: <c>vanish</c>.</summary>
    string Name { get; }

    /// <summary>One sentence: what is measured.</summary>
    string Summary { get; }

    /// <summary>The claims of the study notes that it tests (docs/notes-index.md): <c>S07–S11</c>.</summary>
    string Notes { get; }

    /// <summary>Adds the experiment's own options; the shared ones have been added already.</summary>
    void AddTo(Command command);

    /// <summary>Runs the experiment. The same seed gives the same digits for every number of threads.</summary>
    /// <param name="parsed">The options of <see cref="AddTo"/>.</param>
    /// <param name="run">The inputs of every experiment.</param>
    /// <exception cref="OperationCanceledException">A stop was requested; see <see cref="LabRun.Progress"/>.</exception>
    LabResult Run(ParseResult parsed, LabRun run);
}
