using System.Text.Json;
using Unroll.Cli.Tasks;
using Unroll.Core;
using Unroll.Exchange.Onnx;
using Unroll.Exchange.Onnx.Lifting;
using Unroll.Tasks.Networks;

namespace Unroll.Cli.Exchange;

/// <summary>Whether an ONNX graph is a network of this library, for people and for programs.</summary>
internal sealed class LiftText
{
    private readonly LiftedNetwork? _lifted;
    private readonly string _why;

    internal LiftText(OnnxModel model) => _lifted = LiftedNetwork.TryLift(model, out _why);

    /// <summary>The network and how far it is from the graph; or why there is none.</summary>
    internal IEnumerable<string> Lines()
    {
        if (_lifted is null)
        {
            yield return $"lifted: no, it runs as a graph: {_why}";
            yield break;
        }
        yield return FormattableString.Invariant(
            $"lifted: yes; on a probe input the network differs from the graph by {_lifted.LargestDifference:G2} at most");
        NetworkModel network = new(_lifted.Network, new NetworkDescription("", "onnx", []));
        foreach (string line in new NetworkView().Lines(network)) yield return $"  {line}";
        foreach (OutputMeaning meaning in _lifted.Meanings.Where(meaning => meaning != OutputMeaning.Plain).Distinct())
            yield return $"  then: {Word(meaning)}";
    }

    /// <summary>The member <c>lifted</c>: an object with the network, or with the reason.</summary>
    internal void WriteJson(Utf8JsonWriter json)
    {
        json.WriteStartObject("lifted");
        json.WriteBoolean("is", _lifted is not null);
        if (_lifted is null) json.WriteString("why", _why);
        else
        {
            json.WriteNumber("largest_difference", _lifted.LargestDifference);
            json.WriteTexts("then", [.. _lifted.Meanings.Select(Word)]);
            json.WritePropertyName("network");
            json.Raw(_lifted.Network.Spec.ToJson());
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
