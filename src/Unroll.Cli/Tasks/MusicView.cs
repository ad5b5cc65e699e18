using System.Globalization;
using System.Text;
using Unroll.Core;
using Unroll.Inspection.Report;
using Unroll.Tasks.Data.Music;
using Unroll.Tasks.Data.Scores;
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
            ? $"a step is 1/{o.StepsPerQuarter} of a quarter note, {MusicModel.Keys} keys, " + (o.Keys == MusicKeys.Independent ? "each by itself"
                : o.Voices > 0 ? $"spelt note by note, {o.Voices} voices" : "spelt note by note")
            : $"a step is a symbol of ABC, {own.Symbols.Count - 2:N0} are known";
        yield return $"network: {o.Layers} × {o.CellName} of {o.Hidden}, {own.Network.Parameters.Length:N0} weights";
    }

    public IEnumerable<string> Lines(TaskAnswer answer) => answer switch
    {
        MusicEvaluation evaluation => Lines(evaluation),
        MusicJudgment judged => judged.Pieces.Select(piece => FormattableString.Invariant($"{piece.NatsPerStep:F4}\t{piece.Name}")),
        MusicSample { Abc.Length: > 0 } sample => sample.Abc.TrimEnd('\n').Split('\n'),
        _ => [],
    };

    public string? Summary(TaskAnswer answer) => answer is MusicSample { Score: var score }
        ? FormattableString.Invariant($"{score.Notes.Count} notes, {score.Length:0.##} quarter notes") : null;

    public IEnumerable<string> Beside(TaskAnswer answer) => answer is MusicSample sample ? Counted(sample.Statistics) : [];

    // A tune goes to standard output, a roll into a file, because MIDI is no text.
    public string? DefaultFile(TaskAnswer answer) => answer is MusicSample { Abc: "" } ? "sample.mid" : null;

    public byte[]? FileOf(TaskAnswer answer, string path)
    {
        if (answer is not MusicSample sample) return null;
        bool abc = path.EndsWith(".abc", StringComparison.OrdinalIgnoreCase);
        if (abc && sample.Abc.Length == 0) throw new UserErrorException("--output: a roll is written as MIDI; name a .mid file.");
        if (path.EndsWith(".svg", StringComparison.OrdinalIgnoreCase)) return Encoding.UTF8.GetBytes(Roll(sample).ToSvg());
        if (!path.EndsWith(".html", StringComparison.OrdinalIgnoreCase)) return abc ? null : MidiWriter.Write(sample.Score);
        using MemoryStream page = new();
        using (StreamWriter writer = new(page)) Page(sample).Write(writer);
        return page.ToArray();
    }

    private static ReportPage Page(MusicSample sample) => new()
    {
        Title = sample.Roll is null ? "A tune" : sample.Score.Title == "harmonized" ? "Around a given voice" : "A piece",
        Subtitle = FormattableString.Invariant($"{sample.Score.Notes.Count} notes, {sample.Score.Length:0.##} quarter notes; seed {sample.Seed}"),
        Sections = [new ReportSection("", [Roll(sample), .. sample.Abc.Length > 0 ? [new TextBlock(sample.Abc) { Verbatim = true }]
            : sample.Statistics.Count == 0 ? (ReportBlock[])[] : [Table(sample.Statistics)]])],
    };

    private static PianoRollChart Roll(MusicSample sample) => Roll(sample.Score, sample.Roll);

    // Notes of voices that are kept apart have their voices' colors.
    private static PianoRollChart Roll(Score score, PianoRoll? roll) => new([.. score.Notes.Select(note =>
        new RollNote(note.Pitch, note.Start, note.Duration, note.Velocity, VoiceOf(note, score, roll)))], score.QuartersPerMinute)
    { Title = score.Title, Caption = "Each bar is four quarter notes; the button plays it in the browser, which needs no network." };

    private static int VoiceOf(Note note, Score score, PianoRoll? roll)
    {
        if (roll?.Voices is not { Count: > 0 } voices || score.Length == 0) return -1;
        int step = (int)Math.Round(note.Start * voices.Count / Math.Max(score.Length, 1e-9));
        return step < voices.Count ? Array.IndexOf(voices[step], note.Pitch) : -1;
    }

    public RunPage Page(ITaskRun run, TaskEvaluation evaluation)
    {
        MusicModel model = (MusicModel)run.Model;
        MusicEvaluation own = (MusicEvaluation)evaluation;
        bool roll = own.Kind == MusicKind.Roll;
        return new RunPage($"music: {string.Join(", ", model.Options.Data.Select(path => Path.GetFileName(path.TrimEnd('/'))))}",
            roll ? "validation_nll" : "validation_perplexity", roll ? "nats per step" : "perplexity", ["nats per step"],
            [
                new MethodScores("this model", own.NatsPerStep),
                .. own.Baselines.Select((b, i) => RunPage.Beside(b.Name, own.Tests.ElementAtOrDefault(i), 1, b.NatsPerStep)),
            ])
        {
            Sections =
            [
                new ReportSection("A piece that it composed (seed 1)", Composed(model)),
                .. own.Statistics.Count == 0 ? (ReportSection[])[] : [new ReportSection("How pieces are written", Table(own.Statistics))],
            ],
        };
    }

    private static IEnumerable<string> Lines(MusicEvaluation evaluation)
    {
        bool tune = evaluation.Kind == MusicKind.Tune;
        yield return $"{evaluation.Part}: {evaluation.Pieces:N0} pieces, {evaluation.Steps:N0} steps";
        yield return $"  {"",-40} nats per step{(tune ? "  perplexity" : "")}";
        foreach ((string name, double nats) in evaluation.Baselines.Prepend(("this model", evaluation.NatsPerStep)))
            yield return string.Create(CultureInfo.InvariantCulture, $"  {name,-40} {nats,13:F4}") +
                (tune ? string.Create(CultureInfo.InvariantCulture, $" {Math.Exp(nats),11:F3}") : "");
        foreach (((string name, _), PairedTest test) in evaluation.Baselines.Zip(evaluation.Tests))
            yield return $"  this model less {name}: {test.ToText()}";
        foreach (string line in Counted(evaluation.Statistics)) yield return line;
        foreach ((int i, (string name, double nats)) in evaluation.Baselines.Index())
            if (nats < evaluation.NatsPerStep)
                yield return evaluation.Tests.ElementAtOrDefault(i) is { Verdict: not PairedVerdict.Worse }
                    ? $"  note: {name} has fewer nats than this model, which may be chance" : $"  note: {name} is better than this model";
    }

    // Keys over steps, or the text of a tune.
    private static ReportBlock Composed(MusicModel model)
    {
        SamplingOptions options = new() { Temperature = 0.8 };
        if (model.Kind == MusicKind.Tune) return new TextBlock(MusicData.ToAbc(MusicSampler.Tune(model, options, 200, []), "composed"));
        PianoRoll roll = MusicSampler.Roll(model, options, 96);
        return Roll(roll.ToScore(model.Options.StepsPerQuarter), roll);
    }

    private static IEnumerable<string> Counted(IReadOnlyList<(string Of, MusicStatistics Counted)> all)
    {
        if (all.Count == 0) yield break;
        yield return $"  {"",-40}{string.Concat(all.Select(one => $" {one.Of,13}"))}";
        foreach (string[] row in Rows(all)) yield return $"  {row[0],-40}{string.Concat(row.Skip(1).Select(cell => $" {cell,13}"))}";
    }

    private static TableBlock Table(IReadOnlyList<(string Of, MusicStatistics Counted)> all) =>
        new(["", .. all.Select(one => one.Of)], [.. Rows(all)]);

    private static IEnumerable<string[]> Rows(IReadOnlyList<(string Of, MusicStatistics Counted)> all) =>
        ((IReadOnlyList<(string Name, Func<MusicStatistics, double?> Of, string Format)>)[
                ("pieces", one => one.Pieces, "N0"), ("steps", one => one.Steps, "N0"), ("notes in a step, mean", one => one.NotesPerStep, "F2"),
            ("steps with three or four notes", one => one.ThreeOrFour, "P1"), ("steps with crossed voices", one => one.Crossings, "P2"),
            ("parallel fifths in 100 changes of chord", one => one.Fifths, "F2"),
            ("parallel octaves in 100 changes of chord", one => one.Octaves, "F2"), ("bars that have been before", one => one.RepeatedBars, "P1"),
        ])
        .Select(row => (string[])[row.Name, .. all.Select(one => row.Of(one.Counted) is { } value && double.IsFinite(value)
            ? value.ToString(row.Format, CultureInfo.InvariantCulture) : "–")]);
}
