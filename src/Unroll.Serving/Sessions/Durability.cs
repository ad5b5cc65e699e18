using System.Globalization;
using Unroll.Core;

namespace Unroll.Serving.Sessions;

/// <summary>Which steps of a session survive the end of its process: <c>none</c>, <c>each</c>, or <c>every:k</c>.</summary>
/// <param name="Every">At most so many steps are not yet durable when a step is answered, less one; 0: none ever is.</param>
public readonly record struct Durability(int Every)
{
    /// <summary>No step is written.</summary>
    public static Durability None => new(0);

    /// <summary>Every step is written before it is answered.</summary>
    public static Durability Each => new(1);

    /// <summary>Reads a word.</summary>
    /// <param name="word"><c>none</c>, <c>each</c> or <c>every:10</c>.</param>
    /// <exception cref="UserErrorException">It is none of them.</exception>
    public static Durability Parse(string word) => word switch
    {
        "none" => None,
        "each" => Each,
        _ when word.StartsWith("every:", StringComparison.Ordinal)
            && int.TryParse(word.AsSpan(6), NumberStyles.None, CultureInfo.InvariantCulture, out int k) && k >= 1 => new Durability(k),
        _ => throw new UserErrorException($"durability: expected none, each or every:k with a whole number k from 1, got '{word}'."),
    };

    /// <summary>The word.</summary>
    public override string ToString() => Every switch { 0 => "none", 1 => "each", _ => $"every:{Every}" };
}
