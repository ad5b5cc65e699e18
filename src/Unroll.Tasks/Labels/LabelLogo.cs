using Unroll.Core;
using Unroll.Inspection.Flow;
using Unroll.Inspection.Report;
using Unroll.Layers;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tasks.Data.Labeled;
using Unroll.Tasks.Data.Sequences;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Labels;

/// <summary>
/// Which base at which position spoke for a label, on average over the windows that have it: the gradient of the label's score (before the softmax,
/// less the mean of all scores) at the base that is there, less its mean over the four bases. A letter above the line spoke for the label, one
/// below it against it. It says what the model used, to first order, not what is true.
/// </summary>
/// <param name="Label">The label.</param>
/// <param name="Sequences">How many windows have it.</param>
/// <param name="Heights">[positions][A, C, G, T].</param>
public sealed record LabelLogo(string Label, int Sequences, IReadOnlyList<IReadOnlyList<double>> Heights)
{
    private const int AtOnce = 128;

    /// <summary>A logo for each label that windows have; none where steps are not bases, or the windows are not of one length.</summary>
    /// <param name="model">The model.</param>
    /// <param name="sequences">Windows with their labels.</param>
    /// <param name="threads">The threads; null: the team that all share. Their number changes no bit.</param>
    /// <exception cref="UserErrorException">A sequence does not fit the model.</exception>
    public static IReadOnlyList<LabelLogo> Of(LabelModel model, IReadOnlyList<LabeledSequence> sequences, ThreadTeam? threads = null)
    {
        ThreadTeam team = TaskThreads.Or(threads);
        LabelEncoding encoding = model.Encoding;
        if (encoding.Unit != LabelUnit.Base || model.Options.PerStep) return [];
        LabeledSequence[] known = [.. sequences.Where(one => !string.IsNullOrEmpty(one.Label))];
        if (known.Length == 0 || known.Select(one => encoding.Steps(one).Count).Distinct().Count() > 1) return [];
        int[] labels = [.. known.Select(one => encoding.ClassOf(one.Label!, one))];
        double[][][] sums = [.. encoding.Classes.Select(_ => Zeros(encoding.Steps(known[0]).Count))];
        double weight = (model.Options.BothStrands ? 0.5 : 1) / model.Members.Count;
        float[][] own = [.. known.Select(encoding.Encode)];
        float[][] other = model.Options.BothStrands ? [.. known.Select(one => encoding.Encode(LabelUnits.OtherStrand(one)))] : [];
        foreach (LabelModel member in model.Members)
        {
            Add(member, own, labels, team, sums, weight, backwards: false);
            if (other.Length > 0) Add(member, other, labels, team, sums, weight, backwards: true);
        }
        return [.. encoding.Classes.Select((label, k) => (label, count: labels.Count(one => one == k), k)).Where(one => one.count > 0)
            .Select(one => new LabelLogo(one.label, one.count,
                [.. sums[one.k].Select(row => (IReadOnlyList<double>)[.. row.Select(sum => sum / one.count)])]))];
    }

    /// <summary>The section of a page; none where there is no logo.</summary>
    public static IReadOnlyList<ReportSection> Sections(IReadOnlyList<LabelLogo> logos, string part)
    {
        if (logos.Count is 0 or > 20) return [];
        double full = SequenceLogo.FullOf(logos.SelectMany(logo => logo.Heights));
        return [new ReportSection("Which bases decided", [.. logos.Select(logo => new SequenceLogo(Nucleotides.Bases, logo.Heights)
        {
            Title = $"{logo.Label}: {part}, {logo.Sequences:N0} windows", Wide = true, Full = full > 0 ? full : null,
            Caption = "A letter's height is the mean over the windows of gradient × input of the label's score, in nats, less the mean over " +
                $"the four bases: above the line it spoke for the label, below it against it.{Strongest(logo)}",
        })])];
    }

    private static string Strongest(LabelLogo logo) => LabelMotif.Of(logo) is { Count: > 0 } motifs
        ? $" Most spoke {string.Join("; ", motifs)}." : "";

    //  g⟨t⟩ = ∂(z_label − mean z) / ∂x⟨t⟩      height⟨t⟩_k = mean over windows of x⟨t⟩_k (g⟨t⟩_k − mean g⟨t⟩)
    private static void Add(LabelModel model, float[][] inputs, int[] labels, ThreadTeam threads, double[][][] sums, double weight, bool backwards)
    {
        Network network = model.Network;
        int classes = model.Encoding.Classes.Count;
        Pass pass = new(new Workspace(), threads, new Rng(0), Training: false);
        using KeptGradients kept = new(network.Parameters);
        for (int from = 0; from < inputs.Length; from += AtOnce)
        {
            float[][] some = inputs[from..Math.Min(from + AtOnce, inputs.Length)];
            pass.Workspace.Reset();
            SequenceBatch x = SequenceBatch.FromSequences(4, some);
            Cache cache = network.Forward(x, null, pass);
            SequenceBatch dy = pass.Workspace.Rent(cache.Output.Layout, classes);
            dy.All.Fill(-1f / classes);
            for (int s = 0; s < some.Length; s++) dy.Row(0, s)[labels[from + s]] += 1;
            SequenceBatch dx = network.Backward(dy, cache, pass);
            for (int s = 0; s < some.Length; s++)
            {
                double[][] sum = sums[labels[from + s]];
                for (int t = 0; t < sum.Length; t++)
                {
                    // On the other strand the last base comes first, and A stands for T, C for G.
                    double[] place = backwards ? sum[sum.Length - 1 - t] : sum[t];
                    ReadOnlySpan<float> g = dx.Row(t, s), bases = x.Row(t, s);
                    double mean = ((double)g[0] + g[1] + g[2] + g[3]) / 4;
                    for (int k = 0; k < 4; k++) place[backwards ? 3 - k : k] += weight * bases[k] * (g[k] - mean);
                }
            }
        }
    }

    private static double[][] Zeros(int steps) => [.. Enumerable.Range(0, steps).Select(_ => new double[4])];
}
