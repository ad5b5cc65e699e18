using System.Text.Json;
using Unroll.Core;
using Unroll.Exchange.Onnx;
using Unroll.Exchange.Onnx.Graphs;

namespace Unroll.Cli.Exchange;

/// <summary>What an ONNX file holds, in words for people and as JSON for programs.</summary>
internal sealed class OnnxInfo
{
    private const int MostNamed = 20, LongestText = 200;
    private readonly string _path;
    private readonly OnnxModelInfo _info;
    private readonly LiftText? _lift;                        // null where the model cannot be run

    /// <summary>Reads a file.</summary>
    /// <exception cref="UserErrorException">It is no ONNX model, or something in it is wrong or of a type that is not supported.</exception>
    internal OnnxInfo(string path, Action<string> say)
    {
        _path = path;
        _info = OnnxModelInfo.Read(path, note => say("note: " + note), warning => say("warning: " + warning));
        _lift = _info.Model is { } model ? new LiftText(model) : null;
    }

    /// <summary>For people.</summary>
    internal IEnumerable<string> Lines()
    {
        string producer = _info.Producer.Name.Length == 0 ? "a program that does not say its name"
            : $"{_info.Producer.Name} {_info.Producer.Version}".Trim();
        string opsets = string.Join(", ", _info.Opsets.Select(one => one.Key.Length == 0 ? $"{one.Value}" : $"{one.Key} {one.Value}"));
        yield return $"{_path}: an ONNX model written by {producer}, opset {opsets}, file format {_info.IrVersion}";
        foreach (OnnxPort input in _info.Inputs) yield return $"input   {input}";
        foreach (OnnxPort output in _info.Outputs) yield return $"output  {output}";
        yield return $"weights: {_info.Weights.Tensors:N0} tensors, {_info.Weights.Numbers:N0} numbers, {_info.Weights.Bytes:N0} bytes";
        yield return $"nodes: {_info.Operators.Sum(one => one.Count):N0} "
            + $"({string.Join(", ", _info.Operators.Select(one => $"{one.Count} {one.Name}"))})";
        foreach ((string node, _, string conventions) in _info.Recurrent) yield return $"recurrent  {node}: {conventions}";
        foreach ((string key, string value) in _info.Metadata)
            yield return $"metadata  {key}: {(value.Length <= LongestText ? value : $"{value[..LongestText]} … ({value.Length:N0} characters)")}";
        if (_info.UnusedWeights.Count > 0) yield return $"not used: {Named(_info.UnusedWeights)}";
        if (_info.UnusedInputs.Count > 0) yield return $"inputs without effect: {Named(_info.UnusedInputs)}";
        yield return _info.Refused is null ? "runs: yes, with 'unroll run'" : $"runs: no; {_info.Refused}";
        foreach (string line in _lift?.Lines() ?? []) yield return line;
    }

    /// <summary>For programs.</summary>
    internal void WriteJson(Utf8JsonWriter json)
    {
        json.WriteString("model", _path);
        json.WriteString("format", "onnx");
        json.WriteString("producer", _info.Producer.Name);
        json.WriteString("producer_version", _info.Producer.Version);
        json.WriteNumber("ir_version", _info.IrVersion);
        json.WriteObject("opsets", _info.Opsets, (writer, opsets) =>
        {
            foreach ((string domain, int version) in opsets) writer.WriteNumber(domain.Length == 0 ? "ai.onnx" : domain, version);
        });
        json.WriteObjects("inputs", _info.Inputs, WritePort);
        json.WriteObjects("outputs", _info.Outputs, WritePort);
        json.WriteNumber("weights", _info.Weights.Tensors);
        json.WriteNumber("numbers", _info.Weights.Numbers);
        json.WriteNumber("bytes", _info.Weights.Bytes);
        json.WriteObject("operators", _info.Operators, (writer, operators) =>
        {
            foreach ((string name, int count) in operators) writer.WriteNumber(name, count);
        });
        json.WriteObjects("recurrent", _info.Recurrent, (writer, layer) =>
        {
            writer.WriteString("node", layer.Node);
            writer.WriteString("operator", layer.Operator);
            writer.WriteString("conventions", layer.Conventions);
        });
        json.WriteObject("metadata", _info.Metadata, (writer, all) =>
        {
            foreach ((string key, string value) in all) writer.WriteString(key, value);
        });
        json.WriteTexts("unused_weights", _info.UnusedWeights);
        json.WriteTexts("unused_inputs", _info.UnusedInputs);
        json.WriteBoolean("runs", _info.Refused is null);
        json.WriteUnlessNull("refused", _info.Refused);
        _lift?.WriteJson(json);
    }

    private static void WritePort(Utf8JsonWriter json, OnnxPort port)
    {
        json.WriteString("name", port.Name);
        json.WriteString("type", port.Text);
    }

    private static string Named(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(MostNamed)) + (names.Count > MostNamed ? $" and {names.Count - MostNamed} more" : "");
}
