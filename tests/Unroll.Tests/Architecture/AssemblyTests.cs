using System.Reflection;

namespace Unroll.Tests.Architecture;

/// <summary>What the library must not use at all, and what no assembly of ours may hold.</summary>
public sealed class AssemblyTests
{
    private static Assembly Library => typeof(Core.SequenceLayout).Assembly;
    private static Assembly CommandLine => Assembly.Load("Unroll.Cli");

    private static IEnumerable<string> Forbidden(Assembly assembly, Func<string, bool> isForbidden) =>
        AssemblyFacts.References(assembly).Where(isForbidden).Order(StringComparer.Ordinal);

    private static bool IsUncontrolledChance(string name) =>
        name is "System.Random" or "System.Guid.NewGuid" || name.StartsWith("System.Security.Cryptography.RandomNumberGenerator", StringComparison.Ordinal);

    private static bool IsLocalClock(string name) =>
        name is "System.DateTime.get_Now" or "System.DateTime.get_Today" or "System.DateTimeOffset.get_Now";

    private static bool IsConsoleOrNetwork(string name) =>
        name == "System.Console" || name.StartsWith("System.Net.", StringComparison.Ordinal);

    [Fact]
    public void Every_draw_comes_from_a_generator_that_was_handed_in() => Trespass.None(Forbidden(Library, IsUncontrolledChance));

    [Fact]
    public void The_library_does_not_read_the_local_clock() => Trespass.None(Forbidden(Library, IsLocalClock));

    [Fact]
    public void The_library_knows_neither_the_console_nor_the_network() => Trespass.None(Forbidden(Library, IsConsoleOrNetwork));

    [Theory]
    [InlineData("IsTrimmable")]
    [InlineData("IsAotCompatible")]
    public void The_library_says_that_it_can_be_trimmed_and_compiled_ahead_of_time(string property) =>
        Assert.Contains(Library.GetCustomAttributes<AssemblyMetadataAttribute>(), a => a.Key == property && a.Value == "True");

    [Fact]
    public void No_static_field_can_be_assigned() =>
        Trespass.None(AssemblyFacts.MutableStatics([.. Library.GetTypes(), .. CommandLine.GetTypes()]));

    [Fact]
    public void The_library_depends_on_the_framework_and_the_csv_reader_only() =>
        Assert.All(
            Library.GetReferencedAssemblies().Where(name => name.Name != "CsvHelper"),
            name => Assert.Equal(Path.GetDirectoryName(typeof(object).Assembly.Location), Path.GetDirectoryName(Assembly.Load(name).Location)));

    [Fact]
    public void A_planted_use_is_found()
    {
        IReadOnlySet<string> references = AssemblyFacts.References(typeof(Planted).Assembly);
        Assert.Contains(references, IsUncontrolledChance);
        Assert.Contains(references, IsLocalClock);
        Assert.Contains(references, IsConsoleOrNetwork);
    }

    [Fact]
    public void A_planted_mutable_static_is_found() =>
        Assert.Equal([$"{typeof(Planted).FullName}.s_count"], AssemblyFacts.MutableStatics([typeof(Planted)]));

    private static class Planted
    {
        private static int s_count;
        private static readonly int s_fixed = 1;

        public static long Trespass() => new Random(s_fixed).Next() + DateTime.Now.Ticks + System.Net.IPAddress.Any.GetHashCode() + s_count++;
    }
}
