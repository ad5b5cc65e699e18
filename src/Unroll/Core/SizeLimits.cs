namespace Unroll.Core;

/// <summary>The largest networks there are: options, descriptions in files and the layers themselves go by the same numbers.</summary>
public static class SizeLimits
{
    /// <summary>Units of a recurrent layer in one direction.</summary>
    public const int Hidden = 16_384;

    /// <summary>Recurrent layers on top of each other.</summary>
    public const int Layers = 64;

    /// <summary>Features of a step, outputs of a layer, symbols of a vocabulary: as many as a float counts one by one.</summary>
    public const int Features = 1 << 24;

    /// <summary>Layers of a description.</summary>
    internal const int Descriptions = 1000;
}
