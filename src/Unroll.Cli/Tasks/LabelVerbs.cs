using System.CommandLine;
using System.Globalization;
using Unroll.Core;
using Unroll.Numerics;
using Unroll.Tasks;
using Unroll.Tasks.Data.Labeled;
using Unroll.Tasks.Data.Sequences;
using Unroll.Tasks.Labels;
using Unroll.Tasks.Shared;

namespace Unroll.Cli.Tasks;

/// <summary>A label for each sequence, or for each step.</summary>
/// <param name="task">The entry of the library's list.</param>
/// <param name="help">A sentence for <c>unroll train</c>.</param>
internal sealed class LabelVerbs(TaskEntry task, string help) : ITaskVerbs
{
    public TaskEntry Task => task;

    public Command Train(Terminal terminal, CancellationToken stop) => TrainCommand<LabelOptions>.Make(new LabelTrain(task.Name, help), terminal, stop);

    public ModelVerb Evaluate()
    {
        Option<string[]> data = Opt.Strings("--data", "FILE[,FILE…]", "labeled sequences, all of which are measured (default: the test part that the model was trained beside)");
        return new ModelVerb("Measure a model on labeled sequences.", [data], call =>
        {
            LabelModel model = LabelModel.Open(call.Path);
            using ThreadTeam threads = call.Team();
            LabelEvaluation evaluation = call.Get(data) is { Length: > 0 } files
                ? LabelEvaluation.Of(model, [], LabelReading.Labeled(model, files, call.In), threads)
                : LabelReading.TestPart(model, call.In, threads);
            foreach (string line in LabelText.Lines(evaluation)) call.Lines.WriteLine(line);
            call.WriteJson(json =>
            {
                LabelText.Write(json, evaluation);
                json.WriteString("weights_sha256", model.WeightsSha256);
            });
            return CommandLine.Done;
        });
    }

    public ModelVerb Predict()
    {
        Option<string> data = Opt.String("--data", "FILE|-", "sequences, with or without labels; lines of plain text are one sequence each (default -)");
        Option<int?> why = Opt.Int("--why", "N", "also say which N steps of each sequence decided, by hiding each in turn");
        return new ModelVerb("Give sequences their labels.", task.Name == "tag" ? [data] : [data, why], call =>
        {
            if (call.Get(why) is < 0 and int wrong) throw new UserErrorException($"--why: expected a whole number of at least 0, got {wrong}.");
            LabelModel model = LabelModel.Open(call.Path);
            IReadOnlyList<LabeledSequence> sequences = LabelReading.Bare(model, call.Get(data) ?? "-", call.In);
            using ThreadTeam threads = call.Team();
            IReadOnlyList<LabelPrediction> predictions = LabelPrediction.Of(model, sequences, threads);
            if (model.Options.Labels.Count > 0) return Bed(call, sequences, predictions);
            int most = task.Name == "tag" ? 0 : call.Get(why) ?? 0;
            LabelReasons[] reasons = most > 0 ? [.. sequences.Select(one => LabelReasons.Of(model, one, threads))] : [];
            for (int i = 0; i < predictions.Count; i++)
            {
                LabelPrediction one = predictions[i];
                call.Lines.WriteLine(string.Join(' ', one.Labels) + (one.Labels.Count == 1 ? string.Create(CultureInfo.InvariantCulture, $"\t{one.Probabilities[0]:F4}\t{one.Shown}") : ""));
                if (most > 0) call.Lines.WriteLine($"    {string.Join(", ", Strongest(reasons[i], most, task.Name == "dna"))}");
            }
            call.WriteJson(json =>
            {
                json.WriteStartArray("predictions");
                for (int i = 0; i < predictions.Count; i++)
                {
                    LabelPrediction one = predictions[i];
                    json.WriteStartObject();
                    json.WriteString("sequence", one.Name);
                    json.WriteStartArray("labels");
                    foreach (string label in one.Labels) json.WriteStringValue(label);
                    json.WriteEndArray();
                    json.WriteStartArray("probabilities");
                    foreach (float p in one.Probabilities) json.WriteNumberValue(Math.Round(p, 6));
                    json.WriteEndArray();
                    if (most > 0)
                    {
                        json.WriteStartArray("effects");
                        for (int t = 0; t < reasons[i].Effects.Count; t++)
                        {
                            json.WriteStartObject();
                            json.WriteString("step", reasons[i].Steps[t]);
                            json.WriteNumber("nats", Math.Round(reasons[i].Effects[t], 5));
                            json.WriteEndObject();
                        }
                        json.WriteEndArray();
                    }
                    json.WriteEndObject();
                }
                json.WriteEndArray();
            });
            return CommandLine.Done;
        });
    }

    // chr1  1200  1503  exon
    private static int Bed(ModelCall call, IReadOnlyList<LabeledSequence> windows, IReadOnlyList<LabelPrediction> predictions)
    {
        BedInterval[] all = [.. GenomeWindows.Intervals(windows, [.. predictions.Select(one => one.Labels)])];
        foreach (BedInterval one in all) call.Lines.WriteLine($"{one.Name}\t{one.Start}\t{one.End}\t{one.Label}");
        call.WriteJson(json =>
        {
            json.WriteStartArray("intervals");
            foreach (BedInterval one in all)
            {
                json.WriteStartObject();
                json.WriteString("sequence", one.Name);
                json.WriteNumber("start", one.Start);
                json.WriteNumber("end", one.End);
                json.WriteString("label", one.Label);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        });
        return CommandLine.Done;
    }

    // "dreadful" +2.31
    private static IEnumerable<string> Strongest(LabelReasons reasons, int most, bool places) => reasons.Effects
        .Select((effect, t) => (Effect: effect, Step: reasons.Steps[t], t)).OrderByDescending(one => Math.Abs(one.Effect)).ThenBy(one => one.t).Take(most)
        .Select(one => string.Create(CultureInfo.InvariantCulture, $"'{one.Step}'{(places ? $" at {one.t + 1}" : "")} {Math.Round(one.Effect, 2) + 0.0:+0.00;-0.00;0.00}"));

    public ModelInfo Info(ITaskModel model)
    {
        LabelModel own = (LabelModel)model;
        return new ModelInfo(string.Join(", ", own.Options.Data), LabelText.Lines(own), [], json =>
        {
            json.WriteStartArray("labels");
            foreach (string label in own.Encoding.Classes) json.WriteStringValue(label);
            json.WriteEndArray();
            json.WriteString("unit", own.Encoding.Unit);
            json.WriteNumber("vocabulary", own.Encoding.Vocabulary.Count);
            json.WritePropertyName("options");
            json.Raw(own.Options.ToJson());
        });
    }
}
