using Unroll.Tasks.Data.Sequences;
using Unroll.Tests.Formats;

namespace Unroll.Tests.Tasks.Data.Sequences;

public sealed class BedReaderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Lines_for_a_browser_are_passed_over_but_not_sequences_whose_names_begin_so()
    {
        string path = _folder["a.bed"];
        File.WriteAllText(path, "browser position chr7:1-9\ntrack name=a\ntracked_1\t2\t5\texon\nbrowser7 0 3\n");
        Assert.Equal([new BedInterval("tracked_1", 2, 5, "exon", 3), new BedInterval("browser7", 0, 3, BedReader.Unnamed, 4)],
            BedReader.ReadFile(path));
    }
}
