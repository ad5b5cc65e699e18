namespace Unroll.Exchange.Hdf5.Storage;

/// <summary>A message of an object's header.</summary>
/// <param name="Type">What it says, as HDF5 numbers it.</param>
/// <param name="At">Its first byte in the file.</param>
/// <param name="Size">Its bytes.</param>
internal readonly record struct H5Message(int Type, ulong At, ulong Size);

/// <summary>The headers of groups and data sets: a list of messages, perhaps in several blocks; versions 1 and 2.</summary>
internal static class H5Header
{
    public const int Space = 1, LinkInfo = 2, Type = 3, Link = 6, External = 7, Layout = 8, Filters = 11, Attribute = 12, SymbolTable = 17,
        AttributeInfo = 21;

    private const int Continuation = 16, MostMessages = 1 << 16, MostBlocks = 256;

    /// <summary>Every message of an object.</summary>
    /// <param name="file">The file.</param>
    /// <param name="at">Where the header begins.</param>
    /// <param name="what">The object, in errors.</param>
    public static List<H5Message> Read(H5Bytes file, ulong at, string what)
    {
        List<H5Message> messages = [];
        Queue<(ulong At, ulong Size)> blocks = [];
        bool second = file.Slice(at, 4, $"the header of {what}").SequenceEqual("OHDR"u8);
        bool ordered = false;
        blocks.Enqueue(second ? Begin2(file, at, what, out ordered) : Begin1(file, at, what));
        for (int read = 0; blocks.TryDequeue(out (ulong At, ulong Size) block); read++)
        {
            if (read > MostBlocks) throw file.Damaged($"the header of {what} has more than {MostBlocks} blocks");
            if (second) ReadBlock2(file, block, read > 0, ordered, what, messages, blocks);
            else ReadBlock1(file, block, what, messages, blocks);
            if (messages.Count > MostMessages) throw file.Damaged($"the header of {what} has more than {MostMessages} messages");
        }
        return messages;
    }

    //  version 1, reserved 1, messages 2, references 4, bytes of the first block 4, reserved 4
    private static (ulong At, ulong Size) Begin1(H5Bytes file, ulong at, string what)
    {
        H5Cursor cursor = file.At(at, $"the header of {what}");
        cursor.Version(1, 1);
        cursor.Skip(7);
        return (at + 16, cursor.U32());
    }

    //  "OHDR", version 1, flags 1, [times 16], [limits of attributes 4], bytes of the first block 1, 2, 4 or 8
    private static (ulong At, ulong Size) Begin2(H5Bytes file, ulong at, string what, out bool ordered)
    {
        H5Cursor cursor = file.At(at, $"the header of {what}");
        cursor.Require("OHDR"u8);
        cursor.Version(2, 2);
        int flags = cursor.U8();
        if ((flags & 0x20) != 0) cursor.Skip(16);
        if ((flags & 0x10) != 0) cursor.Skip(4);
        ulong size = cursor.Number(1 << (flags & 3));
        ordered = (flags & 4) != 0;
        return (at + (ulong)cursor.Taken, size);
    }

    //  of a message: type 2, bytes 2, flags 1, reserved 3, then its bytes
    private static void ReadBlock1(H5Bytes file, (ulong At, ulong Size) block, string what, List<H5Message> messages,
        Queue<(ulong, ulong)> blocks)
    {
        file.Slice(block.At, block.Size, $"the header of {what}");
        for (ulong at = block.At, end = block.At + block.Size; at + 8 <= end;)
        {
            H5Cursor cursor = file.At(at, $"the header of {what}");
            (int type, ulong size, int flags) = (cursor.U16(), cursor.U16(), cursor.U8());
            at += 8;
            if (size > end - at) throw file.Damaged($"the header of {what} has a message of {size} bytes where {end - at} are left");
            Add(file, new H5Message(type, at, size), flags, what, messages, blocks);
            at += size;
        }
    }

    //  of a message: type 1, bytes 2, flags 1, [order 2], then its bytes; the checksum of the block, 4, is last
    private static void ReadBlock2(H5Bytes file, (ulong At, ulong Size) block, bool continued, bool ordered, string what,
        List<H5Message> messages, Queue<(ulong, ulong)> blocks)
    {
        ulong at = block.At, end = block.At + block.Size, head = ordered ? 6u : 4u;
        file.Slice(at, block.Size, $"the header of {what}");
        if (continued)
        {
            if (block.Size < 8) throw file.Damaged($"the header of {what} goes on in a block of {block.Size} bytes");
            file.At(at, $"the header of {what}").Require("OCHK"u8);
            (at, end) = (at + 4, end - 4);
        }
        while (at + head <= end)
        {
            H5Cursor cursor = file.At(at, $"the header of {what}");
            (int type, ulong size, int flags) = (cursor.U8(), cursor.U16(), cursor.U8());
            at += head;
            if (size > end - at) throw file.Damaged($"the header of {what} has a message of {size} bytes where {end - at} are left");
            Add(file, new H5Message(type, at, size), flags, what, messages, blocks);
            at += size;
        }
    }

    private static void Add(H5Bytes file, H5Message message, int flags, string what, List<H5Message> messages, Queue<(ulong, ulong)> blocks)
    {
        if (message.Type == Continuation)
        {
            H5Cursor cursor = file.At(message.At, $"the header of {what}");
            blocks.Enqueue((cursor.U64(), cursor.U64()));
        }
        else if ((flags & 2) != 0)
            throw file.Refused($"{what} shares a message of its header with other objects (a committed type), which is not read",
                "copy the file with h5repack, or save the model again");
        else messages.Add(message);
    }
}
