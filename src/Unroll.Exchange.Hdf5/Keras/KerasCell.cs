using Unroll.Cells;
using Unroll.Core;

namespace Unroll.Exchange.Hdf5.Keras;

/// <summary>A recurrent cell of Keras as ours: which cell it is, how many units, and in which order Keras stacks its gates.</summary>
/// <param name="Options">Our cell.</param>
/// <param name="Units">Units.</param>
/// <param name="Gates">Keras's order in our letters: LSTM <c>ifgo</c> (its i f c o), GRU <c>zrn</c> (its z r h), plain <c>a</c>.</param>
/// <param name="HasBias">Whether it has one.</param>
/// <param name="ResetUnknown">Whether the configuration does not say where a GRU resets: then the bias does.</param>
internal sealed record KerasCell(CellOptions Options, int Units, string Gates, bool HasBias, bool ResetUnknown)
{
    /// <summary>What Keras calls the variables, in order.</summary>
    public IReadOnlyList<string> Variables => HasBias ? ["kernel", "recurrent_kernel", "bias"] : ["kernel", "recurrent_kernel"];

    /// <summary>Whether a GRU has a second bias, inside of what is reset.</summary>
    public bool ResetsAfter => Options.Kind == "gru-after";

    /// <summary>Reads a cell, or a layer of one: <c>LSTM</c> and <c>LSTMCell</c> have the same settings.</summary>
    /// <param name="layer">Its class and settings.</param>
    /// <param name="version">The version of Keras that wrote the file.</param>
    /// <returns>Null where the class is none of Keras's cells.</returns>
    /// <exception cref="UserErrorException">It has an activation that our cell has not.</exception>
    public static KerasCell? Of(KerasLayer layer, KerasVersion version)
    {
        string kind = layer.Class.EndsWith("Cell", StringComparison.Ordinal) ? layer.Class[..^4] : layer.Class;
        if (kind is not ("LSTM" or "GRU" or "SimpleRNN")) return null;
        int units = layer.Size("units");
        if (units > SizeLimits.Hidden) throw layer.Refused($"it has {units:N0} units, and {SizeLimits.Hidden:N0} are the most", "use fewer");
        bool bias = layer.Flag("use_bias", true);
        string activation = layer.Activation("activation", "tanh");
        if (kind == "SimpleRNN")
        {
            if (activation is not ("tanh" or "relu")) throw Other(layer, "activation", activation, "tanh and relu", version);
            return new KerasCell(new CellOptions { Kind = "rnn", Activation = activation }, units, "a", bias, false);
        }
        string gate = layer.Activation("recurrent_activation", version.IsKeras3 != false ? "sigmoid" : "hard_sigmoid");
        if (activation != "tanh") throw Other(layer, "activation", activation, "tanh", version);
        if (gate != "sigmoid") throw Other(layer, "recurrent_activation", gate, "sigmoid", version);
        if (kind == "LSTM") return new KerasCell(new CellOptions(), units, "ifgo", bias, false);
        bool unknown = layer.Element("reset_after") is null;
        return new KerasCell(new CellOptions { Kind = layer.Flag("reset_after", false) ? "gru-after" : "gru" }, units, "zrn", bias, unknown);
    }

    private static UserErrorException Other(KerasLayer layer, string setting, string found, string known, KerasVersion version) => layer.Refused(
        $"its {setting} is {found}{(found == "hard_sigmoid" ? $", which is {version.HardSigmoid} in this file" : "")}, "
        + $"and Unroll's cell has {known} there",
        found == "hard_sigmoid" ? "train it with sigmoid, or export it to ONNX and use 'unroll run'" : "export it to ONNX and use 'unroll run'");
}
