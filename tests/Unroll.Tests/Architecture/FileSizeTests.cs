namespace Unroll.Tests.Architecture;

public sealed class FileSizeTests(ITestOutputHelper output)
{
    private const int Limit = 400;

    private static int Lines(Source source) => source.Text.AsSpan().Count('\n');

    private static IEnumerable<string> TooLong(IEnumerable<Source> sources) =>
        from source in sources
        where Lines(source) > Limit
        select $"{source.Path}: {Lines(source)} lines, at most {Limit}";

    [Fact]
    public void No_source_file_is_longer_than_400_lines()
    {
        Source[] sources = [.. SourceTree.Sources("src", "tests", "bench", "samples")];
        int[] lines = [.. sources.Where(source => source.Path.StartsWith("src/")).Select(Lines).Order()];
        output.WriteLine($"src: {lines.Length} files, {lines.Sum()} lines; median {lines[lines.Length / 2]}, 90 % {lines[lines.Length * 9 / 10]}, longest {lines[^1]}");
        Trespass.None(TooLong(sources));
    }

    [Fact]
    public void A_planted_long_file_is_found()
    {
        Assert.Empty(TooLong([new Source("src/A.cs", new string('\n', Limit))]));
        Assert.Equal(["src/B.cs: 401 lines, at most 400"], TooLong([new Source("src/B.cs", new string('\n', Limit + 1))]));
    }
}
