using System.CommandLine;
using System.Text.Json;
using Unroll.Numerics;
using Unroll.Tasks;
using Unroll.Tasks.Language;
using Unroll.Tasks.Shared;

namespace Unroll.Cli.Tasks;

/// <summary>Language models.</summary>
internal sealed class LanguageVerbs : ITaskVerbs
{
    public TaskEntry Task => TaskList.Language;

    public Command Train(Terminal terminal, CancellationToken stop) => TrainCommand<LanguageOptions>.Make(new LanguageTrain(), terminal, stop);

    public ModelVerb Evaluate()
    {
        Option<string> data = Opt.String("--data", "FILE|-", "a text to measure it on (default: the test part of the text it was trained on)");
        return new ModelVerb("Measure a model on a text, beside simple models.", [data], call =>
        {
            LanguageModel model = LanguageModel.Open(call.Path);
            using ThreadTeam threads = call.Team();
            LanguageEvaluation evaluation = call.Get(data) is { } file
                ? LanguageEvaluation.Of(model, file == "-" ? "standard input" : file, LanguageText.ReadFile(file, call.In), training: "", threads)
                : LanguageEvaluation.Of(model, LanguageText.Read(model.Description.Options, call.In), threads);
            foreach (string line in evaluation.Lines()) call.Lines.WriteLine(line);
            call.WriteJson(json =>
            {
                Write(json, evaluation);
                json.WriteString("weights_sha256", model.WeightsSha256);
            });
            return CommandLine.Done;
        });
    }

    public ModelVerb Predict() => LanguagePredict.Make();

    public ModelVerb Sample() => LanguageSample.Make();

    public ModelInfo Info(ITaskModel model)
    {
        LanguageModel own = (LanguageModel)model;
        return new ModelInfo(string.Join(", ", own.Description.Options.Data), LinesOf(own), [], json =>
        {
            json.WriteString("unit", own.Description.Options.Unit);
            json.WriteNumber("vocabulary", own.Description.Vocabulary.Size);
            json.WritePropertyName("options");
            json.Raw(own.Description.Options.ToJson());
        });
    }

    /// <summary>A language model in words.</summary>
    internal static IEnumerable<string> LinesOf(LanguageModel model)
    {
        LanguageOptions o = model.Description.Options;
        yield return $"symbols: {model.Description.Symbols}, {model.Description.Vocabulary.Size:N0} of them known, from {model.Description.Vocabulary.Counts.Sum():N0} in the training part";
        yield return $"network: embedding of {o.Embedding}, {o.Layers} × {o.Cell} of {o.Hidden}, {(o.Tied ? "output tied to the embedding" : "output of its own")}, " +
            $"{model.Network.Parameters.Length:N0} weights";
        string through = o.Bptt[1] == o.Bptt[0] ? "" : $", through {o.Bptt[1]}";
        yield return FormattableString.Invariant(
            $"training: {o.Batch} streams, an update every {o.Bptt[0]} steps{through}, dropout {o.Dropout}{(o.Locked ? " locked" : "")}, {o.Learning.Optimizer} at {o.Learning.LearningRate}");
    }

    /// <summary>The members of an evaluation.</summary>
    internal static void Write(Utf8JsonWriter json, LanguageEvaluation evaluation)
    {
        json.WriteString("part", evaluation.Part);
        json.WriteNumber("symbols", evaluation.Scores.Count);
        json.WriteNumber("unknown", evaluation.Scores.Unknown);
        json.Number("nats", evaluation.Scores.Mean);
        json.Number("bits", evaluation.Scores.Bits);
        json.Number("perplexity", evaluation.Scores.Perplexity);
        json.WriteStartObject("baselines");
        foreach (LanguageBaseline baseline in evaluation.Baselines) json.Number(baseline.Name, baseline.Nats);
        json.WriteEndObject();
    }
}
