using Google.Protobuf;
using Unroll.Core;
using Unroll.Exchange.Onnx.Graphs;
using Unroll.Exchange.Onnx.Operators;
using Unroll.Exchange.Onnx.Wire;
using Unroll.Files;

namespace Unroll.Exchange.Onnx.Files;

/// <summary>Reads <c>.onnx</c> files. Specification: https://github.com/onnx/onnx/blob/main/docs/IR.md.</summary>
internal static class OnnxFile
{
    private const int Nesting = 100;                         // messages within messages: a body of a body of a body takes six

    /// <summary>Reads a model from a file.</summary>
    /// <param name="path">The file; external data may come from its folder.</param>
    /// <param name="note">Receives what the user should know.</param>
    /// <exception cref="UserErrorException">It is no such file, or something in it is wrong or not supported.</exception>
    public static (OnnxGraph Graph, OnnxDescription Description) Read(string path, Action<string>? note = null)
    {
        ReadingContext context = new(path, Path.GetDirectoryName(Path.GetFullPath(path)), note);
        FileErrors.RequireName(path);
        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            return Read(stream.CanSeek ? stream : new MemoryStream(InputFile.Bytes(stream, path)), context);
        }
        catch (Exception e) when (FileErrors.Is(e))
        {
            throw FileErrors.Reading(path, e);
        }
    }

    /// <summary>Reads a model from a stream, to its end.</summary>
    public static (OnnxGraph Graph, OnnxDescription Description) Read(Stream stream, ReadingContext context)
    {
        ModelProto model = Parse(stream, context);
        Dictionary<string, int> opsets = Opsets(model.OpsetImport, context);
        if (model.Graph is null) throw context.Refusal("it holds no graph, so it is not an ONNX model; name a file that an exporter wrote");
        GraphReader reader = new(context, new FunctionCalls(model.Functions, context));
        OnnxGraph graph = reader.Read(model.Graph, opsets);
        return (graph, new OnnxDescription
        {
            File = context.File, IrVersion = model.IrVersion, Producer = model.ProducerName, ProducerVersion = model.ProducerVersion, Opsets = opsets,
            Metadata = model.MetadataProps.DistinctBy(one => one.Key).ToDictionary(one => one.Key, one => one.Value),
        });
    }

    /// <summary>The version of each domain; <c>ai.onnx</c> is another name of ONNX's own, which is empty here.</summary>
    public static Dictionary<string, int> Opsets(IEnumerable<OperatorSetIdProto> imports, ReadingContext context)
    {
        Dictionary<string, int> opsets = [];
        foreach (OperatorSetIdProto import in imports)
        {
            string domain = Domain(import.Domain);
            if (domain.Length == 0 && import.Version is < OperatorTable.OldestOpset or > 1000)
                throw context.Refusal($"it is written in opset {import.Version}; read are {OperatorTable.OldestOpset} and newer: export it again");
            if (domain.Length == 0 && import.Version > OperatorTable.NewestOpset)
                context.Note($"it is written in opset {import.Version}, which is newer than {OperatorTable.NewestOpset}, the newest known here; "
                    + "its operators are taken by their meaning there");
            if (!opsets.TryAdd(domain, (int)Math.Clamp(import.Version, 0, int.MaxValue)))
                throw context.Refusal($"the version of the operators of '{import.Domain}' is given twice; export it again");
        }
        return opsets;
    }

    /// <summary>A domain by the name that it has here.</summary>
    public static string Domain(string name) => name == "ai.onnx" ? "" : name;

    private static ModelProto Parse(Stream stream, ReadingContext context)
    {
        try
        {
            new WireCheck(stream, context).Check();
            using CodedInputStream input = CodedInputStream.CreateWithLimits(stream, int.MaxValue, Nesting);
            ModelProto model = ModelProto.Parser.WithDiscardUnknownFields(true).ParseFrom(input);
            if (!input.IsAtEnd) throw context.Refusal("it is no ONNX model, or damaged; export it again");
            return model;
        }
        catch (InvalidProtocolBufferException e)
        {
            throw context.Refusal("it is no ONNX model, or it is cut short or damaged; export it again, or copy it again", e);
        }
    }
}
