namespace Unroll.Core;

/// <summary>How the weight matrices of recurrent layers are kept in a file and multiplied in inference.</summary>
public enum WeightPrecision
{
    /// <summary>32-bit floats: a network that can be trained.</summary>
    Float32,

    /// <summary>8-bit integers with a 32-bit scale for each row, multiplied by 16-bit integers: a network for inference only.</summary>
    Int8,

    /// <summary>
    /// bfloat16, the upper half of a float, multiplied as the float that it is: a network for inference only. Half the bytes, on any processor.
    /// </summary>
    BFloat16,
}

/// <summary>What the precisions of weights are called.</summary>
public static class WeightPrecisions
{
    private static readonly (WeightPrecision Precision, string Name, string Words)[] All =
    [
        (WeightPrecision.Float32, "float32", "floats"),
        (WeightPrecision.Int8, "int8", "weights of 8 bits"),
        (WeightPrecision.BFloat16, "bfloat16", "weights of 16 bits (bfloat16)"),
    ];

    /// <summary>The names, in the order of the values.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(one => one.Name)];

    /// <summary>In options, model files and JSON: <c>float32</c>, <c>int8</c>, <c>bfloat16</c>.</summary>
    /// <param name="precision">The precision.</param>
    public static string Name(this WeightPrecision precision) => All[(int)precision].Name;

    /// <summary>In sentences: <c>floats</c>, <c>weights of 8 bits</c>, <c>weights of 16 bits (bfloat16)</c>.</summary>
    /// <param name="precision">The precision.</param>
    public static string Words(this WeightPrecision precision) => All[(int)precision].Words;

    /// <summary>The precision of a name; null where there is none.</summary>
    /// <param name="name">As <see cref="Name"/> gives it.</param>
    public static WeightPrecision? Of(string name) => Array.FindIndex(All, one => one.Name == name) is >= 0 and var at ? All[at].Precision : null;
}
