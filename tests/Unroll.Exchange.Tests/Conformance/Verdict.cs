using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Tests.Conformance;

/// <summary>What a runtime made of a case.</summary>
internal enum Outcome
{
    Passed,
    Refused,
    Wrong,
    Ended,
}

/// <summary>What a runtime made of a case, and what is to be said about it.</summary>
internal sealed record Verdict(ConformanceCase Case, Outcome Outcome, string Said)
{
    /// <summary>Runs a case. Whatever is thrown is a refusal; a wrong number is not.</summary>
    public static Verdict Of(ConformanceCase one, Func<ConformanceCase, IReadOnlyList<OnnxTensor>> runtime)
    {
        IReadOnlyList<OnnxTensor> actual;
        try
        {
            actual = runtime(one);
        }
        catch (Exception e)
        {
            return new(one, Outcome.Refused, e.Message.Split('\n')[0]);
        }
        return Fault(one, actual) is { } fault ? new(one, Outcome.Wrong, fault) : new(one, Outcome.Passed, "");
    }

    //  |a − w| ≤ tolerance · max |w| of the output. Tolerance of float: an argument is a sum of n ≤ 50 products of at most 1 each, in any order, so
    //  it is off by up to n · 2⁻²⁴ ≈ 3e-6, and a gate by a quarter of that; the gates' own functions add some 2⁻²³. Steps do not add up: the state
    //  shrinks what came before. 1e-5 leaves a factor of 2. Of double: 2⁻⁵³ for 2⁻²⁴ gives 1e-14; 1e-12 allows for arguments of 100.
    private static string? Fault(ConformanceCase one, IReadOnlyList<OnnxTensor> actual)
    {
        if (actual.Count != one.Outputs.Count) return $"{actual.Count} outputs, expected {one.Outputs.Count}";
        for (int i = 0; i < actual.Count; i++)
        {
            OnnxTensor wanted = one.Outputs[i];
            if (actual[i].Type != wanted.Type || !actual[i].Shape.SequenceEqual(wanted.Shape))
                return $"output {i} is {actual[i].Text}, expected {wanted.Text}";
            double[] a = Doubles(actual[i]), w = Doubles(wanted);
            double floor = wanted.Type == OnnxType.Float ? 1e-42 : 1e-320;       // some hundred steps of the smallest numbers
            double largest = w.Select(Math.Abs).DefaultIfEmpty().Max();
            for (int k = 0; k < a.Length; k++)
                if (!(Math.Abs(a[k] - w[k]) <= one.Tolerance * largest + floor))
                    return FormattableString.Invariant($"output {i} [{k}] is {a[k]:g9}, expected {w[k]:g9} where the largest is {largest:g3}");
        }
        return null;
    }

    public static double[] Doubles(OnnxTensor tensor) => tensor.Type == OnnxType.Double ? tensor.Values<double>().ToArray()
        : Array.ConvertAll(tensor.Values<float>().ToArray(), value => (double)value);
}
