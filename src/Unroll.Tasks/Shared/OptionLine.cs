using System.Text.Json;
using Unroll.Core;

namespace Unroll.Tasks.Shared;

/// <summary>One option of a record of options: its name, help, value, check and JSON. Made by <see cref="OptionTable{T}"/>.</summary>
public abstract class OptionLine
{
    private protected OptionLine(string name, string value, string help, bool mayHaveNone) =>
        (Name, Value, Help, MayHaveNone) = (name, value, help, mayHaveNone);

    /// <summary>The name, without dashes: <c>hidden</c>.</summary>
    public string Name { get; }

    /// <summary>The placeholder of the value in help text: <c>N</c>; empty for a switch.</summary>
    public string Value { get; }

    /// <summary>What the option does, without its default.</summary>
    public string Help { get; }

    /// <summary>Its earlier name, which is still accepted and is its key in JSON, so that existing files can be read. Null: none.</summary>
    public string? Was { get; internal set; }

    /// <summary>Whether it belongs to the model: training on with other data cannot change it.</summary>
    public bool OfModel { get; internal set; }

    /// <summary>Whether a JSON text may lack it; then it is as in the defaults.</summary>
    public bool MayBeAbsent { get; internal set; }

    /// <summary>Whether it is only read, for what was written before, and neither offered nor written.</summary>
    public bool IsOld { get; internal set; }

    /// <summary>The tasks that offer it; null: every task of its table.</summary>
    public IReadOnlyList<string>? Tasks { get; internal set; }

    /// <summary>Its value where the option is named without one, such as <c>auto</c>; null: a value is needed.</summary>
    public string? Alone { get; internal set; }

    /// <summary>Whether it may be followed by several values, which stand for a list of them.</summary>
    public bool TakesSeveral { get; internal set; }

    /// <summary>Why a sweep cannot choose among values of it by their validation scores (<see cref="Unswept"/>); null: it can.</summary>
    public string? NotSwept { get; internal set; }

    /// <summary>Whether options may have no value of it.</summary>
    public bool MayHaveNone { get; }

    /// <summary>Whether its value is a list.</summary>
    public abstract bool IsList { get; }

    /// <summary>Whether its value is a whole number.</summary>
    public abstract bool IsWhole { get; }

    /// <summary>Whether its value is a number, whole or not.</summary>
    public abstract bool IsNumber { get; }

    /// <summary>Its key in JSON.</summary>
    public string Key => Was ?? Name;

    /// <summary>Whether it is on or off.</summary>
    public bool IsSwitch => Value.Length == 0;

    /// <summary>The help text with the default.</summary>
    /// <param name="defaults">The record whose value is the default.</param>
    public string HelpWith(object defaults)
    {
        if (IsSwitch || Text(defaults) is not { Length: > 0 } text) return Help;
        int own = Help.IndexOf(" (default: ", StringComparison.Ordinal);
        if (own >= 0 && MayHaveNone) return $"{Help[..own]} (default {text})";             // a task's own, in place of what it would be without one
        return Help.Contains("default", StringComparison.Ordinal) ? Help : $"{Help} (default {text})";
    }

    /// <summary>The value in some options, as text; null where there is none.</summary>
    public abstract string? Text(object options);

    /// <summary>The options with the value of a text.</summary>
    /// <exception cref="OptionException">The text is no such value.</exception>
    public abstract object Parse(object options, string text);

    /// <summary>Throws where the value in some options is out of its range.</summary>
    /// <exception cref="OptionException">It is.</exception>
    public abstract void Check(object options);

    internal abstract void Write(Utf8JsonWriter json, object options);

    /// <exception cref="JsonException">It is not such a value.</exception>
    internal abstract object Read(object options, JsonElement json);
}

/// <summary>An option whose value has one type.</summary>
/// <param name="name">Its name.</param>
/// <param name="value">What stands for the value in a help text.</param>
/// <param name="help">What it does.</param>
/// <param name="kind">How the value is read and written.</param>
/// <param name="get">The value; false where the options have none.</param>
/// <param name="set">The options with a value.</param>
/// <param name="clear">The options without one; null: they always have one.</param>
/// <param name="wrong">What is wrong with a value; null: nothing.</param>
internal sealed class OptionLine<T, TValue>(
    string name, string value, string help, OptionValue<TValue> kind, OptionLine<T, TValue>.Getter get, Func<T, TValue, T> set, Func<T, T>? clear,
    Func<TValue, string?>? wrong) : OptionLine(name, value, help, mayHaveNone: clear is not null)
{
    internal delegate bool Getter(T options, out TValue value);

    public override bool IsList => typeof(TValue) != typeof(string) && typeof(System.Collections.IEnumerable).IsAssignableFrom(typeof(TValue));

    public override bool IsWhole => typeof(TValue) == typeof(int) || typeof(TValue) == typeof(ulong);

    public override bool IsNumber => IsWhole || typeof(TValue) == typeof(double);

    public override string? Text(object options) => get((T)options, out TValue v) ? kind.Text(v) : null;

    public override object Parse(object options, string text) => kind.Parse(text, out TValue v)
        ? Set((T)options, v)!
        : throw new OptionException(Name, $"expected {kind.Expected}, found '{text}'.");

    public override void Check(object options)
    {
        if (wrong is not null && get((T)options, out TValue v) && wrong(v) is { } what) throw new OptionException(Name, what);
    }

    internal override void Write(Utf8JsonWriter json, object options)
    {
        if (get((T)options, out TValue v)) kind.Write(json, Key, v);
    }

    internal override object Read(object options, JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Null && clear is not null) return clear((T)options)!;
        if (kind.Read(json, out TValue v)) return Set((T)options, v)!;
        string found = json.ValueKind switch { JsonValueKind.Object => "an object", JsonValueKind.Array => "a list", _ => json.GetRawText() };
        throw new JsonException(
            $"{Key} is not what belongs there: expected {kind.Expected}, found {(found.Length > 40 ? found[..40] + "…" : found)}");
    }

    // A record that checks a property itself names the option as this line does.
    private T Set(T options, TValue value)
    {
        try
        {
            return set(options, value);
        }
        catch (UserErrorException e) when (e is not OptionException && e.Message.StartsWith(Name + ": ", StringComparison.Ordinal))
        {
            throw new OptionException(Name, e.Message[(Name.Length + 2)..]);
        }
    }
}
