using Unroll.Core;
using Unroll.Tasks.Data.Audio;

namespace Unroll.Tasks.Speech;

/// <summary>Kinds of features of one size, which the members of a model take in turn.</summary>
public static class FeatureKinds
{
    /// <summary>Cepstral coefficients: a smooth spectrum, without the pitch.</summary>
    public const string Mfcc = "mfcc";

    /// <summary>The logarithms of as many wide mel filters as there would be cepstral coefficients.</summary>
    public const string Mel = "mel";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Mfcc, Mel];

    /// <summary>The features of each kind, in order; one, as they are, where no kind is named.</summary>
    /// <param name="own">The number of filters and coefficients, windows and differences.</param>
    /// <param name="kinds">Among <see cref="All"/>.</param>
    /// <exception cref="UserErrorException">The number of coefficients is 0.</exception>
    internal static IReadOnlyList<FeatureOptions> Of(FeatureOptions own, IReadOnlyList<string> kinds) => kinds.Count > 0 && own.Cepstra == 0
        ? throw new UserErrorException("features: the option cepstra says how many features a kind has, and it is 0; give a number above 0, or " +
            "leave features out.")
        : kinds.Count == 0 ? [own] : [.. kinds.Select(kind => kind == Mfcc ? own : own with { Mels = own.Cepstra, Cepstra = 0 })];

    /// <summary>What is wrong with a list of kinds; null: nothing.</summary>
    internal static string? Wrong(IReadOnlyList<string> kinds) =>
        kinds.Distinct().Count() == kinds.Count && kinds.All(All.Contains) ? null
        : $"expected some of {string.Join(", ", All)}, each once, found '{string.Join(',', kinds)}'.";
}
