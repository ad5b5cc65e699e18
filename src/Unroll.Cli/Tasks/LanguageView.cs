using System.Globalization;
using System.Text;
using Unroll.Inspection.Report;
using Unroll.Tasks.Data.Text;
using Unroll.Tasks.Language;
using Unroll.Tasks.Shared;

namespace Unroll.Cli.Tasks;

/// <summary>Language models in lines, as CSV and on pages.</summary>
internal sealed class LanguageView : ITaskView
{
    private const double LargestSurprise = 6;

    public ITask Task => LanguageTask.Instance;

    public IEnumerable<string> Lines(ITaskModel model)
    {
        LanguageDescription own = ((LanguageModel)model).Description;
        LanguageOptions o = own.Options;
        yield return $"symbols: {own.Symbols}, {own.Vocabulary.Size:N0} of them known, from {own.Vocabulary.Counts.Sum():N0} in the training part";
        yield return $"network: embedding of {o.Embedding}, {o.Layers} × {o.CellName} of {o.Hidden}, " +
            $"{(o.TieWeights ? "output tied to the embedding" : "output of its own")}, {model.Network.Parameters.Length:N0} weights";
        string through = o.Bptt[1] == o.Bptt[0] ? "" : $", through {o.Bptt[1]}";
        yield return Invariant($"training: {o.Batch} streams, an update every {o.Bptt[0]} steps{through}, {Dropout(o)}, ") +
            Invariant($"{o.Optimizer.ToString().ToLowerInvariant()} at {o.LearningRate}");
    }

    private static string Dropout(LanguageOptions o)
    {
        double input = o.DropoutInput ?? o.Dropout, hidden = o.DropoutHidden ?? o.Dropout, output = o.DropoutOutput ?? o.Dropout;
        string rates = input == hidden && hidden == output ? Invariant($"{input}") : Invariant($"{input}, {hidden}, {output}");
        return $"dropout {rates}{(o.LockedDropout ? " locked" : "")}"
            + (o.DropoutEmbedding > 0 ? Invariant($", of the embedding {o.DropoutEmbedding}") : "")
            + (o.WeightDrop > 0 ? Invariant($", weight drop {o.WeightDrop}") : "");
    }

    public IEnumerable<string> Lines(TaskAnswer answer) => answer switch
    {
        LanguageScores scores => Csv(scores),
        LanguageSample sample => [sample.Text],
        _ => Lines((LanguageEvaluation)answer),
    };

    public bool IsTable(TaskAnswer answer) => answer is LanguageScores;

    public string? Summary(TaskAnswer answer) => answer is not LanguageScores scores ? null : Invariant(
        $"{scores.Count} {scores.Description.Symbols}, {scores.Total:F4} nats, {scores.Mean:F4} each, ") +
        Invariant($"{scores.Bits:F4} bits, perplexity {Perplexity(scores.Mean, "F3")}");

    // Without a line break that the model did not write.
    public byte[]? FileOf(TaskAnswer answer, string path) => answer is LanguageSample sample ? Encoding.UTF8.GetBytes(sample.Text) : null;

    public RunPage Page(ITaskRun run, TaskEvaluation evaluation)
    {
        LanguageEvaluation own = (LanguageEvaluation)evaluation;
        LanguageModel model = ((LanguageRun)run).Model;
        string symbol = model.Description.Symbols[..^1];
        return new RunPage($"{string.Join(", ", model.Options.Data)}: the next {symbol}", "validation_perplexity", "perplexity",
            [$"nats per {symbol}", "bits", "perplexity"],
            [
                Scores("this model", own.Scores.Mean),
                .. own.Baselines.Select(b => RunPage.Beside(b.Name, b.Test, 1, b.Nats, b.Nats / Math.Log(2), Math.Exp(b.Nats))),
            ])
        {
            Part = $"{own.Part} part",
            Sections = [Written(model), Surprises(own)],
        };
    }

