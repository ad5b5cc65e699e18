using System.Text.Json;
using Unroll.Cli.Tasks;
using Unroll.Core;
using Unroll.Exchange.Onnx;
using Unroll.Exchange.Onnx.Lifting;
using Unroll.Networks;
using Unroll.Tasks.Networks;

namespace Unroll.Cli.Exchange;

/// <summary>Whether an ONNX graph is a network of this library, for people and for programs.</summary>
internal sealed class LiftText
{
    private readonly LiftedNetwork? _lifted;
    private readonly string _why;

    private readonly Network? _written;

    internal LiftText(OnnxModel model)
    {
        _written = WrittenNetwork.TryRead(model, out string other);
        _lifted = LiftedNetwork.TryLift(model, out _why);
        if (other.Length > 0) _why = _why.Length > 0 ? $"{_why}; and {other}" : other;
    }

    /// <summary>The network and how far it is from the graph; or why there is none.</summary>
    internal IEnumerable<string> Lines()
    {
        if (_written is not null)
            yield return "network: written by this library, and its graph is the network's bit for bit; 'unroll import' gives it back";
        else if (_lifted is null) yield return $"lifted: no, it runs as a graph: {_why}";
        else yield return FormattableString.Invariant(
            $"lifted: yes; on a probe input the network differs from the graph by {_lifted.LargestDifference:G2} at most");
        if ((_written ?? _lifted?.Network) is not { } network) yield break;
        foreach (string line in new NetworkView().Lines(new NetworkModel(network, new NetworkDescription("", "onnx", [])))) yield return $"  {line}";
        if (_written is not null || _lifted is null) yield break;
        foreach (OutputMeaning meaning in _lifted.Meanings.Where(meaning => meaning != OutputMeaning.Plain).Distinct())
            yield return $"  then: {Word(meaning)}";
    }

    /// <summary>The member <c>lifted</c>: an object with the network, or with the reason.</summary>
    internal void WriteJson(Utf8JsonWriter json)
    {
        json.WriteStartObject("lifted");
        json.WriteBoolean("is", (_written ?? _lifted?.Network) is not null);
        json.WriteBoolean("own", _written is not null);
        if (_written is null && _lifted is null) json.WriteString("why", _why);
        if (_written is null && _lifted is not null)
        {
            json.WriteNumber("largest_difference", _lifted.LargestDifference);
            json.WriteTexts("then", [.. _lifted.Meanings.Select(Word)]);
        }
        if ((_written ?? _lifted?.Network) is { } network)
        {
            json.WritePropertyName("network");
            json.Raw(network.Spec.ToJson());
        }
        json.WriteEndObject();
    }

    private static string Word(OutputMeaning meaning) => meaning switch
    {
        OutputMeaning.Plain => "nothing",
        OutputMeaning.Probabilities => "softmax",
        OutputMeaning.LogProbabilities => "log-softmax",
        OutputMeaning.Logistic => "logistic",
        _ => "tanh",
    };
}
