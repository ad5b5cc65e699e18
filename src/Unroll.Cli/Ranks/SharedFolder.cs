using System.Globalization;
using Unroll.Core;
using Unroll.Files;
using Unroll.Training;

namespace Unroll.Cli.Ranks;

/// <summary>A folder that all ranks write in: it is the same one for each, on a file system that they share.</summary>
internal static class SharedFolder
{
    private const string SignName = "ranks.txt";
    private const int Look = 20;                                         // milliseconds

    /// <summary>Shows the first rank's folder to all others.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="root">The folder, which the first rank has made; of others it is not asked for.</param>
    /// <param name="patience">For how long a rank looks for it: file systems of networks show a new file late.</param>
    /// <returns>Its whole path.</returns>
    /// <exception cref="UserErrorException">On every rank, with the same words: one does not see it.</exception>
    internal static string Require(ICollective ranks, string? root, TimeSpan patience)
    {
        bool first = ranks.Rank == 0;
        string whole = first ? Path.GetFullPath(root!) : "", failure = "", sign = string.Create(CultureInfo.InvariantCulture,
            $"{Environment.MachineName}, process {Environment.ProcessId}, {DateTime.UtcNow:yyyy-MM-dd HH:mm:ss.fffffff} UTC");
        if (first) TextFile.Write(Path.Combine(whole, SignName), sign);
        string[] told = ranks.TextFromEach(first ? $"{whole}\0{sign}" : "")[0].Split('\0');
        whole = told[0];
        string path = Path.Combine(whole, SignName);
        for (long until = Environment.TickCount64 + (long)patience.TotalMilliseconds; TextFile.ReadIfThere(path) != told[1]; Thread.Sleep(Look))
            if (Environment.TickCount64 > until)
            {
                failure = Environment.MachineName;
                break;
            }
        string[] all = ranks.TextFromEach(failure);
        if (first) Folder.Delete(path);
        int blind = Array.FindIndex(all, one => one.Length > 0);
        return blind < 0 ? whole : throw new UserErrorException(string.Create(CultureInfo.InvariantCulture,
            $"rank {blind} on {all[blind]} does not see '{whole}', which rank 0 has made: any rank may go on with a trial that another one has ")
            + "begun; name a folder that all machines share by --runs.");
    }
}
