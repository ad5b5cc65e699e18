using System.Text.Json;
using Unroll.Layers;
using Unroll.Tasks.Shared;

namespace Unroll.Serving.Sessions;

/// <summary>A session of a task that does not split its steps into rounds: each is taken as a whole.</summary>
/// <param name="own">The task's session.</param>
internal sealed class WholeSteps(ITaskSession own) : IRoundSession
{
    private TaskAnswer? _answer;

    /// <inheritdoc/>
    public SessionState State => own.State;

    /// <inheritdoc/>
    public State? Network => null;

    /// <inheritdoc/>
    public TaskAnswer Step(JsonElement input) => own.Step(input);

    /// <inheritdoc/>
    public ITaskSession Fork() => own.Fork();

    /// <inheritdoc/>
    public void Begin(JsonElement step) => _answer = own.Step(step);

    /// <inheritdoc/>
    public bool Next(Span<float> x) => false;

    /// <inheritdoc/>
    public void Take(int member, ReadOnlySpan<float> y) => throw new InvalidOperationException("a whole step has no rounds");

    /// <inheritdoc/>
    public TaskAnswer Answer() => _answer!;
}
