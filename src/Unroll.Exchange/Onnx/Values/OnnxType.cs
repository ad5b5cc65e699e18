namespace Unroll.Exchange.Onnx.Values;

/// <summary>What the elements of a tensor are.</summary>
public enum OnnxType
{
    /// <summary>32-bit IEEE 754 numbers.</summary>
    Float,

    /// <summary>64-bit IEEE 754 numbers.</summary>
    Double,

    /// <summary>64-bit signed integers.</summary>
    Int64,

    /// <summary>32-bit signed integers.</summary>
    Int32,

    /// <summary>Truth values, a byte each: 0 or 1.</summary>
    Bool,

    /// <summary>Bytes.</summary>
    UInt8,

    /// <summary>8-bit signed integers.</summary>
    Int8,
}
