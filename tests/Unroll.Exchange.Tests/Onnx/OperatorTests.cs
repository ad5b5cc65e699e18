using Unroll.Exchange.Onnx.Values;

namespace Unroll.Exchange.Tests.Onnx;

public sealed class OperatorTests(ITestOutputHelper output)
{
    // One test for the whole table: a failure names every model that differs.
    [Fact]
    public void Every_operator_computes_what_onnx_runtime_computes()
    {
        List<string> wrong = [], refused = [];
        OneNode[] all = [.. OperatorCases.All];
        foreach (OneNode model in all)
        {
            List<OnnxTensor> expected;
            try
            {
                expected = Reference.OnnxRuntime(model.ToBytes(), model.Given);
            }
            catch (Microsoft.ML.OnnxRuntime.OnnxRuntimeException e)
            {
                refused.Add($"{model}: {e.Message.ReplaceLineEndings(" ")}");
                continue;
            }
            try
            {
                List<OnnxTensor> found = Reference.Ours(model.ToBytes(), model.Given);
                for (int i = 0; i < expected.Count; i++)
                    if (Reference.Difference(expected[i], found[i]) is var difference && !(difference <= model.Tolerance))
                        wrong.Add($"{model}: output {i} is {found[i].Text} {Numbers(found[i])}, expected {expected[i].Text} {Numbers(expected[i])}");
            }
            catch (Exception e)
            {
                wrong.Add($"{model}: {e.GetType().Name} {e.Message}");
            }
        }
        output.WriteLine($"{all.Length} models, {refused.Count} not run by ONNX Runtime:\n{string.Join('\n', refused)}");
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {all.Length} differ:\n{string.Join('\n', wrong)}");
    }

    private static string Numbers(OnnxTensor tensor) => $"({string.Join(" ", Reference.Doubles(tensor).Take(12).Select(x => $"{x:G5}"))})";
}
