using System.CommandLine;

namespace Unroll.Cli.Lab;

/// <summary>One experiment of <c>unroll lab</c>: it measures what the notes claim and says whether the figures bear it out.</summary>
internal interface ILab
{
    /// <summary>As typed: <c>vanish</c>.</summary>
    string Name { get; }

    /// <summary>One sentence: what is measured.</summary>
    string Summary { get; }

    /// <summary>The notes that it tests: <c>S07–S11</c>.</summary>
    string Notes { get; }

    /// <summary>Adds the experiment's own options; those that all have are there already.</summary>
    void AddTo(Command command);

    /// <summary>Does the experiment. The same seed gives the same digits for every number of threads.</summary>
    /// <param name="parsed">The options of <see cref="AddTo"/>.</param>
    /// <param name="run">What every experiment is given.</param>
    /// <exception cref="OperationCanceledException">Someone asked to stop; see <see cref="LabRun.Progress"/>.</exception>
    LabResult Run(ParseResult parsed, LabRun run);
}
