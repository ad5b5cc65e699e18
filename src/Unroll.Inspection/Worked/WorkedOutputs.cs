using Unroll.Inspection.Textbook;
using Unroll.Layers.Losses;

namespace Unroll.Inspection.Worked;

/// <summary>The output of every step, its loss, and the gradient that begins the way back.</summary>
internal static class WorkedOutputs
{
    internal static IEnumerable<WorkedValue> Of(TextbookGradient gradient, TextbookExample example, ILoss loss)
    {
        ILossEquations equations = LossEquations.Of(loss);
        for (int t = 0; t < gradient.Dy.Count; t++)
        {
            string section = $"step {t + 1}, output";
            Vector y = gradient.Run.Outputs[t];
            yield return WorkedValue.Of(section, "y", "", y);
            if (loss is SoftmaxCrossEntropy)
                foreach (WorkedValue value in Softmax(section, y)) yield return value;
            Vector? target = example.Targets[t];
            if (target is null) continue;
            yield return WorkedValue.Of(section, loss is SoftmaxCrossEntropy ? "label" : "target", "", target);
            yield return WorkedValue.Of(section, "L", "", new Vector(equations.Value(y, target)));
            yield return WorkedValue.Of(section, "δy", "", gradient.Dy[t]);
        }
        yield return WorkedValue.Of("loss of the sequence", "L", "sum", new Vector(gradient.Loss.Sum));
    }

    //  ŷ_k = e^(y_k − max y) ÷ Σ_j e^(y_j − max y)
    private static IEnumerable<WorkedValue> Softmax(string section, Vector y)
    {
        double largest = y.Max();
        yield return WorkedValue.Of(section, "max y", "", new Vector(largest));
        yield return WorkedValue.Of(section, "e^(y − max y)", "", y.Map(v => Math.Exp(v - largest)));
        yield return WorkedValue.Of(section, "ŷ", "", Functions.Softmax(y));
    }
}
