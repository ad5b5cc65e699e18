using Unroll.Core;
using Unroll.Layers.Losses;
using Unroll.Networks;

namespace Unroll.Inspection;

/// <summary>
/// What is looked at: one sequence through one network, and what its outputs are measured by. A task makes it from a trained model.
/// </summary>
/// <param name="Title">What the page is called: <c>"sunspots, window that ends in 1983-12"</c>.</param>
/// <param name="Network">The network with its weights.</param>
/// <param name="Input">One sequence, [steps, <see cref="Networks.Network.InputSize"/>].</param>
/// <param name="Labels">What each step of the input is called: a date, a character, a word, a nucleotide.</param>
/// <param name="Loss">What the outputs are measured by; a row's loss must depend on that row's outputs alone.</param>
/// <param name="Targets">
/// What the outputs should have been, one row for each output: as many as steps, or one where only the last step is read.
/// </param>
public sealed record InspectionSubject(
    string Title, Network Network, SequenceBatch Input, IReadOnlyList<string> Labels, ILoss Loss, Targets Targets)
{
    /// <summary>What each output row should have been, in words: the next character, the date that is forecast; may be empty.</summary>
    public IReadOnlyList<string> TargetLabels { get; init; } = [];

    /// <summary>What the outputs are called, one name each: classes, characters, target columns; may be empty.</summary>
    public IReadOnlyList<string> OutputNames { get; init; } = [];

    /// <summary>What the features of a step are called; may be empty.</summary>
    public IReadOnlyList<string> InputNames { get; init; } = [];

    /// <summary>What the task adds to the page.</summary>
    public IReadOnlyList<Report.ReportSection> Sections { get; init; } = [];

    /// <summary>How many outputs have a loss: as many as steps, or one.</summary>
    internal int OutputRows => Targets.Labels.IsEmpty ? Targets.Values.Layout.Rows : Targets.Labels.Length;

    /// <summary>What an output row is called: what it should have been, or the step it belongs to.</summary>
    internal string OutputLabel(int row) => row < TargetLabels.Count ? TargetLabels[row] : OutputRows == Labels.Count ? Labels[row] : $"{row}";

    /// <summary>Throws unless it is one sequence of at least one step with a label for each.</summary>
    /// <exception cref="ShapeException">It is not, or the input does not fit the network.</exception>
    public void Check()
    {
        if (Input.Layout.Sequences != 1) ShapeException.Throw(Input.Layout.Sequences, 1, "sequences to inspect", "one is looked at at a time");
        if (Input.Layout.Steps == 0) throw new ShapeException("sequence to inspect: expected at least one step, got none.");
        if (Input.Features != Network.InputSize)
            ShapeException.Throw(Input.Features, Network.InputSize, "input features", "the network has that many");
        if (Labels.Count != Input.Layout.Steps) ShapeException.Throw(Labels.Count, Input.Layout.Steps, "labels", "each step needs one");
    }
}
