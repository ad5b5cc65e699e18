using System.Text.Json;

namespace Unroll.Exchange.Hdf5.Keras;

/// <summary>
/// The version of Keras that wrote a file, as the file itself says: it decides, not the container, for a <c>.keras</c> may be of Keras 2.12 to 2.15.
/// </summary>
/// <param name="Text">As it stands in the file; null: the file does not say.</param>
internal sealed record KerasVersion(string? Text)
{
    /// <summary>Whether it is Keras 3 or later; null: not known.</summary>
    public bool? IsKeras3 => Text is null ? null : int.TryParse(Text.Split('.', '-')[0], out int major) ? major >= 3 : null;

    //  hard_sigmoid(x) = min(1, max(0, x ÷ 6 + 0.5)) since Keras 3, min(1, max(0, 0.2 x + 0.5)) before
    /// <summary>What <c>hard_sigmoid</c> means in the file.</summary>
    public string HardSigmoid => IsKeras3 switch
    {
        true => $"x/6 + 0.5 between 0 and 1 (Keras {Text})",
        false => $"0.2x + 0.5 between 0 and 1 (Keras {Text})",
        null => "x/6 + 0.5 in Keras 3 and 0.2x + 0.5 in Keras 2, which the file does not say",
    };

    /// <summary>The member <c>keras_version</c> of an object.</summary>
    public static KerasVersion Of(JsonElement json) =>
        new(json.ValueKind == JsonValueKind.Object && json.TryGetProperty("keras_version", out JsonElement version)
            && version.ValueKind == JsonValueKind.String ? version.GetString() : null);
}
