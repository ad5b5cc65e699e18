using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Unroll.Core;

namespace Unroll.Training;

/// <summary>Exchanges of whole texts and files, built from <see cref="ICollective.AllGather"/>.</summary>
public static class CollectiveExtensions
{
    /// <summary>Every rank gets the bytes of the first.</summary>
    /// <param name="ranks">Those that exchange.</param>
    /// <param name="bytes">What is told; of the first rank alone.</param>
    /// <exception cref="UserErrorException">There are 2 GiB or more, or the ranks cannot reach each other any more.</exception>
    public static byte[] FromFirst(this ICollective ranks, ReadOnlySpan<byte> bytes)
    {
        if (ranks.Size == 1) return bytes.ToArray();
        byte[][] all = ranks.FromEach(ranks.Rank == 0 ? bytes : default);
        return all[0];
    }

    /// <summary>Every rank gets the bytes of each.</summary>
    /// <param name="ranks">Those that exchange.</param>
    /// <param name="bytes">What this rank tells; may be empty.</param>
    /// <returns>[ranks].</returns>
    /// <exception cref="UserErrorException">There are 2 GiB or more, or the ranks cannot reach each other any more.</exception>
    public static byte[][] FromEach(this ICollective ranks, ReadOnlySpan<byte> bytes)
    {
        byte[] lengths = new byte[ranks.Size * sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(lengths.AsSpan(ranks.Rank * sizeof(int)), bytes.Length);
        int[] counts = new int[ranks.Size];
        Array.Fill(counts, sizeof(int));
        ranks.AllGather(lengths, counts);
        long total = 0;
        for (int rank = 0; rank < counts.Length; rank++)
            total += counts[rank] = BinaryPrimitives.ReadInt32LittleEndian(lengths.AsSpan(rank * sizeof(int)));
        if (total > Array.MaxLength) throw new UserErrorException($"the ranks have {total} bytes to tell each other, and an array holds no more than "
            + $"{Array.MaxLength}.");
        byte[] all = new byte[total];
        bytes.CopyTo(all.AsSpan(counts[..ranks.Rank].Sum()));
        ranks.AllGather(all, counts);
        byte[][] each = new byte[ranks.Size][];
        for (int rank = 0, at = 0; rank < each.Length; at += counts[rank++]) each[rank] = all[at..(at + counts[rank])];
        return each;
    }

    /// <summary>
    /// Every rank gets what the parts of all ranks are together, in the order of the ranks: of work that is done item by item, so that no bit depends
    /// on how many ranks there are.
    /// </summary>
    /// <param name="ranks">Those that share the work.</param>
    /// <param name="count">Items.</param>
    /// <param name="part">The results of the items from the first number to before the second; as many for each item as it likes.</param>
    /// <exception cref="UserErrorException">There are 2 GiB or more, or the ranks cannot reach each other any more.</exception>
    public static T[] Shared<T>(this ICollective ranks, int count, Func<int, int, T[]> part) where T : unmanaged
    {
        if (ranks.Size == 1) return part(0, count);
        int from = (int)((long)count * ranks.Rank / ranks.Size), to = (int)((long)count * (ranks.Rank + 1) / ranks.Size);
        byte[][] each = ranks.FromEach(MemoryMarshal.AsBytes<T>(part(from, to)));
        return [.. each.SelectMany(bytes => MemoryMarshal.Cast<byte, T>(bytes).ToArray())];
    }

    /// <summary>Every rank gets the text of each.</summary>
    /// <param name="ranks">Those that exchange.</param>
    /// <param name="text">What this rank tells; may be empty.</param>
    public static string[] TextFromEach(this ICollective ranks, string text) =>
        Array.ConvertAll(ranks.FromEach(Encoding.UTF8.GetBytes(text)), Encoding.UTF8.GetString);
}
