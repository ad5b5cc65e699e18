using Unroll.Cells;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Labels;

/// <summary>
/// The network of a labeling model: embedding where steps are places in a vocabulary, perhaps a convolution, recurrent layers, a pooling, a dense
/// head, perhaps a linear path around all of them.
/// </summary>
internal static class LabelNetwork
{
    /// <summary>The network that the options ask for.</summary>
    public static NetworkSpec SpecOf(LabelOptions options, LabelEncoding encoding)
    {
        List<LayerSpec> layers = [];
        if (encoding.Characters is { } characters) layers.Add(Characters(options, encoding, characters));
        else if (encoding.HasVocabulary)
            layers.Add(new EmbeddingSpec { Name = "embedding", Vocabulary = encoding.Vocabulary.Count, Size = options.Embedding });
        float dropout = (float)options.Dropout, input = (float)(options.InputDropout ?? (encoding.HasVocabulary ? options.Dropout : 0));
        if (input > 0) layers.Add(Dropout("input.dropout", input));
        if (options.Filters > 0)
        {
            layers.Add(new ConvolutionSpec { Name = "filters", Filters = options.Filters, Width = options.FilterWidth });
            if (options.FilterPool > 1) layers.Add(new StepPoolSpec { Name = "filters.pool", Steps = options.FilterPool });
            if (input > 0) layers.Add(Dropout("filters.dropout", input));
        }
        layers.Add(new RecurrentSpec
        {
            Name = "encoder",
            Cell = CellChoice.Of(options.Cell),
            Hidden = options.Hidden,
            Layers = options.Layers,
            Direction = options.Direction == ReadingDirection.Both ? Direction.Bidirectional : Direction.Forward,
            Dropout = options.Layers > 1 ? dropout : 0,
            LockedDropout = options.Layers > 1 && dropout > 0 && options.LockedDropout,
            InitialState = options.InitialState,
        });
        if (!options.PerStep) layers.Add(Pooling(options, encoding));
        if (dropout > 0) layers.Add(Dropout("head.dropout", dropout));
        layers.Add(new DenseSpec { Name = "head", Outputs = encoding.Classes.Count });
        if (options.Wide != WidePathKind.None)
            layers.Add(new WideSpec { Name = "wide", Steps = encoding.Length, Pairs = options.Wide == WidePathKind.Pairs });
        if (options.ScoresPaths(encoding)) layers.Add(new CrfSpec { Name = "crf" });
        return new NetworkSpec(encoding.Features, layers);

        DropoutSpec Dropout(string name, float rate) => new() { Name = name, Rate = rate, Locked = options.LockedDropout };
    }

    private static CharacterSpec Characters(LabelOptions options, LabelEncoding encoding, CharacterEncoding characters) => new()
    {
        Name = "embedding",
        Vocabulary = encoding.Vocabulary.Count,
        Size = options.Embedding,
        Characters = characters.Count,
        CharacterSize = options.CharacterSize,
        Hidden = options.CharacterHidden,
        Longest = characters.Longest,
        Cell = CellChoice.Of(options.Cell),
    };

    private static LayerSpec Pooling(LabelOptions options, LabelEncoding encoding) => options.Pooling switch
    {
        PoolingKind.Last => options.Direction == ReadingDirection.Both
            ? new LastStatesSpec { Name = "reading" } : new LastStepSpec { Name = "reading" },
        PoolingKind.Mean => new MeanPoolSpec { Name = "reading" },
        PoolingKind.Attention => new AttentionPoolSpec { Name = "reading", Size = options.Hidden },
        PoolingKind.Center => new CenterStepSpec { Name = "reading" },
        PoolingKind.Flatten => new FlattenSpec
        {
            Name = "reading",
            Steps = options.Filters > 0 ? (encoding.Length + options.FilterPool - 1) / options.FilterPool : encoding.Length,
        },
        _ => new MaxPoolSpec { Name = "reading" },
    };
}
