using Unroll.Cells;
using Unroll.Core;

namespace Unroll.Tasks.Shared;

/// <summary>Checks of options where they are set; each returns the value it was given.</summary>
internal static class Check
{
    internal static string OneOf(IReadOnlyList<string> words, string value, string option)
    {
        if (words.Contains(value)) return value;
        string question = NearestName.Of(value, words) is { } near ? $" (did you mean '{near}'?)" : "";
        throw new UserErrorException($"{option}: there is no '{value}'{question}; expected one of {string.Join(", ", words)}.");
    }

    /// <summary>The options of a run with its cell settled (<see cref="CellChoice.Settled"/>).</summary>
    /// <exception cref="OptionException">There is no such cell.</exception>
    internal static TOptions Cell<TOptions>(TOptions options, CellCatalog? cells) where TOptions : TaskOptions
    {
        try
        {
            string settled = CellChoice.Settled(options.Cell, cells);
            return settled == options.Cell ? options : (TOptions)(options with { Cell = settled });
        }
        catch (UserErrorException e)
        {
            throw new OptionException("cell", e.Message.StartsWith("cell: ", StringComparison.Ordinal) ? e.Message["cell: ".Length..] : e.Message);
        }
    }

    /// <summary>That a run trains one model.</summary>
    /// <exception cref="OptionException">The options ask for one of each fold.</exception>
    internal static void OneModel(TaskOptions options)
    {
        if (options.CrossValidate)
            throw new OptionException("cross-validate", "a run trains one model; ask the task for its folds and begin a run for each.");
    }

    internal static int Between(int min, int max, int value, string option) =>
        value >= min && value <= max ? value
            : throw new UserErrorException($"{option}: expected a whole number from {min} to {max}, got {value}.");
}
