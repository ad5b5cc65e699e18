using Unroll.Cells;
using Unroll.Core;
using Unroll.Files;
using Unroll.Formats;
using Unroll.Inspection;
using Unroll.Inspection.Flow;
using Unroll.Inspection.Report;
using Unroll.Layers;
using Unroll.Layers.Losses;
using Unroll.Layers.Recurrent;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tests.Formats;
using Unroll.Tests.Laws;
using Unroll.Training;

namespace Unroll.Tests.Inspection.Flow;

/// <summary>Looking inside a network while it is trained.</summary>
public sealed class TrainingInspectionTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Variants() => OwnCells.Variants;

    private static TaggingTask Task(string variant) => new(new RecurrentSpec
    {
        Name = "encoder", Hidden = 6, Cell = OwnCells.Options(variant), Direction = Direction.Bidirectional, Dropout = 0.2f, Layers = 2,
    });

    private static InspectionSubject Probe(TaggingTask task)
    {
        SequenceBatch x = SequenceBatch.FromSequences(TaggingTask.Features, TaggingTask.Sequence(8));
        int[] labels = [Targets.Ignored, 0, 1, 2, 0, 1, 2, 0];
        return new InspectionSubject("probe", task.Network, x, [.. labels.Select(l => $"{l}")], new SoftmaxCrossEntropy(), Targets.Of(labels));
    }

    private string Train(TaggingTask task, int epochs, bool watched, ThreadTeam threads, RunDirectory? run = null, int? stopAfter = null)
    {
        TrainingLoop<int[]> loop = new(task, new TrainingOptions { Epochs = epochs, Seed = 3 }, threads, run);
        if (run is not null) loop.Resume();
        using CancellationTokenSource stop = new();
        IEnumerable<TrainingProgress> steps = loop.Run(stop.Token);
        if (watched) steps = new TrainingInspection(Probe(task), 3, run?.Inspection ?? _folder["inspect.jsonl"], threads).Watch(steps,
            loop.State.Place.Step);
        foreach (TrainingProgress progress in steps)
            if (stopAfter is int last && progress.Step?.Index + 1 == last) stop.Cancel();
        return WeightsHash.Compute(task.Parameters);
    }

    [Theory, MemberData(nameof(Variants))]
    public void It_changes_no_bit_of_the_training(string variant)
    {
        string alone = Train(Task(variant), epochs: 2, watched: false, LayerCases.One),
            watched = Train(Task(variant), epochs: 2, watched: true, LayerCases.One);
        Assert.Equal(alone, watched);
        Assert.Equal([0L, 3, 6, 9], TextFile.ReadLines(_folder["inspect.jsonl"]).Select(line => TrainingSnapshot.FromJson(line)!.Update));
    }

    [Fact]
    public void Stopped_anywhere_and_resumed_it_leaves_the_lines_of_an_undisturbed_run()
    {
        RunDirectory whole = RunDirectory.Create(_folder.Path, "whole", "{}");
        Train(Task("lstm"), epochs: 3, watched: true, LayerCases.One, whole);
        foreach (int steps in new[] { 1, 3, 5, 7 })
        {
            RunDirectory run = RunDirectory.Create(_folder.Path, $"run{steps}", "{}");
            Train(Task("lstm"), epochs: 3, watched: true, LayerCases.One, run, stopAfter: steps);
            TextFile.AppendLine(run.Inspection, new TrainingSnapshot(999, 3, 0, []).ToJson());      // of a part of the run that was lost
            Train(Task("lstm"), epochs: 3, watched: true, LayerCases.Three, run);
            Assert.Equal(File.ReadAllText(whole.Inspection), File.ReadAllText(run.Inspection));
        }
        Assert.Equal(3, TrainingInspection.EveryOf(whole.Inspection));
        Assert.Null(TrainingInspection.EveryOf(_folder["nothing.jsonl"]));
    }

    [Fact]
    public void A_run_that_goes_back_to_a_checkpoint_loses_the_lines_after_it()
    {
        TaggingTask task = Task("gru");
        TrainingProgress[] steps = [.. new[] { 0L, 1, 2, 3, 4, 5, 3, 4, 5 }.Select(Step)];
        foreach (TrainingProgress _ in new TrainingInspection(Probe(task), 1, _folder["i.jsonl"], LayerCases.One).Watch(steps, 0)) { }
        Assert.Equal([0L, 1, 2, 3, 4, 5, 6], TextFile.ReadLines(_folder["i.jsonl"]).Select(line => TrainingSnapshot.FromJson(line)!.Update));

        static TrainingProgress Step(long index) => new(new TrainingStep(new TrainingPlace(0, 0, index), default, 0, false, 0, null), 1, null);
    }

    [Fact]
    public void A_snapshot_is_read_as_it_was_written_and_a_torn_line_is_not()
    {
        TrainingSnapshot made = new TrainingInspection(Probe(Task("lstm")), 5, _folder["i.jsonl"], LayerCases.One).Snapshot(7);
        Assert.Equal(["encoder.l0", "encoder.l0_reverse", "encoder.l1", "encoder.l1_reverse"], made.Layers.Select(layer => layer.Place));
        Assert.Equal(made.ToJson(), TrainingSnapshot.FromJson(made.ToJson())!.ToJson());
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7], made.Layers[0].Steps);
        Assert.All(made.Layers.SelectMany(layer => layer.Gates), gate => Assert.InRange(gate.NearLower + gate.NearUpper, 0, 1));
        Assert.Null(TrainingSnapshot.FromJson(made.ToJson()[..40]));
        Assert.Null(TrainingSnapshot.FromJson("[]"));
        Assert.Null(TrainingSnapshot.FromJson("{\"update\": 3}"));
    }

    // h = tanh(w h₋ + …) near 0: the gradient of the last loss shrinks by w a step; the norms are those of the gradient flow of that loss.
    [Fact]
    public void The_growth_is_that_of_the_recurrent_matrix_and_the_norms_are_those_of_the_gradient_flow()
    {
        FlowCase made = FlowCase.Of(FlowCase.Spec(new CellOptions { Kind = "rnn" }), steps: 60, scale: 0.01f);
        ParameterStore store = made.Subject.Network.Parameters;
        using (Edit edit = store.Edit())
            for (int u = 0; u < 5; u++) edit.Of(store.Find("encoder.weight_hh_l0")!)[6 * u] = 0.8f;
        LayerSnapshot layer = new TrainingInspection(made.Subject, 1, _folder["i.jsonl"], LayerCases.One).Snapshot(0).Layers[0];
        Assert.Equal(0.8, layer.Growth, 0.01);
        Assert.Equal((48, 0, 59), (layer.Steps.Count, layer.Steps[0], layer.Steps[^1]));
        IReadOnlyList<double> norms = GradientFlow.Of(made.Subject, LayerCases.One, step: 59).Layers[0].H.Total.Norms;
        for (int i = 0; i < 48; i++) Assert.Equal(norms[layer.Steps[i]], layer.Norms[i], 1e-12 + 1e-7 * norms[layer.Steps[i]]);
    }

    [Fact]
    public void A_unit_that_neither_moves_nor_learns_is_dead()
    {
        FlowCase made = FlowCase.Of(FlowCase.Spec(new CellOptions { Kind = "rnn", Activation = "relu" }), steps: 20);
        ParameterStore store = made.Subject.Network.Parameters;
        using (Edit edit = store.Edit()) edit.Of(store.Find("encoder.bias_ih_l0")!)[2] = -100;
        Assert.Equal(1, new TrainingInspection(made.Subject, 1, _folder["i.jsonl"], LayerCases.One).Snapshot(0).Layers[0].DeadUnits);
    }

    [Fact]
    public void The_page_shows_a_section_for_every_layer_once_there_are_two_lines()
    {
        TrainingInspection inspection = new(Probe(Task("lstm")), 1, _folder["i.jsonl"], LayerCases.One);
        Assert.Empty(TrainingInspectionSection.Read(_folder["i.jsonl"]));
        for (int i = 0; i < 400; i++) TextFile.AppendLine(_folder["i.jsonl"], inspection.Snapshot(i).ToJson(), toDisk: false);
        IReadOnlyList<ReportSection> sections = TrainingInspectionSection.Read(_folder["i.jsonl"]);
        Assert.Equal(4, sections.Count);
        HeatmapChart map = sections[0].Blocks.OfType<HeatmapChart>().Single();
        Assert.Equal((134, 8, "399"), (map.Columns.Count, map.Rows.Count, map.Columns[^1]));
        StringWriter page = new();
        new TrainingReport { Title = "a run", Inside = sections }.ToPage().Write(page);
        Assert.Contains("Inside encoder.l1_reverse during training", page.ToString());
    }

    [Fact]
    public void An_interval_below_one_is_refused() => Assert.Contains("at least 1 update",
        Assert.Throws<UserErrorException>(() => new TrainingInspection(Probe(Task("lstm")), 0, _folder["i.jsonl"], LayerCases.One)).Message);
}
