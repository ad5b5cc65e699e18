using System.Globalization;
using Unroll.Core;
using Unroll.Inspection.Report;
using Unroll.Tasks.Data.Music;
using Unroll.Tasks.Music;
using Unroll.Tasks.Shared;

namespace Unroll.Cli.Tasks;

/// <summary>Music in lines and pages.</summary>
internal sealed class MusicView : ITaskView
{
    public ITask Task => MusicTask.Instance;

    public IEnumerable<string> Lines(ITaskModel model)
    {
        MusicModel own = (MusicModel)model;
        MusicOptions o = own.Options;
        yield return own.Kind == MusicKind.Roll
            ? $"a step is 1/{o.StepsPerQuarter} of a quarter note, {MusicModel.Keys} keys"
            : $"a step is a symbol of ABC, {own.Symbols.Count - 2:N0} are known";
        yield return $"network: {o.Layers} × {o.Cell} of {o.Hidden}, {own.Network.Parameters.Length:N0} weights";
    }

    public IEnumerable<string> Lines(TaskAnswer answer) => answer switch
    {
        MusicEvaluation evaluation => Lines(evaluation),
        MusicJudgment judged => judged.Pieces.Select(piece => FormattableString.Invariant($"{piece.NatsPerStep:F4}\t{piece.Name}")),
        MusicSample sample => sample.Abc.TrimEnd('\n').Split('\n'),
        _ => [],
    };

    public string? Summary(TaskAnswer answer) => answer is MusicSample { Score: var score }
        ? FormattableString.Invariant($"{score.Notes.Count} notes, {score.Length:0.##} quarter notes") : null;

    // A tune goes to standard output, a roll into a file, because MIDI is no text.
    public string? DefaultFile(TaskAnswer answer) => answer is MusicSample { Abc: "" } ? "sample.mid" : null;

    public byte[]? FileOf(TaskAnswer answer, string path)
    {
        if (answer is not MusicSample sample) return null;
        bool abc = path.EndsWith(".abc", StringComparison.OrdinalIgnoreCase);
        if (abc && sample.Abc.Length == 0) throw new UserErrorException("--output: a roll is written as MIDI; name a .mid file.");
        return abc ? null : MidiWriter.Write(sample.Score);
    }

    public RunPage Page(ITaskRun run, TaskEvaluation evaluation)
    {
        MusicModel model = (MusicModel)run.Model;
        MusicEvaluation own = (MusicEvaluation)evaluation;
        bool roll = own.Kind == MusicKind.Roll;
        return new RunPage($"music: {string.Join(", ", model.Options.Data.Select(path => Path.GetFileName(path.TrimEnd('/'))))}",
            roll ? "validation_nll" : "validation_perplexity", roll ? "nats per step" : "perplexity", ["nats per step"],
            [new MethodScores("this model", own.NatsPerStep), .. own.Baselines.Select(b => new MethodScores(b.Name, b.NatsPerStep))])
        { Sections = [new ReportSection("A piece that it composed (seed 1)", Composed(model))] };
    }

    private static IEnumerable<string> Lines(MusicEvaluation evaluation)
    {
        bool tune = evaluation.Kind == MusicKind.Tune;
        yield return $"{evaluation.Part}: {evaluation.Pieces:N0} pieces, {evaluation.Steps:N0} steps";
        yield return $"  {"",-40} nats per step{(tune ? "  perplexity" : "")}";
        foreach ((string name, double nats) in evaluation.Baselines.Prepend(("this model", evaluation.NatsPerStep)))
            yield return string.Create(CultureInfo.InvariantCulture, $"  {name,-40} {nats,13:F4}") +
                (tune ? string.Create(CultureInfo.InvariantCulture, $" {Math.Exp(nats),11:F3}") : "");
        foreach ((string name, double nats) in evaluation.Baselines)
            if (nats < evaluation.NatsPerStep) yield return $"  note: {name} is better than this model";
    }

    // Keys over steps, or the text of a tune.
    private static ReportBlock Composed(MusicModel model)
    {
        SamplingOptions options = new() { Temperature = 0.8 };
        if (model.Kind == MusicKind.Tune) return new TextBlock(MusicData.ToAbc(MusicSampler.Tune(model, options, 200, []), "composed"));
        PianoRoll roll = MusicSampler.Roll(model, options, 96);
        int[] pitches = [.. roll.Steps.SelectMany(step => step).DefaultIfEmpty(60)];
        int[] rows = [.. Enumerable.Range(pitches.Min(), pitches.Max() - pitches.Min() + 1).Reverse()];
        return new HeatmapChart([.. Enumerable.Range(1, roll.Steps.Count).Select(t => $"{t}")], [.. rows.Select(MusicModel.Name)],
            [.. rows.Select(pitch => (IReadOnlyList<double>)[.. roll.Steps.Select(step => step.Contains(pitch) ? 1.0 : 0.0)])])
        { Title = "keys over steps", XName = "step", YName = "key", Minimum = 0, Maximum = 1 };
    }
}
