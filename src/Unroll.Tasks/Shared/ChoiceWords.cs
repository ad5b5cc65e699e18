using System.Text;
using System.Text.Json;
using Unroll.Core;

namespace Unroll.Tasks.Shared;

/// <summary>The words of an enumeration's values.</summary>
internal sealed class ChoiceWords<TEnum> where TEnum : struct, Enum
{
    private readonly string _option;
    private readonly TEnum[] _values = Enum.GetValues<TEnum>();
    private readonly (string Word, TEnum Value)[] _was;

    internal ChoiceWords(string option, IReadOnlyList<string>? words, (string Word, TEnum Value)[] was)
    {
        (_option, _was) = (option, was);
        Words = words ?? [.. _values.Select(value => Hyphenated(value.ToString()))];
        Kind = new OptionValue<TEnum>($"one of {string.Join(", ", Words)}", Parse, Read, (json, name, value) => json.WriteString(name, WordOf(value)),
            WordOf);
    }

    internal IReadOnlyList<string> Words { get; }

    internal OptionValue<TEnum> Kind { get; }

    internal string WordOf(TEnum value) => Words[Array.IndexOf(_values, value)];

    private bool Parse(string text, out TEnum value)
    {
        for (int i = 0; i < Words.Count; i++)
            if (Words[i] == text)
            {
                value = _values[i];
                return true;
            }
        foreach ((string word, TEnum old) in _was)
            if (word == text)
            {
                value = old;
                return true;
            }
        string question = NearestName.Of(text, Words) is { } near ? $" (did you mean '{near}'?)" : "";
        throw new OptionException(_option, $"there is no '{text}'{question}; expected one of {string.Join(", ", Words)}.");
    }

    private bool Read(JsonElement json, out TEnum value)
    {
        value = default;
        return json.ValueKind == JsonValueKind.String && Parse(json.GetString()!, out value);
    }

    // CarryForward → carry-forward
    private static string Hyphenated(string name)
    {
        StringBuilder word = new();
        foreach (char letter in name)
        {
            if (char.IsUpper(letter) && word.Length > 0) word.Append('-');
            word.Append(char.ToLowerInvariant(letter));
        }
        return word.ToString();
    }
}
