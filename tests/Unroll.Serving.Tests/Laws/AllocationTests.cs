using Unroll.Serving.Host;
using Unroll.Serving.Tests.Fixtures;
using Unroll.Tasks.Language;
using Unroll.Tasks.Shared;

namespace Unroll.Serving.Tests.Laws;

/// <summary>From a call to its answer nothing is allocated, on no thread.</summary>
[Collection(nameof(AllocationTests)), CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
public sealed class AllocationTests
{
    private const int Sessions = 8, Few = 200, Many = 1200, Tries = 10;

    public static TheoryData<string> Tasks => ["numbers", "language"];

    [Theory, MemberData(nameof(Tasks))]
    public async Task A_thousand_steps_more_of_many_sessions_allocate_nothing_more(string name)
    {
        ITaskModel model = TaskCase.Of(name).Model;
        await using SessionHost host = new();
        host.Models.Add("m", model);
        SessionHandle[] sessions = await Task.WhenAll(Enumerable.Range(0, Sessions).Select(_ => host.CreateAsync("", "m").AsTask()));
        long[] at = new long[Sessions];
        long few = long.MaxValue, many = long.MaxValue;      // the least of some tries: the pool of threads grows when it likes
        for (int i = 0; i < Tries; i++)
        {
            few = Math.Min(few, await Allocated(sessions, at, Few, model is LanguageModel));
            many = Math.Min(many, await Allocated(sessions, at, Many, model is LanguageModel));
        }
        Assert.Equal(few, many);
    }

    private static async Task<long> Allocated(SessionHandle[] sessions, long[] at, int steps, bool symbols)
    {
        long before = GC.GetTotalAllocatedBytes(precise: true);
        await Task.WhenAll(sessions.Select((session, s) => Run(session, at, s, steps, symbols)));
        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }

    private static async Task Run(SessionHandle session, long[] at, int s, int steps, bool symbols)
    {
        float[] row = new float[symbols ? 1 : Load.Features], answer = new float[session.AnswerSize];
        for (int i = 0; i < steps; i++, at[s]++)
        {
            if (symbols) row[0] = (s + i) % answer.Length;
            else Load.Fill(s, at[s], row);
            await session.StepAsync(at[s], row, answer);
        }
    }
}
