using System.Text;
using Unroll.Core;
using Unroll.Serving.Sessions;
using Unroll.Serving.Tests.Fixtures;

namespace Unroll.Serving.Tests.Laws;

/// <summary>What has to hold of every task that has sessions.</summary>
public sealed class SessionLaws
{
    public static TheoryData<string> Tasks => TaskCase.Names;

    private static byte[] Steps(TaskCase task, ulong session, long at, int count) => Encoding.UTF8.GetBytes(task.Steps(session, at, count));

    [Theory, MemberData(nameof(Tasks))]
    public async Task What_is_served_has_the_bits_of_the_session_alone(string name)
    {
        TaskCase task = TaskCase.Of(name);
        await using SessionHost host = new();
        host.Models.Add("m", task.Model);
        SessionHandle[] sessions = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => host.CreateAsync("", "m", task.Options).AsTask()));
        Alone[] alone = [.. sessions.Select(_ => new Alone(task))];
        for (int round = 0; round < 8; round++)
        {
            int count = 1 + round % 3;
            StepReply[] replies = await Task.WhenAll(sessions.Select((session, s) =>
                session.StepAsync(alone[s].Position, Steps(task, (ulong)s, alone[s].Position, count)).AsTask()));
            for (int s = 0; s < sessions.Length; s++)
            {
                Assert.Equal(alone[s].Take(task.Steps((ulong)s, alone[s].Position, count)), Alone.Text(replies[s].Answers));
                Assert.Equal(alone[s].Position, replies[s].Position);
            }
        }
    }

    [Theory, MemberData(nameof(Tasks))]
    public async Task Saved_and_restored_it_goes_on_to_the_same_bits(string name)
    {
        TaskCase task = TaskCase.Of(name);
        await using SessionHost host = new(), other = new();
        host.Models.Add("m", task.Model);
        other.Models.Add("m", task.Model);
        using SessionHandle session = await host.CreateAsync("", "m", task.Options);
        await session.StepAsync(0, Steps(task, 9, 0, 7));
        byte[] snapshot = await session.SnapshotAsync();
        using SessionHandle restored = await other.CreateAsync("", "m", task.Options, snapshot: snapshot), fork = await session.ForkAsync();
        Assert.Equal(snapshot, await restored.SnapshotAsync());
        StepReply on = await session.StepAsync(7, Steps(task, 9, 7, 6));
        byte[] after = await session.SnapshotAsync();
        foreach (SessionHandle copy in (SessionHandle[])[restored, fork])
        {
            StepReply reply = await copy.StepAsync(7, Steps(task, 9, 7, 6));
            Assert.Equal(Alone.Text(on.Answers), Alone.Text(reply.Answers));
            Assert.Equal(after, await copy.SnapshotAsync());
        }
        await session.RestoreAsync(snapshot);
        Assert.Equal(Alone.Text(on.Answers), Alone.Text((await session.StepAsync(7, Steps(task, 9, 7, 6))).Answers));
    }

    [Theory, MemberData(nameof(Tasks))]
    public async Task Steps_of_which_one_is_refused_change_nothing(string name)
    {
        TaskCase task = TaskCase.Of(name);
        await using SessionHost host = new();
        host.Models.Add("m", task.Model);
        using SessionHandle session = await host.CreateAsync("", "m", task.Options with { KeepEvery = 1 });
        await session.StepAsync(0, Steps(task, 2, 0, 3));
        byte[] before = await session.SnapshotAsync();
        string steps = task.Steps(2, 3, 2);
        ServingException refused = await Assert.ThrowsAsync<ServingException>(() =>
            session.StepAsync(3, Encoding.UTF8.GetBytes($"{steps[..^1]},{{\"no\":1}}]")).AsTask());
        Assert.Equal(Refusal.Invalid, refused.Refusal);
        Assert.StartsWith("steps[2]: ", refused.Message);
        Assert.Equal(before, await session.SnapshotAsync());
        Assert.Equal([1L, 2L, 3L], (await session.StatusAsync()).Kept);
        Alone alone = new(task);
        alone.Take(task.Steps(2, 0, 3));
        Assert.Equal(alone.Take(steps), Alone.Text((await session.StepAsync(3, Encoding.UTF8.GetBytes(steps))).Answers));
    }

    [Theory, MemberData(nameof(Tasks))]
    public async Task Rewound_to_a_kept_position_it_goes_on_to_the_same_bits(string name)
    {
        TaskCase task = TaskCase.Of(name);
        await using SessionHost host = new();
        host.Models.Add("m", task.Model);
        using SessionHandle session = await host.CreateAsync("", "m", task.Options with { KeepEvery = 2, KeepLast = 3 });
        await session.StepAsync(0, Steps(task, 4, 0, 5));
        StepReply first = await session.StepAsync(5, Steps(task, 4, 5, 5));
        Assert.Equal([6L, 8L, 10L], (await session.StatusAsync()).Kept);
        ServingException refused = await Assert.ThrowsAsync<ServingException>(() => session.RewindAsync(4).AsTask());
        Assert.Equal((Refusal.Conflict, 10L), (refused.Refusal, refused.Position));
        Assert.Equal([6L, 8L, 10L], refused.Kept);
        Assert.Equal([6L], (await session.RewindAsync(6)).Kept);
        StepReply again = await session.StepAsync(6, Steps(task, 4, 6, 4));
        Assert.EndsWith(Alone.Text(again.Answers)[1..], Alone.Text(first.Answers));
    }
}
