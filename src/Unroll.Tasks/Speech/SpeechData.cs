using System.Runtime.InteropServices;
using System.Text;
using Unroll.Core;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Audio;
using Unroll.Tasks.Data.Parts;
using Unroll.Tasks.Shared;
using Unroll.Training;

namespace Unroll.Tasks.Speech;

/// <summary>A recording with its samples at the rate that the network hears.</summary>
internal sealed record SpeechClip(Recording Recording, float[] Samples)
{
    /// <summary>What is said in it.</summary>
    internal string Text => Recording.Text;

    internal string Sha256() => Convert.ToHexString(Formats.Sha256.HashData(MemoryMarshal.AsBytes<float>(Samples)));
}

/// <summary>What a network hears at a time: one recording, or several joined to a string.</summary>
internal sealed record SpeechExample(IReadOnlyList<SpeechClip> Clips)
{
    internal string Text => string.Join(' ', Clips.Select(clip => clip.Text).Where(text => text.Length > 0));

    internal string Name => string.Join(" + ", Clips.Select(clip => Path.GetFileName(clip.Recording.Name)));

    /// <summary>Who speaks, where it is one and known.</summary>
    internal string? Speaker => Clips.Select(clip => clip.Recording.Speaker).Distinct().Take(2).ToArray() is [string one] ? one : null;

    internal int Length => Clips.Sum(clip => clip.Samples.Length);

    /// <summary>The samples one after the other, each recording changed by a function of its own.</summary>
    internal float[] Samples(Func<float[], int, float[]> change)
    {
        if (Clips.Count == 1) return change(Clips[0].Samples, 0);
        float[][] parts = [.. Clips.Select((clip, i) => change(clip.Samples, i))];
        return [.. parts.SelectMany(part => part)];
    }
}

/// <summary>Recordings in their three parts, at one rate: what a speech run learns from.</summary>
public sealed class SpeechData
{
    private static readonly PartitionKeys<SpeechClip> s_keys =
        new(clip => clip.Recording.Part ?? "", clip => clip.Recording.Name, clip => $"{clip.Text}\n{clip.Sha256()}")
        {
            Strata = clip => clip.Text,
            Label = clip => clip.Text,
            Input = clip => clip.Sha256(),
            Fold = clip => clip.Recording.Speaker ?? "",
        };

    private readonly Partition<SpeechClip> _parts;

    private SpeechData(Partition<SpeechClip> parts, int rate) => (_parts, Rate) = (parts, rate);

    /// <summary>Samples a second of all of them.</summary>
    public int Rate { get; }

    /// <summary>How many recordings each part has.</summary>
    public PartCounts Counts => _parts.Counts;

    internal IReadOnlyList<SpeechClip> Train => _parts.Train;

    internal IReadOnlyList<SpeechClip> Valid => _parts.Valid;

    internal IReadOnlyList<SpeechClip> Test => _parts.Test;

    /// <summary>Every recording: those to train on, to validate on, and to test on.</summary>
    internal IReadOnlyList<SpeechClip> All => [.. Train, .. Valid, .. Test];

    /// <summary>Reads the recordings that the options name and deals them into parts, of each text its share.</summary>
    /// <param name="options">Data, shares and folds; a speaker is a fold.</param>
    /// <param name="files">What names stand for.</param>
    /// <param name="rate">Samples a second; null: that of the options, else the commonest rate of all, at most 16000.</param>
    /// <param name="note">Receives lines about parts; null: nobody.</param>
    /// <exception cref="UserErrorException">A file cannot be used, or nothing is left to train on.</exception>
    public static SpeechData Read(SpeechOptions options, DataFiles files, int? rate = null, Action<string>? note = null) =>
        Of(List(options.Data, options, files), List(options.Valid, options, files), List(options.Test, options, files), options, files, rate, note);

    /// <summary>Deals recordings in memory into parts, as <see cref="Read"/> does with those of files.</summary>
    /// <param name="recordings">Each with its sound, or with the name of a file.</param>
    /// <param name="options">Shares and folds.</param>
    /// <param name="rate">Samples a second; null: that of the options, else the commonest rate of all, at most 16000.</param>
    /// <param name="note">Receives lines about parts; null: nobody.</param>
    /// <exception cref="UserErrorException">A sound cannot be used, or nothing is left to train on.</exception>
    public static SpeechData From(IEnumerable<Recording> recordings, SpeechOptions options, int? rate = null, Action<string>? note = null) =>
        Of([.. recordings], [], [], options, DataFiles.Disk, rate, note);

    /// <summary>The recordings that names stand for, without their sounds.</summary>
    internal static IReadOnlyList<Recording> List(IReadOnlyList<string> names, SpeechOptions options, DataFiles files) =>
        [.. names.SelectMany(name => name == ToneWords.Name && !files.Has(name) ? ToneWords.All(1)
            : files.IsFolder(name) ? RecordingList.Folder(name, new RecordingPattern(options.Pattern), files.Note)
            : RecordingList.Manifest(name, options.Path, options.Label, options.Folder, files))];

