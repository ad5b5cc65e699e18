using System.CommandLine;
using System.Text.Json;
using Unroll.Tasks;
using Unroll.Tasks.Shared;

namespace Unroll.Cli;

/// <summary>
/// What the program can do with one task: a class a task, listed in <see cref="TaskVerbs"/>. The verbs make their options anew when they are asked for.
/// </summary>
internal interface ITaskVerbs
{
    /// <summary>The entry of the library's list: the name as in model files and after <c>unroll train</c>, and what its models are called.</summary>
    TaskEntry Task { get; }

    /// <summary><c>unroll train TASK</c>.</summary>
    Command Train(Terminal terminal, CancellationToken stop);

    /// <summary><c>unroll evaluate MODEL</c>.</summary>
    ModelVerb Evaluate();

    /// <summary><c>unroll predict MODEL</c>.</summary>
    ModelVerb Predict();

    /// <summary><c>unroll sample MODEL</c>; null: models of this task make nothing up.</summary>
    ModelVerb? Sample() => null;

    /// <summary><c>unroll quantize MODEL</c>; null: its models are not quantized.</summary>
    ModelVerb? Quantize() => null;

    /// <summary>What <c>unroll info MODEL</c> prints beside what every model has.</summary>
    ModelInfo Info(ITaskModel model);
}

/// <summary>One verb on a model, as one task has it.</summary>
/// <param name="Help">A sentence.</param>
/// <param name="Options">Its options beside <c>--threads</c> and <c>--json</c>.</param>
/// <param name="Run">Does it; returns the exit code.</param>
internal sealed record ModelVerb(string Help, IReadOnlyList<Option> Options, Func<ModelCall, int> Run);

/// <summary>A model in words.</summary>
/// <param name="Origin">What it was trained on.</param>
/// <param name="Lines">The model, before the list of its weights.</param>
/// <param name="Notes">After it.</param>
/// <param name="Json">Members of the JSON.</param>
internal sealed record ModelInfo(string Origin, IEnumerable<string> Lines, IEnumerable<string> Notes, Action<Utf8JsonWriter> Json);
