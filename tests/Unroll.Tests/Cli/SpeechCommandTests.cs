using System.Text;
using System.Text.Json;
using Unroll.Tasks.Data.Audio;
using Unroll.Tests.Formats;
using Unroll.Tests.Tasks.Speech;

namespace Unroll.Tests.Cli;

public sealed class SpeechCommandTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public SpeechCommandTests() => SpeechTests.Write(_folder["data"]);

    public void Dispose() => _folder.Dispose();

    private static readonly string[] s_small = ["--hidden", "6", "--layers", "1", "--mels", "10", "--cepstra", "0", "--deltas", "0", "--epochs", "2",
        "--threads", "1", "--split", "0.5,0.25"];

    private string Train(params string[] more)
    {
        string path = _folder["m.safetensors"];
        CliRun run = CliRun.Of(["train", "speech", "--data", _folder["data"], "--pattern", "{label}_{speaker}_*", .. s_small, "--runs",
            _folder["runs"], "--run", "r",
            "--output", path, .. more]);
        Assert.True(run.Exit == 0, run.Error);
        return path;
    }

    [Fact]
    public void One_word_a_recording_is_trained_measured_and_predicted()
    {
        string model = Train();
        string report = File.ReadAllText(Path.Combine(_folder["runs"], "r", "report.html"));
        foreach (string text in (string[])["Confusion matrix", "always the commonest word", "nearest mean spectrum",
            "Sound and words"]) Assert.Contains(text, report);
        JsonElement json = CliRun.Of("evaluate", model, "--part", "all", "--json").Json;
        Assert.Equal((24, 4, "word"),
            (json.GetProperty("words").GetInt32(), json.GetProperty("confusion").GetArrayLength(), json.GetProperty("mode").GetString()));
        Assert.Equal(1, json.GetProperty("accuracy").GetDouble() + json.GetProperty("word_error_rate").GetDouble(), 1e-9);

        string wav = Path.Combine(_folder["data"], "hi_ann_0.wav"), other = Path.Combine(_folder["data"], "lo_bob_1.wav");
        CliRun files = CliRun.Of("predict", model, "--data", wav, other, "--best", "3", "--json");
        JsonElement[] recordings = [.. files.Json.GetProperty("recordings").EnumerateArray()];
        Assert.Equal([wav, other], recordings.Select(r => r.GetProperty("source").GetString()));
        Assert.Equal(3, recordings[0].GetProperty("guesses").GetArrayLength());
        CliRun piped = CliRun.OfBytes(File.ReadAllBytes(wav), "predict", model, "--data", "-");
        Assert.Equal($"standard input\t{recordings[0].GetProperty("text").GetString()}", piped.Out[..piped.Out.LastIndexOf('\t')]);
        Assert.Equal(24, CliRun.Of("predict", model, "--data", _folder["data"]).Out.TrimEnd().Split('\n').Length);
        Assert.Contains("words: 3 (hi, lo, mid), one a recording", CliRun.Of("info", model).Out);
    }

    [Fact]
    public void Every_speaker_is_held_out_in_turn()
    {
        string[] words = ["train", "speech", "--data", _folder["data"], "--pattern", "{label}_{speaker}_*", .. s_small, "--runs", _folder["runs"],
            "--cross-validate"];
        CliRun run = CliRun.Of([.. words, "--run", "cv", "--json"]);
        Assert.True(run.Exit == 0, run.Error);
        JsonElement[] folds = [.. run.Json.GetProperty("folds").EnumerateArray()];
        Assert.Equal(["ann", "bob"], folds.Select(fold => fold.GetProperty("fold").GetString()));
        Assert.Equal(24, folds.Sum(fold => fold.GetProperty("count").GetInt32()));
        Assert.Equal(folds.Sum(fold => fold.GetProperty("errors").GetInt32()), run.Json.GetProperty("pooled").GetProperty("errors").GetInt32());
        Assert.Contains("leave fold ann out", CliRun.Of([.. words, "--fold", "ann", "--run", "b"]).Refused());
    }

    [Fact]
    public void Strings_of_words_are_written_down_from_files_and_while_they_come()
    {
        string model = Train("--mode", "ctc", "--join", "2..3", "--direction", "forward", "--epochs", "25", "--lr", "0.02", "--batch", "2");
        string report = File.ReadAllText(Path.Combine(_folder["runs"], "r", "report.html"));
        foreach (string text in (string[])["What the network says at each step", "by beam search", "(none)", "\"marks\":[{"]) Assert.Contains(text,
            report);
        JsonElement json = CliRun.Of("evaluate", model, "--json").Json;
        Assert.Equal(20, json.GetProperty("words").GetInt32());          // each of the five test recordings stands in four strings
        Assert.True(json.GetProperty("word_error_rate_beam").GetDouble() >= 0);
        string wav = Path.Combine(_folder["data"], "lo_bob_1.wav");
        string text1 = CliRun.Of("predict", model, "--data", wav, "--beam", "0",
            "--json").Json.GetProperty("recordings")[0].GetProperty("text").GetString()!;
        CliRun piped = CliRun.OfBytes(File.ReadAllBytes(wav), "predict", model, "--data", "-", "--json");
        Assert.Equal(text1, piped.Json.GetProperty("recordings")[0].GetProperty("text").GetString());
        Assert.Contains("there are no samples", CliRun.OfBytes(WavFile.Pcm16([], 8000), "predict", model, "--data", "-").Refused());
    }

    [Fact]
    public void Bad_input_is_refused_in_one_line_that_says_what_to_do()
    {
        string model = Train(), bad = _folder["bad.wav"], empty = _folder["empty.wav"], cut = _folder["cut.wav"];
        File.WriteAllText(bad, "fLaC and more of it");
        File.WriteAllBytes(empty, []);
        File.WriteAllBytes(cut, WavFile.Pcm16(new float[100], 8000)[..100]);
        string list = _folder["list.csv"];
        File.WriteAllText(list, "path,label\nbad.wav,x\ncut.wav,y\n");
        string data = _folder["data"];
        (string[] Args, string Part)[] cases =
        [
            (["predict", model, "--data", bad], "byte 0: expected 'RIFF' and 'WAVE', as a WAV file begins, found 'fLaC'"),
            (["predict", model, "--data", empty], "the file is empty; expected a WAV file"),
            (["predict", model, "--data", cut], "the file ends at byte 100, expected 244"),
            (["predict", model, "--data", _folder["no.wav"]], "there is no such file"),
            (["predict", model], "--data: expected WAV files"),
            (["predict", model, "--data", cut, "--beam", "-1"], "--beam: expected a whole number from 0 to 10000, got -1"),
            (["evaluate", model, "--part", "exam"], "part: there is no 'exam'"),
            (["evaluate", model, "--fold", "eve"], "--fold: there is no recording of speaker 'eve' in what is measured; expected one of ann, bob"),
            (["train", "speech", "--data", list], "bad.wav, byte 0: expected 'RIFF'"),
            (["train", "speech", "--data", _folder["none"]], "the file does not exist"),
            (["train", "speech", "--data", data, "--pattern", "{label}-*"], "expected a name like '{label}-*'"),
            (["train", "speech", "--data", data, "--join", "3..7"], "--join: a string of several recordings has no single label"),
            (["train", "speech", "--data", data, "--mode", "ctc", "--join", "7..3"], "join: expected the minimum and the maximum"),
            (["train", "speech", "--data", data, "--cepstra", "41"], "cepstra: expected at most 24"),
            (["train", "speech", "--data", data, "--mode", "phrase"], "mode: there is no 'phrase'"),
            (["train", "speech", "--data", data, "--pattern", "*_{label}_*", "--fold", "ann"],
                "--fold: none of the recordings is in fold 'ann'; the data name no folds"),
        ];
        foreach ((string[] args, string part) in cases)
        {
            string[] run = args[0] == "train" ? [.. args, "--runs", _folder["refused"]] : args;
            Assert.Contains(part, CliRun.Of(run).Refused());
        }
        Assert.False(Directory.Exists(_folder["refused"]));
        Assert.Contains("found 'path'", CliRun.OfBytes(Encoding.UTF8.GetBytes("path,label,more"), "predict", model, "--data", "-").Refused());
    }
}
