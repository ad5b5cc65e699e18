using System.Text.Json;
using Unroll.Tasks.Data.Music;

namespace Unroll.Tests.Cli;

/// <summary>Music from the command line, on pieces made here.</summary>
public sealed class MusicCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("unroll-music-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string File(string name) => Path.Combine(_folder, name);

    private string Write(string name, string text)
    {
        System.IO.File.WriteAllText(File(name), text);
        return File(name);
    }

    // Two chords in turn: what comes next is certain after the first step.
    private string Rolls()
    {
        string Piece(int i) => "[" + string.Join(',', Enumerable.Range(i % 2, 12).Select(t => t % 2 == 0 ? "[60,64,67]" : "[62,65,69]")) + "]";
        string Part(int from, int count) => "[" + string.Join(',', Enumerable.Range(from, count).Select(Piece)) + "]";
        return Write("rolls.json", $"{{\"train\": {Part(0, 16)}, \"valid\": {Part(0, 4)}, \"test\": {Part(1, 4)}}}");
    }

    // A scale up and down, in each tune from another note.
    private string Tunes() => Write("tunes.abc", string.Concat(Enumerable.Range(0, 30).Select(i =>
    {
        string scale = "CDEFGABcdefg"[(i % 5)..][..6];
        return $"X:{i + 1}\nT:Scale {i + 1}\nM:4/4\nL:1/8\nK:C\n|:\"C\"{scale} {string.Concat(scale.Reverse())}:|\n\n";
    })));

    private CliRun Train(string data, params string[] more) =>
        CliRun.Of(["train", "music", "--data", data, "--runs", File("runs"), "--run", "r", "--threads", "1", "--json", "--hidden", "16",
            "--embedding", "8", "--lr", "0.02", .. more]);

    private string Model => File("runs/r/model.safetensors");

    [Fact]
    public void Chords_in_turn_are_learned_measured_and_continued_as_midi()
    {
        CliRun run = Train(Rolls(), "--epochs", "60", "--batch", "2", "--lr", "0.03", "--dropout", "0", "--keys",
            "independent");
        Assert.True(run.Exit == 0, run.Error);
        double nats = run.Json.GetProperty("nats_per_step").GetDouble();
        // The first of 12 steps is one of two chords: ln 2 ÷ 12 = 0.06 of joint knowledge, and six keys told one by one cost 6 ln 2 ÷ 12 = 0.35 at
        // best.
        Assert.InRange(nats, 0.06, 0.6);
        Assert.True(nats < run.Json.GetProperty("baselines").EnumerateObject().Min(b => b.Value.GetDouble()), run.Out);

        string rolls = Write("prime.json", "[[[60,64,67],[62,65,69],[60,64,67],[62,65,69]]]");
        CliRun sample = CliRun.Of("sample", Model, "--prime", rolls, "--prime-steps", "4", "--length", "4", "--temperature", "0", "--output",
            File("s.mid"), "--json");
        Assert.True(sample.Exit == 0, sample.Error);
        PianoRoll composed = PianoRoll.Of(MidiReader.ReadFile(File("s.mid")), 1);
        Assert.Equal<int[]>([[60, 64, 67], [62, 65, 69], [60, 64, 67], [62, 65, 69], [60, 64, 67], [62, 65, 69], [60, 64, 67], [62, 65, 69]],
            composed.Steps);

        CliRun judged = CliRun.Of("predict", Model, "--data", rolls, "--json");
        Assert.Equal(nats, judged.Json.GetProperty("pieces")[0].GetProperty("nats_per_step").GetDouble(), 0.8);
        Assert.Equal(nats, CliRun.Of("evaluate", Model, "--json").Json.GetProperty("nats_per_step").GetDouble());
        Assert.Equal(0, CliRun.Of("inspect", Model, "--sequence", "1", "--output", File("i.html")).Exit);
    }

    // Four voices apart, the lowest of which rests at times.
    private string Voices() => Write("voices.json", "[" + string.Join(',', Enumerable.Range(0, 30).Select(i => "[" + string.Join(',',
        Enumerable.Range(i % 3, 16).Select(t => t % 2 == 0 ? "[72,67,60,48]" : $"[71,67,62,{(i % 2 == 0 ? 43 : -1)}]")) + "]")) + "]");

    [Fact]
    public void Chords_are_learned_note_by_note_by_several_members_composed_and_harmonized()
    {
        CliRun run = Train(Rolls(), "--epochs", "30", "--batch", "2", "--dropout", "0", "--members", "2");
        Assert.True(run.Exit == 0, run.Error);
        double nats = run.Json.GetProperty("nats_per_step").GetDouble();
        // Twelve keys of two chords: which chord comes first and the next step are all there is to know.
        Assert.InRange(nats, 0.05, run.Json.GetProperty("baselines").EnumerateObject().Min(b => b.Value.GetDouble()));
        Assert.Equal(nats, CliRun.Of("evaluate", Model, "--json").Json.GetProperty("nats_per_step").GetDouble());
        CliRun sample = CliRun.Of("sample", Model, "--length", "8", "--top-p", "0.9", "--statistics", "--output", File("s.html"), "--json");
        Assert.True(sample.Exit == 0, sample.Error);
        Assert.Equal(8, sample.Json.GetProperty("steps").GetInt32());
        Assert.Equal(48, sample.Json.GetProperty("statistics").GetProperty("test").GetProperty("steps").GetInt32());
        string page = System.IO.File.ReadAllText(File("s.html"));
        Assert.Contains("new AudioContext()", page);
        Assert.DoesNotContain("http", page.Replace("http-equiv", ""));
        CliRun.Of("sample", Model, "--length", "8", "--output", File("s.svg"));
        Assert.StartsWith("<svg", System.IO.File.ReadAllText(File("s.svg")));
        JsonElement counted = CliRun.Of("evaluate", Model, "--compose", "3", "--json").Json.GetProperty("statistics");
        Assert.Equal(36, counted.GetProperty("composed").GetProperty("steps").GetInt32());
        string voice = Write("voice.json", "[[[67],[69],[67],[69],[67]]]");
        Assert.Equal(0, CliRun.Of("sample", Model, "--harmonize", voice, "--output", File("h.mid")).Exit);
        Assert.Equal([67, 69, 67, 69, 67], PianoRoll.Of(MidiReader.ReadFile(File("h.mid")), 1).Steps.Select(step => step.Max()));
        Assert.Equal(0, CliRun.Of("inspect", Model, "--output", File("i.html")).Exit);
        Assert.Contains("harmonize: voice and particles are for", CliRun.Of("sample", Model, "--voice", "2").Refused());
    }

    [Fact]
    public void Voices_that_a_file_keeps_apart_stay_apart()
    {
        CliRun run = Train(Voices(), "--epochs", "6", "--batch", "2", "--dropout", "0");
        Assert.True(run.Exit == 0, run.Error);
        Assert.Contains("4 voices", CliRun.Of("info", Model).Out);
        CliRun counted = CliRun.Of("evaluate", Model, "--compose", "2", "--json");
        Assert.Equal(0, counted.Json.GetProperty("statistics").GetProperty("test").GetProperty("voice_crossings").GetDouble());
        Assert.Contains("the files keep 4 voices apart, got 3", Train(Voices(), "--voices", "3").Refused());
        Assert.Contains("voices: they are for rolls that are spelt note by note",
            Train(Voices(), "--voices", "4", "--keys", "independent").Refused());
    }

    [Fact]
    public void Tunes_are_learned_as_symbols_and_written_as_abc_that_reads_back()
    {
        CliRun run = Train(Tunes(), "--epochs", "30", "--batch", "4", "--dropout", "0");
        Assert.True(run.Exit == 0, run.Error);
        JsonElement json = run.Json;
        Assert.True(json.GetProperty("perplexity").GetDouble() < Math.Exp(json.GetProperty("baselines").GetProperty("pairs of symbols").GetDouble()),
            run.Out);
        CliRun sample = CliRun.Of("sample", Model, "--seed", "4", "--temperature", "0.5", "--output", File("s.abc"), "--json");
        AbcTune tune = Assert.Single(AbcReader.ReadFile(File("s.abc")));
        Assert.Equal("C", tune.Key);
        Assert.DoesNotContain(tune.Tokens, token => token.StartsWith('"'));
        Assert.Equal(AbcPlayer.ToScore(tune).Notes.Count, sample.Json.GetProperty("notes").GetInt32());
        Assert.Equal(CliRun.Of("sample", Model, "--seed", "4").Out, CliRun.Of("sample", Model, "--seed", "4").Out);
        Assert.NotEqual(CliRun.Of("sample", Model, "--seed", "4").Out, CliRun.Of("sample", Model, "--seed", "5").Out);
    }

    [Fact]
    public void Shares_deal_as_many_pieces_as_they_say_and_an_empty_part_is_said()
    {
        CliRun run = Train(Tunes(), "--epochs", "1", "--split", "0.9,0.05");
        Assert.Contains("pieces: 27 to train on, 2 to validate on, 1 to test on", run.Error);
        run = CliRun.Of("train", "music", "--data", Tunes(), "--runs", File("runs"), "--run", "s", "--threads", "1", "--epochs", "1", "--hidden", "4",
            "--split", "0.99,0.01");
        Assert.True(run.Exit == 0, run.Error);
        Assert.Contains("none of the pieces validates, though a share of 0.01 was asked for", run.Error);
    }

    [Fact]
    public void Pitches_that_a_prime_has_and_a_piano_has_not_are_left_out_of_the_piece()
    {
        Assert.Equal(0, Train(Rolls(), "--epochs", "1").Exit);
        CliRun run = CliRun.Of("sample", Model, "--prime", Write("low.json", "[[[0, 5, 60], [60]]]"), "--length", "0", "--output", File("p.mid"));
        Assert.Contains("low.json: in 1 step pitches that no key of a piano has (21 to 108) are left out", run.Error);
        Assert.Equal(60, Assert.Single(MidiReader.ReadFile(File("p.mid")).Notes).Pitch);
    }

    [Fact]
    public void Symbols_that_the_model_does_not_know_are_counted()
    {
        Assert.Equal(0, Train(Tunes(), "--epochs", "1").Exit);
        string other = Write("other.abc", "X:1\nT:A\nM:4/4\nL:1/8\nK:G\nCDEF C7D|\n");
        string expected = $"note: {other}: 3 of 10 symbols (30 %) are not among those that the model knows, 'K:G' in {other}, line 1 first; " +
            "each is read as the unknown symbol.";
        foreach (string verb in (string[])["predict", "evaluate"]) Assert.Contains(expected, CliRun.Of(verb, Model, "--data", other).Error);
        Assert.Contains("1 of 3 symbols", CliRun.Of("sample", Model, "--prime", other, "--prime-steps", "3", "--length", "2").Error);
        Assert.DoesNotContain("not among", CliRun.Of("predict", Model, "--data", Tunes()).Error);
    }

    [Fact]
    public void Another_file_is_measured_whole_beside_rules_of_the_models_own_training_part()
    {
        Assert.Equal(0, Train(Rolls(), "--epochs", "1").Exit);
        string other = Write("other.json", "{\"train\": [[[60],[62]]], \"test\": [[[60],[62],[64]]]}");
        CliRun whole = CliRun.Of("evaluate", Model, "--data", other, "--json");
        Assert.Equal((2, 5), (whole.Json.GetProperty("pieces").GetInt32(), whole.Json.GetProperty("steps").GetInt32()));
        Assert.Equal(3, whole.Json.GetProperty("baselines").EnumerateObject().Count());
        System.IO.File.Delete(File("rolls.json"));
        CliRun bare = CliRun.Of("evaluate", Model, "--data", other, "--json");
        Assert.Contains("the simple rules are left out", bare.Error);
        Assert.Empty(bare.Json.GetProperty("baselines").EnumerateObject());
    }

    [Fact]
    public void Wrong_input_is_refused_in_one_line()
    {
        Assert.Contains("data: name files or a folder", CliRun.Of("train", "music").Refused());
        Assert.Contains("piece 1, step 1: expected a MIDI pitch", Train(Write("a.json", "[[[200]]]")).Refused());
        Assert.Contains("expected a MIDI file, which begins with 'MThd'", Train(Write("a.mid", "RIFF")).Refused());
        Assert.Contains("expected tunes in ABC (.abc) because the kind is 'tune'", Train(Rolls(), "--kind", "tune").Refused());
        Assert.Contains("e.json: expected pieces with notes, found none", Train(Write("e.json", "{\"train\": [[]]}")).Refused());
        Assert.Contains("the file does not exist", Train(File("missing.mid")).Refused());
        Assert.Contains("expected a folder with .mid, .abc or .json files", Train(Directory.CreateDirectory(File("empty")).FullName).Refused());
        Assert.False(Directory.Exists(File("runs/r")));
        Assert.Equal(0, Train(Rolls(), "--epochs", "1", "--keys", "independent").Exit);
        Assert.Contains("name a .mid file", CliRun.Of("sample", Model, "--output", File("x.abc")).Refused());
        Assert.Contains("temperature", CliRun.Of("sample", Model, "--temperature", "-1").Refused());
        Assert.Contains("top-p: it is for models that draw one symbol or note after the other",
            CliRun.Of("sample", Model, "--top-p", "0.9").Refused());
        Assert.Contains("--data: name a file of pieces", CliRun.Of("predict", Model).Refused());
        Assert.Contains("sequence: expected 0 … 3", CliRun.Of("inspect", Model, "--sequence", "4").Refused());
    }
}
