namespace Unroll.Core;

/// <summary>How the weight matrices of recurrent layers are kept in a file and multiplied in inference.</summary>
public enum WeightPrecision
{
    /// <summary>32-bit floats: a network that can be trained.</summary>
    Float32,

    /// <summary>8-bit integers with a 32-bit scale for each row, multiplied by 16-bit integers: a network for inference only.</summary>
    Int8,
}
