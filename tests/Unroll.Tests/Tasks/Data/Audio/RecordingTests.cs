using Unroll.Core;
using Unroll.Tasks.Data.Audio;
using Unroll.Tests.Formats;

namespace Unroll.Tests.Tasks.Data.Audio;

public sealed class RecordingTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Wav(string name)
    {
        string path = _folder[name];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        WavFile.Write(path, [0.1f, 0.2f], 8000);
        return path;
    }

    private string Manifest(string text)
    {
        File.WriteAllText(_folder["list.csv"], text);
        return _folder["list.csv"];
    }

    [Theory]
    [InlineData("{label}_*", "7_jackson_32.wav", "7", null)]
    [InlineData("{label}_{speaker}_*", "7_jackson_32.wav", "7", "jackson")]
    [InlineData("{label}/*", "yes/0a7c.wav", "yes", null)]
    [InlineData("{speaker}/{label}", "ann/one two+three.wav", "one two three", "ann")]
    [InlineData("*-{label}-{speaker}", "x-y-no-bob.wav", "y-no", "bob", false)]
    [InlineData("{label}", "hello.wav", "hello", null)]
    public void A_name_says_what_its_pattern_says(string pattern, string file, string label, string? speaker, bool greedy = true)
    {
        Recording found = new RecordingPattern(pattern).Read("/data", $"/data/{file}");
        Assert.Equal(greedy ? label : "y", found.Text);
        Assert.Equal(greedy ? speaker : "no-bob", found.Speaker);
    }

    [Fact]
    public void A_pattern_or_a_name_that_will_not_do_is_refused()
    {
        Assert.Contains("it has no {label}", Assert.Throws<UserErrorException>(() => new RecordingPattern("*_{speaker}")).Message);
        Assert.Contains("a { has no }", Assert.Throws<UserErrorException>(() => new RecordingPattern("{label}_{x")).Message);
        Assert.Contains("no field '{word}'", Assert.Throws<UserErrorException>(() => new RecordingPattern("{word}_{label}")).Message);
        Assert.Contains("stands in it twice", Assert.Throws<UserErrorException>(() => new RecordingPattern("{label}_{label}")).Message);
        Assert.Contains("no text between", Assert.Throws<UserErrorException>(() => new RecordingPattern("{label}{speaker}")).Message);
        string refused = Assert.Throws<UserErrorException>(() => new RecordingPattern("{label}_*").Read("/d", "/d/seven.wav")).Message;
        Assert.Contains("/d/seven.wav: expected a name like '{label}_*'", refused);
    }

    [Fact]
    public void A_folder_is_read_in_the_order_of_its_paths_with_the_folders_below_it()
    {
        Wav("b/2_x.wav");
        Wav("a/1_x.WAV");
        Wav("a/.3_x.wav");
        Assert.Equal(["1", "2"], RecordingList.Folder(_folder.Path, new RecordingPattern("{label}_*")).Select(r => r.Text));
        Directory.CreateDirectory(_folder["empty"]);
        Assert.Contains("no file *.wav",
            Assert.Throws<UserErrorException>(() => RecordingList.Folder(_folder["empty"], new RecordingPattern("{label}"))).Message);
        Assert.Contains("there is no such file",
            Assert.Throws<UserErrorException>(() => RecordingList.Folder(_folder["no"], new RecordingPattern("{label}"))).Message);
    }

    [Fact]
    public void Names_that_do_not_fit_are_counted_and_sounds_of_other_kinds_said()
    {
        foreach (string name in (string[])["1_x.wav", "2_x.wav", "one.wav", "two.wav"]) Wav(name);
        File.WriteAllText(_folder["a.mp3"], "");
        Assert.EndsWith("one.wav: expected a name like '{label}_*' because that says what is said in it, found 'one.wav' (2 of 4 names " +
            "do not fit); give another pattern, take such files out of the folder, or give a manifest with the columns path and label.",
            Assert.Throws<UserErrorException>(() => RecordingList.Folder(_folder.Path, new RecordingPattern("{label}_*"))).Message);
        List<string> said = [];
        Assert.Equal(4, RecordingList.Folder(_folder.Path, new RecordingPattern("{label}"), said.Add).Count);
        Assert.EndsWith(": sounds of other kinds are passed over, 1 files such as a.mp3; convert them to WAV.", Assert.Single(said));
        Assert.Contains("expected train, valid or test where the pattern '{part}_{label}' has {part}, found '1'",
            Assert.Throws<UserErrorException>(() => new RecordingPattern("{part}_{label}").Read(_folder.Path, _folder["1_x.wav"])).Message);
        Assert.Equal("valid", new RecordingPattern("{part}_{label}").Read("/d", "/d/dev_x.wav").Part);
    }

    [Fact]
    public void A_manifest_has_words_speakers_and_parts()
    {
        Wav("sound/a.wav");
        Recording one = Assert.Single(RecordingList.Manifest(Manifest("path,label,speaker,split\nsound/a.wav, one  two ,ann,Dev\n")));
        Assert.Equal(("one two", "ann", "valid"), (one.Text, one.Speaker, one.Part));
        Assert.Equal(2, one.Read().Samples.Length);
        Assert.Equal(one.Name, Assert.Single(RecordingList.Manifest(Manifest("path,label\nsound\\a.wav,x\n"))).Name.Replace('\\', '/'));
        Recording other = Assert.Single(RecordingList.Manifest(Manifest("wave;said\na.wav;x\n"), "wave", "said", _folder["sound"]));
        Assert.Equal(("x", null, null), (other.Text, other.Speaker, other.Part));
    }

    [Theory]
    [InlineData("path,label\nb.wav,x\n", "line 2, column 'path': there is no file")]
    [InlineData("path,label,split\na.wav,x,later\n", "line 2, column 'split': expected train, valid or test, found 'later'")]
    [InlineData("path,what\na.wav,x\n",
        "expected a column 'label' or 'text' with what is said; the columns are: path, what; name it by the option label")]
    [InlineData("name,label\na.wav,x\n", "expected a column 'path' or 'file'")]
    public void A_bad_manifest_is_refused_by_its_line(string text, string part)
    {
        Wav("a.wav");
        Assert.Contains(part, Assert.Throws<UserErrorException>(() => RecordingList.Manifest(Manifest(text))).Message);
    }

    [Fact]
    public void Made_up_words_are_the_same_for_the_same_seed_and_within_full_scale()
    {
        IReadOnlyList<Recording> all = ToneWords.All(1);
        Assert.Equal((400, 10, 5), (all.Count, all.Select(r => r.Text).Distinct().Count(), all.Select(r => r.Speaker).Distinct().Count()));
        Assert.Equal(100, all.Count(r => r.Part == "test"));
        Assert.Equal(ToneWords.All(1)[17].Sound!.Samples, all[17].Sound!.Samples);
        Assert.NotEqual(ToneWords.All(2)[17].Sound!.Samples, all[17].Sound!.Samples);
        Assert.All(all, r => Assert.InRange(r.Sound!.Samples.Max(Math.Abs), 0.01f, 1f));
    }

    [Fact]
    public void Random_changes_are_a_function_of_the_generator_alone()
    {
        AugmentationOptions options = new() { Speed = 0.1, Shift = 0.01, Noise = 0.1, Mask = 0.3 };
        float[] tone = [.. Enumerable.Range(0, 2000).Select(n => (float)Math.Sin(n * 0.1))];
        Augmentation first = new(options, 8000), second = new(options, 8000);
        float[] a = first.Sound(tone, new Rng(7));
        _ = second.Sound(tone, new Rng(8));
        Assert.Equal(a, second.Sound(tone, new Rng(7)));
        int[] lengths = [.. Enumerable.Range(0, 50).Select(i => first.Sound(tone, new Rng((ulong)i)).Length)];
        Assert.InRange(lengths.Min(), 1800, 1950);                       // 2000 / 1.1 is 1818, and at most 160 of silence
        Assert.InRange(lengths.Max(), 2100, 2400);                       // 2000 / 0.9 is 2222
        Assert.Equal(tone, new Augmentation(new AugmentationOptions { Speed = 0 }, 8000).Sound(tone, new Rng(7)));
    }

    [Fact]
    public void A_mask_hides_one_band_of_filters_in_every_order_of_differences_and_one_of_steps()
    {
        float[] rows = new float[50 * 20];
        for (ulong seed = 0; seed < 20; seed++)
        {
            Array.Fill(rows, 1f);
            new Augmentation(new AugmentationOptions { Mask = 0.4 }, 8000).Mask(rows, 20, 10, new Rng(seed));
            int hiddenSteps = Enumerable.Range(0, 50).Count(t => rows.AsSpan(t * 20, 20).IndexOf(1f) < 0);
            int[] hidden = [.. Enumerable.Range(0, 20).Where(i => Enumerable.Range(0, 50).All(t => rows[t * 20 + i] == 0))];
            Assert.InRange(hiddenSteps, 0, 19);
            Assert.InRange(hidden.Length, 0, 6);
            Assert.Equal(hidden.Where(i => i < 10), hidden.Where(i => i >= 10).Select(i => i - 10));
            Assert.Equal(50 * 20 - hiddenSteps * 20 - hidden.Length * (50 - hiddenSteps), rows.Count(v => v == 1));
        }
    }

    [Fact]
    public void One_recording_in_place_of_many_is_refused() =>
        Assert.Contains("one.wav: expected a folder of recordings or a manifest (CSV), found one recording",
            Assert.Throws<UserErrorException>(() => RecordingList.Manifest("one.wav")).Message);
}
