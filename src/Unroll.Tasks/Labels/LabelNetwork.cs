using Unroll.Cells;
using Unroll.Layers;
using Unroll.Layers.Recurrent;
using Unroll.Networks;

namespace Unroll.Tasks.Labels;

/// <summary>The network of a labeling model: embedding where steps are places in a vocabulary, recurrent layers, a reading, a dense head.</summary>
internal static class LabelNetwork
{
    /// <summary>The network that the options ask for.</summary>
    public static NetworkSpec SpecOf(LabelOptions options, LabelEncoding encoding)
    {
        List<LayerSpec> layers = [];
        if (encoding.HasVocabulary)
            layers.Add(new EmbeddingSpec { Name = "embedding", Vocabulary = encoding.Vocabulary.Count, Size = options.Embedding });
        float dropout = (float)options.Dropout;
        if (dropout > 0 && encoding.HasVocabulary) layers.Add(new DropoutSpec { Name = "input.dropout", Rate = dropout });
        layers.Add(new RecurrentSpec
        {
            Name = "encoder",
            Cell = new CellOptions { Kind = options.Cell },
            Hidden = options.Hidden,
            Layers = options.Layers,
            Direction = options.OneWay ? Direction.Forward : Direction.Bidirectional,
            Dropout = options.Layers > 1 ? dropout : 0,
        });
        if (!options.PerStep) layers.Add(Reading(options, encoding));
        if (dropout > 0) layers.Add(new DropoutSpec { Name = "head.dropout", Rate = dropout });
        layers.Add(new DenseSpec { Name = "head", Outputs = encoding.Classes.Count });
        return new NetworkSpec(encoding.HasVocabulary ? 1 : encoding.Features, layers);
    }

    private static LayerSpec Reading(LabelOptions options, LabelEncoding encoding) => options.Reading switch
    {
        "last" => options.OneWay ? new LastStepSpec { Name = "reading" } : new LastStatesSpec { Name = "reading" },
        "mean" => new MeanPoolSpec { Name = "reading" },
        "attention" => new AttentionPoolSpec { Name = "reading", Size = options.Hidden },
        "centre" => new CenterStepSpec { Name = "reading" },
        "flatten" => new FlattenSpec { Name = "reading", Steps = encoding.Length },
        _ => new MaxPoolSpec { Name = "reading" },
    };
}
