using Unroll.Core;
using Unroll.Inspection.Textbook;
using Unroll.Layers.Attention;
using Unroll.Layers.Recurrent;
using Unroll.Numerics;

namespace Unroll.Inspection;

/// <summary>The gradient check of each attention: queries and memories of different lengths, none among them.</summary>
internal static class GradientCheckOfAttention
{
    private const int Query = 3, Size = 2;
    private static readonly int[] Queries = [2, 3, 0, 1], Memories = [3, 1, 2, 0];

    public static IEnumerable<GradientCheckResult> Run() => Enum.GetValues<AttentionScore>().SelectMany(Run);

    private static IEnumerable<GradientCheckResult> Run(AttentionScore score)
    {
        int memory = score == AttentionScore.Dot ? Query : 4;
        ParameterStore store = new();
        Attention layer = new("attention", store, score, Query, memory, Size);
        using (Edit edit = store.Edit()) Draw(edit.Values, 1);
        SequenceBatch q = Batch(Queries, Query, 2), s = Batch(Memories, memory, 3), w = Batch(Queries, memory, 4);
        using ThreadTeam threads = new(1);
        Pass pass = new(new Workspace(), threads, default, Training: true);
        AttentionCache cache = layer.Forward(q, s, pass);
        (SequenceBatch dq, SequenceBatch ds) = layer.Backward(w, cache, pass);

        TextbookParameters parameters = new(store.All.ToDictionary(one => one.Name, one => Doubles(one.Values)));
        AttentionEquations truth = new("attention", parameters, score, Query, memory, Size);
        Vector[][] vq = Vectors(q), vs = Vectors(s), vw = Vectors(w);
        List<double> dqTruth = [], outputs = [], dsTruth = [];
        for (int b = 0; b < vq.Length; b++)
        {
            Vector[] sum = [.. vs[b].Select(_ => Vector.Zeros(memory))];
            for (int t = 0; t < vq[b].Length; t++)
            {
                AttentionRun run = truth.Forward(vq[b][t], vs[b]);
                outputs.AddRange(run.Context ?? Vector.Zeros(memory));
                (Vector toQuery, IReadOnlyList<Vector> toMemory) = truth.Backward(vq[b][t], vs[b], run.Weights, vw[b][t]);
                dqTruth.AddRange(toQuery);
                for (int j = 0; j < sum.Length; j++) sum[j].Add(toMemory[j]);
            }
            dsTruth.AddRange(sum.SelectMany(v => v));
        }
        double Loss() => Enumerable.Range(0, vq.Length).Sum(b => vq[b].Select((v, t) =>
            (vw[b][t] * (truth.Forward(v, vs[b]).Context ?? Vector.Zeros(memory))).Sum()).Sum());

        string subject = $"attention, {score.ToString().ToLowerInvariant()}";
        yield return new GradientCheckResult("layer", subject, "outputs", null, GradientCheckEngine.Share(Numbers(cache.Output), outputs));
        yield return Result(subject, "queries", Numbers(dq), dqTruth, vq.SelectMany(one => one), Loss);
        yield return Result(subject, "memory", Numbers(ds), dsTruth, vs.SelectMany(one => one), Loss);
        foreach (Parameter parameter in store.All)
            yield return Result(
                subject, parameter.Name, parameter.Gradients.ToArray(), parameters.Gradients[parameter.Name],
                    [new Vector(parameters.Values[parameter.Name])], Loss);
    }

    private static GradientCheckResult Result(
        string subject, string what, float[] engine, IEnumerable<double> analytic, IEnumerable<Vector> values, Func<double> loss)
    {
        double[] numeric = [.. values.SelectMany(v => v.Select((_, k) => GradientCheck.Difference(v, k, loss)))], gradient = [.. analytic];
        double error = gradient.Zip(numeric, GradientCheck.Error).Append(0).Aggregate(GradientCheck.Largest);
        return new GradientCheckResult("layer", subject, what, error, GradientCheckEngine.Share(engine, gradient));
    }

    private static void Draw(Span<float> values, ulong seed)
    {
        for (int i = 0; i < values.Length; i++) values[i] = 0.7f * (float)new Rng(seed).Normal((ulong)i);
    }

    private static SequenceBatch Batch(int[] lengths, int features, ulong seed)
    {
        SequenceBatch batch = SequenceBatch.Zeros(SequenceLayout.FromLengths(lengths), features);
        Draw(batch.All, seed);
        return batch;
    }

    private static double[] Doubles(ReadOnlySpan<float> values) => [.. values.ToArray().Select(x => (double)x)];

    private static Vector[][] Vectors(SequenceBatch batch) =>
        [.. Enumerable.Range(0, batch.Layout.Sequences).Select(s =>
            Enumerable.Range(0, batch.Layout.Lengths[s]).Select(t => new Vector(Doubles(batch.Row(t, s)))).ToArray())];

    private static float[] Numbers(SequenceBatch batch) =>
        [.. Enumerable.Range(0, batch.Layout.Sequences).SelectMany(s =>
            Enumerable.Range(0, batch.Layout.Lengths[s]).SelectMany(t => batch.Row(t, s).ToArray()))];
}