    /// <summary>Recordings at one rate, undealt.</summary>
    internal static IReadOnlyList<SpeechClip> Clips(IReadOnlyList<Recording> recordings, DataFiles files, FeatureOptions features)
    {
        Sound[] sounds = [.. recordings.Select(one => one.Read(files))];
        RecordingNotes.Say(sounds, features, files.Note);
        return [.. recordings.Zip(sounds, (one, sound) => new SpeechClip(one, sound.At(features.Rate).Samples))];
    }

    private static SpeechData Of(
        IReadOnlyList<Recording> all, IReadOnlyList<Recording> valid, IReadOnlyList<Recording> test, SpeechOptions options, DataFiles files,
            int? rate,
        Action<string>? note)
    {
        Recording[] recordings = [.. all, .. valid, .. test];
        if (recordings.Length == 0) throw new OptionException("data", "there are no recordings; name some.");
        Sound[] sounds = [.. recordings.Select(one => one.Read(files))];
        int own = rate ?? options.Rate
            ?? Math.Min(16_000, sounds.GroupBy(s => s.Rate).OrderByDescending(g => g.Count()).ThenBy(g => g.Key).First().Key);
        files = files.NotingTo(note);
        RecordingNotes.Say(sounds, options.Features with { Rate = own }, files.Note);
        SpeechClip[] clips = [.. recordings.Zip(sounds, (one, sound) => new SpeechClip(one, sound.At(own).Samples))];
        Partition<SpeechClip> parts = Dealt(clips[..all.Count], clips[all.Count..^test.Count], clips[^test.Count..], options, note);
        foreach (string line in SpeechNotes.Of(options, clips, parts)) files.Note(line);
        return new SpeechData(parts, own);
    }

    private static Partition<SpeechClip> Dealt(
        SpeechClip[] all, SpeechClip[] valid, SpeechClip[] test, SpeechOptions options, Action<string>? note)
    {
        PartitionKeys<SpeechClip> keys = s_keys;
        TaskOptions shares = options;
        if (options.Choice == EpochChoice.Last)
        {
            keys = s_keys with { Kept = "the last epoch is kept" };
            // A share of 0 is what is meant: nothing is missing.
            if (options.Fold is not null) shares = options with { Split = [1, 0] };
        }
        if (options.Choice == EpochChoice.Speaker && ChoosingSpeaker(all, options.Fold) is var speaker)
        {
            note?.Invoke($"note: the epoch is chosen by the errors on {speaker}, who is not trained on.");
            (valid, all) = ([.. all.Where(Speaks)], [.. all.Where(clip => !Speaks(clip))]);
        }
        return Partitioning.Of(all, valid, test, shares, keys, "recordings", note);

        // What a speaker says in a named test part stays there, unless a speaker is the test.
        bool Speaks(SpeechClip clip) => clip.Recording.Speaker == speaker && (options.Fold is not null || clip.Recording.Part != PartName.Test);
    }

    private static string ChoosingSpeaker(SpeechClip[] all, string? tested)
    {
        string[] speakers = [.. all.Select(clip => clip.Recording.Speaker ?? "").Distinct().Order(StringComparer.Ordinal)];
        int least = tested is null ? 2 : 3;
        if (speakers.Length < least || speakers[0].Length == 0)
            throw new OptionException("choose-epoch", $"expected recordings of at least {least} speakers, each with a speaker's name, so that one " +
                $"can choose the epoch, found {(speakers[0].Length == 0 ? "some without" : string.Join(", ", speakers))}; choose it by valid or " +
                "last.");
        return speakers[(Array.IndexOf(speakers, tested) + speakers.Length + (tested is null ? 0 : 1)) % speakers.Length];
    }

    /// <summary>Recordings joined to strings: a seeded shuffle cut into pieces; the last piece may be shorter than the least.</summary>
    internal static IReadOnlyList<SpeechExample> Examples(SpeechOptions options, IReadOnlyList<SpeechClip> clips, Rng random, int passes = 1)
    {
        if (options.Join.Count == 0) return [.. clips.Select(clip => new SpeechExample([clip]))];
        List<SpeechExample> strings = [];
        for (int pass = 0; pass < passes; pass++)
        {
            Rng own = random.For("strings").At((ulong)pass), lengths = own.For("lengths");
            int[] order = new int[clips.Count];
            own.Permute(order);
            for (int at = 0; at < order.Length;)
            {
                int count = Math.Min(order.Length - at, options.Join[0] + lengths.Below(options.Join[1] - options.Join[0] + 1, (ulong)at));
                strings.Add(new SpeechExample([.. order.AsSpan(at, count).ToArray().Select(i => clips[i])]));
                at += count;
            }
        }
        return strings;
    }

    /// <summary>What the parts consist of.</summary>
    internal IReadOnlyList<DataPart> Hashes() => PartHashes.Of(Train, Valid, Test, (hash, clip) =>
    {
        hash.AppendText($"{clip.Text}\n{clip.Samples.Length}");
        hash.AppendData(MemoryMarshal.AsBytes<float>(clip.Samples));
    });
}
