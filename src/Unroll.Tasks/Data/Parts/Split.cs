using Unroll.Core;

namespace Unroll.Tasks.Data.Parts;

/// <summary>A chronological split of a series: the first rows to train, the next to validate, the last to test.</summary>
/// <param name="Train">Rows 0 … Train − 1.</param>
/// <param name="Validation">The rows after them; 0 or more.</param>
/// <param name="Test">The last rows; 0 or more.</param>
public readonly record struct Split(int Train, int Validation, int Test)
{
    /// <summary>The number of rows.</summary>
    public int Length => Train + Validation + Test;

    /// <summary>The rows to train on.</summary>
    public Range TrainRows => ..Train;

    /// <summary>The rows to validate on.</summary>
    public Range ValidationRows => Train..(Train + Validation);

    /// <summary>The rows to test on.</summary>
    public Range TestRows => (Train + Validation)..Length;

    /// <summary>Splits by shares; each part is rounded, and the test part takes what is left.</summary>
    /// <param name="length">The rows there are.</param>
    /// <param name="train">The share to train on, above 0.</param>
    /// <param name="validation">The share to validate on, 0 or more.</param>
    /// <exception cref="UserErrorException">The shares are not in range or add up to more than 1.</exception>
    public static Split ByShare(int length, double train = 0.7, double validation = 0.15)
    {
        if (!(train > 0 && validation >= 0 && train + validation <= 1 + 1e-9))
            throw new UserErrorException($"The shares to train on ({train:G4}) and to validate on ({validation:G4}) must be " +
                "above 0, at least 0, and together at most 1.");
        int first = (int)Math.Round(train * length), second = Math.Min((int)Math.Round((train + validation) * length), length);
        return new Split(first, second - first, length - second);
    }

    /// <summary>Splits by counts, from the end: the last rows test, those before them validate, the rest trains.</summary>
    /// <param name="length">The rows there are.</param>
    /// <param name="validation">How many to validate on.</param>
    /// <param name="test">How many to test on.</param>
    /// <exception cref="UserErrorException">A count is negative, or no row is left to train on.</exception>
    public static Split ByCount(int length, int validation, int test)
    {
        if (validation < 0 || test < 0)
            throw new UserErrorException($"The rows to validate on ({validation}) and to test on ({test}) must be at least 0.");
        if ((long)validation + test >= length)
            throw new UserErrorException(
                $"The series has {length} rows, and {validation} to validate on and {test} to test on leave none to train on; " +
                "ask for fewer, or give more data.");
        return new Split(length - validation - test, validation, test);
    }

    /// <summary>Checks that each part that is not empty holds at least one example.</summary>
    /// <param name="window">Input steps of an example; at least 1.</param>
    /// <param name="horizon">Steps to forecast; at least 1.</param>
    /// <param name="what">The series as errors name it: <c>"sales.csv, series 'b'"</c>.</param>
    /// <exception cref="UserErrorException">A part is too short.</exception>
    /// <remarks>
    /// Training needs window + horizon rows of its own. Validation and test need only horizon rows, since their inputs may reach back into the
    /// part before: those values are known by then.
    /// </remarks>
    public void Check(int window, int horizon, string what)
    {
        if (Problem(window, horizon, what) is { } problem) throw new UserErrorException(problem);
    }

    /// <summary>What <see cref="Check"/> refuses, in a sentence; null: nothing.</summary>
    internal string? Problem(int window, int horizon, string what)
    {
        if (Train < (long)window + horizon)
            return $"{what}: the training part has {Train} of {Length} rows, and one example needs {(long)window + horizon} " +
                $"(window {window} + horizon {horizon}); choose a shorter window or horizon, or give more data.";
        return Validation > 0 && Validation < horizon ? OfPart("validation", Validation, horizon, what)
            : Test > 0 && Test < horizon ? OfPart("test", Test, horizon, what) : null;
    }

    private string OfPart(string part, int rows, int horizon, string what) =>
        $"{what}: the {part} part has {rows} of {Length} rows, and one forecast needs {horizon} (the horizon); " +
            $"choose a shorter horizon, a larger {part} part, or give more data.";
}
