namespace Unroll.Tests.Architecture;

public sealed class SourceSizeTests(ITestOutputHelper output)
{
    private const int MaxLines = 400, MaxCharacters = 150;

    private static int Lines(Source source) => source.Text.AsSpan().Count('\n');

    private static IEnumerable<string> TooLong(IEnumerable<Source> sources) =>
        from source in sources
        where Lines(source) > MaxLines
        select $"{source.Path}: {Lines(source)} lines, at most {MaxLines}";

    private static IEnumerable<string> TooWide(IEnumerable<Source> sources) =>
        from source in sources
        from line in source.Text.Split('\n').Index()
        where line.Item.Length > MaxCharacters
        select $"{source.Path}({line.Index + 1}): {line.Item.Length} characters, at most {MaxCharacters}";

    [Fact]
    public void No_source_file_is_longer_than_400_lines()
    {
        Source[] sources = [.. SourceTree.Sources("src", "tests", "bench", "samples")];
        int[] lines = [.. sources.Where(source => source.Path.StartsWith("src/")).Select(Lines).Order()];
        output.WriteLine($"src: {lines.Length} files, {lines.Sum()} lines; median {lines[lines.Length / 2]}, 90 % {lines[lines.Length * 9 / 10]}, "
            + $"longest {lines[^1]}");
        Trespass.None(TooLong(sources));
    }

    [Theory]
    [InlineData("src")]
    [InlineData("tests")]
    [InlineData("bench")]
    [InlineData("samples")]
    public void No_line_is_wider_than_150_characters(string folder) => Trespass.None(TooWide(SourceTree.Sources(folder)));

    [Fact]
    public void A_planted_long_file_and_a_planted_wide_line_are_found()
    {
        Assert.Empty(TooLong([new Source("src/A.cs", new string('\n', MaxLines))]));
        Assert.Equal(["src/B.cs: 401 lines, at most 400"], TooLong([new Source("src/B.cs", new string('\n', MaxLines + 1))]));
        Assert.Empty(TooWide([new Source("src/A.cs", $"{new string('ü', MaxCharacters)}\n")]));
        Assert.Equal(["src/B.cs(2): 151 characters, at most 150"], TooWide([new Source("src/B.cs", $"\n{new string('x', MaxCharacters + 1)}")]));
    }
}
