using System.Text.Json;
using Unroll.Core;
using Unroll.Tasks.Shared;

namespace Unroll.Serving.Http.Completions;

//  https://platform.openai.com/docs/api-reference/completions/create

/// <summary>A request for completions of texts. What it says and this server does not do is refused, never ignored.</summary>
/// <param name="Model">The name of the model.</param>
/// <param name="Prompts">The texts to go on from; an empty one: the beginning of a line.</param>
/// <param name="Most">Symbols of each completion at most.</param>
/// <param name="Each">Completions of each prompt.</param>
/// <param name="Stops">Texts before which a completion ends.</param>
/// <param name="Echo">Whether the prompt is told before its completion.</param>
/// <param name="LogProbabilities">How many of the most probable symbols are told beside each that was drawn; null: no probabilities are.</param>
/// <param name="Stream">Whether symbols are sent as they come.</param>
/// <param name="Usage">Whether a stream ends with the counts of symbols.</param>
internal sealed record CompletionRequest(string Model, IReadOnlyList<string> Prompts, int Most, int Each, IReadOnlyList<string> Stops, bool Echo,
    int? LogProbabilities, bool Stream, bool Usage)
{
    private const int UsualMost = 16, MostStops = 4, LongestStop = 100, MostLogProbabilities = 5;

    /// <summary>How symbols are drawn; the k-th completion of a request has the seed + k.</summary>
    public required SamplingOptions Sampling { get; init; }

    /// <summary>How the completion at a place is drawn.</summary>
    public SamplingOptions SamplingOf(int index) => Sampling with { Seed = Sampling.Seed + (ulong)index };

    /// <summary>Reads a request.</summary>
    /// <param name="json">Its body.</param>
    /// <param name="limits">What is taken on at most.</param>
    /// <exception cref="JsonException">A member is unknown or of another kind.</exception>
    /// <exception cref="UserErrorException">A value is out of its range, or one that this server does not do.</exception>
    public static CompletionRequest Read(JsonRecord json, ServingLimits limits)
    {
        foreach (string name in (string[])["frequency_penalty", "presence_penalty"])
            if (Real(json, name) is not (null or 0)) throw Unsupported(name, "0");
        if (json.TextOrNull("suffix") is { Length: > 0 }) throw Unsupported("suffix", "none");
        if (!IsNull(json, "logit_bias") && json.Element("logit_bias").GetRawText() is not "{}") throw Unsupported("logit_bias", "none");
        int each = Between(json, "n", 1, limits.Batch, 1);
        if (Between(json, "best_of", 1, int.MaxValue, each) != each) throw Unsupported("best_of", $"n, {each}");
        bool stream = Flag(json, "stream");
        SamplingOptions sampling = new()
        {
            Temperature = Real(json, "temperature") ?? 1, TopK = json.WholeOrNull("top_k"), Seed = IsNull(json, "seed") ? 1 : json.Unsigned("seed"),
            TopP = Real(json, "top_p") is { } p and not 1 ? p : null,
        };
        SamplingOptions.Lines.Check(sampling);
        CompletionRequest request = new(json.Text("model"), Texts(json, "prompt", limits.Batch), Between(json, "max_tokens", 1, limits.Steps,
            Math.Min(UsualMost, limits.Steps)), each, Texts(json, "stop", MostStops), Flag(json, "echo"),
            IsNull(json, "logprobs") ? null : json.Between("logprobs", 0, MostLogProbabilities), stream,
            !IsNull(json, "stream_options") && json.Object("stream_options", own => own.Flag("include_usage", false)))
        {
            Sampling = sampling,
        };
        if (request.Usage && !stream) throw new ServingException(Refusal.Invalid, "stream_options: they are for streams alone; leave them out.");
        if (request.Stops.Any(one => one.Length is 0 or > LongestStop))
            throw new ServingException(Refusal.Invalid, $"stop: expected texts of 1 to {LongestStop} characters.");
        if (request.Echo && request.LogProbabilities is not null)
            throw new ServingException(Refusal.Invalid, "echo: the probabilities of a prompt are told by predict, not with logprobs; leave one out.");
        if ((long)request.Prompts.Count * each > limits.Batch)
            throw new ServingException(Refusal.Invalid, $"n: expected at most {limits.Batch} completions in a request, found "
                + $"{(long)request.Prompts.Count * each}; ask for fewer at once.");
        return request;
    }

    private static bool IsNull(JsonRecord json, string name) => json.Absent(name) || json.Element(name).ValueKind == JsonValueKind.Null;

    private static double? Real(JsonRecord json, string name) => IsNull(json, name) ? null : json.Real(name);

    private static bool Flag(JsonRecord json, string name) => !IsNull(json, name) && json.Flag(name);

    private static int Between(JsonRecord json, string name, int min, int max, int fallback) =>
        IsNull(json, name) ? fallback : json.Between(name, min, max);

    // A text, or a list of some; none is an empty prompt, and nothing to stop at.
    private static string[] Texts(JsonRecord json, string name, int most)
    {
        string[] texts = IsNull(json, name) ? name == "prompt" ? [""] : []
            : json.Element(name).ValueKind == JsonValueKind.String ? [json.Text(name)] : json.Texts(name);
        return texts.Length <= most && (texts.Length > 0 || name != "prompt") ? texts
            : throw new ServingException(Refusal.Invalid, $"{name}: expected a text, or a list of 1 to {most}, found {texts.Length}.");
    }

    private static ServingException Unsupported(string name, string expected) =>
        new(Refusal.Invalid, $"{name}: this server does not do that; expected {expected}, or leave it out.");
}
