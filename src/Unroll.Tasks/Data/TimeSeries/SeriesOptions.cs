using Unroll.Core;

namespace Unroll.Tasks.Data.TimeSeries;

/// <summary>What to do about times that are not one step apart.</summary>
public enum IrregularTimes
{
    /// <summary>An error that names the row (the default).</summary>
    Error,

    /// <summary>Sort the rows, and take the mean of those that fall into one period; a period without a row becomes a missing value.</summary>
    Resample,

    /// <summary>Leave the rows as they are; for looking at data, not for training.</summary>
    Keep,
}

/// <summary>What to do about missing values (an empty cell, NA, NaN, an infinity, or a period without a row).</summary>
public enum MissingValues
{
    /// <summary>An error that names line and column (the default).</summary>
    Error,

    /// <summary>Repeat the last value before it.</summary>
    CarryForward,

    /// <summary>Draw a straight line between the values on either side.</summary>
    Interpolate,

    /// <summary>Leave NaN; for looking at data, not for training.</summary>
    Keep,
}

/// <summary>How the columns of a table become time series.</summary>
public sealed record SeriesOptions
{
    private readonly IReadOnlyList<string> _targets = [], _known = [];

    /// <summary>The columns to forecast; at least one, each once.</summary>
    /// <exception cref="UserErrorException">None is named, or one is named twice.</exception>
    public required IReadOnlyList<string> Targets
    {
        get => _targets;
        init => _targets = value.Count > 0 ? Distinct(value)
            : throw new UserErrorException("column: expected at least one column to forecast; name it.");
    }

    /// <summary>Input columns whose values are known in the future too (holidays, prices); may be empty.</summary>
    /// <exception cref="UserErrorException">One is named twice.</exception>
    public IReadOnlyList<string> Known
    {
        get => _known;
        init => _known = Distinct(value);
    }

    /// <summary>The time column; null: rows are one step apart.</summary>
    public string? Time { get; init; }

    /// <summary>The column whose text says to which series a row belongs; null: the table is one series.</summary>
    public string? Group { get; init; }

    /// <summary>
    /// How times are written: <c>dmy</c>, <c>mdy</c>, <c>ymd</c>, <c>iso</c>, <c>compact</c>, <c>excel</c>, <c>epoch-s</c>, <c>epoch-ms</c>,
    /// <c>epoch-us</c>, <c>epoch-ns</c>, <c>number</c>, or a pattern such as <c>dd.MM.yyyy</c>; null: the whole column says it.
    /// </summary>
    public string? TimeFormat { get; init; }

    /// <summary>Words that mean a missing value, such as <c>-999</c>, beside those that always do.</summary>
    public IReadOnlyList<string> MissingWords { get; init; } = [];

    /// <summary>What to do about times that are not one step apart.</summary>
    public IrregularTimes Irregular { get; init; }

    /// <summary>The period of resampling; null: the commonest step.</summary>
    public TimeStep? Period { get; init; }

    /// <summary>What to do about missing values.</summary>
    public MissingValues Missing { get; init; }

    /// <summary>The columns with what each is for, by the words of options.</summary>
    internal IEnumerable<(string Role, string Name)> Roles()
    {
        foreach (string target in Targets) yield return ("column", target);
        foreach (string known in Known) yield return ("known", known);
        if (Time is not null) yield return ("time", Time);
        if (Group is not null) yield return ("group", Group);
    }

    /// <exception cref="UserErrorException">A column is named for two things.</exception>
    internal void RefuseTwoRoles(string source)
    {
        if (Roles().GroupBy(r => r.Name).FirstOrDefault(g => g.Skip(1).Any()) is { } twice)
            throw new UserErrorException(
                $"{source}: the column '{twice.Key}' is given as {string.Join(" and as ", twice.Select(r => r.Role))}; a column has one role.");
    }

    private static IReadOnlyList<string> Distinct(IReadOnlyList<string> names)
    {
        string? twice = names.GroupBy(n => n).FirstOrDefault(g => g.Skip(1).Any())?.Key;
        return twice is null ? names : throw new UserErrorException($"The column '{twice}' is named twice; name each column once.");
    }
}
