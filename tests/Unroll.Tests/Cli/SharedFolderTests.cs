using System.Text;
using Unroll.Cli.Ranks;
using Unroll.Core;
using Unroll.Tests.Formats;
using Unroll.Tests.Training;
using Unroll.Training;

namespace Unroll.Tests.Cli;

public sealed class SharedFolderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_that_all_ranks_see_is_told_to_all_and_left_as_it_was()
    {
        string[] told = ThreadRanks.Run(3, ranks => SharedFolder.Require(ranks, ranks.Rank == 0 ? _folder.Path : null, TimeSpan.FromSeconds(10)));
        Assert.All(told, one => Assert.Equal(_folder.Path, one));
        Assert.Empty(Directory.EnumerateFiles(_folder.Path));
    }

    [Fact]
    public void A_rank_that_does_not_see_it_is_named_on_all()
    {
        Directory.CreateDirectory(_folder["a"]);
        string[] said = ThreadRanks.Run(2, ranks => Assert.Throws<UserErrorException>(() => SharedFolder.Require(
            ranks.Rank == 1 ? new Elsewhere(ranks, _folder["a"], _folder["b"]) : ranks, ranks.Rank == 0 ? _folder["a"] : null,
            TimeSpan.FromSeconds(0.1))).Message);
        Assert.All(said, one => Assert.StartsWith($"rank 1 on {Environment.MachineName} does not see '", one));
        Assert.Empty(Directory.EnumerateFiles(_folder["a"]));
    }

    // A rank for which a path means another folder, as on a machine with a disk of its own.
    private sealed class Elsewhere(ICollective ranks, string path, string own) : ICollective
    {
        public int Rank => ranks.Rank;

        public int Size => ranks.Size;

        public void AllGather(Span<byte> all, ReadOnlySpan<int> counts)
        {
            ranks.AllGather(all, counts);
            if (all.IndexOf(Encoding.UTF8.GetBytes(path)) is >= 0 and var at) Encoding.UTF8.GetBytes(own, all[at..]);
        }

        public void AllToAll(ReadOnlySpan<byte> send, ReadOnlySpan<int> sendCounts, Span<byte> receive, ReadOnlySpan<int> receiveCounts) =>
            ranks.AllToAll(send, sendCounts, receive, receiveCounts);
    }
}
