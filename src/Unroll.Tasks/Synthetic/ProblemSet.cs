using Unroll.Core;
using Unroll.Layers.Losses;
using Unroll.Networks;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Synthetic;

/// <summary>Some sequences of a problem, packed.</summary>
/// <param name="Inputs">[rows, inputs].</param>
/// <param name="Targets">One for each row of the network's output.</param>
public sealed record ProblemBatch(SequenceBatch Inputs, Targets Targets)
{
    /// <summary>Draws and packs sequences.</summary>
    /// <param name="problem">Of which.</param>
    /// <param name="sequences">A generator for each.</param>
    /// <param name="ragged">Whether lengths are drawn too; else all are of the greatest.</param>
    public static ProblemBatch Draw(ISequenceProblem problem, ReadOnlySpan<Rng> sequences, bool ragged)
    {
        ProblemSequence[] drawn = new ProblemSequence[sequences.Length];
        int spread = problem.MaxSteps - problem.MinSteps + 1;
        for (int s = 0; s < drawn.Length; s++)
        {
            int steps = ragged && spread > 1 ? problem.MinSteps + sequences[s].For("steps").Below(spread, 0) : problem.MaxSteps;
            drawn[s] = problem.Draw(steps, sequences[s]);
        }
        SequenceBatch inputs = SequenceBatch.FromSequences(problem.Inputs, [.. drawn.Select(one => one.Inputs)]);
        SequenceLayout layout = problem.OneAnswer ? SequenceLayout.Uniform(drawn.Length, 1) : inputs.Layout;
        return new ProblemBatch(inputs, problem.AnswersAreClasses
            ? Targets.OfSequences(layout, [.. drawn.Select(one => Array.ConvertAll(one.Answers, answer => (int)answer))])
            : Targets.Of(SequenceBatch.FromSequences(1, [.. drawn.Select(one => one.Answers)])));
    }
}

/// <summary>Sequences of the greatest length that a network is measured on; drawn once.</summary>
public sealed class ProblemSet
{
    private const int AtOnce = 128;
    private readonly ISequenceProblem _problem;
    private readonly ILoss _loss;
    private readonly List<ProblemBatch> _parts = [];

    /// <summary>Draws the sequences.</summary>
    /// <param name="problem">Of which.</param>
    /// <param name="sequences">How many, at least 1.</param>
    /// <param name="random">Sequence i is drawn from <c>random.At(i)</c>.</param>
    public ProblemSet(ISequenceProblem problem, int sequences, Rng random)
    {
        (_problem, _loss) = (problem, SequenceProblems.LossOf(problem));
        foreach (int[] part in Enumerable.Range(0, Check.Between(1, 1_000_000, sequences, "sequences")).Chunk(AtOnce))
            _parts.Add(ProblemBatch.Draw(problem, [.. part.Select(i => random.At((ulong)i))], ragged: false));
    }

    /// <summary>The score of a network.</summary>
    /// <param name="network">Takes the problem's inputs and gives its outputs.</param>
    /// <param name="pass">Workspace (reset before each part) and threads.</param>
    public ProblemScore Measure(Network network, in Pass pass)
    {
        LossSum loss = default;
        (long right, long answers) = (0, 0);
        foreach (ProblemBatch part in _parts)
        {
            pass.Workspace.Reset();
            SequenceBatch y = network.Forward(part.Inputs, null, pass with { Training = false, InferenceOnly = true }).Output;
            loss += _loss.Compute(y, part.Targets, pass.Workspace.Rent(y.Layout, y.Features), pass);
            if (!_problem.AnswersAreClasses) continue;
            int from = Math.Max(0, y.Layout.Steps - _problem.AnswerSteps);
            for (int row = y.Layout.Offset(from); row < y.Layout.Rows; row++, answers++)
                if (Largest(y.All.Slice(row * y.Features, y.Features)) == part.Targets.Labels.Span[row]) right++;
        }
        return new ProblemScore(loss.Mean, _problem.BaselineLoss, _problem.AnswersAreClasses ? (double)right / answers : null);
    }

    private static int Largest(ReadOnlySpan<float> row)
    {
        int best = 0;
        for (int k = 1; k < row.Length; k++)
            if (row[k] > row[best]) best = k;
        return best;
    }
}
