using System.Reflection;
using System.Runtime.CompilerServices;

namespace Unroll.Tests.Architecture;

/// <summary>What the library must not use at all, and what no assembly of ours may hold.</summary>
public sealed class AssemblyTests
{
    private static Assembly Engine => typeof(Core.SequenceLayout).Assembly;
    private static Assembly[] Libraries =>
    [
        Engine, Assembly.Load("Unroll.Inspection"), Assembly.Load("Unroll.Tasks"), Assembly.Load("Unroll.Exchange"),
        Assembly.Load("Unroll.Exchange.Hdf5"), Assembly.Load("Unroll.Mpi"),
    ];
    private static Assembly Server => Assembly.Load("Unroll.Serving");
    private static Assembly CommandLine => Assembly.Load("Unroll.Cli");

    private static IEnumerable<string> Forbidden(Func<string, bool> isForbidden) =>
        from library in Libraries
        from name in AssemblyFacts.References(library).Where(isForbidden).Order(StringComparer.Ordinal)
        select $"{library.GetName().Name}: {name}";

    private static bool IsUncontrolledChance(string name) =>
        name is "System.Random" or "System.Guid.NewGuid"
            || name.StartsWith("System.Security.Cryptography.RandomNumberGenerator", StringComparison.Ordinal);

    private static bool IsLocalClock(string name) =>
        name is "System.DateTime.get_Now" or "System.DateTime.get_Today" or "System.DateTimeOffset.get_Now";

    private static bool IsConsoleOrNetwork(string name) =>
        name == "System.Console" || name.StartsWith("System.Net.", StringComparison.Ordinal);

    [Fact]
    public void Every_draw_comes_from_a_generator_that_was_handed_in() => Trespass.None(Forbidden(IsUncontrolledChance));

    // The server draws names of sessions, which decide nothing, and answers a network; the local clock is no business of its either.
    [Fact]
    public void The_server_does_not_read_the_local_clock() => Assert.DoesNotContain(AssemblyFacts.References(Server), IsLocalClock);

    [Fact]
    public void The_library_does_not_read_the_local_clock() => Trespass.None(Forbidden(IsLocalClock));

    [Fact]
    public void The_library_knows_neither_the_console_nor_the_network() => Trespass.None(Forbidden(IsConsoleOrNetwork));

    // The framework's cryptography asks OpenSSL on Linux, which a machine need not have: Formats.Sha256 does without. JSON's comparison of names
    // draws a seed from it: Core.JsonRecord has its own.
    private static bool IsOfOpenSsl(string name) => name.StartsWith("System.Security.Cryptography", StringComparison.Ordinal)
        || name.EndsWith(".set_AllowDuplicateProperties", StringComparison.Ordinal);

    [Fact]
    public void The_library_needs_no_cryptographic_library() => Trespass.None(Forbidden(IsOfOpenSsl));

    [Theory]
    [InlineData("IsTrimmable")]
    [InlineData("IsAotCompatible")]
    public void The_library_says_that_it_can_be_trimmed_and_compiled_ahead_of_time(string property) =>
        Assert.All([.. Libraries, Server], library =>
            Assert.Contains(library.GetCustomAttributes<AssemblyMetadataAttribute>(), a => a.Key == property && a.Value == "True"));

    [Fact]
    public void No_static_field_can_be_assigned() =>
        Trespass.None(AssemblyFacts.MutableStatics(Libraries.Append(Server).Append(CommandLine).SelectMany(assembly => assembly.GetTypes())
            .Where(type => type.Namespace != "Unroll.Exchange.Onnx.Wire")));               // generated

    [Theory]
    [InlineData("Unroll")]
    [InlineData("Unroll.Inspection", "Unroll")]
    [InlineData("Unroll.Tasks", "Unroll", "Unroll.Inspection", "CsvHelper")]
    [InlineData("Unroll.Exchange", "Unroll", "Google.Protobuf")]
    [InlineData("Unroll.Exchange.Hdf5", "Unroll", "Unroll.Exchange")]
    [InlineData("Unroll.Mpi", "Unroll")]
    [InlineData("Unroll.Serving", "Unroll", "Unroll.Inspection", "Unroll.Tasks", "Microsoft.Data.Sqlite", WebFramework)]
    public void An_assembly_depends_on_the_framework_and_on_what_is_named_here(string library, params string[] others) =>
        Trespass.None(
            from reference in Assembly.Load(library).GetReferencedAssemblies()
            where !others.Contains(reference.Name) && !IsOfTheFramework(reference)
            where !(others.Contains(WebFramework) && IsOfTheWebFramework(reference))
            select $"{library} must not depend on {reference.Name}");

    private const string WebFramework = "Microsoft.AspNetCore.App";

    private static bool IsOfTheWebFramework(AssemblyName name) =>
        new FileInfo(Assembly.Load(name).Location).Directory?.Parent?.Name == WebFramework;

    private static bool IsOfTheFramework(AssemblyName name) =>
        Path.GetDirectoryName(typeof(object).Assembly.Location) == Path.GetDirectoryName(Assembly.Load(name).Location);

    // So a stranger's task, cell or page can do what ours can.
    [Fact]
    public void No_shipped_assembly_opens_its_internals_to_another()
    {
        Assembly[] shipped = [.. Libraries, Server, CommandLine];
        Trespass.None(shipped.SelectMany(assembly => Opened(assembly, [.. shipped.Select(other => other.GetName().Name!)])));
        Assert.Equal(["Unroll opens its internals to Unroll.Tests"], Opened(Engine, ["Unroll.Tests"]));
    }

    private static IEnumerable<string> Opened(Assembly assembly, string[] others) =>
        from friend in assembly.GetCustomAttributes<InternalsVisibleToAttribute>()
        let name = new AssemblyName(friend.AssemblyName).Name
        where others.Contains(name)
        select $"{assembly.GetName().Name} opens its internals to {name}";

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
