using System.CommandLine;
using Unroll.Core;
using Unroll.Files;
using Unroll.Inspection.Report;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tasks;
using Unroll.Tasks.Data.Parts;
using Unroll.Tasks.Data.Text;
using Unroll.Tasks.Shared;
using Unroll.Tasks.Translation;

namespace Unroll.Cli.Tasks;

/// <summary>From one sequence of symbols to another.</summary>
internal sealed class TranslateVerbs : ITaskVerbs
{
    public TaskEntry Task => TaskList.Translate;

    public Command Train(Terminal terminal, CancellationToken stop) => TrainCommand<TranslationOptions>.Make(new TranslateTrain(), terminal, stop);

    public ModelVerb Evaluate()
    {
        Option<string[]> data = Opt.Strings("--data", "FILE.tsv|SOURCE,TARGET", "pairs (with parts: their test part; default: the test part that the model was trained beside)");
        (Option<int?> beam, Option<double?> penalty) = SearchArguments();
        return new ModelVerb("Measure a model by BLEU and chrF, beside simple rules.", [data, beam, penalty], call =>
        {
            TranslationModel model = TranslationModel.Open(call.Path);
            using ThreadTeam threads = call.Team();
            TranslationEvaluation evaluation = TranslationEvaluation.Of(model, call.Get(data) ?? [], SearchOf(model, call, beam, penalty), call.In, threads);
            foreach (string line in TranslateText.Lines(evaluation)) call.Lines.WriteLine(line);
            call.WriteJson(json =>
            {
                TranslateText.Write(json, evaluation);
                json.WriteString("weights_sha256", model.WeightsSha256);
            });
            return CommandLine.Done;
        });
    }

    public ModelVerb Predict()
    {
        Option<string> data = Opt.String("--data", "FILE|-", "a text on each line (default -)"),
            picture = Opt.String("--picture", "FILE.html", "write a page there that shows where each translation looked");
        (Option<int?> beam, Option<double?> penalty) = SearchArguments();
        return new ModelVerb("Translate the lines of a text.", [data, beam, penalty, picture], call =>
        {
            TranslationModel model = TranslationModel.Open(call.Path);
            if (call.Get(picture) is { } later) AtomicFile.RequireWritable(later);
            string text = PlainText.Read(call.Get(data) ?? "-", call.In);
            string[] lines = (text.EndsWith('\n') ? text[..^1] : text).Split('\n');
            using ThreadTeam threads = call.Team();
            IReadOnlyList<Translation> all = new Translator(model, SearchOf(model, call, beam, penalty), threads).Translate(lines);
            foreach (Translation one in all) call.Lines.WriteLine(one.Text);
            if (call.Get(picture) is { } page)
                new ReportPage
                {
                    Title = "Where the translations looked",
                    Sections = [new ReportSection("", [.. TranslateRunReport.Attention(model, [.. lines.Where(line => model.Source.Symbols(line).Count > 0)])])],
                }.Save(page);
            call.WriteJson(json =>
            {
                json.WriteStartArray("translations");
                foreach (Translation one in all) Write(json, one);
                json.WriteEndArray();
            });
            return CommandLine.Done;
        });
    }

    public ModelInfo Info(ITaskModel model)
    {
        TranslationModel own = (TranslationModel)model;
        return new ModelInfo(string.Join(", ", own.Options.Data), TranslateText.Lines(own), [], json =>
        {
            json.WriteNumber("source_vocabulary", own.Source.Vocabulary.Size);
            json.WriteNumber("target_vocabulary", own.Target.Vocabulary.Size);
            json.WritePropertyName("encoder_decoder");
            json.Raw(own.EncoderDecoder.Spec.ToJson());
            json.WritePropertyName("options");
            json.Raw(own.Options.ToJson());
        });
    }

    private static (Option<int?>, Option<double?>) SearchArguments() =>
        (Opt.Int("--beam", "N", "hypotheses of the search (default: as in training; 1: greedy)"),
        Opt.Double("--length-penalty", "length normalization of the search (default: as in training; 0: none)"));

    private static SearchOptions SearchOf(TranslationModel model, ModelCall call, Option<int?> beam, Option<double?> penalty) =>
        model.Search with { Beam = call.Get(beam) ?? model.Options.Beam, LengthPenalty = call.Get(penalty) ?? model.Options.LengthPenalty };

    private static void Write(System.Text.Json.Utf8JsonWriter json, Translation one)
    {
        json.WriteStartObject();
        json.WriteString("source", one.Source);
        json.WriteString("translation", one.Text);
        json.Number("log_probability", one.LogProbability);
        json.Number("score", one.Score);
        json.WriteBoolean("ended", one.Ended);
        json.WriteStartArray("others");
        foreach ((string text, double score) in one.Others)
        {
            json.WriteStartObject();
            json.WriteString("translation", text);
            json.Number("score", score);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
