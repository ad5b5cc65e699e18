using Unroll.Core;
using Unroll.Layers.Losses;
using Unroll.Networks;

namespace Unroll.Inspection;

/// <summary>
/// The subject of an inspection: one sequence, one network, and the loss of its outputs. A task creates it from a trained model.
/// </summary>
/// <param name="Title">The title of the page: <c>"sunspots, window that ends in 1983-12"</c>.</param>
/// <param name="Network">The network with its weights.</param>
/// <param name="Input">One sequence, [steps, <see cref="Networks.Network.InputSize"/>].</param>
/// <param name="Labels">A label for each step of the input: a date, a character, a word, a nucleotide.</param>
/// <param name="Loss">
/// The loss of the outputs; a row's loss must depend only on that row's outputs, but for that of whole paths of labels, whose gradient by a row's
/// outputs is taken for the row's.
/// </param>
/// <param name="Targets">
/// The targets, one row for each output: one per step, or a single one if only the last step is read.
/// </param>
public sealed record InspectionSubject(
    string Title, Network Network, SequenceBatch Input, IReadOnlyList<string> Labels, ILoss Loss, Targets Targets)
{
    /// <summary>A label for the target of each output row: the next character, the date that is forecast; may be empty.</summary>
    public IReadOnlyList<string> TargetLabels { get; init; } = [];

    /// <summary>The names of the outputs: classes, characters, target columns; may be empty.</summary>
    public IReadOnlyList<string> OutputNames { get; init; } = [];

    /// <summary>The names of the features of a step; may be empty.</summary>
    public IReadOnlyList<string> InputNames { get; init; } = [];

    /// <summary>What the task adds to the page.</summary>
    public IReadOnlyList<Report.ReportSection> Sections { get; init; } = [];

    /// <summary>How many outputs have a loss: as many as steps, or one.</summary>
    internal int OutputRows => Targets.Labels.IsEmpty ? Targets.Values.Layout.Rows : Targets.Labels.Length;

    /// <summary>The label of an output row: its target, or the step it belongs to.</summary>
    internal string OutputLabel(int row) => row < TargetLabels.Count ? TargetLabels[row] : OutputRows == Labels.Count ? Labels[row] : $"{row}";

    /// <summary>Throws unless it is one sequence of at least one step with a label for each.</summary>
    /// <exception cref="ShapeException">It is not, or the input does not fit the network.</exception>
    public void Check()
    {
        if (Input.Layout.Sequences != 1) ShapeException.Throw(Input.Layout.Sequences, 1, "sequences to inspect", "only one can be inspected at a "
            + "time");
        if (Input.Layout.Steps == 0) throw new ShapeException("sequence to inspect: expected at least one step, got none.");
        if (Input.Features != Network.InputSize)
            ShapeException.Throw(Input.Features, Network.InputSize, "input features", "the network has that many");
        if (Labels.Count != Input.Layout.Steps) ShapeException.Throw(Labels.Count, Input.Layout.Steps, "labels", "each step needs one");
    }
}
