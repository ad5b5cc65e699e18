using Unroll.Exchange.Onnx.Writing;
using Unroll.Networks;

namespace Unroll.Exchange.Tests.Writing;

public sealed class MemberTests
{
    private static readonly NetworkSpec s_perStep = new(3,
        [new RecurrentSpec { Name = "rnn", Hidden = 4 }, new DenseSpec { Name = "head", Outputs = 3 }]);

    [Theory]
    [InlineData("Outputs")]
    [InlineData("Probabilities")]
    [InlineData("LogProbabilities")]
    [InlineData("Independent")]
    public void The_mean_of_three_members_is_one_graph_whole_and_step_by_step(string how)
    {
        MemberMean mean = Enum.Parse<MemberMean>(how);
        NetworkSpec pooled = new(3, [s_perStep.Layers[0], new MaxPoolSpec { Name = "pool" }, s_perStep.Layers[1]]);
        foreach (NetworkSpec spec in new[] { s_perStep, pooled })
            Written.AssertClose(Written.Compare([.. new ulong[] { 1, 2, 3 }.Select(seed => Written.Random(spec, seed))], mean), how);
    }
}
