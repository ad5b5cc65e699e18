using Unroll.Core;
using Unroll.Tasks.Synthetic;

namespace Unroll.Cli.Lab.Zoo;

/// <summary>The tasks that cells are compared on: those of <c>lab memory</c>, a character model and a classification.</summary>
internal static class ZooTasks
{
    /// <summary>Letters of the copy problem.</summary>
    private const int Symbols = 3;

    /// <summary>The names that can be chosen.</summary>
    internal static IReadOnlyList<string> Names { get; } = [.. SequenceProblems.Names, "text", "opinions"];

    /// <summary>Those that are chosen where none are named.</summary>
    internal static IReadOnlyList<string> Chosen { get; } = ["adding", "copy", "recall", "running-parity", "text", "opinions"];

    /// <summary>A task at the length of the short or the long form.</summary>
    /// <exception cref="UserErrorException">There is no such task.</exception>
    internal static ISequenceProblem Make(string name, bool full) => name switch
    {
        "adding" => new AddingProblem(full ? 100 : 30),
        "copy" => new CopyMemory(full ? 10 : 4) { Symbols = Symbols },
        "recall" => new DelayedRecall(full ? 60 : 25),
        "running-parity" => new Parity(full ? 50 : 20) { EveryStep = true },
        "parity" => new Parity(full ? 12 : 6),
        "text" => new GeneratedText(full ? 60 : 30),
        "opinions" => new Opinions(full ? 4 : 2),
        _ => throw new UserErrorException($"--tasks: there is no '{name}'"
            + $"{NearestName.Question(name, Names, $"expected some of {string.Join(", ", Names)}.")}"),
    };
}
