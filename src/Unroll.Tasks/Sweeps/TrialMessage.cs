using System.Text;
using Unroll.Core;
using Unroll.Training;

namespace Unroll.Tasks.Sweeps;

/// <summary>What a rank tells all others when they meet.</summary>
internal sealed record TrialMessage
{
    /// <summary>What has happened in its trial since they met last.</summary>
    internal IReadOnlyList<TrialEvent> Events { get; init; } = [];

    /// <summary>The work that it has ended since then, to its end or stopped before; null: none.</summary>
    internal TrialWork? Ended { get; init; }

    /// <summary>Whether it was asked to stop.</summary>
    internal bool Asked { get; init; }

    /// <summary>Why a piece of work failed; null: none did.</summary>
    internal string? Failure { get; init; }

    /// <summary>Of the first rank: which work begins on each rank, and null for those that get none; empty: nobody gets any.</summary>
    internal IReadOnlyList<TrialWork?> Given { get; init; } = [];

    /// <summary>Of the first rank: whatever is under way is to end with a checkpoint.</summary>
    internal bool Stop { get; init; }

    /// <summary>Of the first rank: nothing further is dealt.</summary>
    internal bool Over { get; init; }

    /// <summary>Whether it says that something has happened.</summary>
    internal bool IsNews => Events.Count > 0 || Ended is not null || Failure is not null || Given.Any(one => one is not null);

    /// <summary>In bytes, as <see cref="Of"/> reads them.</summary>
    internal byte[] ToBytes()
    {
        using MemoryStream bytes = new();
        using (BinaryWriter to = new(bytes, Encoding.UTF8))
        {
            foreach (bool flag in (ReadOnlySpan<bool>)[Asked, Stop, Over]) to.Write(flag);
            WriteText(to, Failure);
            WriteWork(to, Ended);
            to.Write(Given.Count);
            foreach (TrialWork? one in Given) WriteWork(to, one);
            to.Write(Events.Count);
            foreach (TrialEvent one in Events) WriteEvent(to, one);
        }
        return bytes.ToArray();
    }

    /// <summary>Reads a message of a rank of the same program.</summary>
    internal static TrialMessage Of(byte[] bytes)
    {
        using BinaryReader from = new(new MemoryStream(bytes), Encoding.UTF8);
        return new TrialMessage
        {
            Asked = from.ReadBoolean(), Stop = from.ReadBoolean(), Over = from.ReadBoolean(), Failure = ReadText(from), Ended = ReadWork(from),
            Given = [.. Enumerable.Range(0, from.ReadInt32()).Select(_ => ReadWork(from))],
            Events = [.. Enumerable.Range(0, from.ReadInt32()).Select(_ => ReadEvent(from))],
        };
    }

    private static void WriteText(BinaryWriter to, string? text)
    {
        to.Write(text is not null);
        if (text is not null) to.Write(text);
    }

    private static string? ReadText(BinaryReader from) => from.ReadBoolean() ? from.ReadString() : null;

    private static void WriteWork(BinaryWriter to, TrialWork? work)
    {
        to.Write(work?.Trial ?? 0);
        to.Write(work?.Rung ?? 0);
    }

    private static TrialWork? ReadWork(BinaryReader from)
    {
        (int trial, int rung) = (from.ReadInt32(), from.ReadInt32());
        return trial == 0 ? null : new TrialWork(trial, rung);
    }

    private static void WriteEvent(BinaryWriter to, TrialEvent one)
    {
        WriteWork(to, one.Work);
        WriteText(to, one.Note);
        WriteText(to, one.Result?.ToJson());
        to.Write(one.Epoch is not null);
        if (one.Epoch is { } epoch) WriteEpoch(to, epoch);
    }

    private static TrialEvent ReadEvent(BinaryReader from) => new(ReadWork(from)!.Value)
    {
        Note = ReadText(from), Result = ReadText(from) is { } json ? TrialResult.FromJson(json, "a message of a rank") : null,
        Epoch = from.ReadBoolean() ? ReadEpoch(from) : null,
    };

    private static void WriteEpoch(BinaryWriter to, EpochResult epoch)
    {
        to.Write(epoch.Epoch);
        to.Write(epoch.Steps);
        to.Write(epoch.Sums.Loss.Sum);
        foreach (long count in (ReadOnlySpan<long>)[epoch.Sums.Loss.Count, epoch.Sums.Steps, epoch.Sums.Clipped, epoch.Sums.Faults]) to.Write(count);
        foreach (double norm in (ReadOnlySpan<double>)[epoch.Sums.NormSum, epoch.Sums.NormMax, epoch.Score]) to.Write(norm);
        to.Write(epoch.LearningRate);
        to.Write(epoch.IsBest);
        to.Write(epoch.Metrics.Count);
        foreach ((string name, double value) in epoch.Metrics)
        {
            to.Write(name);
            to.Write(value);
        }
    }

    private static EpochResult ReadEpoch(BinaryReader from)
    {
        int epoch = from.ReadInt32();
        long steps = from.ReadInt64();
        double loss = from.ReadDouble();
        long[] counts = [from.ReadInt64(), from.ReadInt64(), from.ReadInt64(), from.ReadInt64()];
        double[] norms = [from.ReadDouble(), from.ReadDouble(), from.ReadDouble()];
        return new EpochResult(epoch, steps, new EpochSums(new LossSum(loss, counts[0]), counts[1], norms[0], norms[1], counts[2], counts[3]),
            from.ReadSingle(), norms[2], from.ReadBoolean(),
            [.. Enumerable.Range(0, from.ReadInt32()).Select(_ => KeyValuePair.Create(from.ReadString(), from.ReadDouble()))]);
    }
}
