using Unroll.Exchange.Onnx.Operators;

namespace Unroll.Exchange.Onnx.Recurrent;

//  activations        Sigmoid  HardSigmoid  LeakyRelu
//  activation_alpha            0.3          0.1           one for each that takes an α …
//                     0        0.3          0.1           … or one for each, read by place: the lengths tell the two apart
//  activation_beta             0.4                        one for each that takes a β, or one for each

/// <summary>Reads the activations of a recurrent node with their parameters.</summary>
internal static class ActivationReader
{
    /// <summary>f, g, h of each direction; the operator's own where the node names none.</summary>
    /// <param name="op">The operator.</param>
    /// <param name="node">The node.</param>
    /// <param name="directions">1 or 2.</param>
    /// <exception cref="Core.UserErrorException">A name is unknown, or a list has another length than the activations need.</exception>
    public static Activation[] Read(RecurrentOperator op, OperatorNode node, int directions)
    {
        ActivationKind[] kinds = Kinds(op, node, directions);
        float[] alphas = Parameters(node, "activation_alpha", kinds, Activation.HasAlpha, Activation.DefaultAlpha);
        float[] betas = Parameters(node, "activation_beta", kinds, Activation.HasBeta, Activation.DefaultBeta);
        return [.. kinds.Select((kind, i) => new Activation(kind, alphas[i], betas[i]))];
    }

    private static ActivationKind[] Kinds(RecurrentOperator op, OperatorNode node, int directions)
    {
        IReadOnlyList<ActivationKind> usual = op.DefaultActivations();
        if (node.Strings("activations") is not { Length: > 0 } names) return [.. Enumerable.Repeat(usual, directions).SelectMany(kinds => kinds)];
        if (names.Length != usual.Count * directions)
            throw node.Refusal($"attribute 'activations' has {names.Length} names, expected {usual.Count * directions}: {usual.Count} for each of "
                + $"{directions} direction{(directions == 1 ? "" : "s")}");
        return [.. names.Select(name => Activation.KindOf(name)
            ?? throw node.Refusal($"attribute 'activations' names '{name}', expected {Activation.Names}"))];
    }

    private static float[] Parameters(
        OperatorNode node, string name, ActivationKind[] kinds, Func<ActivationKind, bool> takes, Func<ActivationKind, float?> otherwise)
    {
        float[] given = node.Floats(name) ?? [];
        int taking = kinds.Count(takes);
        if (given.Length != 0 && given.Length != taking && given.Length != kinds.Length)
            throw node.Refusal($"attribute '{name}' has {given.Length} numbers, expected {taking}, one for each of the activations that take one, "
                + $"or {kinds.Length}, one for each");
        float[] all = new float[kinds.Length];
        for (int i = 0, next = 0; i < all.Length; i++)
        {
            if (!takes(kinds[i])) continue;
            all[i] = given.Length == 0 ? otherwise(kinds[i])
                    ?? throw node.Refusal($"attribute '{name}' is missing: {kinds[i]} has no default for it")
                : given.Length == kinds.Length ? given[i]
                : given[next++];
        }
        return all;
    }
}
