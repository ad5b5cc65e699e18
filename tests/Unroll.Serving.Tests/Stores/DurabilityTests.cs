using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Unroll.Core;
using Unroll.Serving.Sessions;
using Unroll.Serving.Stores;
using Unroll.Serving.Tests.Fixtures;

namespace Unroll.Serving.Tests.Stores;

public sealed class DurabilityTests : IDisposable
{
    private static readonly TaskCase s_task = TaskCase.Tagger(1);
    private static readonly byte[] s_step = "[\"send\"]"u8.ToArray();
    private readonly string _folder = Directory.CreateTempSubdirectory("unroll-serving-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private ISessionStore Open(string kind, ISessionStore? memory) => kind == "memory" ? memory! : new SqliteStore(Path.Combine(_folder, "s.db"));

    private static SessionHost Host(ISessionStore store)
    {
        SessionHost host = new(store);
        host.Models.Add("m", s_task.Model);
        return host;
    }

    private static SessionConfiguration Options(string durability, int keepEvery = 0) =>
        new() { Durability = Durability.Parse(durability), KeepEvery = keepEvery };

    [Theory]
    [InlineData("none", 0, 0, 0, 0, 0)]
    [InlineData("each", 1, 2, 3, 4, 5)]
    [InlineData("every:2", 0, 2, 2, 4, 4)]
    [InlineData("every:3", 0, 0, 3, 3, 3)]
    public async Task A_reply_says_up_to_which_step_the_session_is_durable(string durability, params int[] durable)
    {
        MemoryStore store = new();
        await using SessionHost host = Host(store);
        using SessionHandle session = await host.CreateAsync("", "m", Options(durability), "s");
        for (int at = 0; at < durable.Length; at++)
        {
            Assert.Equal(durable[at], (await session.StepAsync(at, s_step)).Durable);
            StoredSession? stored = store.Read(new SessionId("", "s"));
            Assert.Equal(durability == "none" ? (long?)null : durable[at],
                stored is null ? (long?)null : SessionSnapshot.Read(stored.Snapshot).Position);
        }
    }

    [Theory]
    [InlineData("memory")]
    [InlineData("sqlite")]
    public async Task Another_process_goes_on_from_the_last_durable_step_with_its_answer_and_kept_snapshots(string kind)
    {
        MemoryStore memory = new();
        StepReply last = default;
        byte[] snapshot;
        await using (SessionHost host = Host(Open(kind, memory)))
        {
            using SessionHandle session = await host.CreateAsync("alice", "m", Options("each", keepEvery: 2), "s");
            for (int at = 0; at < 7; at++) last = await session.StepAsync(at, s_step);
            await session.RewindAsync(4);
            for (int at = 4; at < 9; at++) last = await session.StepAsync(at, at == 4 ? Encoding.UTF8.GetBytes("[\"five\"]") : s_step);
            snapshot = await session.SnapshotAsync();
        }
        await using (SessionHost host = Host(Open(kind, memory)))
        {
            Assert.Equal(Refusal.NotFound, Assert.Throws<ServingException>(() => host.Open("bob", "s")).Refusal);
            using SessionHandle session = host.Open("alice", "s");
            Assert.Equal(snapshot, await session.SnapshotAsync());
            Assert.Equal([2L, 4L, 6L, 8L], (await session.StatusAsync()).Kept);
            StepReply again = await session.StepAsync(8, s_step);
            Assert.Equal((Alone.Text(last.Answers), true, 9L), (Alone.Text(again.Answers), again.Repeated, again.Durable));
            Alone alone = new(s_task);
            alone.Take("[\"send\",\"send\",\"send\",\"send\",\"five\",\"send\"]");
            await session.RewindAsync(6);
            Assert.Equal(alone.Take("[\"send\"]"), Alone.Text((await session.StepAsync(6, s_step)).Answers));
            await session.DeleteAsync();
        }
        await using (SessionHost host = Host(Open(kind, memory)))
            Assert.Equal(Refusal.NotFound, Assert.Throws<ServingException>(() => host.Open("alice", "s")).Refusal);
    }

    [Theory]
    [InlineData("memory")]
    [InlineData("sqlite")]
    public async Task At_the_end_all_sessions_are_saved_that_are_to_be_kept(string kind)
    {
        MemoryStore memory = new();
        SessionHost host = Host(Open(kind, memory));
        using SessionHandle kept = await host.CreateAsync("", "m", Options("every:1000"), "kept"),
            fleeting = await host.CreateAsync("", "m", Options("none"), "fleeting");
        for (int at = 0; at < 5; at++)
        {
            await kept.StepAsync(at, s_step);
            await fleeting.StepAsync(at, s_step);
        }
        Assert.Equal(0, await host.StopAsync());
        Assert.Equal(Refusal.Away, (await Assert.ThrowsAsync<ServingException>(() => kept.StepAsync(5, s_step).AsTask())).Refusal);
        Assert.Equal(Refusal.Away, Assert.Throws<ServingException>(() => host.Open("", "kept")).Refusal);
        await host.DisposeAsync();
        await using SessionHost other = Host(Open(kind, memory));
        using SessionHandle session = other.Open("", "kept");
        Assert.Equal(5, (await session.StatusAsync()).Position);
        Assert.Throws<ServingException>(() => other.Open("", "fleeting"));
    }

    [Fact]
    public async Task Where_a_write_fails_a_repeat_saves_and_returns_the_answer_and_takes_nothing()
    {
        Failing store = new();
        await using SessionHost host = Host(store);
        using SessionHandle session = await host.CreateAsync("", "m", Options("each"), "s");
        await session.StepAsync(0, s_step);
        store.Fails = true;
        for (int i = 0; i < 2; i++)
        {
            ServingException away = await Assert.ThrowsAsync<ServingException>(() => session.StepAsync(1, s_step).AsTask());
            Assert.Equal((Refusal.Away, 2L), (away.Refusal, away.Position));
        }
        Assert.Equal(1, (await session.StatusAsync()).Durable);
        store.Fails = false;
        StepReply reply = await session.StepAsync(1, s_step);
        Assert.Equal((true, 2L, 2L), (reply.Repeated, reply.Position, reply.Durable));
        Alone alone = new(s_task);
        alone.Take("[\"send\"]");
        Assert.Equal(alone.Take("[\"send\"]"), Alone.Text(reply.Answers));
        Assert.Equal(2, SessionSnapshot.Read(store.Read(new SessionId("", "s"))!.Snapshot).Position);
    }

    [Fact]
    public async Task A_session_that_cannot_be_stored_is_not_begun()
    {
        Failing store = new() { Fails = true };
        await using SessionHost host = Host(store);
        Assert.Equal(Refusal.Away,
            (await Assert.ThrowsAsync<ServingException>(() => host.CreateAsync("", "m", Options("each"), "s").AsTask())).Refusal);
        Assert.Equal(0, host.Sessions);
        store.Fails = false;
        using SessionHandle session = await host.CreateAsync("", "m", Options("each"), "s");
        Assert.NotNull(store.Read(new SessionId("", "s")));
        await using SessionHost without = new();
        without.Models.Add("m", s_task.Model);
        Assert.Contains("has no store",
            (await Assert.ThrowsAsync<ServingException>(() => without.CreateAsync("", "m", Options("each")).AsTask())).Message);
    }

    [Theory]
    [InlineData("memory")]
    [InlineData("sqlite")]
    public async Task Of_two_owners_of_a_session_the_later_one_has_it_and_the_other_is_told(string kind)
    {
        MemoryStore memory = new();
        await using SessionHost first = Host(Open(kind, memory)), second = Host(Open(kind, memory));
        using SessionHandle old = await first.CreateAsync("", "m", Options("each"), "s");
        await old.StepAsync(0, s_step);
        using SessionHandle young = second.Open("", "s");
        await young.StepAsync(1, s_step);
        ServingException taken = await Assert.ThrowsAsync<ServingException>(() => old.StepAsync(1, s_step).AsTask());
        Assert.Equal(Refusal.Conflict, taken.Refusal);
        Assert.Contains("elsewhere", taken.Message);
        using SessionHandle again = first.Open("", "s");
        Assert.Equal(2, (await again.StatusAsync()).Position);
    }

    [Fact]
    public async Task Many_sessions_share_a_commit()
    {
        Failing store = new();
        await using SessionHost host = Host(store);
        SessionHandle[] sessions = await Task.WhenAll(Enumerable.Range(0, 300).Select(i => host.CreateAsync("", "m", Options("each")).AsTask()));
        for (int at = 0; at < 4; at++) await Task.WhenAll(sessions.Select(session => session.StepAsync(at, s_step).AsTask()));
        Assert.True(store.Largest is > 1 and <= SessionWriter.MostRows, $"the largest commit had {store.Largest} rows");
        Assert.Equal(1500, host.Writer!.Rows);
    }

    [Fact]
    public async Task A_session_that_rests_is_saved_and_comes_back_when_it_is_asked_for()
    {
        await using SessionHost host = new(new MemoryStore(), new ServingLimits { Idle = TimeSpan.FromMilliseconds(40) });
        host.Models.Add("m", s_task.Model);
        using (SessionHandle session = await host.CreateAsync("", "m", Options("every:100"), "s")) await session.StepAsync(0, s_step);
        while (host.Sessions > 0) await Task.Delay(5);
        using SessionHandle back = host.Open("", "s");
        Assert.Equal(1, (await back.StatusAsync()).Position);
    }

    [Fact]
    public void A_file_that_is_no_store_is_refused()
    {
        string path = Path.Combine(_folder, "no.db");
        File.WriteAllText(path, string.Join(' ', Enumerable.Repeat("this is no database", 100)));
        Assert.Contains("cannot be opened as a store of sessions", Assert.Throws<UserErrorException>(() => new SqliteStore(path)).Message);
        Assert.Contains("cannot be opened", Assert.Throws<UserErrorException>(() => new SqliteStore(Path.Combine(_folder, "no", "s.db"))).Message);
    }

    [Fact]
    public void The_writer_writes_what_waits_before_it_ends()
    {
        Failing store = new();
        SessionRow row = new() { Id = new SessionId("", "s") };
        using (SessionWriter writer = new(store, NullLogger.Instance)) writer.Add(row);
        Assert.Equal(RowOutcome.Written, row.Outcome);
    }

    // A store that is away when it is told to be.
    private sealed class Failing : ISessionStore
    {
        private readonly MemoryStore _store = new();

        public bool Fails { get; set; }

        public int Largest { get; private set; }

        public StoredSession? Read(SessionId id) => _store.Read(id);

        public void Write(IReadOnlyList<SessionRow> rows)
        {
            Largest = Math.Max(Largest, rows.Count);
            if (Fails) throw new IOException("the disk is full");
            _store.Write(rows);
        }
    }
}
