using Unroll.Networks;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Networks;

/// <summary>
/// What other tasks must know of a network to begin with its layers: cell, units and the embedding's size. They follow from the network itself.
/// </summary>
public sealed record NetworkOptions : TaskOptions
{
    /// <summary>Features of a symbol; 0: there is no embedding.</summary>
    public int Embedding { get; init; }

    /// <summary>Every option, a line each.</summary>
    public static OptionTable<NetworkOptions> Table { get; } = new OptionTable<NetworkOptions>()
        .Strings("data", "FILE", "the file that the weights came from", o => o.Data, (o, v) => o with { Data = v })
        .Int("embedding", "N", "features of a symbol; 0: there is no embedding", o => o.Embedding, (o, v) => o with { Embedding = v })
        .String("cell", "CELL", "the cell of the first recurrent layers", o => o.Cell, (o, v) => o with { Cell = v })
        .Int("hidden", "N", "their units", o => o.Hidden, (o, v) => o with { Hidden = v })
        .Int("layers", "N", "how many lie on each other", o => o.Layers, (o, v) => o with { Layers = v })
        .Choice("direction", "from which ends they read", o => o.Direction, (o, v) => o with { Direction = v });

    /// <summary>The options of a network.</summary>
    /// <param name="spec">The network.</param>
    /// <param name="source">The file that its weights came from.</param>
    internal static NetworkOptions Of(NetworkSpec spec, string source)
    {
        RecurrentSpec? recurrent = spec.Layers.OfType<RecurrentSpec>().FirstOrDefault();
        return new NetworkOptions
        {
            Data = [source],
            Embedding = spec.Layers.OfType<EmbeddingSpec>().FirstOrDefault()?.Size ?? 0,
            Cell = recurrent?.Cell.Kind ?? "",
            Hidden = recurrent?.Hidden ?? 0,
            Layers = recurrent?.Layers ?? 0,
            Direction = recurrent?.Direction == Unroll.Layers.Recurrent.Direction.Bidirectional ? ReadingDirection.Both : ReadingDirection.Forward,
        };
    }
}
