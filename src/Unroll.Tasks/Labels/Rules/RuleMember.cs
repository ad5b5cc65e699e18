using System.Text.Json;
using Unroll.Core;
using Unroll.Numerics;
using Unroll.Tasks.Data.Labeled;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Labels.Rules;

//  nₖ = ln pₖ − mean ln p of the network, rₖ = zₖ − mean z of the rule, σ their deviations over sequences and labels
//  pₖ ∝ exp ((nₖ + w (σₙ/σᵣ) rₖ) / (1 + w))

/// <summary>
/// A simple rule that has a say in what a model says: the log-odds of network and rule, each divided by its own deviation, are added with a weight.
/// They err on different sequences (Mesnil et al. 2015, arXiv:1412.5335: a recurrent network and naive Bayes on reviews).
/// </summary>
/// <param name="Rule">The rule, fitted on the training part.</param>
/// <param name="Weight">w: that of the rule where the network's is 1.</param>
/// <param name="NetworkDeviation">σₙ.</param>
/// <param name="RuleDeviation">σᵣ, measured on sequences that the rule was not fitted on.</param>
internal sealed record RuleMember(LinearRule Rule, double Weight, double NetworkDeviation, double RuleDeviation)
{
    private const int FewestHeldOut = 100;                               // below, a weight chosen by them would be chosen by chance

    private static ReadOnlySpan<double> Weights => [0, 0.25, 0.5, 1, 2, 4];

    /// <summary>The network's probabilities and the rule's say as one.</summary>
    /// <param name="shares">[classes], overwritten.</param>
    /// <param name="scores">The rule's: [classes].</param>
    public void Combine(Span<float> shares, double[] scores)
    {
        double[] network = Centered(shares), rule = Centered(scores);
        Mix(network, rule, shares);
    }

    /// <summary>Fits the rule on the training part, and its weight on the validation part; it is 1 where that has fewer than 100 sequences.</summary>
    /// <param name="model">The trained network.</param>
    /// <param name="kind">Which rule.</param>
    /// <param name="data">The parts.</param>
    /// <param name="threads">The threads; their number changes no bit.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="UserErrorException">No rule, or not this one, fits the sequences.</exception>
    public static RuleMember Fit(
        LabelModel model, RuleKind kind, Partition<LabeledSequence> data, ThreadTeam threads, CancellationToken stop = default)
    {
        LabelEncoding encoding = model.Encoding;
        IReadOnlyList<LabeledSequence> training = BothStrands(model, data.Train);
        kind = RuleChoice.Of(kind, training, encoding);
        LinearRule rule = LinearRule.Fit(kind, training, encoding);
        bool held = data.Valid.Count >= FewestHeldOut;
        IReadOnlyList<LabeledSequence> seen = held ? data.Valid : data.Train;
        double[][] network = [.. model.OfNetwork(seen, threads, stop).Select(shares => Centered(shares))];
        double[][] said = held ? [.. seen.Select(one => rule.Scores(one, encoding))] : RuleChoice.HeldOutScores(kind, data.Train, encoding);
        for (int i = 0; i < said.Length; i++) said[i] = Centered(said[i]);
        RuleMember one = new(rule, 1, Deviation(network), Deviation(said));
        if (!held) return one;
        int[] labels = [.. seen.Select(own => encoding.ClassOf(own.Label!, own))];
        double[] losses = [.. Weights.ToArray().Select(weight => (one with { Weight = weight }).Loss(network, said, labels))];
        return one with { Weight = Weights[Array.IndexOf(losses, losses.Min())] };
    }

    /// <summary>The sequences, and where the model reads both strands the other strand of each.</summary>
    internal static IReadOnlyList<LabeledSequence> BothStrands(LabelModel model, IReadOnlyList<LabeledSequence> all) =>
        model.Options.BothStrands ? [.. all, .. all.Select(LabelUnits.OtherStrand)] : all;

    internal static void Write(Utf8JsonWriter json, RuleMember member)
    {
        json.WriteNumber("weight", member.Weight);
        json.WriteNumber("network_deviation", member.NetworkDeviation);
        json.WriteNumber("rule_deviation", member.RuleDeviation);
        json.WriteObject("rule", member.Rule, LinearRule.Write);
    }

    /// <exception cref="JsonException">It is no such member.</exception>
    internal static RuleMember Read(JsonRecord json)
    {
        RuleMember read = new(json.Object("rule", LinearRule.Read), json.RealBetween("weight", 0, 1e6),
            json.RealBetween("network_deviation", 0, 1e9), json.RealBetween("rule_deviation", 0, 1e9));
        return read is { NetworkDeviation: > 0, RuleDeviation: > 0 } ? read : throw new JsonException("the rule's deviations are not above 0");
    }

    // With the temperature that fits each weight best: else weights that sharpen would win.
    private double Loss(double[][] network, double[][] rule, int[] labels)
    {
        float[][] shares = [.. network.Select(own => new float[own.Length])];
        for (int i = 0; i < shares.Length; i++) Mix(network[i], rule[i], shares[i]);
        return Temperature.Fit(shares, labels).Loss;
    }

    private void Mix(double[] network, double[] rule, Span<float> shares)
    {
        double factor = Weight * NetworkDeviation / RuleDeviation, max = double.MinValue, sum = 0;
        Span<double> z = stackalloc double[network.Length > 64 ? 0 : network.Length];
        if (z.Length < network.Length) z = new double[network.Length];
        for (int k = 0; k < z.Length; k++) max = Math.Max(max, z[k] = (network[k] + factor * rule[k]) / (1 + Weight));
        for (int k = 0; k < z.Length; k++) sum += z[k] = Math.Exp(z[k] - max);
        for (int k = 0; k < z.Length; k++) shares[k] = (float)(z[k] / sum);
    }

    private static double[] Centered(ReadOnlySpan<float> shares)
    {
        double[] logs = new double[shares.Length];
        for (int k = 0; k < logs.Length; k++) logs[k] = Math.Log(Math.Max(shares[k], 1e-30f));
        return Centered(logs);
    }

    private static double[] Centered(double[] scores)
    {
        double mean = scores.Sum() / scores.Length;
        return [.. scores.Select(score => score - mean)];
    }

    private static double Deviation(double[][] rows)
    {
        double squares = 0;
        long count = 0;
        foreach (double[] row in rows)
            foreach (double v in row) (squares, count) = (squares + v * v, count + 1);
        return squares > 0 ? Math.Sqrt(squares / count) : 1;
    }
}
