namespace Unroll.Inspection.Textbook;

/// <summary>Of each feature the largest of every n steps; of equal ones the first.</summary>
/// <param name="name">The layer's name.</param>
/// <param name="features">Features of the input and of the output.</param>
/// <param name="steps">n.</param>
internal sealed class StepPoolEquations(string name, int features, int steps) : ILayerEquations
{
    public string Name => name;
    public int Outputs => features;

    //  y⟨u⟩_k = max x⟨t⟩_k over the steps t of group u
    public LayerRun Forward(IReadOnlyList<Vector> x, Given given)
    {
        int[][] chosen = [.. Enumerable.Range(0, (x.Count + steps - 1) / steps).Select(u => Enumerable.Range(0, features)
            .Select(k => Enumerable.Range(u * steps, Math.Min(steps, x.Count - u * steps)).MaxBy(t => (x[t][k], -t))).ToArray())];
        return new Run([.. chosen.Select(own => new Vector([.. own.Select((t, k) => x[t][k])]))], chosen, x.Count, features);
    }

    private sealed class Run(IReadOnlyList<Vector> outputs, int[][] chosen, int steps, int features) : LayerRun(outputs)
    {
        //  δx⟨t⟩_k = δy⟨u⟩_k at the step that was chosen
        public override IReadOnlyList<Vector> Backward(IReadOnlyList<Vector> dy, Given given)
        {
            double[][] dx = [.. Enumerable.Range(0, steps).Select(_ => new double[features])];
            for (int u = 0; u < chosen.Length; u++)
                for (int k = 0; k < features; k++) dx[chosen[u][k]][k] += dy[u][k];
            return [.. dx.Select(one => new Vector(one))];
        }
    }
}
