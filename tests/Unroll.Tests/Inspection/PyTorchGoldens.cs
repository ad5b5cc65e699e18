using Unroll.Formats;
using Unroll.Inspection.Textbook;

namespace Unroll.Tests.Inspection;

/// <summary>Outputs and gradients that PyTorch computed in float64; pytorch-goldens.py, which wrote them, lies beside the file.</summary>
internal static class PyTorchGoldens
{
    public static TensorFile File { get; } =
        TensorFile.Read(Path.Combine(AppContext.BaseDirectory, "Inspection", "Fixtures", "pytorch-goldens.safetensors"), NonFinite.Refused);

    /// <summary>A tensor's numbers, a copy.</summary>
    public static double[] Numbers(string name) => File.Find(name)!.Float64.ToArray();

    /// <summary>A matrix's rows.</summary>
    public static Vector[] Rows(string name)
    {
        int columns = File.Find(name)!.Shape[1];
        double[] values = Numbers(name);
        return [.. Enumerable.Range(0, values.Length / columns).Select(row => new Vector(values, row * columns, columns))];
    }

    /// <summary>Whether the file has it.</summary>
    public static bool Has(string name) => File.Find(name) is not null;
}
