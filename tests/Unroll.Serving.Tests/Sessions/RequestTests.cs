using System.Text;
using Unroll.Core;
using Unroll.Serving.Sessions;
using Unroll.Serving.Tests.Fixtures;

namespace Unroll.Serving.Tests.Sessions;

public sealed class RequestTests
{
    private static readonly TaskCase s_tagger = TaskCase.Tagger(1);

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static async Task<SessionHost> Host(params (string Name, TaskCase Task)[] models)
    {
        SessionHost host = new();
        foreach ((string name, TaskCase task) in models) host.Models.Add(name, task.Model);
        return await Task.FromResult(host);
    }

    private static async Task<ServingException> Refused(Func<Task> call) => await Assert.ThrowsAsync<ServingException>(call);

    [Fact]
    public async Task A_repeat_of_the_last_request_has_the_stored_answer_and_takes_nothing()
    {
        await using SessionHost host = await Host(("m", s_tagger));
        using SessionHandle session = await host.CreateAsync("", "m");
        StepReply first = await session.StepAsync(0, Bytes("[\"send\",\"five\"]")), again = await session.StepAsync(0, Bytes("[\"send\",\"five\"]"));
        Assert.Equal(Alone.Text(first.Answers), Alone.Text(again.Answers));
        Assert.Equal((2L, false, true), (again.Position, first.Repeated, again.Repeated));
        Assert.Equal(2, host.Figures.Steps);
    }

    [Fact]
    public async Task A_gap_and_an_older_position_are_refused_with_where_the_session_stands()
    {
        await using SessionHost host = await Host(("m", s_tagger));
        using SessionHandle session = await host.CreateAsync("", "m");
        await session.StepAsync(0, Bytes("[\"send\"]"));
        await session.StepAsync(1, Bytes("[\"five\"]"));
        foreach (long at in (long[])[0, 3, -1, long.MaxValue])
        {
            ServingException refused = await Refused(() => session.StepAsync(at, Bytes("[\"lamps\"]")).AsTask());
            Assert.Equal((Refusal.Conflict, 2L), (refused.Refusal, refused.Position));
        }
    }

    [Fact]
    public async Task Other_input_under_the_last_position_is_refused()
    {
        await using SessionHost host = await Host(("m", s_tagger));
        using SessionHandle session = await host.CreateAsync("", "m");
        await session.StepAsync(0, Bytes("[\"send\"]"));
        Assert.Contains("other input", (await Refused(() => session.StepAsync(0, Bytes("[\"five\"]")).AsTask())).Message);
    }

    [Fact]
    public async Task A_caller_that_blocks_after_its_answer_holds_up_nobody()
    {
        await using SessionHost host = await Host(("m", s_tagger));
        using SessionHandle blocks = await host.CreateAsync("", "m"), goes = await host.CreateAsync("", "m");
        using ManualResetEventSlim answered = new();
        async Task Blocks()
        {
            await blocks.StepAsync(0, Bytes("[\"send\"]")).ConfigureAwait(false);
            Assert.True(answered.Wait(TimeSpan.FromSeconds(30)), "the other session had no answer");
        }
        Task blocked = Task.Run(Blocks);
        for (int at = 0; at < 200; at++) await goes.StepAsync(at, Bytes("[\"five\"]"));
        answered.Set();
        await blocked;
    }

    [Fact]
    public async Task A_session_is_its_owners_alone()
    {
        await using SessionHost host = await Host(("m", s_tagger));
        using SessionHandle alice = await host.CreateAsync("alice", "m", name: "s"), bob = await host.CreateAsync("bob", "m", name: "s");
        await alice.StepAsync(0, Bytes("[\"send\"]"));
        Assert.Equal(0, (await bob.StatusAsync()).Position);
        using SessionHandle found = host.Open("alice", "s");
        Assert.Equal(1, (await found.StatusAsync()).Position);
        Assert.Equal(Refusal.NotFound, Assert.Throws<ServingException>(() => host.Open("carol", "s")).Refusal);
        Assert.Equal(Refusal.Conflict, (await Refused(() => host.CreateAsync("bob", "m", name: "s").AsTask())).Refusal);
    }

    [Fact]
    public async Task A_session_that_was_deleted_is_gone()
    {
        await using SessionHost host = await Host(("m", s_tagger));
        using SessionHandle session = await host.CreateAsync("", "m", name: "s");
        await session.DeleteAsync();
        Assert.Equal(0, host.Sessions);
        Assert.Equal(Refusal.NotFound, (await Refused(() => session.StepAsync(0, Bytes("[\"send\"]")).AsTask())).Refusal);
        Assert.Equal(Refusal.NotFound, Assert.Throws<ServingException>(() => host.Open("", "s")).Refusal);
    }

    [Fact]
    public async Task A_snapshot_of_other_weights_and_a_damaged_one_are_refused()
    {
        await using SessionHost host = await Host(("one", s_tagger), ("two", TaskCase.Tagger(2)));
        using SessionHandle one = await host.CreateAsync("", "one"), two = await host.CreateAsync("", "two");
        await two.StepAsync(0, Bytes("[\"send\"]"));
        byte[] before = await two.SnapshotAsync(), other = await one.SnapshotAsync();
        Assert.Contains("other weights", (await Refused(() => two.RestoreAsync(other).AsTask())).Message);
        Assert.Contains("other weights", (await Refused(() => host.CreateAsync("", "two", snapshot: other).AsTask())).Message);
        for (int i = 0; i < before.Length; i += 7)
        {
            byte[] damaged = [.. before];
            damaged[i] ^= 16;
            await Assert.ThrowsAnyAsync<UserErrorException>(() => two.RestoreAsync(damaged).AsTask());
            await Assert.ThrowsAnyAsync<UserErrorException>(() => two.RestoreAsync(before[..i]).AsTask());
        }
        Assert.Equal(before, await two.SnapshotAsync());
        Assert.Equal(2, host.Sessions);
    }

