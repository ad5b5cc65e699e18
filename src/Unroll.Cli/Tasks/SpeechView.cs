using System.Globalization;
using Unroll.Core;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Audio;
using Unroll.Tasks.Shared;
using Unroll.Tasks.Speech;

namespace Unroll.Cli.Tasks;

/// <summary>Words from sound, in lines.</summary>
internal sealed class SpeechView : ITaskView
{
    public ITask Task => SpeechTask.Instance;

    public IEnumerable<string> Lines(ITaskModel model)
    {
        SpeechDescription d = ((SpeechModel)model).Description;
        SpeechOptions o = d.Options;
        string kind = string.Join(" or ", d.AllFeatures.Select(own => own.Cepstra > 0 ? $"{own.Cepstra} cepstra of {own.Mels} mel filters"
            : $"{own.Mels} log-mel filters")) + (d.AllFeatures.Count > 1 ? " in turn" : "");
        string differences = d.Features.Deltas switch { 0 => "", 1 => ", with differences", _ => ", with differences twice" };
        yield return $"words: {d.Words.Count} ({string.Join(", ", d.Words.Take(12))}{(d.Words.Count > 12 ? ", …" : "")}), " +
            (d.IsCtc ? "in strings (CTC)" : "one a recording");
        yield return FormattableString.Invariant($"features: {kind}{differences}, {d.Features.WindowMs} ms every {d.Features.HopMs} ms ") +
            $"at {d.Rate} samples a second, normalized by: {Word(d.Normalize)}";
        yield return $"network: {o.CellName}, {o.Layers} × {o.Hidden} units, " +
            $"{(o.Direction == ReadingDirection.Forward ? "forward" : "both directions")}" +
            $"{(d.IsCtc ? "" : $", pooled by {Word(o.Pooling)}")}; {model.Parameters.Length:N0} weights";
        if (d.NGram is { } ngram)
            yield return FormattableString.Invariant($"beam search: weighs an n-gram of order {ngram.Order} by {ngram.Weight}");
    }

    public IEnumerable<string> Lines(TaskAnswer answer) => answer switch
    {
        SpeechAnswer heard => heard.Recordings.SelectMany(one => one.Guesses, (one, guess) =>
            $"{one.Source}\t{guess.Text}\t{guess.Probability.ToString("0.0000", CultureInfo.InvariantCulture)}"),
        SpeechPool pool => [string.Create(CultureInfo.InvariantCulture,
            $"  {pool.Errors:N0} errors in {pool.Words:N0} words: word error rate {100 * pool.ErrorRate:F2} %")],
        _ => Lines((SpeechEvaluation)answer),
    };

    // A word a line, as soon as it is heard.
    public TaskAnswer? Live(ITaskModel model, object options, Terminal terminal, TextWriter lines)
    {
        if (((SpeechPredictOptions)options).Data is not [DataFiles.StandardInput] || !((SpeechModel)model).CanListen) return null;
        string source = DataFiles.Called(DataFiles.StandardInput);
        WavStream wav = new(terminal.OpenIn(), source, piped: true);
        int rate = ((SpeechModel)model).Description.Rate;
        if (wav.Rate != rate)
        {
            string lacks = wav.Rate < rate ? FormattableString.Invariant($": nothing above {wav.Rate / 2:N0} Hz is in them") : "";
            terminal.Error.WriteLine(FormattableString.Invariant($"note: {source}: {wav.Rate:N0} samples a second are brought to the {rate:N0} ") +
                $"that the network hears{lacks}.");
        }
        SpeechSession session = ((SpeechModel)model).Listen(wav.Rate);
        float[] piece = new float[Math.Max(1, wav.Rate / 50)];
        List<SpokenWord> heard = [];
        for (int got; (got = wav.Read(piece)) > 0;) Say(session.Push(piece.AsSpan(0, got)));
        if (session.State.Position == 0) throw new UserErrorException($"{source}: there are no samples in it; expected a recording.");
        Say(session.Finish());
        return new SpeechAnswer([new SpeechResult(source, (double)session.State.Position / wav.Rate,
            [new SpeechGuess(string.Join(' ', heard.Select(word => word.Word)), double.NaN)], heard)]);

        void Say(IReadOnlyList<SpokenWord> words)
        {
            foreach (SpokenWord word in words) lines.WriteLine($"{word.To.ToString("0.00", CultureInfo.InvariantCulture)}\t{word.Word}");
            if (words.Count > 0) lines.Flush();
            heard.AddRange(words);
        }
    }

    public RunPage Page(ITaskRun run, TaskEvaluation evaluation) => SpeechPage.Of((SpeechEvaluation)evaluation);

    internal static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture) + " %";

    private static IEnumerable<string> Lines(SpeechEvaluation e)
    {
        if (e.Mode == SpeechMode.Word)
        {
            yield return $"{e.Part}: accuracy {Percent(1 - e.ErrorRate)} ({e.Words - e.Substituted} of {e.Words} recordings)";
            foreach (SpeechMethod rule in e.Baselines) yield return $"  {rule.Name}: {Percent(1 - rule.ErrorRate)}{Against(rule)}";
        }
        else
        {
            yield return $"{e.Part}: word error rate {Percent(e.ErrorRate)} greedy, {Percent(e.BeamErrorRate!.Value)} by beam search " +
                $"({e.Words} words in {e.Examples} recordings or strings, {Percent(e.Right)} of them without error)";
            yield return $"  greedy: {e.Substituted} heard as another word, {e.Missed} missed, {e.Added} added";
            foreach (SpeechMethod rule in e.Baselines) yield return $"  {rule.Name}: {Percent(rule.ErrorRate)}{Against(rule)}";
        }
        if (e.Speakers.Count > 1)
            yield return $"  errors by speaker: {string.Join(", ", e.Speakers.Select(s => $"{s.Speaker} {Percent(s.ErrorRate)}"))}";
        foreach ((string said, string heard, int count) in e.Confused.Take(5)) yield return $"  '{said}' heard as '{heard}': {count}";
    }

    private static string Against(SpeechMethod rule) => rule.Test is { } test ? $"; this model {test.ToText(100)}" : "";

    private static string Word<T>(T choice) where T : struct, Enum => choice.ToString().ToLowerInvariant();
}
