using Unroll.Core;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Audio;
using Unroll.Tasks.Shared;
using Unroll.Tasks.Speech;
using Unroll.Tests.Formats;

namespace Unroll.Tests.Tasks.Speech;

public sealed class SpeechDataTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private SpeechOptions Small(SpeechMode mode = SpeechMode.Word) => SpeechTests.Small(_folder["data"], mode);

    [Fact]
    public void A_cross_validation_is_not_one_run() => Assert.Contains("cross-validate: a run trains one model", Assert.Throws<OptionException>(() =>
        SpeechRun.Begin(new SpeechOptions { CrossValidate = true }, ToneWords.All(1))).Message);

    [Fact]
    public void A_sample_that_is_not_finite_is_refused() => Assert.Contains("expected finite samples, found NaN at sample 2",
        Assert.Throws<UserErrorException>(() => new Sound([0, float.NaN], 8000, "s").At(8000)).Message);

    [Fact]
    public void A_rate_that_cannot_be_brought_to_the_networks_is_refused_by_file() => Assert.Equal(
        "s.wav: expected a rate of at most 256 times more or less than the network's 8,000 samples a second, found 1; the file may be damaged.",
        Assert.Throws<UserErrorException>(() => new Sound([0, 1], 1, "s.wav").At(8000)).Message);

    [Fact]
    public void Strings_are_joined_within_a_part_and_use_each_recording_once()
    {
        SpeechOptions options = Small(SpeechMode.Ctc);
        SpeechData data = SpeechData.Read(options, DataFiles.Disk);
        Assert.Equal((8000, 24), (data.Rate, data.All.Count));
        Assert.All((IReadOnlyList<SpeechClip>[])[data.Train, data.Valid, data.Test], part =>
            Assert.Equal(3, part.Select(c => c.Text).Distinct().Count()));
        IReadOnlyList<SpeechExample> strings = SpeechData.Examples(options, data.Train, new Rng(3));
        Assert.Equal(data.Train.Select(c => c.Recording.Name).Order(), strings.SelectMany(s => s.Clips).Select(c => c.Recording.Name).Order());
        Assert.All(strings.SkipLast(1), s => Assert.InRange(s.Clips.Count, 2, 3));
        Assert.NotEqual(strings[0].Name, SpeechData.Examples(options, data.Train, new Rng(4))[0].Name);
        Assert.Equal(strings[0].Clips.Sum(c => c.Samples.Length), strings[0].Samples((clip, _) => clip).Length);
    }

    [Fact]
    public void A_speaker_is_a_fold_and_tests_alone()
    {
        SpeechData data = SpeechData.Read(Small() with { Fold = "bob", ChooseEpoch = EpochChoice.Valid }, DataFiles.Disk);
        Assert.All(data.Test, clip => Assert.Equal("bob", clip.Recording.Speaker));
        Assert.All(data.Train.Concat(data.Valid), clip => Assert.Equal("ann", clip.Recording.Speaker));
        Assert.Equal(12, data.Test.Count);
        Assert.NotEmpty(data.Valid);
        Assert.Equal("fold: none of the recordings is in fold 'eve'; expected one of ann, bob.",
            Assert.Throws<OptionException>(() => SpeechData.Read(Small() with { Fold = "eve" }, DataFiles.Disk)).Message);
        Assert.Contains("folds: say which",
            Assert.Throws<OptionException>(() => SpeechData.Read(Small() with { Folds = 3 }, DataFiles.Disk)).Message);
        Assert.Equal(8, SpeechData.Read(Small() with { Folds = 3, Fold = "1" }, DataFiles.Disk).Test.Count);
    }

    [Fact]
    public void Files_of_their_own_validate_and_test_and_what_stands_in_two_parts_is_said()
    {
        SpeechOptions options = Small() with { Split = [1, 0] };
        SpeechTests.Write(_folder["own"]);
        List<string> notes = [];
        SpeechData data = SpeechData.Read(options with { Test = [_folder["own"]] }, DataFiles.Disk, note: notes.Add);
        Assert.Equal(new PartCounts(24, 0, 24), data.Counts);
        Assert.Contains(notes, note => note.Contains("none of the recordings validates"));
        Assert.Contains(notes, note => note.Contains("24 of the 24 recordings to test on stand in the training part too"));
    }

    [Fact]
    public void A_manifest_and_its_sounds_may_be_in_memory()
    {
        byte[] wav = WavFile.Pcm16(SpeechTests.Tone().Samples, 8000);
        DataFiles files = DataFiles.Of("list.csv", "path,label,split\na,x,train\nb,y,train\na,x,test\n").With("a", wav).With("b", wav);
        SpeechData data = SpeechData.Read(new SpeechOptions { Data = ["list.csv"], Split = [1, 0] }, files);
        Assert.Equal(new PartCounts(2, 0, 1), data.Counts);
        Assert.Equal(4000, data.Test[0].Samples.Length);
    }

    //  Where the shares decide, recordings are shuffled, those of one text put together, and the places of a part are spread by the golden ratio.
    // Written
    //  out again here so that models of before are measured on the parts that they had.
    private static int[] Dealt(SpeechOptions options, IReadOnlyList<Recording> recordings)
    {
        int[] dealt = new int[recordings.Count], order = new int[recordings.Count];
        bool testNamed = options.Fold is not null || recordings.Any(r => r.Part == "test"), validNamed = options.Fold is null
            && recordings.Any(r => r.Part == "valid");
        double train = options.Split[0], valid = options.Split[1], test = Math.Max(0, 1 - train - valid);
        (valid, test) = (validNamed ? 0 : testNamed ? valid / (train + valid) : valid, testNamed ? 0 : test);
        new Rng(options.Seed).For("split").Permute(order);
        int place = 0;
        foreach (int i in order.OrderBy(i => recordings[i].Text, StringComparer.Ordinal))
        {
            if (options.Fold is { } speaker ? recordings[i].Speaker == speaker : recordings[i].Part == "test") dealt[i] = 2;
            else if (options.Fold is null && recordings[i].Part == "valid") dealt[i] = 1;
            else dealt[i] = (place++ + 0.5) * 0.6180339887498949 % 1 is var at && at < test ? 2 : at < test + valid ? 1 : 0;
        }
        return dealt;
    }

    [Fact]
    public void Recordings_are_dealt_as_they_were_by_every_version()
    {
        IReadOnlyList<Recording> tones = ToneWords.All(1);
        IReadOnlyList<Recording>[] lists =
        [
            tones, [.. tones.Select(r => r with { Part = null })], [.. tones.Select((r, i) => r with { Part = i % 7 == 0 ? "valid" : "train" })],
            [.. tones.Take(37).Select((r, i) => r with { Part = i % 5 == 0 ? "test" : i % 5 == 1 ? "valid" : null })],
        ];
        foreach (IReadOnlyList<Recording> list in lists)
            foreach (string? speaker in (string?[])[null, "bass"])
                foreach (ulong seed in (ulong[])[1, 9])
                    foreach (double[] split in (double[][])[[0.8, 0.1], [0.5, 0.25], [0.9, 0.1], [1, 0]])
                    {
                        if (speaker is not null && list.All(r => r.Speaker != speaker)) continue;
                        SpeechOptions options = new() { Fold = speaker, Seed = seed, Split = split, ChooseEpoch = EpochChoice.Valid };
                        SpeechData data = SpeechData.From(list, options);
                        int[] expected = Dealt(options, list);
                        IReadOnlyList<SpeechClip>[] parts = [data.Train, data.Valid, data.Test];
                        for (int part = 0; part < 3; part++)
                            Assert.Equal(list.Where((_, i) => expected[i] == part).Select(r => r.Name),
                                parts[part].Select(clip => clip.Recording.Name));
                    }
    }
}
