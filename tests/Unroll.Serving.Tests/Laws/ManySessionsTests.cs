using System.Globalization;
using Unroll.Core;
using Unroll.Serving.Host;
using Unroll.Serving.Sessions;
using Unroll.Serving.Tests.Fixtures;
using Unroll.Tasks.Labels;

namespace Unroll.Serving.Tests.Laws;

/// <summary>
/// Many sessions in any order: each has the bits that it has alone. <c>UNROLL_SERVING_SESSIONS</c> and <c>UNROLL_SERVING_STEPS</c> are how many
/// sessions and steps of each, 100 and 60 by default.
/// </summary>
[Trait("Category", "Slow")]
public sealed class ManySessionsTests(ITestOutputHelper output)
{
    private static int Number(string name, int fallback) =>
        int.Parse(Environment.GetEnvironmentVariable(name) ?? $"{fallback}", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Shuffled_sessions_with_snapshots_restores_and_forks_between_have_the_bits_of_each_alone()
    {
        int sessions = Number("UNROLL_SERVING_SESSIONS", 100), steps = Number("UNROLL_SERVING_STEPS", 60);
        LabelModel model = (LabelModel)TaskCase.Numbers(1).Model;
        await using SessionHost host = new();
        host.Models.Add("m", model);
        Line[] lines = await Task.WhenAll(Enumerable.Range(0, sessions).Select(async s =>
            new Line(s, await host.CreateAsync("", "m"), model.NewSession())));
        List<Line> left = [.. lines];
        Rng draws = new(11);
        long events = 0, compared = 0;
        ulong at = 0;
        while (left.Count > 0)
        {
            Line[] some = [.. Enumerable.Range(0, Math.Min(128, left.Count)).Select(i =>
            {
                int pick = i + draws.Below(left.Count - i, at++);
                (left[i], left[pick]) = (left[pick], left[i]);
                return left[i];
            })];
            await Task.WhenAll(some.Select(line => line.Step()));
            compared += some.Length;
            foreach (Line line in some)
                if (draws.Below(25, at++) == 0)
                {
                    events++;
                    await line.Disturb(draws.Below(3, at++));
                }
            left.RemoveAll(line => line.Position >= steps);
        }
        output.WriteLine($"{sessions} sessions, {steps} steps of each, {compared} answers compared, {events} snapshots, restores and forks; "
            + $"{(double)host.Figures.Rows / host.Figures.Rounds:F1} sessions a round");
        Assert.True(compared >= (long)sessions * steps);
        Assert.Equal(compared, host.Figures.Steps);
        Assert.True(host.Figures.Rows > 2 * host.Figures.Rounds);
    }

    [Fact]
    public async Task Where_replies_are_lost_and_requests_repeated_no_step_is_taken_twice()
    {
        const int Steps = 10_000;
        LabelModel model = (LabelModel)TaskCase.Numbers(1).Model;
        await using SessionHost host = new();
        host.Models.Add("m", model);
        using SessionHandle session = await host.CreateAsync("", "m");
        LabelSession alone = model.NewSession();
        Rng draws = new(5);
        float[] row = new float[Load.Features], expected = new float[session.AnswerSize], answer = new float[expected.Length];
        int repeats = 0;
        for (int at = 0; at < Steps; at++)
        {
            Load.Fill(0, at, row);
            alone.Step(row, expected);
            for (bool lost = true, again = false; lost; again = true)
            {
                lost = draws.Below(20, (ulong)(at + Steps * (again ? 1 + repeats : 0))) == 0;
                Array.Clear(answer);
                StepReply reply = await session.StepAsync(at, row, answer);
                Assert.Equal((at + 1L, again), (reply.Position, reply.Repeated));
                Assert.Equal(expected, answer);
                if (again) repeats++;
            }
        }
        output.WriteLine($"{Steps} steps, {repeats} repeated");
        Assert.InRange(repeats, Steps / 40, Steps / 10);
        Assert.Equal((Steps, repeats), (host.Figures.Steps, host.Figures.Repeats));
    }

    // A served session and the task's own beside it.
    private sealed class Line(int number, SessionHandle session, LabelSession alone)
    {
        private readonly float[] _row = new float[Load.Features], _answer = new float[session.AnswerSize], _expected = new float[session.AnswerSize];
        private (byte[] Served, byte[] Alone, long Position)? _snapshot;

        public long Position { get; private set; }

        public async Task Step()
        {
            Load.Fill(number, Position, _row);
            alone.Step(_row, _expected);
            await session.StepAsync(Position, _row, _answer);
            if (!_expected.AsSpan().SequenceEqual(_answer)) Assert.Fail($"session {number} differs at {Position}");
            Position++;
        }

        public async Task Disturb(int kind)
        {
            if (kind == 0) _snapshot = (await session.SnapshotAsync(), alone.State.Snapshot(), Position);
            else if (kind == 1 && _snapshot is { } back)
            {
                await session.RestoreAsync(back.Served);
                alone.State.Restore(back.Alone);
                Position = back.Position;
                _snapshot = null;                            // once, so that every session comes to its end
            }
            else
            {
                SessionHandle fork = await session.ForkAsync();
                await session.DeleteAsync();
                session.Dispose();
                session = fork;
            }
        }
    }
}
