using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Unroll.Core;
using Unroll.Formats;

namespace Unroll.Exchange.PyTorch;

/// <summary>From views of storages to tensors of their own: row-major, little-endian, halves widened to floats.</summary>
/// <param name="checkpoint">The file.</param>
/// <param name="name">What errors call it.</param>
/// <param name="length">Its length, which bounds what views may become together: one with stride 0 has more elements than it stores.</param>
internal sealed class CheckpointTensors(ICheckpoint checkpoint, string name, long length)
{
    private const long Growth = 8, Least = 64 << 20;

    /// <summary>Reads the numbers of some views.</summary>
    /// <param name="views">Their names and what they are.</param>
    /// <returns>In the same order.</returns>
    /// <exception cref="UserErrorException">Together they would be far larger than the file.</exception>
    internal Tensor[] Read(IReadOnlyList<(string Name, PyTensor View)> views)
    {
        long most = Math.Max(Least, Growth * length), all = 0;
        foreach ((string own, PyTensor view) in views)
            if (view.Count * view.Type.BytesInMemory is var bytes && (bytes > most || (all += bytes) > most || bytes > Array.MaxLength))
                throw new UserErrorException($"'{name}': with its tensor '{own}' {TextOf(view)} of {view.Count:N0} elements its tensors would have " +
                    $"more " +
                    $"than {most:N0} bytes, and the file has {length:N0}; save what is expanded by contiguous(), or not at all.");
        Tensor[] made = new Tensor[views.Count];
        foreach (var storage in views.Select((view, i) => (view.Name, view.View, i)).GroupBy(one => one.View.Storage.Key))
        {
            byte[] stored = checkpoint.Bytes(storage.First().View.Storage);
            bool alone = storage.Count() == 1;
            foreach ((string own, PyTensor view, int i) in storage)
            {
                byte[] bytes = alone && IsWhole(view, stored) && view.Type.BytesInMemory == view.Type.Bytes ? stored : Gathered(view, stored);
                if (checkpoint.Swapped) Swap(bytes, view.Type.Word == "complex64" ? 4 : view.Type.Bytes);
                made[i] = Tensor.Over(own, view.Type.InMemory!, view.Sizes, Widened(view.Type, bytes));
            }
        }
        return made;
    }

    private static bool IsRowMajor(PyTensor view)
    {
        long step = 1;
        for (int d = view.Sizes.Length - 1; d >= 0; d--)
        {
            if (view.Sizes[d] != 1 && view.Strides[d] != step) return false;
            step *= view.Sizes[d];
        }
        return true;
    }

    private static bool IsWhole(PyTensor view, byte[] stored) =>
        view.Offset + view.Storage.Offset == 0 && view.Count * view.Type.Bytes == stored.Length && IsRowMajor(view);

    // Element (i₀, i₁, …) lies at offset + Σ i_d stride_d; the last dimension is copied at once where it lies together.
    private static byte[] Gathered(PyTensor view, byte[] stored)
    {
        int size = view.Type.Bytes, rank = view.Sizes.Length;
        byte[] bytes = GC.AllocateUninitializedArray<byte>(checked((int)(view.Count * size)));
        long first = (view.Offset + view.Storage.Offset * (view.Storage.Type?.Bytes ?? 1) / size) * size;
        if (bytes.Length == 0) return bytes;
        if (IsRowMajor(view))
        {
            stored.AsSpan(checked((int)first), bytes.Length).CopyTo(bytes);
            return bytes;
        }
        int run = view.Strides[^1] == 1 ? view.Sizes[^1] : 1, inner = run > 1 ? rank - 1 : rank;
        int[] index = new int[rank];
        long from = 0;
        for (int at = 0; at < bytes.Length; at += run * size)
        {
            stored.AsSpan((int)(first + from * size), run * size).CopyTo(bytes.AsSpan(at));
            for (int d = inner - 1; d >= 0; d--)
            {
                from += view.Strides[d];
                if (++index[d] < view.Sizes[d]) break;
                from -= view.Strides[d] * view.Sizes[d];
                index[d] = 0;
            }
        }
        return bytes;
    }

    private static void Swap(byte[] bytes, int size)
    {
        switch (size)
        {
            case 2: BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<byte, ushort>(bytes), MemoryMarshal.Cast<byte,
                ushort>(bytes.AsSpan())); break;
            case 4: BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<byte, uint>(bytes), MemoryMarshal.Cast<byte, uint>(bytes.AsSpan())); break;
            case 8: BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<byte, ulong>(bytes), MemoryMarshal.Cast<byte,
                ulong>(bytes.AsSpan())); break;
        }
    }

    private static byte[] Widened(TorchType type, byte[] bytes)
    {
        if (type.BytesInMemory == type.Bytes) return bytes;
        byte[] wide = GC.AllocateUninitializedArray<byte>(bytes.Length * 2);
        ReadOnlySpan<ushort> halves = MemoryMarshal.Cast<byte, ushort>(bytes);
        Span<float> floats = MemoryMarshal.Cast<byte, float>(wide.AsSpan());
        for (int i = 0; i < halves.Length; i++)
            floats[i] = type.Word == "float16" ? (float)BitConverter.UInt16BitsToHalf(halves[i])
                : BitConverter.UInt32BitsToSingle((uint)halves[i] << 16);
        return wide;
    }

    private static string TextOf(PyTensor view) => $"[{string.Join(", ", view.Sizes)}]";
}
