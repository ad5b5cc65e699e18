using System.Globalization;
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

    /// <summary>The cell of a run, which must be in the catalog.</summary>
    /// <exception cref="OptionException">It is not.</exception>
    internal static void Cell(TaskOptions options, CellCatalog? cells)
    {
        IReadOnlyList<string> kinds = (cells ?? CellCatalog.BuiltIn).Kinds;
        if (kinds.Contains(options.Cell)) return;
        string question = NearestName.Of(options.Cell, kinds) is { } near ? $" (did you mean '{near}'?)" : "";
        throw new OptionException("cell", $"there is no '{options.Cell}'{question}; expected one of {string.Join(", ", kinds)}.");
    }

    /// <summary>That a run trains one model.</summary>
    /// <exception cref="OptionException">The options ask for one of each fold.</exception>
    internal static void OneModel(TaskOptions options)
    {
        if (options.CrossValidate)
            throw new OptionException("cross-validate", "a run trains one model; ask the task for its folds and begin a run for each.");
    }

    /// <summary>That a run which trains a model on leaves the model as it is; what the options do not say is the model's.</summary>
    /// <exception cref="OptionException">An option would change it.</exception>
    internal static void KeepsModel(IOptionTable table, TaskOptions model, TaskOptions asked)
    {
        foreach ((OptionLine option, string has, string wanted) in table.ChangesOfModel(model, asked))
            if (wanted.Length > 0)
                throw new OptionException(option.Name, $"the model has {(has.Length > 0 ? has : "none")} and it cannot be changed by training on, " +
                    $"got {wanted}; leave it out, or train a new model.");
    }

    internal static int Between(int least, int most, int value, string option) =>
        value >= least && value <= most ? value
            : throw new UserErrorException($"{option}: expected a whole number from {least} to {most}, got {value}.");

    internal static double Between(double least, double most, double value, string option) =>
        value >= least && value <= most
            ? value
            : throw new UserErrorException(string.Create(CultureInfo.InvariantCulture,
                $"{option}: expected a number from {least} to {most}, got {value}."));

    /// <summary>Two shares of the data: to train on, above 0, and to validate on; the rest tests.</summary>
    internal static IReadOnlyList<double> Shares(IReadOnlyList<double> value, string example) =>
        value.Count == 2 && value[0] > 0 && value[1] >= 0 && value[0] + value[1] <= 1 + 1e-9
            ? value
            : throw new UserErrorException($"split: expected the shares to train on and to validate on, such as {example}, together at most 1, " +
                $"got {string.Join(',', value)}.");
}
