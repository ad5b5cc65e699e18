using Unroll.Numerics;

namespace Unroll.Tests.Numerics;

public sealed class ThreadTeamTests
{
    [Theory]
    [InlineData(1), InlineData(2), InlineData(5)]
    public void Every_worker_does_its_share_once(int threads)
    {
        using ThreadTeam team = new(threads);
        Assert.Equal(threads, team.Threads);
        int[] runs = new int[threads];
        Work work = new(worker => Interlocked.Increment(ref runs[worker]));
        for (int round = 1; round <= 100; round++)
        {
            team.Run(work);
            Assert.All(runs, count => Assert.Equal(round, count));
        }
    }

    [Fact]
    public void Workers_that_fell_asleep_wake_up()
    {
        using ThreadTeam team = new(3);
        int runs = 0;
        Work work = new(_ => Interlocked.Increment(ref runs));
        for (int round = 1; round <= 4; round++)
        {
            Thread.Sleep(30);
            team.Run(work);
            Assert.Equal(3 * round, runs);
        }
    }

    [Fact]
    public void Nobody_passes_a_barrier_before_all_have_reached_it()
    {
        using ThreadTeam team = new(3);
        int arrived = 0, early = 0;
        team.Run(new Work(_ =>
        {
            for (int round = 1; round <= 40; round++)
            {
                Interlocked.Increment(ref arrived);
                team.Barrier();
                if (Volatile.Read(ref arrived) < 3 * round) Interlocked.Increment(ref early);
                team.Barrier();
            }
        }));
        Assert.Equal((120, 0), (arrived, early));
    }

    [Theory]
    [InlineData(1, 0), InlineData(3, 0), InlineData(3, 1), InlineData(3, 2)]
    public void An_exception_of_any_worker_comes_out_and_the_team_goes_on(int threads, int bad)
    {
        using ThreadTeam team = new(threads);
        int runs = 0;
        Work failing = new(worker =>
        {
            team.Barrier();
            if (worker == bad) throw new InvalidDataException("worker " + worker);
            team.Barrier();                                                            // here the others would wait for ever
        });
        Work good = new(_ =>
        {
            team.Barrier();
            Interlocked.Increment(ref runs);
            team.Barrier();
        });
        for (int round = 1; round <= 15; round++)
        {
            Assert.Equal("worker " + bad, Assert.Throws<InvalidDataException>(() => team.Run(failing)).Message);
            team.Run(good);
            Assert.Equal(threads * round, runs);
        }
    }

    [Fact]
    public void A_cancellation_thrown_by_a_worker_is_an_exception_like_any_other()
    {
        using ThreadTeam team = new(2);
        Work cancelled = new(worker =>
        {
            if (worker == 1) throw new OperationCanceledException("by the work");
        });
        Assert.Equal("by the work", Assert.Throws<OperationCanceledException>(() => team.Run(cancelled)).Message);
    }

    [Fact]
    public void Two_teams_work_at_once()
    {
        using ThreadTeam one = new(2), two = new(3);
        Task<long>[] sums = [.. new[] { one, two }.Select(team => Task.Run(() => SumOf(team, rounds: 40)))];
        Assert.Equal([40 * 2 * 10, 40 * 3 * 10], sums.Select(sum => sum.Result));
    }

