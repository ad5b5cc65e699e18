using System.CommandLine;
using System.Text.Json;
using Unroll.Tasks;
using Unroll.Tasks.Forecast;
using Unroll.Tasks.Language;
using Unroll.Tasks.Shared;
using Unroll.Training;

namespace Unroll.Cli.Tasks;

/// <summary><c>unroll train lm</c>.</summary>
internal sealed class LanguageTrain : ITrainVerb<LanguageOptions>
{
    public string Task => TaskList.Language.Name;

    public string Help => "Train a model that foresees the next character or word of a text. Without options: a generated text, character by character.";

    public TaskArguments<LanguageOptions> Arguments { get; } = MakeArguments();

    public LanguageOptions New(ParseResult parsed) => Arguments.Over(LanguageOptions.Usual(Arguments.Over(new LanguageOptions(), parsed).Unit), parsed);

    public string ToJson(LanguageOptions options) => options.ToJson();

    public LanguageOptions FromJson(string json, string where) => LanguageOptions.FromJson(json, where);

    public string DataOf(LanguageOptions options) => options.Data[0];

    public ITaskTraining Begin(LanguageOptions options, TrainingSite site) =>
        new Running(LanguageTraining.Begin(options, site.In, site.Threads, site.Run, site.Warn));

    private static TaskArguments<LanguageOptions> MakeArguments()
    {
        LanguageOptions c = new(), w = LanguageOptions.Usual("word");
        TaskArguments<LanguageOptions> all = new();
        all.Add(Opt.Strings("--data", "FILE[,FILE…]|-", "text in UTF-8, - for standard input, or grammar: a generated text (default)"), (o, v) => o with { Data = v });
        all.Add(Opt.String("--valid", "FILE", "a text that validates (default: a share of the data)"), (o, v) => o with { Valid = v });
        all.Add(Opt.String("--test", "FILE", "a text that tests (default: a share of the data; none beside --valid)"), (o, v) => o with { Test = v });
        all.Add(Opt.Doubles("--split", "TRAIN,VALID", "shares to train on and to validate on; the rest tests (default 0.9,0.05)"), (o, v) => o with { Split = v! });
        all.Add(Opt.String("--unit", "UNIT", "a symbol is a " + TaskArguments<LanguageOptions>.Words(LanguageOptions.UnitWords, c.Unit)), (o, v) => o with { Unit = v });
        all.Add(Opt.Int("--vocabulary", "N", $"the most symbols, <unk> included (default: all; words {w.Vocabulary})"), (o, v) => o with { Vocabulary = v });
        all.Add(Opt.Int("--least-count", "N", "how often a symbol must stand in the training part (default 1)"), (o, v) => o with { MinCount = v!.Value });
        all.Add(Opt.Int("--embedding", "N", $"features of a symbol (default {c.Embedding}; words {w.Embedding})"), (o, v) => o with { Embedding = v!.Value });
        all.Add(Opt.String("--cell", "CELL", TaskArguments<LanguageOptions>.Words(ForecastOptions.CellWords, c.Cell)), (o, v) => o with { Cell = v });
        all.Add(Opt.Int("--hidden", "N", $"units of each layer (default {c.Hidden}; words {w.Hidden})"), (o, v) => o with { Hidden = v!.Value });
        all.Add(Opt.Int("--layers", "N", $"recurrent layers (default {c.Layers})"), (o, v) => o with { Layers = v!.Value });
        all.Add(Opt.Double("--dropout", FormattableString.Invariant($"probability at the input, between layers and at the output (default {c.Dropout}; words {w.Dropout})")),
            (o, v) => o with { Dropout = v!.Value });
        all.Add(Opt.Bool("--locked", "drop the same units at every step of an update"), (o, v) => o with { Locked = v });
        all.Add(Opt.Bool("--tied", "the output's weights are the embedding's (default: for words)"), (o, v) => o with { Tied = v });
        all.Add(Opt.Int("--batch", "N", $"parts of the text that are read side by side (default {c.Batch}; words {w.Batch})"), (o, v) => o with { Batch = v!.Value });
        all.Add(Opt.Ints("--bptt", "K1[,K2]", $"an update every K1 symbols, through K2 symbols (default {c.Bptt[0]}; words {w.Bptt[0]})"), (o, v) => o with { Bptt = v! });
        LearningArguments.AddTo(all, c.Learning, o => o.Learning, (o, learning) => o with { Learning = learning });
        return all;
    }

    private sealed class Running(LanguageTraining training) : ITaskTraining
    {
        public ITaskModel Model => training.Model;

        public ITrainingLoop Loop => training.Loop;

        public int Epochs => training.Epochs;

        public long Examples => training.Examples;

        public (string Long, string Short) ExamplesWord => training.Model.Description.Options.Unit == "word" ? ("words", "words") : ("characters", "chars");

        public IEnumerable<string> Lines() => [.. LanguageVerbs.LinesOf(training.Model), $"an epoch learns from {training.Examples:N0} {training.Model.Description.Symbols}"];

        public TrainingEnd? Finish(bool measure)
        {
            if (!measure) return null;
            LanguageEvaluation evaluation = training.Measure();
            return new TrainingEnd(evaluation.Lines(), json => LanguageVerbs.Write(json, evaluation),
                (run, seconds) => LanguageRunReport.Save(run, training.Model, evaluation, seconds));
        }
    }
}
