using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Tests.Conformance;

/// <summary>The folder <c>conformance</c>: every case, by every way of computing it here.</summary>
public sealed class ConformanceTests
{
    private const string Old = "opsets before 7";

    [Fact]
    public void Every_node_test_of_ONNX_itself_passes() => AllPass(ConformanceCase.Official(), Runtimes.Unroll, expected: 9 + 9 + 12 + 12);

    [Fact]
    public void Every_case_of_the_suite_passes() => AllPass(ConformanceCase.Own().Where(one => one.Group != Old), Runtimes.Unroll, expected: 455);

    [Fact]
    public void Models_older_than_opset_7_are_refused_and_their_operators_computed_rightly()
    {
        ConformanceCase[] old = [.. ConformanceCase.Own().Where(one => one.Group == Old)];
        Assert.All(old.Select(one => Verdict.Of(one, Runtimes.Unroll)), verdict =>
        {
            Assert.Equal(Outcome.Refused, verdict.Outcome);
            Assert.Contains("it is written in opset", verdict.Said);
        });
        AllPass(old, Runtimes.AnyOpset, expected: 10);
    }

    [Fact]
    public void The_textbook_computes_every_case_of_floats_that_the_engine_computes_too()
    {
        ConformanceCase[] served = [.. ConformanceCase.Own().Concat(ConformanceCase.Official()).Where(Runtimes.EngineServes)];
        AllPass(served, Runtimes.Textbook, expected: 344);
        AllPass(served, Runtimes.Engine, expected: 344);
    }

    [Fact]
    public void A_wrong_number_a_wrong_shape_and_a_missing_output_are_seen()
    {
        ConformanceCase one = ConformanceCase.Own().First(one => one.Name == "lstm_double_forward");
        OnnxTensor first = one.Outputs[0];
        double[] moved = first.Values<double>().ToArray();
        moved[7] += 1e-11;
        Assert.Equal(Outcome.Wrong, Verdict.Of(one, _ => [OnnxTensor.Of<double>(first.Shape, moved), .. one.Outputs.Skip(1)]).Outcome);
        moved[7] = double.NaN;
        Assert.Equal(Outcome.Wrong, Verdict.Of(one, _ => [OnnxTensor.Of<double>(first.Shape, moved), .. one.Outputs.Skip(1)]).Outcome);
        Assert.Equal(Outcome.Wrong, Verdict.Of(one, _ => [first.Reshaped([first.Count]), .. one.Outputs.Skip(1)]).Outcome);
        Assert.Equal(Outcome.Wrong, Verdict.Of(one, _ => [.. one.Outputs.Skip(1)]).Outcome);
        Assert.Equal(Outcome.Passed, Verdict.Of(one, _ => one.Outputs).Outcome);
    }

    private static void AllPass(IEnumerable<ConformanceCase> cases, Func<ConformanceCase, IReadOnlyList<OnnxTensor>> runtime, int expected)
    {
        Verdict[] verdicts = [.. cases.Select(one => Verdict.Of(one, runtime))];
        Assert.Empty(verdicts.Where(verdict => verdict.Outcome != Outcome.Passed)
            .Select(verdict => $"{verdict.Outcome} {verdict.Case.Name}: {verdict.Said}"));
        Assert.Equal(expected, verdicts.Length);
    }
}
