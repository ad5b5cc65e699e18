using Unroll.Tasks.Forecast;
using Unroll.Tasks.Translation;

namespace Unroll.Cli;

/// <summary>The options of a translation run on the command line, one for each property of <see cref="TranslationOptions"/>.</summary>
internal static class TranslateArguments
{
    private const string Value = "FILE.tsv|SOURCE,TARGET";

    internal static TaskArguments<TranslationOptions> Make()
    {
        TranslationOptions usual = new();
        TaskArguments<TranslationOptions> all = new();
        all.Add(Opt.Words("--data", Value, "lines of source TAB target, or part TAB source TAB target; or two files whose lines belong together"), (o, v) => o with { Data = v });
        all.Add(Opt.Words("--valid", Value, "pairs to validate on (default: a part of the data)"), (o, v) => o with { Valid = v });
        all.Add(Opt.Words("--test", Value, "pairs to test on (default: a part of the data)"), (o, v) => o with { Test = v });
        all.Add(Opt.Numbers("--split", "TRAIN,VALID", "shares to train on and to validate on where the data do not say; the rest tests (default 0.8,0.1)"), (o, v) => o with { Split = v! });
        all.Add(Opt.Text("--unit", "WORD", "what a symbol is: " + Words(TranslationOptions.UnitWords, usual.Unit)), (o, v) => o with { Unit = v });
        all.Add(Opt.Text("--target-unit", "WORD", "what a symbol of the targets is (default: as --unit)"), (o, v) => o with { TargetUnit = v });
        all.Add(Opt.Text("--tokens", "WORD", "how text is cut into words, with punctuation apart or at white space alone: " + Words(TranslationOptions.TokenWords, usual.Tokens)),
            (o, v) => o with { Tokens = v });
        all.Add(Opt.Switch("--lower", "make capital letters small, in measures too"), (o, v) => o with { Lower = v });
        all.Add(Opt.Whole("--merges", "N", $"bpe: merges learned for each side (default {usual.Merges})"), (o, v) => o with { Merges = v!.Value });
        all.Add(Opt.Whole("--min-count", "N", $"how often a symbol must occur to be known (default {usual.MinCount})"), (o, v) => o with { MinCount = v!.Value });
        all.Add(Opt.Whole("--max-length", "N", $"leave longer pairs out of training (default {usual.MaxLength} symbols)"), (o, v) => o with { MaxLength = v!.Value });
        all.Add(Opt.Whole("--embedding", "N", $"features of an embedded symbol (default {usual.Embedding})"), (o, v) => o with { Embedding = v!.Value });
        all.Add(Opt.Text("--cell", "CELL", Words(ForecastOptions.CellWords, usual.Cell)), (o, v) => o with { Cell = v });
        all.Add(Opt.Whole("--hidden", "N", $"units of the decoder, shared by the encoder's directions (default {usual.Hidden})"), (o, v) => o with { Hidden = v!.Value });
        all.Add(Opt.Whole("--layers", "N", $"recurrent layers of either (default {usual.Layers})"), (o, v) => o with { Layers = v!.Value });
        all.Add(Opt.Switch("--one-way", "read the source from the begin alone, not from both ends"), (o, v) => o with { OneWay = v });
        all.Add(Opt.Text("--attention", "WORD", Words(TranslationOptions.AttentionWords, usual.Attention)), (o, v) => o with { Attention = v });
        all.Add(Opt.Switch("--no-feeding", "do not feed a step what the step before attended to"), (o, v) => o with { NoFeeding = v });
        all.Add(Opt.Number("--dropout", FormattableString.Invariant($"probability that a feature is dropped (default {usual.Dropout})")), (o, v) => o with { Dropout = v!.Value });
        all.Add(Opt.Number("--sampling", "probability, reached in the last epoch, that a step is given the network's own choice (default 0)"), (o, v) => o with { Sampling = v!.Value });
        all.Add(Opt.Whole("--batch", "N", $"pairs of a batch (default {usual.Batch})"), (o, v) => o with { Batch = v!.Value });
        all.Add(Opt.Whole("--beam", "N", $"hypotheses of the search (default {usual.Beam}; 1: greedy)"), (o, v) => o with { Beam = v!.Value });
        all.Add(Opt.Number("--length-penalty", FormattableString.Invariant($"length normalization of the search (default {usual.LengthPenalty}; 0: none)")),
            (o, v) => o with { LengthPenalty = v!.Value });
        LearningArguments.AddTo(all, usual.Learning, o => o.Learning, (o, learning) => o with { Learning = learning });
        return all;
    }

    private static string Words(IReadOnlyList<string> words, string usual) => TaskArguments<TranslationOptions>.Words(words, usual);
}
