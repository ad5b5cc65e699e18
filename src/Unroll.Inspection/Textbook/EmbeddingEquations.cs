using Unroll.Core;

namespace Unroll.Inspection.Textbook;

/// <summary>The embedding: row k of a table for the index k, which is W times the one-hot vector of k (S14).</summary>
/// <param name="name">The layer's name.</param>
/// <param name="w">W, [vocabulary, size].</param>
/// <param name="dw">The gradient of W; added to.</param>
internal sealed class EmbeddingEquations(string name, Matrix w, Matrix dw) : ILayerEquations
{
    public string Name => name;
    public int Outputs => w.Columns;

    public LayerRun Forward(IReadOnlyList<Vector> x, Given given) =>
        new Run(this, [.. x.Select(Index)], given.WeightMasks.GetValueOrDefault($"{name}.weight"));

    private int Index(Vector x)
    {
        int k = (int)x[0];
        return x.Count == 1 && k == x[0] && k >= 0 && k < w.Rows
            ? k
            : throw new UserErrorException($"layer '{name}' input: expected one index from 0 to {w.Rows - 1} a step, got ({string.Join(", ", x)}).");
    }

    //  y⟨t⟩ = m[k] W[k, :], m[k] = 1 where nothing is dropped
    private Vector Output(int k, Vector? mask) => new([.. Enumerable.Range(0, w.Columns).Select(column => (mask?[k] ?? 1) * w[k, column])]);

    private Vector Back(int k, Vector dy, Vector? mask)
    {
        //  dW[k, :] += m[k] δy
        for (int column = 0; column < w.Columns; column++) dw[k, column] += (mask?[k] ?? 1) * dy[column];

        //  an index has no gradient
        return Vector.Zeros(1);
    }

    private sealed class Run(EmbeddingEquations layer, int[] indices, Vector? mask)
        : LayerRun([.. indices.Select(k => layer.Output(k, mask))])
    {
        private readonly int[] _indices = indices;

        public override IReadOnlyList<Vector> Backward(IReadOnlyList<Vector> dy, Given given) =>
            [.. _indices.Zip(dy, (k, d) => layer.Back(k, d, mask))];
    }
}
