using Unroll.Core;

namespace Unroll.Exchange.Onnx.Writing;

/// <summary>How a network is written as ONNX.</summary>
public sealed record OnnxExportOptions
{
    /// <summary>The first version of the standard operators that can be written.</summary>
    public const int FirstOpset = 14;

    /// <summary>The last one.</summary>
    public const int LastOpset = 22;

    /// <summary>The version of the standard operators, 14 … 22; 17 is read by every runtime of recent years.</summary>
    public int Opset { get; init; } = 17;

    /// <summary>Whether a second file, NAME.step.onnx, takes one step of each sequence: for streams.</summary>
    public bool Step { get; init; }

    /// <summary>
    /// Which member of an ensemble is written, from 1; null: their mean as one graph, where the model's answer is a mean of outputs.
    /// </summary>
    public int? Member { get; init; }

    /// <summary>Throws where an option is out of range.</summary>
    internal void Check()
    {
        if (Opset is < FirstOpset or > LastOpset)
            throw new UserErrorException($"opset: expected a whole number from {FirstOpset} to {LastOpset}, got {Opset}.");
    }

    /// <summary>The version of the file format that goes with an opset (https://github.com/onnx/onnx/blob/main/docs/Versioning.md).</summary>
    internal long IrVersion => Opset switch { 14 => 7, < 19 => 8, < 21 => 9, _ => 10 };
}

/// <summary>What was written.</summary>
/// <param name="Files">One file, or two.</param>
/// <param name="Notes">What a user should know: what is not in the graphs, and what was changed. Whole sentences.</param>
public sealed record OnnxExportReport(IReadOnlyList<OnnxExportFile> Files, IReadOnlyList<string> Notes);

/// <summary>One file of an export.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Inputs">The graph's inputs: <c>x float [batch, steps, 3]</c>.</param>
/// <param name="Outputs">Its outputs.</param>
/// <param name="Operators">How many nodes of each operator it has, bodies of Scan included.</param>
/// <param name="Largest">
/// The largest difference between what the file gives when it is read back and run and what the network gives, on random rows; beside it the largest
/// output.
/// </param>
public sealed record OnnxExportFile(
    string Path, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs, IReadOnlyDictionary<string, int> Operators, ProbeResult Largest);

/// <summary>What a probe has found.</summary>
/// <param name="Difference">The largest |Δ| of all outputs.</param>
/// <param name="Value">The largest |value| among them.</param>
/// <param name="Count">How many numbers were compared.</param>
public readonly record struct ProbeResult(double Difference, double Value, long Count)
{
    /// <summary>The most that a float may differ: a share of the largest value, or of 1 where all are smaller.</summary>
    internal const double Tolerance = 1e-4;

    /// <summary>How many further numbers are the same infinity, or no number, in both.</summary>
    internal long Undefined { get; init; }

    /// <summary>Whether it is within that.</summary>
    internal bool IsClose => Difference <= Tolerance * Math.Max(1, Value);
}
