using System.Text.Json;
using Unroll.Core;
using Unroll.Numerics;
using Unroll.Tasks.Data.Baselines;

namespace Unroll.Tasks.Speech;

/// <summary>How likely words follow each other, by an n-gram of texts, and how much that counts beside what the network hears.</summary>
/// <param name="Order">n, at least 1.</param>
/// <param name="Weight">0: nothing; 1: as much as what is heard.</param>
/// <param name="Texts">The texts that were counted, their words as labels, each text after a 0.</param>
public sealed record SpeechNGram(int Order, double Weight, IReadOnlyList<int> Texts)
{
    /// <summary>The weights that are tried on the validation part.</summary>
    internal static IReadOnlyList<double> Weights { get; } = [0, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5];

    /// <summary>The n-gram of texts, of weight 1.</summary>
    /// <param name="order">n.</param>
    /// <param name="texts">The labels of each.</param>
    internal static SpeechNGram Of(int order, IEnumerable<int[]> texts) => new(order, 1, [.. texts.SelectMany(text => text.Prepend(0)), 0]);

    /// <summary>Counts them.</summary>
    /// <param name="words">How many words the model knows.</param>
    internal NGramModel Fit(int words) => NGramModel.Fit([.. Texts], Order, words + 1);

    /// <summary>The same with the weight that makes the fewest errors; of equal ones the smallest.</summary>
    /// <param name="model">A model of strings of words.</param>
    /// <param name="examples">To choose by: those of the validation part.</param>
    /// <param name="threads">The threads.</param>
    internal SpeechNGram Chosen(SpeechModel model, IReadOnlyList<SpeechExample> examples, ThreadTeam threads)
    {
        SpeechDescription description = model.Description;
        SpeechSearch[] searches =
            [.. Weights.Select(w => SpeechSearch.Of(description with { NGram = this with { Weight = w } }, SpeechResult.DefaultBeam))];
        int[] errors = new int[searches.Length];
        foreach ((IReadOnlyList<SequenceBatch> outputs, int from, int count) in model.Outputs(examples, threads, CancellationToken.None))
            for (int s = 0; s < count; s++)
            {
                int[] said = description.Labels(examples[from + s].Text);
                for (int k = 0; k < searches.Length; k++) errors[k] += SpeechScore.Of(said, searches[k].Find(outputs, s)[0].Labels).Errors;
            }
        return this with { Weight = Weights[Array.IndexOf(errors, errors.Min())] };
    }

    internal static void Write(Utf8JsonWriter json, SpeechNGram ngram)
    {
        json.WriteNumber("order", ngram.Order);
        json.WriteNumber("weight", ngram.Weight);
        json.WriteWholes("texts", ngram.Texts);
    }

    internal static SpeechNGram Read(JsonRecord json)
    {
        SpeechNGram ngram = new(json.Between("order", 1, SpeechOptions.MostOrder), json.Real("weight"), json.Wholes("texts"));
        return ngram.Weight >= 0 ? ngram : throw new JsonException($"expected a weight of at least 0 for the n-gram, found {ngram.Weight}");
    }
}
