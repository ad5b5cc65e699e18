using Unroll.Core;
using Unroll.Exchange.Onnx.Values;
using Unroll.Numerics;

namespace Unroll.Exchange.Onnx.Writing;

/// <summary>The largest difference of many numbers; shapes that differ are an error.</summary>
internal sealed class Difference
{
    private double _difference, _value;
    private long _count, _undefined;

    /// <summary>What has been found so far.</summary>
    public ProbeResult Result => new(_difference, _value, _count) { Undefined = _undefined };

    /// <summary>Compares an output. Where both are the same infinity, or no number, there is nothing to measure, and nothing is counted.</summary>
    public void Add(ReadOnlySpan<float> expected, OnnxTensor got, string name, int[] shape)
    {
        if (!got.Shape.SequenceEqual(shape))
            throw new UserErrorException($"output '{name}' of the written graph: expected the shape [{string.Join(", ", shape)}], got "
                + $"{got.ShapeText}; this is a fault of the exporter: please report it with the network's description.");
        ReadOnlySpan<float> values = got.Values<float>();
        for (int i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(expected[i]) && expected[i].Equals(values[i]))
            {
                _undefined++;
                continue;
            }
            _count++;
            double difference = Math.Abs((double)expected[i] - values[i]);
            _difference = double.IsNaN(difference) ? double.PositiveInfinity : Math.Max(_difference, difference);
            if (float.IsFinite(expected[i])) _value = Math.Max(_value, Math.Abs(expected[i]));
        }
    }

    /// <summary>Compares whole numbers.</summary>
    public void Equal(ReadOnlySpan<int> expected, ReadOnlySpan<int> got, string name)
    {
        if (!expected.SequenceEqual(got))
            throw new UserErrorException($"output '{name}' of the written graph: expected {string.Join(", ", expected.ToArray())}, "
                + $"got {string.Join(", ", got.ToArray())}; this is a fault of the exporter: please report it with the network's description.");
    }
}

/// <summary>The means of <see cref="MemberMean"/> over rows, in double.</summary>
internal static class ProbeMeans
{
    /// <summary>The rows as one; of one member its own.</summary>
    public static float[] Of(MemberMean mean, float[][] members, int features)
    {
        if (members.Length == 1) return members[0];
        double[] sum = new double[members[0].Length];
        foreach (float[] own in members)
        {
            float[] said = [.. own];
            for (int row = 0; row < said.Length && mean is MemberMean.Probabilities or MemberMean.LogProbabilities; row += features)
                if (mean == MemberMean.Probabilities) Softmax.Row(own.AsSpan(row, features), said.AsSpan(row, features));
                else Softmax.LogRow(own.AsSpan(row, features), said.AsSpan(row, features));
            for (int i = 0; i < sum.Length; i++) sum[i] += mean == MemberMean.Independent ? 1 / (1 + Math.Exp(-said[i])) : said[i];
        }
        return [.. sum.Select(total => (float)(mean switch
        {
            MemberMean.Probabilities => Math.Log(total / members.Length),
            MemberMean.Independent => Math.Log(total / members.Length) - Math.Log(1 - total / members.Length),
            _ => total / members.Length,
        }))];
    }
}
