using System.CommandLine;
using Unroll.Cells;
using Unroll.Core;

namespace Unroll.Cli.Exchange;

/// <summary>The option of all commands that read ONNX files with GRUs that PyTorch may have written wrongly.</summary>
internal static class GruReset
{
    internal static Option<string> Option() => Opt.String("--gru-reset", "WORD",
        "of an ONNX file's GRUs that reset before the product: after, if they are nn.GRUs of PyTorch; before, if they are meant so");

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
