namespace Unroll.Tests.Architecture;

internal static class Trespass
{
    /// <summary>Fails with every trespass in full; xunit's own message would cut each short.</summary>
    public static void None(IEnumerable<string> trespasses)
    {
        string all = string.Join('\n', trespasses);
        Assert.True(all.Length == 0, "\n" + all);
    }
}
