using System.Buffers.Binary;
using System.Text;
using Unroll.Core;
using Unroll.Serving.Sessions;
using Unroll.Serving.Tests.Fixtures;

namespace Unroll.Serving.Tests.Sessions;

/// <summary>Snapshots that were changed and sealed again: refused, or a session that goes on, or says why not; its neighbor is untouched.</summary>
public sealed class ForgedSnapshotTests
{
    private const int Forgeries = 120, ChecksumSize = 8;

    public static TheoryData<string> Tasks => TaskCase.Names;

    [Theory, MemberData(nameof(Tasks))]
    public async Task A_forged_snapshot_does_no_harm(string name)
    {
        TaskCase task = TaskCase.Of(name);
        await using SessionHost host = new();
        host.Models.Add("m", task.Model);
        using SessionHandle session = await host.CreateAsync("", "m", task.Options), neighbor = await host.CreateAsync("", "m", task.Options);
        await session.StepAsync(0, Encoding.UTF8.GetBytes(task.Steps(1, 0, 9)));
        byte[] sound = await session.SnapshotAsync(), before = await neighbor.SnapshotAsync();
        for (int i = 0; i < Forgeries; i++)
        {
            Rng draws = new Rng(7).At((ulong)i);
            byte[] forged = [.. sound];
            for (int k = 0; k <= draws.Below(3, 0); k++)
                forged[12 + draws.Below(forged.Length - 12 - ChecksumSize, (ulong)(3 * k + 1))] = (byte)draws.Below(256, (ulong)(3 * k + 2));
            int end = forged.Length - ChecksumSize;
            BinaryPrimitives.WriteUInt64LittleEndian(forged.AsSpan(end), Fnv.Of(forged.AsSpan(0, end)));
            try
            {
                SessionStatus status = await session.RestoreAsync(forged);
                await session.StepAsync(status.Position, Encoding.UTF8.GetBytes(task.Steps(1, 9, 3)));
            }
            catch (UserErrorException)
            {
            }
            await session.RestoreAsync(sound);
            Assert.Equal(sound, await session.SnapshotAsync());
        }
        Assert.Equal(before, await neighbor.SnapshotAsync());
    }
}
