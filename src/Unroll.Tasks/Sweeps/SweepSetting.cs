using System.Globalization;
using Unroll.Core;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Sweeps;

/// <summary>How the values of a setting are spread.</summary>
public enum SettingScale
{
    /// <summary>They are listed.</summary>
    Choices,

    /// <summary>Evenly over a range.</summary>
    Linear,

    /// <summary>Evenly over the logarithms of a range.</summary>
    Logarithmic,
}

/// <summary>
/// An option that a sweep sets, and the values that it tries: <c>lr=log:1e-4..1e-2</c>, <c>dropout=0..0.5</c>, <c>hidden=64,128</c>.
/// </summary>
public sealed class SweepSetting
{
    private const int FewestDigits = 4, MostDigits = 15;
    private readonly string[] _values;                       // as options are set to them
    private readonly int _digits;

    private SweepSetting(OptionLine option, string text, SettingScale scale, double from, double to, string[] choices, string[] values)
    {
        (Option, Text, Scale, From, To, Choices, _values) = (option, text, scale, from, to, choices, values);
        _digits = Digits(from, to);
        Count = scale == SettingScale.Choices ? choices.Length : option.IsWhole ? (long)to - (long)from + 1 : null;
    }

    /// <summary>The option.</summary>
    public OptionLine Option { get; }

    /// <summary>Its name.</summary>
    public string Name => Option.Name;

    /// <summary>The values as they were written, behind the <c>=</c>.</summary>
    public string Text { get; }

    /// <summary>How the values are spread.</summary>
    public SettingScale Scale { get; }

    /// <summary>The least value of a range.</summary>
    public double From { get; }

    /// <summary>The greatest value of a range.</summary>
    public double To { get; }

    /// <summary>The values, where they are listed, as they are shown; else empty.</summary>
    public IReadOnlyList<string> Choices { get; }

    /// <summary>How many values there are; null: a range of numbers has no end of them.</summary>
    public long? Count { get; }

    /// <summary>
    /// Reads a setting: <c>NAME=log:A..B</c>, <c>NAME=A..B</c> or <c>NAME=A,B,C</c> (of an option that is a list <c>NAME=A,B|C,D</c>).
    /// </summary>
    /// <param name="text">The setting.</param>
    /// <param name="task">The task whose options are set.</param>
    /// <param name="options">The other options of all trials: what a value must go with.</param>
    /// <param name="cells">Definitions of cells by the words that name them, of a sweep that is resumed; null: they are read.</param>
    /// <exception cref="OptionException">
    /// Of the option <c>space</c>: there is no such option, it cannot be swept, a value is none of its values, or the range is empty.
    /// </exception>
    public static SweepSetting Parse(string text, ITask task, TaskOptions options, IReadOnlyDictionary<string, string>? cells = null)
    {
        int equals = text.IndexOf('=');
        string name = equals < 0 ? "" : text[..equals].Trim(), values = text[(equals + 1)..].Trim();
        if (name.Length == 0 || values.Length == 0)
            throw Wrong($"expected NAME=log:A..B, NAME=A..B or NAME=A,B,C, such as lr=log:1e-4..1e-2, found '{text}'.");
        string[] offered = [.. task.Options.OfferedBy(task.Name).Where(line => line.NotSwept is null).Select(line => line.Name)];
        OptionLine option = task.Options.OfferedBy(task.Name).FirstOrDefault(line => line.Name == name)
            ?? throw Wrong($"the task {task.Name} has no option '{name}'" + (NearestName.Question(name, offered) is { Length: > 0 } near ? near
                : " that changes what is learned."));
        if (option.NotSwept is { } why) throw Wrong($"{name} cannot be swept: {why}.");
        return RangeOf(values, option, options) ?? ChoicesOf(values, option, options, cells ?? new Dictionary<string, string>());
    }

    /// <summary>The value at a place of the scale.</summary>
    /// <param name="place">In [0, 1).</param>
    /// <returns>As it is shown, and as the option is set to it.</returns>
    internal (string Shown, string Value) At(double place)
    {
        if (Scale == SettingScale.Choices)
        {
            int i = Math.Min((int)(place * _values.Length), _values.Length - 1);
            return (Choices[i], _values[i]);
        }
        string text = Option.IsWhole ? Whole(place).ToString(CultureInfo.InvariantCulture) : Rounded(place).ToString(CultureInfo.InvariantCulture);
        return (text, text);
    }

    /// <summary>A listed value, or one of a range of whole numbers.</summary>
    /// <param name="index">Which, from 0, below <see cref="Count"/>.</param>
    internal (string Shown, string Value) Of(long index)
    {
        if (Scale == SettingScale.Choices) return (Choices[(int)index], _values[index]);
        string text = ((long)From + index).ToString(CultureInfo.InvariantCulture);
        return (text, text);
    }

