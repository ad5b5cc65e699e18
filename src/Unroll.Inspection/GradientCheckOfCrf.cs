using Unroll.Core;
using Unroll.Inspection.Textbook;
using Unroll.Layers.LinearChain;
using Unroll.Layers.Losses;
using Unroll.Numerics;

namespace Unroll.Inspection;

/// <summary>The gradient check of the linear-chain field, whose loss is one of whole sequences and has weights of its own.</summary>
internal static class GradientCheckOfCrf
{
    private const int Classes = 3;
    private static readonly int[][] Labels = [[1, 2, 0], [], [2, 2, 1, 0, 0], [1]];

    public static IEnumerable<GradientCheckResult> Run()
    {
        SequenceLayout layout = SequenceLayout.FromLengths([.. Labels.Select(labels => labels.Length)]);
        SequenceBatch scores = SequenceBatch.Zeros(layout, Classes), dScores = SequenceBatch.Zeros(layout, Classes);
        for (int i = 0; i < scores.All.Length; i++) scores.All[i] = (float)new Rng(1).Normal((ulong)i);
        ParameterStore store = new();
        Crf layer = new("crf", store, Classes);
        using (Edit edit = store.Edit())
            for (int i = 0; i < edit.Values.Length; i++) edit.Values[i] = (float)new Rng(2).Normal((ulong)i);
        using ThreadTeam threads = new(1);
        LossSum loss = new CrfLoss(layer).Compute(scores, Targets.OfSequences(layout, Labels), dScores,
            new Pass(new Workspace(), threads, default, Training: true));

        Vector[][] z = [.. Labels.Select((labels, s) => labels.Select((_, t) => Doubles(scores.Row(t, s))).ToArray())];
        Vector[] weights = [.. store.All.Select(parameter => Doubles(parameter.Values))];
        Vector[] gradients = [.. weights.Select(one => Vector.Zeros(one.Count))];
        CrfEquations Of(int s) => new(z[s], weights[0], weights[1], weights[2]);
        double Loss() => Labels.Select((labels, s) => Of(s).Loss(labels)).Sum();
        Vector[][] dz = [.. Labels.Select((labels, s) => Of(s).AddGradient(labels, gradients[0], gradients[1], gradients[2]).ToArray())];

        yield return new GradientCheckResult("loss", "crf", "value", null, Math.Abs(loss.Sum - Loss()) / Loss());
        yield return Compared("outputs, sum", z.SelectMany(one => one), dz.SelectMany(one => one),
            [.. Labels.SelectMany((labels, s) => labels.Select((_, t) => Doubles(dScores.Row(t, s))))], Loss);
        foreach ((Parameter parameter, int k) in store.All.Select((parameter, k) => (parameter, k)))
            yield return Compared(parameter.Name, [weights[k]], [gradients[k]], [Doubles(parameter.Gradients)], Loss);
    }

    private static GradientCheckResult Compared(
        string what, IEnumerable<Vector> values, IEnumerable<Vector> textbook, IReadOnlyList<Vector> engine, Func<double> loss)
    {
        double error = 0, difference = 0, largest = 0;
        foreach (((Vector value, Vector gradient), Vector own) in values.Zip(textbook).Zip(engine))
            for (int k = 0; k < value.Count; k++)
            {
                error = GradientCheck.Largest(error, GradientCheck.Error(gradient[k], GradientCheck.Difference(value, k, loss)));
                difference = GradientCheck.Largest(difference, Math.Abs(own[k] - gradient[k]));
                largest = Math.Max(largest, Math.Abs(gradient[k]));
            }
        return new GradientCheckResult("loss", "crf", what, error, difference / largest);
    }

    private static Vector Doubles(ReadOnlySpan<float> values)
    {
        double[] doubles = new double[values.Length];
        for (int k = 0; k < doubles.Length; k++) doubles[k] = values[k];
        return new Vector(doubles);
    }
}
