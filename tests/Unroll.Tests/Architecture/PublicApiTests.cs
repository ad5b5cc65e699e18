using System.Reflection;

namespace Unroll.Tests.Architecture;

/// <summary>The public surface is a promise: every change of it is a change of a committed list, seen in review.</summary>
public sealed class PublicApiTests
{
    private const string Accept = "UNROLL_ACCEPT_API";
    private static string ListPath(string assembly) => SourceTree.At($"tests/Unroll.Tests/Architecture/PublicApi.{assembly}.txt");

    [Theory]
    [InlineData("Unroll")]
    [InlineData("Unroll.Inspection")]
    [InlineData("Unroll.Tasks")]
    [InlineData("Unroll.Exchange")]
    [InlineData("Unroll.Exchange.Hdf5")]
    [InlineData("Unroll.Mpi")]
    [InlineData("Unroll.Serving")]
    public void The_public_surface_is_the_committed_list(string assembly)
    {
        string path = ListPath(assembly);
        string[] actual = [.. ApiText.Lines(Assembly.Load(assembly).GetTypes())];
        if (Environment.GetEnvironmentVariable(Accept) == "1") File.WriteAllText(path, string.Join('\n', actual) + '\n');
        string[] expected = File.ReadAllLines(path);                     // compared as sets: two branches may have added lines

        string[] changes = [.. expected.Except(actual).Select(line => "- " + line), .. actual.Except(expected).Select(line => "+ " + line)];
        Assert.True(changes.Length == 0, $"the public surface differs from {path}; if that is meant, run the tests once with {Accept}=1 "
            + $"and commit the file:\n{string.Join('\n', changes)}");
    }

    [Fact]
    public void The_text_shows_what_a_caller_can_see_and_nothing_else() => Assert.Equal(
        [
            $"{Here}.Planted.Answer static: Int32 = 42",
            $"{Here}.Planted.Dispose(): Void",
            $"{Here}.Planted.Item[Int32 i]: Single {{ get; }}",
            $"{Here}.Planted.Size: required Int32 {{ get; init; }}",
            $"{Here}.Planted.Sum static<T>(out Int32 count, String name = \"x\", params ReadOnlySpan<T> values): T",
            $"{Here}.Planted.new()",
            $"{Here}.Planted: sealed class of IDisposable",
        ],
        ApiText.Lines([typeof(Planted)]));

    private static string Here => typeof(PublicApiTests).FullName!;

    /// <summary>Something of every kind that a caller sees, and a few things that none does.</summary>
    public sealed class Planted : IDisposable
    {
        public const int Answer = 42;
        internal int Hidden = 1;
        public required int Size { get; init; }
        public float this[int i] => i;
        public static T Sum<T>(out int count, string name = "x", params ReadOnlySpan<T> values) =>
            throw new InvalidOperationException(name + (count = 0));
        public void Dispose() => Hidden = 0;
        public override string ToString() => "";
    }
}