    [Fact]
    public void Runs_from_several_threads_take_turns()
    {
        using ThreadTeam team = new(3);
        Task<long>[] sums = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(() => SumOf(team, rounds: 25)))];
        Assert.All(sums, sum => Assert.Equal(25 * 3 * 10, sum.Result));
    }

    [Fact]
    public void Handing_out_work_allocates_nothing()
    {
        using ThreadTeam team = new(2);
        Work work = new(_ => { });
        for (int i = 0; i < 10; i++) team.Run(work);
        Assert.Equal(0, Allocation.Of(() => team.Run(work)));
    }

    [Theory]
    [InlineData(1), InlineData(3)]
    public void A_disposed_team_refuses(int threads)
    {
        ThreadTeam team = new(threads);
        team.Run(new Work(_ => { }));
        team.Dispose();
        team.Dispose();
        Assert.Throws<ObjectDisposedException>(() => team.Run(new Work(_ => { })));
    }

    [Fact]
    public void As_many_workers_as_are_asked_for_have_a_share_each()
    {
        using ThreadTeam team = new(5);
        foreach (int workers in (int[])[2, 5, 1, 3, 3, 5, 2, 4, 1, 5])
            for (int round = 0; round < 20; round++)
            {
                if (round == 10) Thread.Sleep(5);                                      // some have fallen asleep, some still spin
                int[] runs = new int[5];
                int met = 0;
                team.Run(new Work(worker =>
                {
                    runs[worker]++;
                    Interlocked.Increment(ref met);
                    if (workers == 1) return;
                    team.Barrier();
                    if (Volatile.Read(ref met) != workers) runs[worker] = -1;
                }), workers);
                Assert.Equal(Enumerable.Range(0, 5).Select(worker => worker < workers ? 1 : 0), runs);
            }
    }

    [Theory]
    [InlineData(0), InlineData(4)]
    public void More_workers_than_there_are_and_none_are_refused(int workers)
    {
        using ThreadTeam team = new(3);
        Assert.Throws<ArgumentOutOfRangeException>(() => team.Run(new Work(_ => { }), workers));
    }

    [Theory]
    [InlineData(4, 99, 1), InlineData(4, 100, 4), InlineData(1, 1_000_000, 1)]
    public void Work_above_the_smallest_share_is_every_workers(int threads, long size, int workers)
    {
        using ThreadTeam team = new(threads) { SmallestShare = 100 };
        Assert.Equal(workers, team.WorkersFor(size));
    }

    [Theory]
    [InlineData(0, 1), InlineData(1_999, 1), InlineData(2_000, 2), InlineData(3_999, 3), InlineData(4_000, 4), InlineData(long.MaxValue, 4)]
    public void Every_worker_gets_the_minimum(long size, int workers)
    {
        using ThreadTeam team = new(4) { SmallestShare = 0, MinimumPerWorker = 1_000 };
        Assert.Equal(workers, team.WorkersFor(size));
    }

    // Rows of a batch × gates × units × (inputs + units).
    [Theory]
    [InlineData("the default forecast", 32L * 132 * 3 * 32 * (1 + 32), 1)]
    [InlineData("a classifier of sentences", 16L * 30 * 4 * 64 * (200 + 64), 1)]
    [InlineData("a step of a stream", 1L * 4 * 1024 * (1024 + 1024), 1)]
    [InlineData("a classifier of 128 units on 100 steps", 32L * 100 * 4 * 128 * (128 + 128), 6)]
    [InlineData("the default language model", 32L * 64 * 4 * 384 * (64 + 384), 16)]
    public void By_size_small_networks_are_one_threads_and_large_ones_get_every_core(string network, long size, int workers)
    {
        using ThreadTeam team = new(16) { MinimumPerWorker = ThreadTeam.LargeShare };
        Assert.True(workers == team.WorkersFor(size), $"{network}: {team.WorkersFor(size)} workers");
    }

    [Fact]
    public void A_share_may_ask_and_is_told_to_work_alone()
    {
        using ThreadTeam team = new(2) { SmallestShare = 0 };
        int[] answers = new int[2];
        for (int round = 0; round < 3; round++)
        {
            team.Run(new Work(worker => answers[worker] = team.WorkersFor(long.MaxValue)));
            Assert.Equal([1, 1], answers);
            Assert.Equal(2, team.WorkersFor(long.MaxValue));                           // and nobody else was there
        }
        Assert.Throws<InvalidDataException>(() => team.Run(new Work(_ => throw new InvalidDataException())));
        Assert.Equal(2, team.WorkersFor(long.MaxValue));
    }

    // A worker that has no core for a while, as its caller sees it: it does not come.
    [Fact]
    public void After_a_run_that_waited_for_a_worker_the_caller_is_alone_for_a_while()
    {
        using ThreadTeam team = new(2) { SmallestShare = 0, Adapts = true };
        Assert.Equal(2, team.WorkersFor(long.MaxValue));
        team.Run(new Work(worker => Thread.Sleep(worker * 100)));
        Assert.Equal(1, team.WorkersFor(long.MaxValue));
        for (long start = Environment.TickCount64; team.WorkersFor(long.MaxValue) == 1; Thread.Sleep(10))
            Assert.True(Environment.TickCount64 - start < 60_000, "the team never shares again");
        team.Run(new Work(worker =>
        {
            team.Barrier();
            Thread.Sleep((1 - worker) * 100);                                          // the other way round: a worker waits for its caller
            team.Barrier();
        }));
        Assert.Equal(1, team.WorkersFor(long.MaxValue));
        using ThreadTeam steady = new(2) { SmallestShare = 0, Adapts = false };
        steady.Run(new Work(worker => Thread.Sleep(worker * 100)));
        Assert.Equal(2, steady.WorkersFor(long.MaxValue));
    }

    // One lost time slice is longer than many a run: only what adds up counts.
    [Fact]
    public void Short_runs_that_wait_count_together()
    {
        using ThreadTeam team = new(2) { SmallestShare = 0, Adapts = true };
        Work waits = new(worker => Thread.Sleep(5 * worker));
        long start = Environment.TickCount64;
        team.Run(waits);
        if (Environment.TickCount64 - start < 20) Assert.Equal(2, team.WorkersFor(long.MaxValue));
        while (team.WorkersFor(long.MaxValue) == 2)
        {
            Assert.True(Environment.TickCount64 - start < 60_000, "the team never leaves its caller alone");
            team.Run(waits);
        }
    }

    [Fact]
    public void Callers_that_have_work_at_the_same_time_work_alone_for_a_while()
    {
        using ThreadTeam team = new(2) { SmallestShare = 0 };
        int other = 0;
        team.Run(new Work(worker =>
        {
            if (worker == 0) other = Task.Run(() => team.WorkersFor(long.MaxValue)).Result;
        }));
        Assert.Equal(1, other);
        for (long start = Environment.TickCount64; team.WorkersFor(long.MaxValue) == 1; Thread.Sleep(10))
            Assert.True(Environment.TickCount64 - start < 60_000, "the team never shares again");
    }

    [Fact]
    public void The_default_team_has_a_worker_for_each_core_and_outlives_its_disposal()
    {
        ThreadTeam team = ThreadTeam.Default;
        Assert.Equal(Environment.ProcessorCount, team.Threads);
        Assert.Equal(1, team.WorkersFor((2 * ThreadTeam.LargeShare) - 1));
        team.Dispose();
        int runs = 0;
        team.Run(new Work(_ => Interlocked.Increment(ref runs)));
        Assert.Equal(team.Threads, runs);
    }

    [Fact] public void A_team_of_nobody_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => new ThreadTeam(0));

    // Ten per worker and round, added behind a barrier without interlocking: only one run at a time may be inside.
    private static long SumOf(ThreadTeam team, int rounds)
    {
        long sum = 0;
        long[] shares = new long[team.Threads];
        Work work = new(worker =>
        {
            shares[worker] = 10;
            team.Barrier();
            if (worker == 0) sum += shares.Sum();
        });
        for (int round = 0; round < rounds; round++) team.Run(work);
        return sum;
    }

    private sealed class Work(Action<int> share) : IWork
    {
        public void Run(int worker) => share(worker);
    }
}
