using System.Text.RegularExpressions;

namespace Unroll.Tests.Architecture;

/// <summary>The total order of the library's floors, and the scanner that finds who climbs it.</summary>
internal static partial class Ladder
{
    /// <summary>Lowest first. A file may name its own floor and those before it.</summary>
    public static readonly string[] Floors =
        ["Numerics", "Core", "Files", "Cells", "Layers", "Networks", "Formats", "Training"];

    // A floor by its full name, or, since Cells and Training lie in the same namespace, by its last name before something that it declares.
    private const string FloorNames = "(Numerics|Core|Files|Cells|Layers|Networks|Formats|Training)";
    [GeneratedRegex(@"\bUnroll\.(?:\s*)" + FloorNames + @"\b")] private static partial Regex FullName();
    [GeneratedRegex(@"(?<![\w.])" + FloorNames + @"\.(\w+)")] private static partial Regex LastName();
    [GeneratedRegex(@"\b(?:class|struct|record|interface|enum|delegate\s+[\w<>\[\]?,. ]+)\s+(?:struct\s+|class\s+)?(\w+)")] private static partial Regex Declaration();
    [GeneratedRegex(@"^\s*namespace\s+([\w.]+)", RegexOptions.Multiline)] private static partial Regex Namespace();
    [GeneratedRegex(@"\bglobal\s+using\b")] private static partial Regex GlobalUsing();

    /// <summary>Every trespass as <c>B.cs: Cells must not know Training</c>.</summary>
    public static IEnumerable<string> Climbs(IReadOnlyCollection<Source> library)
    {
        ILookup<string, string> declared = (
            from source in library
            from name in Declarations(source)
            select (Floor: source.Floor ?? "", name)).ToLookup(pair => pair.Floor, pair => pair.name);

        return from source in library
               let floor = Array.IndexOf(Floors, source.Floor)
               from used in Named(source, declared).Distinct()
               where Array.IndexOf(Floors, used) > floor
               select $"{source.Name}: {source.Floor} must not know {used}";
    }

    /// <summary>Files that are on no floor, speak from another floor's namespace, or open a namespace for everyone.</summary>
    public static IEnumerable<string> Misplaced(IEnumerable<Source> library)
    {
        foreach (Source source in library)
        {
            string code = CSharpText.CodeOnly(source.Text);
            if (!Floors.Contains(source.Floor)) yield return $"{source.Path}: lies on no floor";
            else if (Namespace().Match(code).Groups[1].Value is string found && !(found + ".").StartsWith($"Unroll.{source.Floor}.", StringComparison.Ordinal))
                yield return $"{source.Path}: expected a namespace Unroll.{source.Floor} because of its folder, found '{found}'";
            if (GlobalUsing().IsMatch(code)) yield return $"{source.Path}: a global using would open a floor to every other";
        }
    }

    private static IEnumerable<string> Declarations(Source source)
    {
        foreach (Match match in Declaration().Matches(CSharpText.CodeOnly(source.Text))) yield return match.Groups[1].Value;
        string[] path = source.Path.Split('/');
        foreach (string folder in path[3..^1]) yield return folder;
    }

    private static IEnumerable<string> Named(Source source, ILookup<string, string> declared)
    {
        string code = CSharpText.CodeOnly(source.Text, keepDocs: true);
        foreach (Match match in FullName().Matches(code)) yield return match.Groups[1].Value;
        foreach (Match match in LastName().Matches(code))
            if (declared[match.Groups[1].Value].Contains(match.Groups[2].Value)) yield return match.Groups[1].Value;
    }
}
