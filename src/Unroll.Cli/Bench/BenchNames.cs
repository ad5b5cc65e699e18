using Unroll.Core;

namespace Unroll.Cli.Bench;

/// <summary>Choices by name.</summary>
internal static class BenchNames
{
    /// <summary>What to say about a name that is not among those there are.</summary>
    internal static UserErrorException Unknown(string option, string found, IReadOnlyList<string> names) =>
        new($"{option}: there is no '{found}'{NearestName.Question(found, names, $"expected one of {string.Join(", ", names)}.")}");
}