    // With a note for each simple model that is not worse.
    private static IEnumerable<string> Lines(LanguageEvaluation evaluation)
    {
        LanguageScores scores = evaluation.Scores;
        string unknown = scores.Unknown > 0 ? Invariant($", {scores.Unknown:N0} of them not in the vocabulary") : "";
        yield return Invariant($"{evaluation.Part}: {scores.Count:N0} {scores.Description.Symbols}{unknown}");
        yield return $"  {"",-14} {$"nats/{scores.Description.Symbols[..^1]}",16} {"bits",9} {"perplexity",12}";
        yield return Row(evaluation.Reading is { } reading ? Beside(reading) : "this model", scores.Mean);
        if (evaluation.NetworkNats is { } network) yield return Row("network alone", network);
        foreach (LanguageBaseline baseline in evaluation.Baselines) yield return Row(baseline.Name, baseline.Nats);
        yield return Invariant($"  of {evaluation.Characters:N0} characters {scores.Total / evaluation.Characters:F4} nats each; ") +
            Invariant($"of {evaluation.Words:N0} words and line ends perplexity {Perplexity(scores.Total / evaluation.Words, "F2")} each");
        foreach (LanguageBaseline baseline in evaluation.Baselines)
            if (baseline.Test is { } test) yield return $"  against {baseline.Name}: {test.ToText()}";
        foreach (LanguageBaseline baseline in evaluation.Baselines.Where(baseline => !(scores.Mean < baseline.Nats)))
            yield return Invariant($"  note: {baseline.Name} is not worse than this model: {baseline.Nats:F4} against {scores.Mean:F4} nats");
    }

    // symbol, −ln p, the most probable symbol in its place
    private static IEnumerable<string> Csv(LanguageScores scores)
    {
        yield return "symbol,nats,best";
        for (int i = 0; i < scores.Count; i++) yield return Invariant($"{Field(scores.SymbolAt(i))},{scores.Nats[i]:F4},{Field(scores.BestAt(i))}");
    }

    private static string Field(string text) => text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"")}\"";

    private static ReportSection Written(LanguageModel model)
    {
        int symbols = model.Description.Unit == TextUnit.Char ? 600 : 120;
        string At(double temperature) => model.Sample("", symbols, new SamplingOptions { Temperature = temperature });
        return new ReportSection("What it writes",
            new TextBlock(At(0.7)) { Title = "At temperature 0.7", Verbatim = true },
            new TextBlock(At(1)) { Title = "At temperature 1", Verbatim = true });
    }

    private static ReportSection Surprises(LanguageEvaluation evaluation)
    {
        LanguageScores scores = evaluation.Scores;
        bool words = scores.Description.Unit != TextUnit.Char;
        int count = Math.Min(words ? 300 : 1200, scores.Count);
        string Shown(int i) => scores.SymbolAt(i) switch
        {
            TextSymbols.EndOfLine or "\n" => "⏎\n", _ => words ? scores.ShownAt(i) + " " : scores.ShownAt(i),
        };
        string Note(int i) => Invariant($"−ln p = {scores.Nats[i]:F2}; most probable: {scores.BestAt(i)}");
        return new ReportSection("What surprises it", new ShadedText(
            [.. Enumerable.Range(0, count).Select(Shown)], [.. scores.Nats.Take(count).Select(nats => (double)nats)])
        {
            Title = $"The beginning of the {evaluation.Part} part",
            Caption = $"The fuller the color, the less probable the symbol was to the model; {LargestSurprise} nats, a probability of 1 in 400, " +
                "have all of it. Point at a symbol for its figure.",
            Notes = [.. Enumerable.Range(0, count).Select(Note)],
            Full = LargestSurprise,
        });
    }

    private static string Beside(ReadingOptions o) =>
        "with " + string.Join(", ",
            new[] { o.Dynamic ? "dynamic" : "", o.Cache > 0 ? "cache" : "", o.NGram ? "5-gram" : "" }.Where(one => one.Length > 0));

    private static string Row(string name, double nats) =>
        Invariant($"  {name,-14} {nats,16:F4} {nats / Math.Log(2),9:F4} {Perplexity(nats, "F2"),12}");

    // e to the nats, which a double holds up to 709 of them. A text without blanks is one word, whose digits would fill a line.
    private static string Perplexity(double nats, string format) =>
        Math.Exp(nats) is var value && double.IsFinite(value) ? value.ToString(value < 1e9 ? format : "0.00e+0", CultureInfo.InvariantCulture)
            : "above 1.8e308";

    private static MethodScores Scores(string name, double nats) => new(name, nats, nats / Math.Log(2), Math.Exp(nats));

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
