using System.Text.Json;
using Unroll.Core;
using Unroll.Networks;

namespace Unroll.Exchange.Onnx.Writing;

/// <summary>
/// What an export must know of the tasks that model files are of: how members become one answer, and what a task does beside its network and so is
/// not in the graph. A task that is not named here has neither.
/// </summary>
internal static class TaskKnowledge
{
    // A part of a task's description that says that it does something after the network, and what to say of it.
    private static readonly (string Task, string Path, string Note)[] s_outside =
    [
        ("", "rule", "the rule that is a member of the model beside its networks is not in the graph: its share of the answer is missing"),
        ("", "temperature", "the temperature that calibrates probabilities is not applied: divide the scores by it ('temperature' in the metadata)"),
        ("speech", "ngram", "the n-gram model of the strings of words, which the search takes into account, is not in the graph"),
        ("forecast", "calibration", "the calibration of the intervals is not in the graph"),
        ("forecast", "mixture", "the shares of simple rules in the forecast are not in the graph"),
    ];

    /// <summary>How the members of an ensemble become one; <see cref="MemberMean.None"/>: not by a mean of the outputs.</summary>
    public static MemberMean MeanOf(string taskJson, NetworkSpec spec) => JsonRecord.Parse(taskJson, TaskOf) switch
    {
        "forecast" => MemberMean.Outputs,
        "lm" => MemberMean.Probabilities,
        "classify" or "dna" or "tag" when spec.Layers is not [.., CrfSpec] => MemberMean.Probabilities,
        "speech" when spec.Layers.Any(layer => layer is PoolingSpec) => MemberMean.LogProbabilities,
        "music" when spec.Layers[0] is EmbeddingSpec => MemberMean.Probabilities,
        "music" when spec.Layers[0] is not DenseSpec => MemberMean.Independent,
        _ => MemberMean.None,
    };

    /// <summary>What is not in the graph of a model, a sentence each.</summary>
    public static IReadOnlyList<string> Notes(string taskJson, NetworkSpec spec) =>
        JsonRecord.Parse(taskJson, root => Notes(root, TaskOf(root), spec).ToArray());

    private static IEnumerable<string> Notes(JsonElement root, string? task, NetworkSpec spec)
    {
        foreach ((string of, string path, string note) in s_outside)
            if ((of.Length == 0 || of == task) && ModelMetadata.Find(root, path) is { ValueKind: not JsonValueKind.Null }) yield return note;
        if (spec.Layers is [.., CrfSpec])
            yield return "the search for the best path stays outside: 'y' holds the scores of single labels, and the outputs 'transitions', 'start' "
                + "and 'end' what a path adds";
        if (task == "speech" && !spec.Layers.Any(layer => layer is PoolingSpec))
            yield return "the search for words stays outside: 'y' holds the scores of each step, its first the blank of CTC";
        if (task is "classify" or "dna" && ModelMetadata.Find(root, "options.both-strands") is { ValueKind: JsonValueKind.True })
            yield return "the model's answer is the mean over a sequence and its reverse complement, the graph's that of the sequence it is given";
        if (task is not null)
            yield return $"'y' holds the network's own outputs, and 'x' its own inputs; what the task '{task}' does before and after stands in "
                + "'unroll.task' in the metadata";
    }

    private static string? TaskOf(JsonElement root) =>
        ModelMetadata.Find(root, "task") is { ValueKind: JsonValueKind.String } task ? task.GetString() : null;
}
