using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Unroll.Core;
using Unroll.Numerics;
using Unroll.Tasks.Data.Audio;
using Unroll.Tasks.Speech;

namespace Unroll.Cli.Tasks;

/// <summary><c>unroll predict MODEL</c> of a speech model: what is said in WAV files, or in a sound on standard input while it comes.</summary>
internal static class SpeechPredict
{
    internal static ModelVerb Make()
    {
        Option<string[]> data = new("--data")
        {
            HelpName = "FILE.wav…|FOLDER|-",
            Description = "WAV files, a folder of them, tones, or - for standard input",
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = true,
        };
        Option<int?> beam = Opt.Int("--beam", "N", "strings of words that beam search follows; 0: the best label of each step (default 8)");
        Option<int?> best = Opt.Int("--best", "N", "how many guesses to print for each recording (default 1)");
        return new ModelVerb("Write down what is said in recordings.", [data, beam, best], call =>
        {
            SpeechModel model = SpeechModel.Open(call.Path);
            string[] names = call.Get(data) is { Length: > 0 } typed ? typed
                : throw new UserErrorException("unroll predict: expected --data with WAV files, a folder of them, or - for standard input.");
            int guesses = call.Get(best) ?? 1;
            if (guesses < 1) throw new UserErrorException($"--best: expected a whole number of at least 1, got {guesses}.");
            return names is ["-"] && CanListen(model) ? Listen(call, model) : Files(call, model, names, call.Get(beam) ?? 8, guesses);
        });
    }

    private static bool CanListen(SpeechModel model) =>
        model.Description.IsCtc && model.Network.Causal && model.Description.Normalize != "recording";

    private static int Files(ModelCall call, SpeechModel model, string[] names, int beam, int guesses)
    {
        Sound[] sounds = [.. names.SelectMany(name => Read(call, name))];
        using ThreadTeam threads = call.Team();
        IReadOnlyList<SpeechResult> results = model.Recognize(sounds, threads, beam);
        foreach (SpeechResult result in results)
            foreach (SpeechGuess guess in result.Guesses.Take(guesses))
                call.Lines.WriteLine($"{result.Source}\t{guess.Text}\t{guess.Probability.ToString("0.0000", CultureInfo.InvariantCulture)}");
        call.WriteJson(json =>
        {
            json.WriteStartArray("recordings");
            foreach (SpeechResult result in results) Write(json, result, guesses);
            json.WriteEndArray();
        });
        return CommandLine.Done;
    }

    private static IEnumerable<Sound> Read(ModelCall call, string name)
    {
        if (name == "-") return [WavFile.Read(call.Terminal.OpenBytes(), "standard input")];
        if (name == "tones") return ToneWords.All(1).Where(r => r.Part == "test").Select(r => r.Read());
        return Directory.Exists(name) ? RecordingList.Folder(name, new RecordingPattern("{label}")).Select(r => r.Read()) : [WavFile.Read(name)];
    }

    // A word a line, as soon as it is heard.
    private static int Listen(ModelCall call, SpeechModel model)
    {
        WavStream wav = new(call.Terminal.OpenBytes(), "standard input", piped: true);
        SpeechListener listener = model.Listen(wav.Rate);
        float[] piece = new float[Math.Max(1, wav.Rate / 50)];
        List<SpokenWord> heard = [];
        long samples = 0;
        for (int got; (got = wav.Read(piece)) > 0; samples += got) Say(listener.Push(piece.AsSpan(0, got)));
        if (samples == 0) throw new UserErrorException("standard input: there are no samples in it; expected a recording.");
        Say(listener.Finish());
        call.WriteJson(json =>
        {
            json.WriteStartArray("recordings");
            Write(json, new SpeechResult("standard input", (double)samples / wav.Rate,
                [new SpeechGuess(string.Join(' ', heard.Select(word => word.Word)), double.NaN)], heard), 1);
            json.WriteEndArray();
        });
        return CommandLine.Done;

        void Say(IReadOnlyList<SpokenWord> words)
        {
            foreach (SpokenWord word in words) call.Lines.WriteLine($"{word.To.ToString("0.00", CultureInfo.InvariantCulture)}\t{word.Word}");
            if (words.Count > 0) call.Lines.Flush();
            heard.AddRange(words);
        }
    }

    private static void Write(Utf8JsonWriter json, SpeechResult result, int guesses)
    {
        json.WriteStartObject();
        json.WriteString("source", result.Source);
        json.Number("seconds", result.Seconds);
        json.WriteString("text", result.Text);
        json.Number("probability", result.Probability);
        json.WriteStartArray("words");
        foreach (SpokenWord word in result.Words)
        {
            json.WriteStartObject();
            json.WriteString("word", word.Word);
            json.Number("from", Math.Round(word.From, 4));
            json.Number("to", Math.Round(word.To, 4));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("guesses");
        foreach (SpeechGuess guess in result.Guesses.Take(guesses))
        {
            json.WriteStartObject();
            json.WriteString("text", guess.Text);
            json.Number("probability", guess.Probability);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
