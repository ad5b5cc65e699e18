using Unroll.Cells;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Labels;

/// <summary>The network of a labeling model: embedding where steps are places in a vocabulary, recurrent layers, a pooling, a dense head.</summary>
internal static class LabelNetwork
{
    /// <summary>The network that the options ask for.</summary>
    public static NetworkSpec SpecOf(LabelOptions options, LabelEncoding encoding)
    {
        List<LayerSpec> layers = [];
        if (encoding.HasVocabulary)
            layers.Add(new EmbeddingSpec { Name = "embedding", Vocabulary = encoding.Vocabulary.Count, Size = options.Embedding });
        float dropout = (float)options.Dropout;
        if (dropout > 0 && encoding.HasVocabulary) layers.Add(Dropout("input.dropout"));
        layers.Add(new RecurrentSpec
        {
            Name = "encoder",
            Cell = new CellOptions { Kind = options.Cell },
            Hidden = options.Hidden,
            Layers = options.Layers,
            Direction = options.Direction == ReadingDirection.Both ? Direction.Bidirectional : Direction.Forward,
            Dropout = options.Layers > 1 ? dropout : 0,
            LockedDropout = options.Layers > 1 && dropout > 0 && options.LockedDropout,
            InitialState = options.InitialState,
        });
        if (!options.PerStep) layers.Add(Pooling(options, encoding));
        if (dropout > 0) layers.Add(Dropout("head.dropout"));
        layers.Add(new DenseSpec { Name = "head", Outputs = encoding.Classes.Count });
        return new NetworkSpec(encoding.HasVocabulary ? 1 : encoding.Features, layers);

        DropoutSpec Dropout(string name) => new() { Name = name, Rate = dropout, Locked = options.LockedDropout };
    }

    private static LayerSpec Pooling(LabelOptions options, LabelEncoding encoding) => options.Pooling switch
    {
        PoolingKind.Last => options.Direction == ReadingDirection.Both
            ? new LastStatesSpec { Name = "reading" } : new LastStepSpec { Name = "reading" },
        PoolingKind.Mean => new MeanPoolSpec { Name = "reading" },
        PoolingKind.Attention => new AttentionPoolSpec { Name = "reading", Size = options.Hidden },
        PoolingKind.Center => new CenterStepSpec { Name = "reading" },
        PoolingKind.Flatten => new FlattenSpec { Name = "reading", Steps = encoding.Length },
        _ => new MaxPoolSpec { Name = "reading" },
    };
}
