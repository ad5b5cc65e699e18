using Unroll.Core;
using Unroll.Formats;
using Unroll.Tasks.Data;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Networks;

/// <summary>What a network is asked.</summary>
public sealed record NetworkQuestion
{
    /// <summary>The name of rows; null: drawn numbers, to evaluate.</summary>
    public string? Data { get; init; }

    /// <summary>The name of the outputs that the network should have for them; null: none.</summary>
    public string? Targets { get; init; }
}

/// <summary>
/// Networks by themselves: rows in, rows out. They come from other programs; they are not trained as they are, and models of other tasks begin with
/// their layers.
/// </summary>
public sealed class NetworkTask : ITask
{
    internal const string Word = "network";
    private const int Probes = 8, ProbeSteps = 32;

    private NetworkTask()
    {
    }

    /// <summary>The task.</summary>
    public static NetworkTask Instance { get; } = new();

    /// <inheritdoc/>
    public string Name => Word;

    /// <inheritdoc/>
    public string ModelName => "network";

    /// <inheritdoc/>
    public string Help => "A network from another program: rows in, rows out.";

    /// <inheritdoc/>
    public IOptionTable Options => NetworkOptions.Table;

    /// <inheritdoc/>
    public TaskOptions Defaults { get; } = new NetworkOptions();

    /// <summary>Throws: such a network has no problem to be trained for.</summary>
    /// <exception cref="UserErrorException">Says what to do instead.</exception>
    public ITaskRun Begin(TaskOptions options, DataFiles files, RunSettings? settings = null) => throw new UserErrorException(
        $"the task {Word} has rows in and rows out and nothing to be trained for; train a model of lm, classify, dna or tag that begins with its " +
        "layers (the option from)");

    /// <inheritdoc/>
    public ITaskModel Open(ModelFile file) => NetworkModel.Open(file);

    /// <inheritdoc/>
    public TaskVerb Evaluate => field ??= TaskVerb.Of<NetworkModel, NetworkQuestion>(
        "Compare the outputs of a network with those that it should have.",
        Rows("rows, as predict takes them (default: drawn numbers)")
            .String("targets", "FILE.npy", "the outputs that another program gave for them, of shape [sequences, steps, outputs]",
                o => o.Targets!, (o, v) => o with { Targets = v })
            .Together(o => o.Targets is not null && o.Data is null ? "targets: there are no rows that they belong to; name them by data." : null),
        new NetworkQuestion(), (model, asked, call) =>
        {
            NetworkRows rows = asked.Data is { } name ? NetworkRows.Read(model, name, call.Files) : NetworkRows.Probe(model, Probes, ProbeSteps);
            IReadOnlyList<float[]> outputs = model.Run(rows.Sequences, call.Threads);
            IReadOnlyList<float[]>? targets = asked.Targets is { } file ? NetworkTargets.Read(model, file, outputs.Count, call.Files) : null;
            for (int n = 0; n < outputs.Count && targets is not null; n++)
                if (targets[n].Length != outputs[n].Length)
                    throw new UserErrorException($"'{DataFiles.Called(asked.Targets!)}', sequence {n}: expected {outputs[n].Length} numbers, as " +
                        $"many " +
                        $"as the network's outputs, found {targets[n].Length}.");
            return NetworkEvaluation.Of(asked.Data is { } data ? DataFiles.Called(data) : "drawn numbers", outputs, targets);
        });

    /// <inheritdoc/>
    public TaskVerb Predict => field ??= TaskVerb.Of<NetworkModel, NetworkQuestion>(
        "The outputs of a network for rows.",
        Rows("rows: an .npy array [steps, inputs] or [sequences, steps, inputs], or lines of numbers with a blank line between sequences; of an " +
            "embedding indices, [steps] or [sequences, steps], or a .txt of its symbols (default: standard input)"),
        new NetworkQuestion { Data = DataFiles.StandardInput }, (model, asked, call) =>
        {
            NetworkRows rows = NetworkRows.Read(model, asked.Data ?? DataFiles.StandardInput, call.Files);
            return new NetworkAnswer(model.Run(rows.Sequences, call.Threads), model.Network.OutputSize, rows.Uniform);
        });

    private static OptionTable<NetworkQuestion> Rows(string help) =>
        new OptionTable<NetworkQuestion>().String("data", "FILE|-", help, o => o.Data!, (o, v) => o with { Data = v });
}
