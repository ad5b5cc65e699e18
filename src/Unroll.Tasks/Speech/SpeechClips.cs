using System.Security.Cryptography;
using System.Runtime.InteropServices;
using System.Text;
using Unroll.Core;
using Unroll.Tasks.Data.Audio;

namespace Unroll.Tasks.Speech;

/// <summary>A recording with its samples at the rate that the network hears.</summary>
internal sealed record SpeechClip(Recording Recording, float[] Samples)
{
    /// <summary>What is said in it.</summary>
    internal string Text => Recording.Text;
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

/// <summary>The recordings of a run in their three parts.</summary>
internal sealed class SpeechParts
{
    private SpeechParts(SpeechClip[] train, SpeechClip[] valid, SpeechClip[] test) => (Train, Valid, Test) = (train, valid, test);

    internal IReadOnlyList<SpeechClip> Train { get; }

    internal IReadOnlyList<SpeechClip> Valid { get; }

    internal IReadOnlyList<SpeechClip> Test { get; }

    /// <summary>The recordings that the options name, without their sounds.</summary>
    internal static IReadOnlyList<Recording> List(SpeechOptions options) => options.Data switch
    {
        "tones" => ToneWords.All(1),
        var data when Unroll.Files.Folder.Exists(data) => RecordingList.Folder(data, new RecordingPattern(options.Pattern)),
        var data => RecordingList.Manifest(data, options.Path, options.Label, options.Folder),
    };

    /// <summary>Reads the sounds and deals the recordings out.</summary>
    /// <param name="options">Data and split.</param>
    /// <param name="rate">Samples a second; null: the commonest rate of all, at most 16000.</param>
    /// <exception cref="UserErrorException">A file cannot be used, or nothing is left to train on.</exception>
    internal static (SpeechParts Parts, int Rate) Read(SpeechOptions options, int? rate)
    {
        IReadOnlyList<Recording> recordings = List(options);
        if (options.HoldOut is { } speaker && recordings.All(r => r.Speaker != speaker))
            throw new UserErrorException($"hold-out: there is no speaker '{speaker}'; there are: " +
                $"{string.Join(", ", recordings.Select(r => r.Speaker ?? "(none named)").Distinct().Order(StringComparer.Ordinal).Take(20))}.");
        Sound[] sounds = [.. recordings.Select(r => r.Read())];
        int own = rate ?? Math.Min(16_000, sounds.GroupBy(s => s.Rate).OrderByDescending(g => g.Count()).ThenBy(g => g.Key).First().Key);
        List<SpeechClip>[] parts = [[], [], []];
        int[] dealt = Deal(options, recordings);
        for (int i = 0; i < sounds.Length; i++)
            parts[dealt[i]].Add(new SpeechClip(recordings[i], sounds[i].At(own).Samples));
        return (new SpeechParts([.. parts[0]], [.. parts[1]], [.. parts[2]]), own);
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

    /// <summary>A short hash of what is trained and validated on.</summary>
    internal string Sha256()
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (IReadOnlyList<SpeechClip> part in (IReadOnlyList<SpeechClip>[])[Train, Valid])
            foreach (SpeechClip clip in part)
            {
                hash.AppendData(Encoding.UTF8.GetBytes($"{clip.Text}\n{clip.Samples.Length}\n"));
                hash.AppendData(MemoryMarshal.AsBytes<float>(clip.Samples));
            }
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8));
    }

    // 0 train, 1 valid, 2 test. Where the shares decide, recordings are shuffled, those of one text put together, and the places of a part are spread
    // evenly over that order by the golden ratio, so that each text has its share in each part.
    private static int[] Deal(SpeechOptions options, IReadOnlyList<Recording> recordings)
    {
        int[] dealt = new int[recordings.Count], order = new int[recordings.Count];
        bool testNamed = options.HoldOut is not null || recordings.Any(r => r.Part == "test");
        bool validNamed = options.HoldOut is null && recordings.Any(r => r.Part == "valid");
        double train = options.Split[0], valid = options.Split[1], test = Math.Max(0, 1 - train - valid);
        (valid, test) = (validNamed ? 0 : testNamed ? valid / (train + valid) : valid, testNamed ? 0 : test);
        new Rng(options.Seed).For("split").Permute(order);
        int place = 0;
        foreach (int i in order.OrderBy(i => recordings[i].Text, StringComparer.Ordinal))
        {
            Recording one = recordings[i];
            if (options.HoldOut is { } speaker ? one.Speaker == speaker : one.Part == "test") dealt[i] = 2;
            else if (options.HoldOut is null && one.Part == "valid") dealt[i] = 1;
            else
            {
                double at = (place++ + 0.5) * 0.6180339887498949 % 1;
                dealt[i] = at < test ? 2 : at < test + valid ? 1 : 0;
            }
        }
        return dealt;
    }
}
