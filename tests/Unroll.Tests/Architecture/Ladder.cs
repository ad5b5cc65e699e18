using System.Text.RegularExpressions;

namespace Unroll.Tests.Architecture;

/// <summary>The order of the libraries' floors, and the scanner that finds who climbs it. A floor is a namespace with all below it.</summary>
internal static partial class Ladder
{
    /// <summary>
    /// Lowest first. A file may name its own floor and those before it; of floors that lie side by side none knows another. The last is the
    /// namespace <c>Unroll.Tasks</c> itself: the list of tasks, which knows them all.
    /// </summary>
    public static readonly string[][] Floors =
    [
        ["Unroll.Numerics"],
        ["Unroll.Core"],
        ["Unroll.Files"],
        ["Unroll.Cells"],
        ["Unroll.Layers"],
        ["Unroll.Networks"],
        ["Unroll.Formats"],
        ["Unroll.Training"],
        ["Unroll.Inspection"],
        ["Unroll.Tasks.Data"],
        ["Unroll.Tasks.Shared"],
        ["Unroll.Tasks.Sweeps"],
        [.. Tasks],
        ["Unroll.Tasks"],
        ["Unroll.Exchange"],
        ["Unroll.Exchange.Hdf5"],
        ["Unroll.Mpi"],
        ["Unroll.Serving"],
    ];

    private static string[] Tasks => ["Unroll.Tasks.Forecast", "Unroll.Tasks.Labels", "Unroll.Tasks.Language", "Unroll.Tasks.Music",
        "Unroll.Tasks.Networks", "Unroll.Tasks.Speech", "Unroll.Tasks.Synthetic", "Unroll.Tasks.Translation"];

    private static readonly Dictionary<string, int> s_height =
        Floors.SelectMany((floors, height) => floors.Select(floor => (floor, height))).ToDictionary(pair => pair.floor, pair => pair.height);

    [GeneratedRegex(@"(?<![\w.])\w+(?:\.\w+)+|(?<![\w.])Task\w+")] private static partial Regex Names();
    [GeneratedRegex(@"\b(?:class|struct|record|interface|enum|delegate\s+[\w<>\[\]?,. ]+)\s+(?:struct\s+|class\s+)?(\w+)")]
    private static partial Regex Declaration();
    [GeneratedRegex(@"^\s*namespace\s+([\w.]+)", RegexOptions.Multiline)] private static partial Regex Namespace();
    [GeneratedRegex(@"\bglobal\s+using\b")] private static partial Regex GlobalUsing();

    /// <summary>The folder's namespace, which is that of its files: <c>Unroll.Layers.Losses</c> for <c>src/Unroll/Layers/Losses/X.cs</c>.</summary>
    public static string NamespaceOf(Source source) => string.Join('.', source.Path.Split('/')[1..^1]);

    /// <summary>The floor that a file of <c>src</c> lies on, or null.</summary>
    public static string? FloorOf(Source source)
    {
        string[] parts = NamespaceOf(source).Split('.');
        return parts is ["Unroll", "Tasks"] ? "Unroll.Tasks" : FloorOf(parts, hasMember: false);
    }

    /// <summary>Every trespass as <c>B.cs: Cells must not know Training</c>.</summary>
    public static IEnumerable<string> Climbs(IReadOnlyCollection<Source> library)
    {
        ILookup<string, string> declared = (
            from source in library
            from name in Declarations(source)
            select (Floor: FloorOf(source) ?? "", name)).ToLookup(pair => pair.Floor, pair => pair.name);

        return from source in library
               let floor = FloorOf(source)
               where floor is not null
               from used in Named(source, declared).Distinct()
               where used != floor && s_height[used] >= s_height[floor]
               select $"{source.Name}: {Short(floor)} must not know {Short(used)}";
    }

    /// <summary>Files that are on no floor, speak from another namespace than their folder's, or open a namespace for everyone.</summary>
    public static IEnumerable<string> Misplaced(IEnumerable<Source> library)
    {
        foreach (Source source in library)
        {
            string code = CSharpText.CodeOnly(source.Text);
            if (FloorOf(source) is null) yield return $"{source.Path}: lies on no floor";
            else if (Namespace().Match(code).Groups[1].Value is string found && found != NamespaceOf(source))
                yield return $"{source.Path}: expected a namespace {NamespaceOf(source)} because of its folder, found '{found}'";
            if (GlobalUsing().IsMatch(code)) yield return $"{source.Path}: a global using would open a floor to every other";
        }
    }

    private static string Short(string floor) => floor["Unroll.".Length..];

    // What follows the floor's name is a folder below it or one of its members; Unroll.Tasks and a member of it is the list of tasks.
    private static string? FloorOf(ReadOnlySpan<string> parts, bool hasMember)
    {
        if (parts.Length >= 3 && s_height.ContainsKey($"{parts[0]}.{parts[1]}.{parts[2]}")) return $"{parts[0]}.{parts[1]}.{parts[2]}";
        if (parts.Length < 2 || parts[1] == "Tasks" && !hasMember) return null;
        return s_height.ContainsKey($"{parts[0]}.{parts[1]}") ? $"{parts[0]}.{parts[1]}" : null;
    }

    private static IEnumerable<string> Declarations(Source source)
    {
        foreach (Match match in Declaration().Matches(CSharpText.CodeOnly(source.Text))) yield return match.Groups[1].Value;
        string floor = FloorOf(source) ?? "", folder = NamespaceOf(source);
        foreach (string below in folder[Math.Min(floor.Length, folder.Length)..].Split('.', StringSplitOptions.RemoveEmptyEntries))
            yield return below;
    }

    // A floor by its full name; or, since Cells and Training lie in the same namespace, by its last words before something that it declares;
    // or, since all tasks lie inside the namespace of the list, by a type of that one alone.
    private static IEnumerable<string> Named(Source source, ILookup<string, string> declared)
    {
        string here = NamespaceOf(source);
        foreach (Match match in Names().Matches(CSharpText.CodeOnly(source.Text, keepDocs: true)))
        {
            string[] parts = match.Value.Split('.');
            if (parts[0] == "Unroll")
            {
                if (FloorOf(parts, hasMember: true) is { } floor) yield return floor;
                continue;
            }
            string[] enclosing = here.Split('.');
            for (int depth = enclosing.Length; depth > 0; depth--)
                if (Found([.. enclosing[..depth], .. parts], depth, declared) is { } seen)
                {
                    yield return seen;
                    break;
                }
        }
    }

    // Whether a name that is read from inside the first `depth` parts is a floor's, and what follows the floor is something that it declares.
    private static string? Found(string[] parts, int depth, ILookup<string, string> declared)
    {
        if (FloorOf(parts, hasMember: true) is not { } floor) return null;
        int length = floor.Count(c => c == '.') + 1;
        bool isList = floor == "Unroll.Tasks";
        return (isList ? depth <= length : depth < length) && parts.Length > length && declared[floor].Contains(parts[length]) ? floor : null;
    }
}
