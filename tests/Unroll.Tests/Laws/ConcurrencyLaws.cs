using Unroll.Core;
using Unroll.Layers;
using Unroll.Networks;
using Unroll.Numerics;

namespace Unroll.Tests.Laws;

/// <summary>A network only reads its weights: any number of threads may ask it at once, each with a workspace of its own.</summary>
[Trait("Category", "Bits")]
public sealed class ConcurrencyLaws
{
    private const int Callers = 4, Rounds = 6;

    private static readonly NetworkSpec Spec = new(3,
    [
        new RecurrentSpec { Name = "a", Hidden = 40, Layers = 2, Cell = new() { Kind = "gru-after" }, Dropout = 0.3f },
        new RecurrentSpec { Name = "b", Hidden = 17, Cell = new() { Projection = 5, Peepholes = true } },
        new DenseSpec { Name = "c", Outputs = 2 },
    ]);

    public static TheoryData<string> Teams() => ["a team each", "one team of one", "one team of three", "one team by size", "the default team"];

    private static Network Build()
    {
        Network network = Network.Build(Spec);
        Initialization.Apply(network.Parameters, Spec, new InitializationOptions(), new Rng(4));
        return network;
    }

    private static float[] Answer(Network network, int caller, Workspace workspace, ThreadTeam team)
    {
        SequenceBatch x = LayerCases.Draw(SequenceLayout.FromLengths(4 + caller, 0, 9, 1), 3, (ulong)caller);
        workspace.Reset();
        return network.Forward(x, null, new Pass(workspace, team, new Rng(1), Training: false)).Output.All.ToArray();
    }

    [Theory, MemberData(nameof(Teams))]
    public void Callers_that_ask_at_once_get_the_bits_they_get_alone(string teams)
    {
        using ThreadTeam one = new(1), three = new(3) { SmallestShare = 0 }, bySize = new(3) { SmallestShare = 0, MinimumPerWorker = 20_000 };
        float[][] expected = [.. Enumerable.Range(0, Callers).Select(caller => Answer(Build(), caller, new Workspace(), one))];
        for (int round = 0; round < Rounds; round++)
        {
            Network network = Build();                                   // so that the first to ask pack its panels at once
            ThreadTeam TeamOf(int caller) => teams switch
            {
                "one team of one" => one,
                "one team of three" => three,
                "one team by size" => bySize,
                "the default team" => ThreadTeam.Default,
                _ => new ThreadTeam(1 + caller % 2) { SmallestShare = 0 },
            };
            Parallel.For(0, Callers, new ParallelOptions { MaxDegreeOfParallelism = Callers }, caller =>
            {
                Workspace workspace = new();
                ThreadTeam team = TeamOf(caller);
                for (int i = 0; i < 3; i++) LayerLaws.Same(expected[caller], Answer(network, caller, workspace, team), $"caller {caller}");
                if (teams == "a team each") team.Dispose();
            });
        }
    }

    [Fact]
    public void Streams_that_are_stepped_at_once_do_not_disturb_each_other()
    {
        Network network = Build();
        float[] Stream(int caller)
        {
            State state = network.NewState(2);
            float[] y = new float[4];
            for (int t = 0; t < 20; t++) network.Step([caller, t, -1, 2, caller * t, 0.5f], state, y);
            return y;
        }
        float[][] expected = [.. Enumerable.Range(0, Callers).Select(Stream)], actual = new float[Callers][];
        network = Build();
        Parallel.For(0, Callers, caller => actual[caller] = Stream(caller));
        Assert.Equal(expected, actual);
    }

    [Fact]
    public void New_weights_are_seen_by_the_next_pass_of_every_kind()
    {
        Network network = Build(), fresh = Build();
        using ThreadTeam one = new(1);
        State state = network.NewState(1), expected = fresh.NewState(1);
        float[] y = new float[2], z = new float[2];
        Answer(network, 0, new Workspace(), one);
        network.Step([1, 2, 3], state, y);
        foreach (Network each in new[] { network, fresh })
            using (Edit edit = each.Parameters.Edit())
                foreach (ref float weight in edit.Values) weight *= 1.5f;
        state.Clear();
        network.Step([1, 2, 3], state, y);
        fresh.Step([1, 2, 3], expected, z);
        Assert.Equal(z, y);
        Assert.Equal(Answer(fresh, 0, new Workspace(), one), Answer(network, 0, new Workspace(), one));
    }
}