    /// <summary>What is set where a value is shown by a word; null: the same.</summary>
    internal IEnumerable<(string Word, string Value)> Behind => Choices.Zip(_values).Where(one => one.First != one.Second);

    /// <summary>Where a value lies: a number of a range, or the number of a choice, from 0.</summary>
    /// <param name="shown">A value of this setting, as it is shown.</param>
    public double Number(string shown) => Scale == SettingScale.Choices ? Choices.ToList().IndexOf(shown)
        : double.Parse(shown, NumberStyles.Float, CultureInfo.InvariantCulture);

    /// <summary>The setting as it was written.</summary>
    public override string ToString() => $"{Name}={Text}";

    internal static OptionException Wrong(string what) => new("space", what);

    //  whole numbers: each k has the stretch from k to k + 1 of the scale
    private long Whole(double place)
    {
        double value = Scale == SettingScale.Linear ? From + place * (To + 1 - From) : From * Math.Pow((To + 1) / From, place);
        return Math.Clamp((long)Math.Floor(value), (long)From, (long)To);
    }

    // Rounded to what a person types; the same text gives the same bits.
    private double Rounded(double place)
    {
        double value = Scale == SettingScale.Linear ? From + place * (To - From) : From * Math.Pow(To / From, place);
        string text = value.ToString("E" + (_digits - 1).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return Math.Clamp(double.Parse(text, CultureInfo.InvariantCulture), From, To);
    }

    // Four digits, and more where the range is narrow beside its numbers.
    private static int Digits(double from, double to)
    {
        double size = Math.Max(Math.Abs(from), Math.Abs(to)), width = to - from;
        return width <= 0 ? MostDigits : Math.Clamp(FewestDigits + (int)Math.Floor(Math.Log10(Math.Max(1, size / width))), FewestDigits,
            MostDigits);
    }

    private static SweepSetting? RangeOf(string text, OptionLine option, TaskOptions options)
    {
        bool log = text.StartsWith("log:", StringComparison.Ordinal);
        string[] ends = (log ? text[4..] : text).Split("..");
        if (ends.Length != 2 || (option.IsList && !log)) return log ? throw Wrong($"{option.Name}: expected log:A..B, found '{text}'.") : null;
        if (!option.IsNumber)
            throw Wrong($"{option.Name}: it is no number, so that there is no range of it; expected values separated by commas, found '{text}'.");
        foreach (string end in ends) Settle(option, options, end.Trim());
        double[] numbers = [.. ends.Select(end => double.Parse(option.Text(option.Parse(options, end.Trim()))!, CultureInfo.InvariantCulture))];
        if (numbers[0] >= numbers[1])
            throw Wrong($"{option.Name}: expected a range from a smaller number to a greater one, found '{text}'.");
        if (log && numbers[0] <= 0)
            throw Wrong($"{option.Name}: expected a range above 0 because it is one of logarithms, found '{text}'.");
        if (option.IsWhole && numbers[1] > 1L << 52) throw Wrong($"{option.Name}: expected numbers of at most {1L << 52}, found '{text}'.");
        return new SweepSetting(option, text, log ? SettingScale.Logarithmic : SettingScale.Linear, numbers[0], numbers[1], [], []);
    }

    private static SweepSetting ChoicesOf(string text, OptionLine option, TaskOptions options, IReadOnlyDictionary<string, string> cells)
    {
        string[] words = text.Split(option.IsList ? '|' : ',', StringSplitOptions.TrimEntries);
        List<string> shown = [], values = [];
        foreach (string word in words)
        {
            if (word.Length == 0) throw Wrong($"{option.Name}: expected a value between the separators, found nothing in '{text}'.");
            bool cell = option.Name == "cell";
            string value = cell && cells.TryGetValue(word, out string? kept) ? kept : Settle(option, options, word);
            if (values.Contains(value)) throw Wrong($"{option.Name}: the value '{word}' is there twice in '{text}'; give it once.");
            values.Add(value);
            shown.Add(cell ? word : value);
        }
        if (values.Count == 1)
            throw Wrong($"{option.Name}: expected several values or a range, found '{text}'; a single value is given by the option itself.");
        return new SweepSetting(option, text, SettingScale.Choices, 0, 0, [.. shown], [.. values]);
    }

    // The text of a value of the option, which a cell's definition takes the place of its file.
    private static string Settle(OptionLine option, TaskOptions options, string word)
    {
        try
        {
            TaskOptions own = (TaskOptions)option.Parse(options, word);
            option.Check(own);
            return option.Text(option.Name == "cell" ? own.WithSettledCell() : own)!;
        }
        catch (OptionException e)
        {
            throw Wrong(e.Message);
        }
    }
}
