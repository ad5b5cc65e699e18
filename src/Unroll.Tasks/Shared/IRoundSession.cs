using System.Text.Json;
using Unroll.Core;
using Unroll.Layers;
using Unroll.Networks;

namespace Unroll.Tasks.Shared;

//  begin a step;  while there is a next row x:  y⟨k⟩ = network k of (x, its state),  take y⟨k⟩,  k = 0 … members − 1;  answer

/// <summary>
/// A session whose step is some rounds: in each the networks look at one row. Whoever has several sessions of a model can let the networks look at a
/// row of each at once (<see cref="StepBatch"/>): every session gets the bits that it gets alone.
/// </summary>
public interface IRoundSession : ITaskSession
{
    /// <summary>The state that all members' networks carry on, see <see cref="Ensemble.StateOf"/>; null: a step has no rounds.</summary>
    State? Network { get; }

    /// <summary>Takes up a step. Until its last round is over the session stands between two steps, and only a restore takes it back.</summary>
    /// <param name="step">As JSON, in the form that the task's session documents.</param>
    /// <exception cref="UserErrorException">It is not a step of this task; the session stays as it was.</exception>
    void Begin(JsonElement step);

    /// <summary>Takes up a step of numbers: features, samples, the numbers of symbols.</summary>
    /// <param name="step">The numbers.</param>
    /// <exception cref="UserErrorException">It is not a step of this task, or its steps are JSON alone; the session stays as it was.</exception>
    void Begin(ReadOnlySpan<float> step) => throw new UserErrorException("step: a step of this model is not a list of numbers; send it as JSON.");

    /// <summary>The next row for the networks to look at.</summary>
    /// <param name="x">[input size], overwritten where there is one.</param>
    /// <returns>Whether there is one; if not, the step is over.</returns>
    bool Next(Span<float> x);

    /// <summary>Takes what a network said of the row; called for every member in order.</summary>
    /// <param name="member">Which, from 0.</param>
    /// <param name="y">[output size].</param>
    void Take(int member, ReadOnlySpan<float> y);

    /// <summary>The answer to the step that is over.</summary>
    TaskAnswer Answer();

    /// <summary>How many numbers an answer has; 0: answers are JSON alone.</summary>
    int AnswerSize => 0;

    /// <summary>The answer to the step that is over in numbers: probabilities of labels, or of the symbols that may come next.</summary>
    /// <param name="numbers">[<see cref="AnswerSize"/>], overwritten.</param>
    void Answer(Span<float> numbers) { }
}
