using System.Text.Json;
using Unroll.Core;
using Unroll.Exchange.Onnx.Execution;
using Unroll.Exchange.Onnx.Files;
using Unroll.Exchange.Onnx.Graphs;
using Unroll.Exchange.Onnx.Operators;
using Unroll.Exchange.Onnx.Recurrent;
using Unroll.Exchange.Onnx.Values;

namespace Unroll.Cli.Exchange;

/// <summary>What an ONNX file holds, whether it can be run or not.</summary>
/// <param name="Path">The file.</param>
/// <param name="Graph">Its graph.</param>
/// <param name="Description">What it says beside the graph.</param>
/// <param name="Refused">Why it cannot be run; null where it can.</param>
internal sealed record OnnxInfo(string Path, OnnxGraph Graph, OnnxDescription Description, string? Refused)
{
    private const int MostNamed = 20, LongestText = 200;

    /// <summary>Reads a file.</summary>
    /// <exception cref="UserErrorException">It is no ONNX model, or something in it is wrong or of a type that is not supported.</exception>
    public static OnnxInfo Of(string path, Action<string> note)
    {
        (OnnxGraph graph, OnnxDescription description) = OnnxFile.Read(path, line => note("note: " + line));
        string? refused = null;
        try
        {
            Planner.Plan(graph, OperatorTable.Default, path);
        }
        catch (UserErrorException e)
        {
            refused = e.Message;
        }
        return new(path, graph, description, refused);
    }

    private IEnumerable<OnnxPort> Inputs => Graph.Inputs.Where(input => !Graph.Initializers.ContainsKey(input.Name));

    private (string Name, int Count)[] Operators => [.. Graph.AllNodes.CountBy(node => node.Domain.Length == 0 ? node.Operator : $"{node.Domain}.{node.Operator}")
        .OrderByDescending(one => one.Value).ThenBy(one => one.Key, StringComparer.Ordinal).Select(one => (one.Key, one.Value))];

    // Its conventions in words; why they cannot be read where a node is wrong.
    private IEnumerable<(OnnxNode Node, string Text)> RecurrentLayers()
    {
        foreach (OnnxNode node in Graph.AllNodes)
        {
            string? text;
            try
            {
                text = ConventionReader.Read(node, Path)?.Describe(node.Operator == "LSTM" && node.Inputs.Count > 7 && node.Inputs[7].Length > 0);
            }
            catch (UserErrorException e)
            {
                text = e.Message;
            }
            if (text is not null) yield return (node, text);
        }
    }

    /// <summary>For people.</summary>
    public IEnumerable<string> Lines()
    {
        string producer = Description.Producer.Length == 0 ? "a program that does not say its name" : $"{Description.Producer} {Description.ProducerVersion}".Trim();
        yield return $"{Path}: an ONNX model written by {producer}, opset {string.Join(", ",
            Description.Opsets.Select(one => one.Key.Length == 0 ? $"{one.Value}" : $"{one.Key} {one.Value}"))}, file format {Description.IrVersion}";
        foreach (OnnxPort input in Inputs) yield return $"input   {input}";
        foreach (OnnxPort output in Graph.Outputs) yield return $"output  {output}";
        OnnxTensor[] weights = [.. GraphUse.Weights(Graph)];
        yield return $"weights: {weights.Length:N0} tensors, {weights.Sum(one => (long)one.Count):N0} numbers, {weights.Sum(one => (long)one.Bytes.Length):N0} bytes";
        yield return $"nodes: {Graph.AllNodes.Count():N0} ({string.Join(", ", Operators.Select(one => $"{one.Count} {one.Name}"))})";
        foreach ((OnnxNode node, string text) in RecurrentLayers()) yield return $"recurrent  {(node.Name.Length > 0 ? node.Name : node.Outputs[0])}: {text}";
        foreach ((string key, string value) in Description.Metadata)
            yield return $"metadata  {key}: {(value.Length <= LongestText ? value : $"{value[..LongestText]} … ({value.Length:N0} characters)")}";
        if (GraphUse.UnusedWeights(Graph) is { Count: > 0 } unused) yield return $"not used: {Named(unused)}";
        if (GraphUse.UnusedInputs(Graph) is { Count: > 0 } inputs) yield return $"inputs without effect: {Named(inputs)}";
        yield return Refused is null ? "runs: yes, with 'unroll run'" : $"runs: no; {Refused}";
    }

    /// <summary>For programs.</summary>
    public void WriteJson(Utf8JsonWriter json)
    {
        json.WriteString("model", Path);
        json.WriteString("format", "onnx");
        json.WriteString("producer", Description.Producer);
        json.WriteString("producer_version", Description.ProducerVersion);
        json.WriteNumber("ir_version", Description.IrVersion);
        json.WriteObject("opsets", Description.Opsets, (writer, opsets) =>
        {
            foreach ((string domain, int version) in opsets) writer.WriteNumber(domain.Length == 0 ? "ai.onnx" : domain, version);
        });
        json.WriteObjects("inputs", Inputs, WritePort);
        json.WriteObjects("outputs", Graph.Outputs, WritePort);
        OnnxTensor[] weights = [.. GraphUse.Weights(Graph)];
        json.WriteNumber("weights", weights.Length);
        json.WriteNumber("numbers", weights.Sum(one => (long)one.Count));
        json.WriteNumber("bytes", weights.Sum(one => (long)one.Bytes.Length));
        json.WriteObject("operators", Operators, (writer, operators) =>
        {
            foreach ((string name, int count) in operators) writer.WriteNumber(name, count);
        });
        json.WriteObjects("recurrent", RecurrentLayers(), (writer, layer) =>
        {
            writer.WriteString("node", layer.Node.Name);
            writer.WriteString("operator", layer.Node.Operator);
            writer.WriteString("conventions", layer.Text);
        });
        json.WriteObject("metadata", Description.Metadata, (writer, all) =>
        {
            foreach ((string key, string value) in all) writer.WriteString(key, value);
        });
        json.WriteTexts("unused_weights", GraphUse.UnusedWeights(Graph));
        json.WriteTexts("unused_inputs", GraphUse.UnusedInputs(Graph));
        json.WriteBoolean("runs", Refused is null);
        json.WriteUnlessNull("refused", Refused);
    }

    private static void WritePort(Utf8JsonWriter json, OnnxPort port)
    {
        json.WriteString("name", port.Name);
        json.WriteString("type", port.Text);
    }

    private static string Named(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(MostNamed)) + (names.Count > MostNamed ? $" and {names.Count - MostNamed} more" : "");
}
