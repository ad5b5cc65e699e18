using Unroll.Formats;
using Unroll.Inspection.Textbook;

namespace Unroll.Tests.Inspection;

/// <summary>Outputs and gradients that PyTorch computed in float64; the script that wrote a file lies beside it under the same name.</summary>
internal sealed class GoldenFile(string name)
{
    private readonly TensorFile _file =
        TensorFile.Read(Path.Combine(AppContext.BaseDirectory, "Inspection", "Fixtures", $"{name}.safetensors"), NonFinite.Refused);

    /// <summary>Modules through one sequence, and losses.</summary>
    public static GoldenFile Sequences { get; } = new("pytorch-goldens");

    /// <summary>Modules and whole networks through ragged batches.</summary>
    public static GoldenFile Batches { get; } = new("pytorch-batches");

    /// <summary>A tensor's numbers, a copy.</summary>
    public double[] Numbers(string name) => _file.Find(name)!.Float64.ToArray();

    /// <summary>A matrix's rows; of a tensor with more extents all rows in order.</summary>
    public Vector[] Rows(string name)
    {
        int columns = _file.Find(name)!.Shape[^1];
        double[] values = Numbers(name);
        return [.. Enumerable.Range(0, values.Length / columns).Select(row => new Vector(values, row * columns, columns))];
    }

    /// <summary>The names that begin with a prefix, without it.</summary>
    public IEnumerable<string> NamesUnder(string prefix) =>
        _file.Tensors.Where(tensor => tensor.Name.StartsWith(prefix, StringComparison.Ordinal)).Select(tensor => tensor.Name[prefix.Length..]);

    /// <summary>Whether the file has it.</summary>
    public bool Has(string name) => _file.Find(name) is not null;
}
