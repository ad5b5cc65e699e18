using System.Globalization;
using Unroll.Inspection.Report;
using Unroll.Tasks.Data.Scores;
using Unroll.Tasks.Shared;
using Unroll.Tasks.Translation;

namespace Unroll.Cli.Tasks;

/// <summary>From one sequence of symbols to another, as the program shows it.</summary>
internal sealed class TranslationView : ITaskView
{
    private const int Pictures = 4;

    public ITask Task => TranslationTask.Instance;

    public bool HasPictures => true;

    public IEnumerable<string> Lines(ITaskModel model)
    {
        TranslationModel own = (TranslationModel)model;
        TranslationOptions o = own.Options;
        yield return $"symbols: {Side(own.Source)} of the source, {Side(own.Target)} of the target";
        string both = o.Direction == ReadingDirection.Both ? ", both directions" : "";
        yield return $"network: embedding of {o.Embedding}, encoder {o.Layers} × {o.CellName} of {o.Hidden}{both}, " +
            $"decoder {o.Layers} × {o.Hidden}, attention: {TranslationOptions.Table.Find("attention")!.Text(o)}{(o.NoFeeding ? "" : ", fed")}, " +
            $"{own.Parameters.Length:N0} weights";
    }

    public IEnumerable<string> Lines(TaskAnswer answer) => answer is TranslationEvaluation evaluation
        ? Measures(evaluation) : Texts((TranslationAnswer)answer);

    // With more than one for each source: the source's number from 1, the score, the translation.
    private static IEnumerable<string> Texts(TranslationAnswer answer) => answer.NBest == 1 ? answer.Translations.Select(one => one.Text)
        : answer.Translations.SelectMany((one, i) => one.Others.Prepend((one.Text, one.Score)).Take(answer.NBest)
            .Select(found => FormattableString.Invariant($"{i + 1}\t{found.Score:F4}\t{found.Text}")));

    public ReportPage Picture(ITaskModel model, TaskAnswer answer)
    {
        TranslationModel own = (TranslationModel)model;
        Translator translator = new(own);
        IEnumerable<Translation> full = ((TranslationAnswer)answer).Translations.Where(one => own.Source.Symbols(one.Source).Count > 0);
        return new ReportPage
        {
            Title = "Where the translations looked",
            Sections = [new ReportSection("", [.. full.Select(one => Attention(one.Source, translator.Attention(one)))])],
        };
    }

    public RunPage Page(ITaskRun run, TaskEvaluation evaluation)
    {
        TranslationEvaluation own = (TranslationEvaluation)evaluation;
        Translator translator = new((TranslationModel)run.Model);
        return new RunPage($"translate: {string.Join(", ", run.Model.Options.Data.Select(Path.GetFileName))}", "validation_perplexity", "perplexity",
            ["BLEU", "chrF", "word errors, %"],
            [.. own.Scores.Select(one => RunPage.Beside(one.Name, one.Against, 1, one.Bleu, one.ChrF, 100 * one.Errors))])
        {
            LargerIsBetter = true,
            Figures =
            [
                new KeyFigure("BLEU, test part", own.Scores[0].Bleu.ToString("F2", CultureInfo.InvariantCulture)),
                new KeyFigure("chrF, test part", own.Scores[0].ChrF.ToString("F2", CultureInfo.InvariantCulture)),
            ],
            Sections =
            [
                new ReportSection("Translations of the test part",
                    new TableBlock(["source", "reference", "translation"],
                        [.. own.Examples.Select(one => (IReadOnlyList<string>)[one.Source, one.Reference, one.Said])])
                    { Title = "Sentences of the test part, evenly taken", Wide = true }),
                new ReportSection("Where it looks",
                    [.. own.Examples.Take(Pictures).Select(one => Attention(one.Source, translator.Attention(one.Source)))]),
            ],
        };
    }

    // Rows the translation, columns the source.
    private static HeatmapChart Attention(string text, AttentionPicture picture) =>
        new(Numbered(picture.Source), Numbered(picture.Target),
            [.. picture.Weights.Select(row => (IReadOnlyList<double>)[.. row.Select(w => (double)w)])])
        {
            Title = text, Caption = "Each row is a symbol of the translation; its weights over the source add up to 1.",
            XName = "source", YName = "translation", Minimum = 0, Maximum = 1,
        };

    // A chart's labels are told apart by their text; a word may stand twice.
    private static string[] Numbered(IReadOnlyList<string> symbols) =>
        [.. symbols.Select((symbol, t) => $"{symbol}{(symbols.Take(t).Contains(symbol) ? $" ({t + 1})" : "")}")];

    private static IEnumerable<string> Measures(TranslationEvaluation evaluation)
    {
        yield return $"{evaluation.Part}: {evaluation.Sentences:N0} sources, {evaluation.References:N0} references";
        yield return $"  {"",-28}    BLEU    chrF    equal    word errors";
        foreach (TranslationScore one in evaluation.Scores) yield return Line(one);
        if (evaluation.Validation is { } validation) yield return Line(validation);
        foreach (TranslationScore one in evaluation.Scores.Where(one => one.Against is not null))
            yield return $"  BLEU less that of {one.Name}: {one.Against!.ToText()}";
        foreach (TranslationScore one in evaluation.Scores.Where(one => one.Against is { Difference: < 0 }))
            yield return one.Against!.Verdict == PairedVerdict.Worse ? $"  note: {one.Name} is better than this model"
                : $"  note: {one.Name} has a higher BLEU than this model, which may be chance";
    }

    private static string Line(TranslationScore one) =>
        string.Create(CultureInfo.InvariantCulture,
            $"  {one.Name,-28} {one.Bleu,7:F2} {one.ChrF,7:F2} {100 * one.Exact,6:F2} %     {100 * one.Errors,6:F2} %");

    private static string Side(TranslationSide side) => $"{side.Vocabulary.Size - 1:N0} " + side.Unit switch
    {
        TranslationUnit.Char => "characters",
        TranslationUnit.Bpe => $"byte-pair units ({side.Merges.Count:N0} merges)",
        _ => "words",
    };
}
