using Unroll.Numerics;

namespace Unroll.Tests.Numerics;

/// <summary>What a team does when its work goes wrong: nothing hangs, nothing is swallowed, and the team can be used again.</summary>
public sealed class ThreadTeamFailureTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private sealed class Work(Action<int> share) : IWork
    {
        public void Run(int worker) => share(worker);
    }

    // A hang would stop the whole run: the work is done by a thread of its own that is given up after a while.
    private static void InTime(Action action)
    {
        Exception? failure = null;
        Thread thread = new(() =>
        {
            try
            {
                action();
            }
            catch (Exception e)
            {
                failure = e;
            }
        }) { IsBackground = true };
        thread.Start();
        Assert.True(thread.Join(Patience), "it hangs");
        if (failure is not null) throw new InvalidOperationException(failure.Message, failure);
    }

    [Theory, InlineData(1), InlineData(2)]
    public void A_share_that_is_cancelled_is_not_taken_for_one_that_is_done(int threads) => InTime(() =>
    {
        using ThreadTeam team = new(threads);
        Assert.Throws<OperationCanceledException>(() => team.Run(new Work(_ => throw new OperationCanceledException())));
        Assert.Throws<OperationCanceledException>(() => team.Run(new Work(worker =>
        {
            if (worker == threads - 1) throw new OperationCanceledException();
            team.Barrier();
        })));
    });

    [Theory, InlineData(0), InlineData(1)]
    public void A_share_cannot_hand_work_to_its_own_team(int nesting) => InTime(() =>
    {
        using ThreadTeam team = new(2);
        InvalidOperationException e = Assert.Throws<InvalidOperationException>(() => team.Run(new Work(worker =>
        {
            if (worker == nesting) team.Run(new Work(_ => { }));
        })));
        Assert.Contains("another team", e.Message);
        int done = 0;
        team.Run(new Work(_ => Interlocked.Increment(ref done)));
        Assert.Equal(2, done);
    });

    [Fact]
    public void A_share_that_ends_without_the_barrier_that_others_wait_at_is_an_error() => InTime(() =>
    {
        using ThreadTeam team = new(3);
        Assert.Throws<InvalidOperationException>(() => team.Run(new Work(worker =>
        {
            if (worker != 1) team.Barrier();
        })));
    });

    [Fact]
    public void A_team_can_be_disposed_of_while_it_works_and_afterwards_refuses_work() => InTime(() =>
    {
        for (int round = 0; round < 200; round++)
        {
            ThreadTeam team = new(2);
            Thread caller = new(() =>
            {
                try
                {
                    while (true) team.Run(new Work(_ => team.Barrier()));
                }
                catch (ObjectDisposedException) { }
            });
            caller.Start();
            Thread.SpinWait(round * 10);
            team.Dispose();
            team.Dispose();
            caller.Join();
        }
    });
}
