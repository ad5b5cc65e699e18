namespace Unroll.Tests.Architecture;

/// <summary>A C# file of the checkout.</summary>
/// <param name="Path">From the root, with slashes: <c>src/Unroll/Core/Rng.cs</c>.</param>
/// <param name="Text">All of it.</param>
internal sealed record Source(string Path, string Text)
{
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];
}

/// <summary>The checkout that these tests were built from.</summary>
internal static class SourceTree
{
    public static string Root { get; } = FindRoot(AppContext.BaseDirectory);

    /// <summary>Every C# file below the folders that is written by hand.</summary>
    public static IEnumerable<Source> Sources(params string[] folders) =>
        from folder in folders
        where Directory.Exists(At(folder))
        from path in Directory.EnumerateFiles(At(folder), "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        let relative = Path.GetRelativePath(Root, path).Replace('\\', '/')
        where !relative.EndsWith(".g.cs", StringComparison.Ordinal) && !relative.Contains("/obj/") && !relative.Contains("/bin/")
        select new Source(relative, File.ReadAllText(path));

    public static string At(string relative) => Path.Combine(Root, relative);

    private static string FindRoot(string from)
    {
        for (DirectoryInfo? folder = new(from); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Unroll.slnx"))) return folder.FullName;
        throw new DirectoryNotFoundException($"no folder above {from} holds Unroll.slnx: these tests read the checkout they were built from");
    }
}
