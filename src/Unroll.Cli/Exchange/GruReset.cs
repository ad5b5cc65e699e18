using System.CommandLine;
using Unroll.Cells;
using Unroll.Core;
using Unroll.Exchange.Onnx;
using Unroll.Exchange.Onnx.Lifting;

namespace Unroll.Cli.Exchange;

/// <summary>The option of all commands that read ONNX files with GRUs that PyTorch may have written wrongly.</summary>
internal static class GruReset
{
    internal static Option<string> Option() => Opt.String("--gru-reset", "WORD",
        "of an ONNX file's GRUs that reset before the product: after, if they are nn.GRUs of PyTorch; before, if they are meant so");

    /// <summary>Reads a model, with its GRUs as they were meant.</summary>
    /// <param name="path">The file.</param>
    /// <param name="place">What was said; null: nothing, and what is suspect is named.</param>
    /// <param name="say">Receives notes and warnings.</param>
    internal static OnnxModel Load(string path, ResetPlace? place, Action<string> say)
    {
        OnnxModel model = OnnxModel.Load(path, line => say($"note: {line}"));
        if (place is { } said) return SuspectGru.With(model, said);
        foreach (string warning in SuspectGru.Warnings(model)) say($"warning: {warning}");
        return model;
    }

    /// <summary>What was given; null: nothing.</summary>
    /// <exception cref="UserErrorException">It is another word.</exception>
    internal static ResetPlace? Of(string? word) => word switch
    {
        null => null,
        "after" => ResetPlace.AfterProduct,
        "before" => ResetPlace.BeforeProduct,
        _ => throw new UserErrorException($"--gru-reset: expected after or before, got '{word}'."),
    };
}