    [Fact]
    public async Task A_session_stays_with_its_weights_while_its_model_is_replaced_and_unloaded()
    {
        TaskCase old = s_tagger, young = TaskCase.Tagger(2);
        await using SessionHost host = await Host(("m", old));
        using SessionHandle first = await host.CreateAsync("", "m", name: "first");
        await first.StepAsync(0, Bytes("[\"send\"]"));
        host.Models.Add("m", young.Model);
        using SessionHandle second = await host.CreateAsync("", "m");
        Alone alone = new(old), other = new(young);
        alone.Take("[\"send\"]");
        Assert.Equal(alone.Take("[\"five\"]"), Alone.Text((await first.StepAsync(1, Bytes("[\"five\"]"))).Answers));
        Assert.Equal(other.Take("[\"five\"]"), Alone.Text((await second.StepAsync(0, Bytes("[\"five\"]"))).Answers));
        host.Models.Unload("m");
        Assert.Empty(host.Models.Current);
        Assert.Equal(2, host.Models.All.Count);
        Assert.Equal(Refusal.NotFound, (await Refused(() => host.CreateAsync("", "m").AsTask())).Refusal);
        Assert.Equal(alone.Take("[\"lamps\"]"), Alone.Text((await first.StepAsync(2, Bytes("[\"lamps\"]"))).Answers));
        await first.DeleteAsync();
        await second.DeleteAsync();
        Assert.Empty(host.Models.All);
    }

    [Fact]
    public async Task What_is_given_up_is_taken_back_whole()
    {
        TaskCase task = TaskCase.Of("language");
        await using SessionHost host = await Host(("m", task));
        using SessionHandle session = await host.CreateAsync("", "m", task.Options);
        byte[] before = await session.SnapshotAsync();
        using CancellationTokenSource stop = new();
        Task<StepReply> drawing = session.StepAsync(0, Bytes("[{\"draw\":1000000}]"), stop.Token).AsTask();
        while (host.Figures.Rounds < 10) await Task.Delay(1);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => drawing);
        Assert.Equal(before, await session.SnapshotAsync());
        using CancellationTokenSource gone = new();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => session.StepAsync(0, Bytes("[\"a\"]"), gone.Token).AsTask());
        Assert.Equal(1, (await session.StepAsync(0, Bytes("[\"a\"]"))).Position);
    }

    [Fact]
    public async Task Limits_are_kept()
    {
        await using SessionHost host = new(limits: new ServingLimits { Sessions = 2, Steps = 3, AnswerBytes = 2000 });
        host.Models.Add("m", s_tagger.Model);
        using SessionHandle one = await host.CreateAsync("", "m"), two = await host.CreateAsync("", "m");
        Assert.Equal(Refusal.TooMany, (await Refused(() => host.CreateAsync("", "m").AsTask())).Refusal);
        Assert.Equal(Refusal.TooMany, (await Refused(() => one.ForkAsync().AsTask())).Refusal);
        foreach (string steps in (string[])["[]", "{}", "[\"a\",\"a\",\"a\",\"a\"]", "no", "[1", "3"])
            Assert.Equal(Refusal.Invalid, (await Refused(() => one.StepAsync(0, Bytes(steps)).AsTask())).Refusal);
        Assert.Equal(0, (await one.StatusAsync()).Position);
        await one.DeleteAsync();
        using SessionHandle three = await host.CreateAsync("", "m");
        Assert.Equal(2, host.Sessions);
    }

    [Fact]
    public async Task A_session_that_rests_ends_unless_somebody_holds_it()
    {
        await using SessionHost host = new(limits: new ServingLimits { Idle = TimeSpan.FromMilliseconds(40) });
        host.Models.Add("m", s_tagger.Model);
        using SessionHandle held = await host.CreateAsync("", "m");
        (await host.CreateAsync("", "m")).Dispose();
        while (host.Sessions > 1) await Task.Delay(5);
        Assert.Equal(0, (await held.StatusAsync()).Position);
    }

    [Fact]
    public async Task Requests_of_one_session_are_taken_in_their_order()
    {
        await using SessionHost host = await Host(("m", s_tagger));
        using SessionHandle session = await host.CreateAsync("", "m");
        StepReply[] replies = await Task.WhenAll(Enumerable.Range(0, 200).Select(at => session.StepAsync(at, Bytes("[\"send\"]")).AsTask()));
        Alone alone = new(s_tagger);
        foreach (StepReply reply in replies) Assert.Equal(alone.Take("[\"send\"]"), Alone.Text(reply.Answers));
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData(".hidden")]
    [InlineData("")]
    [InlineData("a b")]
    public async Task A_name_that_is_none_is_refused(string name)
    {
        await using SessionHost host = await Host(("m", s_tagger));
        Assert.Equal(Refusal.Invalid, Assert.Throws<ServingException>(() => host.Models.Add(name, s_tagger.Model)).Refusal);
        Assert.Equal(Refusal.Invalid, (await Refused(() => host.CreateAsync("", "m", name: name).AsTask())).Refusal);
    }
}
