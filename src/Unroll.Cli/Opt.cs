using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Unroll.Core;

namespace Unroll.Cli;

/// <summary>Options whose errors say what was expected and what was found.</summary>
internal static class Opt
{
    // An option typed twice has the value typed last.
    internal static Option<string> String(string name, string value, string help) =>
        new(name) { HelpName = value, Description = help, Arity = ArgumentArity.OneOrMore, CustomParser = result => result.Tokens[^1].Value };

    /// <summary>A switch: <c>--json</c>, or <c>--json=false</c>.</summary>
    internal static Option<bool> Bool(string name, string help) => new(name) { Description = help };

    /// <summary>Words separated by commas.</summary>
    internal static Option<string[]> Strings(string name, string value, string help) =>
        new(name) { HelpName = value, Description = help, Arity = ArgumentArity.OneOrMore, CustomParser = result => Split(result.Tokens[^1].Value) };

    internal static Option<int?> Int(string name, string value, string help) => Parsed<int?>(name, value, help, "a whole number", text =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int v) ? v : null);

    internal static Option<ulong?> Seed(string name, string help) => Parsed<ulong?>(name, "N", help, "a whole number of at least 0", text =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong v) ? v : null);

    internal static Option<double?> Double(string name, string help) => Parsed<double?>(name, "X", help, "a number", text => ToDouble(text));

    internal static Option<double[]?> Doubles(string name, string value, string help) =>
        Parsed(name, value, help, "numbers separated by commas", text =>
        Split(text).Select(ToDouble).ToArray() is var all && all.All(v => v is not null) ? all.Select(v => v!.Value).ToArray() : null);

    internal static Option<int[]?> Ints(string name, string value, string help) =>
        Parsed(name, value, help, "whole numbers separated by commas", text =>
        Split(text).All(v => int.TryParse(v, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            ? Split(text).Select(v => int.Parse(v, CultureInfo.InvariantCulture)).ToArray()
            : null);

    /// <summary>A time: <c>90</c> or <c>90s</c>, <c>30m</c>, <c>1.5h</c>, <c>1h30m</c>, <c>1:30:00</c>.</summary>
    internal static Option<TimeSpan?> Time(string name, string help) => Parsed<TimeSpan?>(name, "TIME", help,
        "a time above 0 and of at most 1000 hours, such as 90s, 30m, 1.5h or 1:30:00", Duration.Parse);

    /// <summary>How recurrent layers save memory in training: so many steps, or <c>auto</c>.</summary>
    internal static Option<Recomputation?> Recompute(string name) => Parsed<Recomputation?>(name, "K|auto",
        "keep only states of long sequences in training, and compute the gates of K steps at a time again (auto: the root of the steps): "
        + "less memory, the time of about one more forward pass, the same weights", "a whole number of steps of at least 1, or auto", text =>
            text == "auto" ? new Recomputation() : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int steps) && steps > 0
                ? new Recomputation { Every = steps } : null);

    /// <summary>The value given, or the default.</summary>
    /// <exception cref="UserErrorException">It is out of range.</exception>
    internal static int Within(ParseResult parsed, Option<int?> option, int defaultValue, int minimum, int maximum)
    {
        int value = parsed.GetValue(option) ?? defaultValue;
        return value >= minimum && value <= maximum
            ? value
            : throw new UserErrorException($"{option.Name}: expected a whole number from {minimum} to {maximum}, got {value}.");
    }

    private static Option<T?> Parsed<T>(string name, string value, string help, string expected, Func<string, T?> parse) => new(name)
    {
        HelpName = value,
        Description = help,
        Arity = ArgumentArity.OneOrMore,
        CustomParser = result =>
        {
            string text = result.Tokens[^1].Value;
            T? parsed = parse(text);
            if (parsed is null) result.AddError($"{name}: expected {expected}, found '{text}'.");
            return parsed;
        },
    };

    private static string[] Split(string text) => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static double? ToDouble(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double v) && double.IsFinite(v) ? v : null;
}
