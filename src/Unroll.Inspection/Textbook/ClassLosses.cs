using static Unroll.Inspection.Textbook.Functions;

namespace Unroll.Inspection.Textbook;

/// <summary>Softmax cross-entropy (S32, S40): y are scores, the target is one class, 0 … classes − 1, or −1 for a row that does not count.</summary>
internal sealed class SoftmaxCrossEntropyEquations : ILossEquations
{
    public string Name => "cross-entropy";

    public int Items(Vector target) => target[0] < 0 ? 0 : 1;

    public double Value(Vector y, Vector target)
    {
        if (target[0] < 0) return 0;

        //  L = −ln softmax(y)_label = (max y − y_label) + ln Σ_k e^(y_k − max y)
        double largest = y.Max();
        return largest - y[(int)target[0]] + Math.Log(y.Sum(yk => Math.Exp(yk - largest)));
    }

    public Vector Gradient(Vector y, Vector target)
    {
        if (target[0] < 0) return Vector.Zeros(y.Count);

        //  ∂L/∂y = ŷ − one-hot(label),      ŷ = softmax(y)
        Vector oneHot = Vector.Zeros(y.Count);
        oneHot[(int)target[0]] = 1;
        return Softmax(y) - oneHot;
    }
}

/// <summary>Softmax cross-entropy with label smoothing: of the target's probability all classes share ε evenly, and the label has the rest.</summary>
/// <param name="smoothing">ε, in (0, 1).</param>
internal sealed class SmoothedCrossEntropyEquations(double smoothing) : ILossEquations
{
    public string Name => "smoothed-cross-entropy";

    public int Items(Vector target) => target[0] < 0 ? 0 : 1;

    public double Value(Vector y, Vector target)
    {
        if (target[0] < 0) return 0;

        //  L = −Σ_k q_k ln softmax(y)_k = (max y − Σ_k q_k y_k) + ln Σ_k e^(y_k − max y)
        double largest = y.Max();
        return largest - Smoothed(y.Count, target).Zip(y, (qk, yk) => qk * yk).Sum() + Math.Log(y.Sum(yk => Math.Exp(yk - largest)));
    }

    public Vector Gradient(Vector y, Vector target)
    {
        if (target[0] < 0) return Vector.Zeros(y.Count);

        //  ∂L/∂y = ŷ − q
        return Softmax(y) - Smoothed(y.Count, target);
    }

    //  q = (1 − ε) one-hot(label) + ε ÷ classes
    private Vector Smoothed(int classes, Vector target)
    {
        Vector q = new([.. Enumerable.Repeat(smoothing / classes, classes)]);
        q[(int)target[0]] += 1 - smoothing;
        return q;
    }
}

/// <summary>Binary cross-entropy on logits: y are the logits of many yes-or-no labels, each target a probability, mostly 0 or 1.</summary>
internal sealed class BinaryCrossEntropyEquations : ILossEquations
{
    public string Name => "binary-cross-entropy";

    public int Items(Vector target) => target.Count;

    //  L = Σ_k −t_k ln σ(y_k) − (1 − t_k) ln(1 − σ(y_k)) = Σ_k ln(1 + e^y_k) − t_k y_k
    public double Value(Vector y, Vector target) => y.Zip(target, (yk, tk) => Softplus(yk) - tk * yk).Sum();

    //  ∂L/∂y = σ(y) − t
    public Vector Gradient(Vector y, Vector target) => Sigmoid(y) - target;
}
