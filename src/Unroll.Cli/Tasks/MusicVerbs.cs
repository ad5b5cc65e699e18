using System.CommandLine;
using System.Globalization;
using Unroll.Core;
using Unroll.Files;
using Unroll.Numerics;
using Unroll.Tasks;
using Unroll.Tasks.Data.Music;
using Unroll.Tasks.Music;
using Unroll.Tasks.Shared;

namespace Unroll.Cli.Tasks;

/// <summary>Music: what comes next, and pieces that are composed.</summary>
internal sealed class MusicVerbs : ITaskVerbs
{
    public TaskEntry Task => TaskList.Music;

    public Command Train(Terminal terminal, CancellationToken stop) => TrainCommand<MusicOptions>.Make(new MusicTrain(), terminal, stop);

    public ModelVerb Evaluate()
    {
        Option<string[]> data = Opt.Strings("--data", "FILE|FOLDER[,…]", "pieces, split as the model's were (default: those the model was trained beside)");
        return new ModelVerb("Measure a model on the test part of pieces, beside simple rules.", [data], call =>
        {
            MusicModel model = MusicModel.Open(call.Path);
            MusicPieces pieces = MusicPieces.Read(model.Options with { Kind = model.Kind, Data = call.Get(data) is { Length: > 0 } files ? files : model.Options.Data });
            if (pieces.Test.Count == 0) throw new UserErrorException("evaluate: the data have no test part.");
            using ThreadTeam threads = call.Team();
            MusicEvaluation evaluation = MusicEvaluation.Of(model, pieces, threads);
            foreach (string line in MusicText.Lines(evaluation)) call.Lines.WriteLine(line);
            call.WriteJson(json =>
            {
                MusicText.Write(json, evaluation);
                json.WriteString("weights_sha256", model.WeightsSha256);
            });
            return CommandLine.Done;
        });
    }

    public ModelVerb Predict()
    {
        Option<string> data = Opt.String("--data", "FILE", "pieces to be judged");
        return new ModelVerb("Say how well the model foretells each piece of a file, in nats a step.", [data], call =>
        {
            MusicModel model = MusicModel.Open(call.Path);
            string file = call.Get(data) ?? throw new UserErrorException("predict: name a file of pieces with --data.");
            MusicPiece[] pieces = [.. MusicPieces.Open(file, model.Kind, model.Options).Select(one => one.Piece)];
            if (pieces.Length == 0) throw new UserErrorException($"{file}: expected pieces, found none.");
            using ThreadTeam threads = call.Team();
            double[] nats = [.. pieces.Select(piece => MusicScore.NatsPerStep(model, [piece], threads))];
            for (int i = 0; i < pieces.Length; i++) call.Lines.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{nats[i]:F4}\t{pieces[i].Name}"));
            call.WriteJson(json =>
            {
                json.WriteStartArray("pieces");
                for (int i = 0; i < pieces.Length; i++)
                {
                    json.WriteStartObject();
                    json.WriteString("name", pieces[i].Name);
                    json.Number("nats_per_step", nats[i]);
                    json.WriteEndObject();
                }
                json.WriteEndArray();
            });
            return CommandLine.Done;
        });
    }

    public ModelVerb? Sample()
    {
        Option<string> output = Opt.String("--output", "FILE.mid|FILE.abc", "write the piece there (default: a tune on standard output, a roll as sample.mid)"),
            prime = Opt.String("--prime", "FILE", "begin with the first piece of this file");
        Option<int?> primeSteps = Opt.Int("--prime-steps", "N", "steps of it to begin with (default 16)"),
            length = Opt.Int("--length", "N", "steps to compose (default: 128 steps, 300 symbols)"), topK = Opt.Int("--top-k", "K", "draw among the K most probable alone");
        Option<double?> temperature = Opt.Double("--temperature", "below 1 bolder, above 1 wilder, 0 always the most probable (default 1)"),
            topP = Opt.Double("--top-p", "tunes: draw among the most probable that together have this share");
        Option<ulong?> seed = Opt.Seed("--seed", "seed of the draws (default 1)");
        return new ModelVerb("Compose a piece, or continue one.", [output, prime, primeSteps, length, temperature, topK, topP, seed], call =>
        {
            MusicModel model = MusicModel.Open(call.Path);
            SamplingOptions options = new() { Temperature = call.Get(temperature) ?? 1, TopK = call.Get(topK), TopP = call.Get(topP), Seed = call.Get(seed) ?? 1 };
            MusicPiece? first = call.Get(prime) is { } file ? MusicPieces.Open(file, model.Kind, model.Options).Select(one => one.Piece).FirstOrDefault() : null;
            int steps = call.Get(length) ?? (model.Kind == "roll" ? 128 : 300), begin = call.Get(primeSteps) ?? 16;
            if (steps < 0 || begin < 0) throw new UserErrorException($"sample: expected lengths of at least 0, got {Math.Min(steps, begin)}.");
            (Score score, string text, int composed) = model.Kind == "roll" ? Roll(model, options, steps, first, begin) : Tune(model, options, steps, first, begin);
            string? path = call.Get(output) ?? (model.Kind == "roll" ? "sample.mid" : null);
            if (path is null) call.Lines.Write(text);
            else
            {
                if (path.EndsWith(".abc", StringComparison.OrdinalIgnoreCase) && model.Kind == "roll") throw new UserErrorException("sample: a roll is written as MIDI; name a .mid file.");
                if (path.EndsWith(".abc", StringComparison.OrdinalIgnoreCase)) TextFile.Write(path, text);
                else AtomicFile.Write(path, stream => stream.Write(MidiWriter.Write(score)));
                call.Lines.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{score.Notes.Count} notes, {score.Length:0.##} quarter notes, in {path}"));
            }
            call.WriteJson(json =>
            {
                if (path is not null) json.WriteString("file", path);
                if (text.Length > 0) json.WriteString("abc", text);
                json.WriteNumber("notes", score.Notes.Count);
                json.Number("quarters", score.Length);
                json.WriteNumber("steps", composed);
                json.WriteNumber("seed", options.Seed);
            });
            return CommandLine.Done;
        });
    }

    public ModelInfo Info(ITaskModel model)
    {
        MusicModel own = (MusicModel)model;
        return new ModelInfo(string.Join(", ", own.Options.Data), MusicText.Lines(own), [], json =>
        {
            json.WriteString("kind", own.Kind);
            json.WriteNumber("symbols", own.Symbols.Count);
            json.WritePropertyName("options");
            json.Raw(own.Options.ToJson());
        });
    }

    private static (Score, string, int) Roll(MusicModel model, SamplingOptions options, int steps, MusicPiece? prime, int begin)
    {
        PianoRoll? first = prime?.Roll is { } roll ? new PianoRoll([.. roll.Steps.Take(begin)]) : null;
        PianoRoll piece = MusicSampler.Roll(model, options, steps, first);
        return (piece.ToScore(model.Options.StepsPerQuarter) with { Title = "composed" }, "", piece.Steps.Count);
    }

    private static (Score, string, int) Tune(MusicModel model, SamplingOptions options, int most, MusicPiece? prime, int begin)
    {
        IReadOnlyList<string> symbols = MusicSampler.Tune(model, options, most, [.. (prime?.Symbols ?? []).Take(begin)]);
        string text = MusicPieces.ToAbc(symbols, "composed");
        return (AbcPlayer.ToScore(AbcReader.Read(text, "the tune that was composed")[0]), text, symbols.Count);
    }
}
