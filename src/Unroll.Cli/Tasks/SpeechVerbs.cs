using System.CommandLine;
using System.Text.Json;
using Unroll.Numerics;
using Unroll.Tasks;
using Unroll.Tasks.Shared;
using Unroll.Tasks.Speech;

namespace Unroll.Cli.Tasks;

/// <summary>Words from sound.</summary>
internal sealed class SpeechVerbs : ITaskVerbs
{
    public TaskEntry Task => TaskList.Speech;

    public Command Train(Terminal terminal, CancellationToken stop) => TrainCommand<SpeechOptions>.Make(new SpeechTrain(), terminal, stop);

    public ModelVerb Evaluate()
    {
        Option<string> data = Opt.String("--data", "tones|FOLDER|FILE.csv", "the recordings (default: those the model was trained on)"),
            pattern = Opt.String("--pattern", "PATTERN", "what file names in a folder say (default: the model's)"),
            path = Opt.String("--path", "COLUMN", "the manifest's column of files"),
            label = Opt.String("--label", "COLUMN", "the manifest's column of words"),
            folder = Opt.String("--folder", "FOLDER", "where a manifest's paths begin (default: its own folder)"),
            part = Opt.String("--part", "WORD", "test|valid|train|all (default test)"),
            speaker = Opt.String("--hold-out", "SPEAKER", "the speaker whose recordings test (default: the model's)"),
            join = Opt.String("--join", "LEAST..MOST", "join so many recordings to a string (default: the model's)");
        Option<int?> beam = Opt.Int("--beam", "N", "strings of words that beam search follows (default 8)");
        return new ModelVerb("Measure a model on a part of recordings, beside simple ways to name words.", [data, pattern, path, label, folder, part, speaker, join, beam], call =>
        {
            SpeechModel model = SpeechModel.Open(call.Path);
            SpeechOptions options = call.Get(data) is { } other ? model.Description.Options.Of(other) : model.Description.Options;
            options = options with
            {
                Pattern = call.Get(pattern) ?? options.Pattern,
                Path = call.Get(path) ?? options.Path,
                Label = call.Get(label) ?? options.Label,
                Folder = call.Get(folder) ?? options.Folder,
            };
            if (call.Get(speaker) is { } who) options = options with { HoldOut = who };
            if (call.Get(join) is { } range) options = options with { Join = SpeechArguments.Range(range) };
            string which = call.Get(part) ?? "test";
            if (which is not ("test" or "valid" or "train" or "all"))
                throw new Core.UserErrorException($"part: there is no '{which}'; expected test, valid, train or all.");
            using ThreadTeam threads = call.Team();
            SpeechReport report = SpeechEvaluation.Of(model, options, which, threads, call.Get(beam) ?? 8).Report;
            foreach (string line in report.Lines()) call.Lines.WriteLine(line);
            call.WriteJson(json =>
            {
                json.Report(report);
                json.WriteString("weights_sha256", model.WeightsSha256);
            });
            return CommandLine.Done;
        });
    }

    public ModelVerb Predict() => SpeechPredict.Make();

    public ModelInfo Info(ITaskModel model)
    {
        SpeechModel own = (SpeechModel)model;
        return new ModelInfo(own.Description.Options.Data, Lines(own), [], json =>
        {
            json.WriteNumber("rate", own.Description.Rate);
            json.WriteStartArray("words");
            foreach (string word in own.Description.Words) json.WriteStringValue(word);
            json.WriteEndArray();
            json.WritePropertyName("options");
            json.Raw(own.Description.Options.ToJson());
        });
    }

    /// <summary>The model in words.</summary>
    internal static IEnumerable<string> Lines(SpeechModel model)
    {
        SpeechDescription d = model.Description;
        SpeechOptions o = d.Options;
        string kind = d.Features.Cepstra > 0 ? $"{d.Features.Cepstra} cepstra of {d.Features.Mels} mel filters" : $"{d.Features.Mels} log-mel filters";
        string differences = d.Features.Deltas switch { 0 => "", 1 => ", with differences", _ => ", with differences twice" };
        yield return $"words: {d.Words.Count} ({string.Join(", ", d.Words.Take(12))}{(d.Words.Count > 12 ? ", …" : "")}), " +
            (d.IsCtc ? "in strings (CTC)" : "one a recording");
        yield return FormattableString.Invariant(
            $"features: {kind}{differences}, {d.Features.WindowMs} ms every {d.Features.HopMs} ms at {d.Rate} samples a second, normalized by: {d.Normalize}");
        yield return $"network: {o.Cell}, {o.Layers} × {o.Hidden} units, {(o.Forward ? "forward" : "both directions")}" +
            $"{(d.IsCtc ? "" : $", pooled by {o.Pool}")}; {model.Network.Parameters.Length:N0} weights";
    }
}

/// <summary>The JSON of speech figures.</summary>
internal static class SpeechJson
{
    internal static void Report(this Utf8JsonWriter json, SpeechReport report)
    {
        json.WriteString("mode", report.Mode);
        json.WriteString("part", report.Part);
        json.WriteNumber("examples", report.Examples);
        json.WriteNumber("words", report.Words);
        json.Number("word_error_rate", report.ErrorRate);
        if (report.Mode == "word") json.Number("accuracy", 1 - report.ErrorRate);
        if (report.BeamErrorRate is double beam) json.Number("word_error_rate_beam", beam);
        json.Number("without_error", report.Right);
        json.WriteNumber("substituted", report.Substituted);
        json.WriteNumber("missed", report.Missed);
        json.WriteNumber("added", report.Added);
        json.WriteStartObject("baselines");
        foreach (SpeechMethod baseline in report.Baselines) json.Number(baseline.Name, baseline.ErrorRate);
        json.WriteEndObject();
        json.WriteStartObject("speakers");
        foreach (SpeakerErrors speaker in report.Speakers) json.Number(speaker.Speaker, speaker.ErrorRate);
        json.WriteEndObject();
        json.WriteStartArray("labels");
        foreach (string label in report.Labels) json.WriteStringValue(label);
        json.WriteEndArray();
        json.WriteStartArray("confusion");
        foreach (IReadOnlyList<int> row in report.Confusion)
        {
            json.WriteStartArray();
            foreach (int count in row) json.WriteNumberValue(count);
            json.WriteEndArray();
        }
        json.WriteEndArray();
    }
}
