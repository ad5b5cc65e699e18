using System.Buffers.Binary;
using System.Text;
using Unroll.Training;

namespace Unroll.Mpi;

/// <summary>Texts between ranks.</summary>
public static class RankTexts
{
    /// <summary>Every rank gives a text and gets those of all, in the order of the ranks.</summary>
    /// <param name="ranks">The ranks; all call this at the same point.</param>
    /// <param name="text">This rank's.</param>
    public static string[] Gather(this ICollective ranks, string text)
    {
        if (ranks.Size == 1) return [text];
        byte[] own = Encoding.UTF8.GetBytes(text), lengths = new byte[4 * ranks.Size];
        int[] counts = new int[ranks.Size];
        Array.Fill(counts, 4);
        BinaryPrimitives.WriteInt32LittleEndian(lengths.AsSpan(4 * ranks.Rank), own.Length);
        ranks.AllGather(lengths, counts);
        for (int rank = 0; rank < counts.Length; rank++) counts[rank] = BinaryPrimitives.ReadInt32LittleEndian(lengths.AsSpan(4 * rank));
        byte[] all = new byte[counts.Sum()];
        own.CopyTo(all, counts[..ranks.Rank].Sum());
        ranks.AllGather(all, counts);
        string[] texts = new string[counts.Length];
        for (int rank = 0, at = 0; rank < counts.Length; at += counts[rank++]) texts[rank] = Encoding.UTF8.GetString(all, at, counts[rank]);
        return texts;
    }
}
