using System.Text.Json;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Language;

/// <summary>What a trained model does beside its network while it reads a text: nothing, unless it is asked for.</summary>
/// <remarks>
/// Whatever is learned from a symbol is learned after it was predicted. Numbers that are null are chosen on the validation part by the call.
/// </remarks>
public record ReadingOptions
{
    /// <summary>
    /// Symbols of the past that are remembered, each with the state that it followed: those that followed states like the present one become more
    /// probable (Grave, Joulin and Usunier 2016, arXiv:1612.04426); 0: none.
    /// </summary>
    public int Cache { get; init; }

    /// <summary>λ: the cache's share of the probability, in [0, 1); null: chosen.</summary>
    public double? CacheWeight { get; init; }

    /// <summary>θ: how much a like state counts more than another one, at least 0; null: chosen.</summary>
    public double? CacheFlatness { get; init; }

    /// <summary>
    /// Whether a copy of the network learns on from each stretch of the text once it was predicted (Krause et al. 2018, arXiv:1709.07432).
    /// </summary>
    public bool Dynamic { get; init; }

    /// <summary>η of that learning; null: chosen.</summary>
    public double? DynamicRate { get; init; }

    /// <summary>λ of that learning: how much the weights are drawn back to those of the model; null: chosen.</summary>
    public double? DynamicDecay { get; init; }

    /// <summary>Symbols of a stretch.</summary>
    public int DynamicSteps { get; init; } = 20;

    /// <summary>Whether the probabilities are mixed with those of a 5-gram model that is counted on the training part.</summary>
    public bool NGram { get; init; }

    /// <summary>The n-gram's share of the probability, in [0, 1); null: chosen.</summary>
    public double? NGramWeight { get; init; }

    /// <summary>Whether there is anything beside the network.</summary>
    public bool Any => Cache > 0 || Dynamic || NGram;

    /// <summary>Whether a number is left to be chosen.</summary>
    internal bool IsOpen => (Cache > 0 && (CacheWeight is null || CacheFlatness is null))
        || (Dynamic && (DynamicRate is null || DynamicDecay is null)) || (NGram && NGramWeight is null);

    /// <summary>The options, a line each.</summary>
    public static OptionTable<ReadingOptions> Lines { get; } = new OptionTable<ReadingOptions>()
        .Int("cache", "N", "remember the last N symbols: those that followed a state like the present one become more probable; 0: none",
            o => o.Cache, (o, v) => o with { Cache = v }, 0, 1_000_000).MayBeAbsent()
        .Double("cache-weight", "the cache's share of the probability (default: chosen on the validation part)",
            o => o.CacheWeight, (o, v) => o with { CacheWeight = v }, 0, 0.999).MayBeAbsent()
        .Double("cache-flatness", "how much more a like state counts (default: chosen on the validation part)",
            o => o.CacheFlatness, (o, v) => o with { CacheFlatness = v }, 0, 100).MayBeAbsent()
        .Bool("dynamic", "learn on from each stretch of the text once it was predicted", o => o.Dynamic, (o, v) => o with { Dynamic = v })
            .MayBeAbsent()
        .Double("dynamic-rate", "learning rate of dynamic (default: chosen on the validation part)",
            o => o.DynamicRate, (o, v) => o with { DynamicRate = v }, 0, 1).MayBeAbsent()
        .Double("dynamic-decay", "how much dynamic draws weights back to the model's (default: chosen on the validation part)",
            o => o.DynamicDecay, (o, v) => o with { DynamicDecay = v }, 0, 1).MayBeAbsent()
        .Int("dynamic-steps", "N", "symbols of a stretch of dynamic", o => o.DynamicSteps, (o, v) => o with { DynamicSteps = v }, 1, 10_000)
            .MayBeAbsent();

    /// <summary>The options of the mixture with an n-gram, a line each.</summary>
    public static OptionTable<ReadingOptions> NGramLines { get; } = new OptionTable<ReadingOptions>()
        .Bool("ngram", "mix with a 5-gram model that is counted on the training part", o => o.NGram, (o, v) => o with { NGram = v }).MayBeAbsent()
        .Double("ngram-weight", "the 5-gram's share of the probability (default: chosen on the validation part)",
            o => o.NGramWeight, (o, v) => o with { NGramWeight = v }, 0, 0.999).MayBeAbsent();

    /// <summary>What is wrong with options together; null: nothing.</summary>
    internal string? Wrong =>
        Cache == 0 && (CacheWeight ?? CacheFlatness) is not null ? "cache: there is none to weigh; give the number of symbols that it remembers."
        : !Dynamic && ((DynamicRate ?? DynamicDecay) is not null || DynamicSteps != new ReadingOptions().DynamicSteps)
            ? "dynamic: nothing is learned on; choose dynamic, or leave its rate, decay and steps out."
        : !NGram && NGramWeight is not null ? "ngram: there is none to weigh; choose ngram, or leave its weight out."
        : null;

    /// <summary>Throws where a session cannot do it: it has a cache whose numbers are given, and learns nothing.</summary>
    internal void RequireOfSession()
    {
        if (Dynamic || NGram)
            throw new OptionException(Dynamic ? "dynamic" : "ngram", "sessions have a cache alone; score whole texts for this, or leave it out.");
        if (IsOpen)
            throw new OptionException("cache", "a session chooses nothing: give cache-weight and cache-flatness, such as those that evaluate chose.");
    }

    /// <summary>Writes what is there beside the network.</summary>
    internal void WriteJson(Utf8JsonWriter json)
    {
        if (Cache > 0)
        {
            json.WriteNumber("cache", Cache);
            json.Number("cache_weight", CacheWeight);
            json.Number("cache_flatness", CacheFlatness);
        }
        if (Dynamic)
        {
            json.Number("dynamic_rate", DynamicRate);
            json.Number("dynamic_decay", DynamicDecay);
            json.WriteNumber("dynamic_steps", DynamicSteps);
        }
        if (NGram) json.Number("ngram_weight", NGramWeight);
    }
}
