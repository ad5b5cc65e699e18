namespace Unroll.Exchange.Onnx.Writing;

/// <summary>How the outputs of an ensemble's members become one, as its task does it.</summary>
internal enum MemberMean
{
    /// <summary>There is no graph for it: each member is written by itself.</summary>
    None,

    /// <summary>The mean of the outputs, as of forecasts.</summary>
    Outputs,

    /// <summary>ln of the mean of the softmaxes: scores whose softmax is the mean of the probabilities.</summary>
    Probabilities,

    /// <summary>The mean of the logarithms of the softmaxes: scores whose softmax is the geometric mean of the probabilities.</summary>
    LogProbabilities,

    /// <summary>Of independent outputs: ln (p ÷ (1 − p)) of the mean p of the logistic functions.</summary>
    Independent,
}

/// <summary>The operators of each mean.</summary>
internal static class MemberMeans
{
    private const float Least = 1e-30f;                                  // a probability whose logarithm a float has, with room

    /// <summary>Writes the mean; of one member its own outputs.</summary>
    public static string Write(GraphWriter g, MemberMean mean, IReadOnlyList<string> members)
    {
        if (members.Count == 1) return members[0];
        string Mean(Func<string, string> of)
        {
            string sum = members.Select(of).Aggregate(g.Add);
            return g.Mul(sum, g.Float(1f / members.Count));
        }
        string Log(string p) => g.Node("Log", [g.Node("Max", [p, g.Float(Least)])]);
        switch (mean)
        {
            case MemberMean.Outputs: return Mean(y => y);
            case MemberMean.Probabilities: return Log(Mean(y => g.Softmax(y, -1)));
            case MemberMean.LogProbabilities: return Mean(y => g.Node("LogSoftmax", [y], Attributes.Of("axis", -1)));
            case MemberMean.Independent:
                string p = Mean(g.Sigmoid);
                return g.Sub(Log(p), Log(g.Sub(g.Float(1), p)));
            default: throw new InvalidOperationException("a mean of members without a rule for it");
        }
    }
}
