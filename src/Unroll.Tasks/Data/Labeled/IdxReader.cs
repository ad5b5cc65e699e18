using System.Buffers.Binary;
using Unroll.Core;

namespace Unroll.Tasks.Data.Labeled;

/// <summary>
/// Reads images in the IDX form of the MNIST database (yann.lecun.com/exdb/mnist), gzipped or not: each image a sequence of its rows, pixels as
/// shares of white. The labels lie in the file of the same name with <c>labels-idx1</c> in place of <c>images-idx3</c>.
/// </summary>
public static class IdxReader
{
    /// <summary>Reads images and labels.</summary>
    /// <param name="path">The file of images.</param>
    /// <param name="files">What names stand for; null: files of the disk.</param>
    /// <exception cref="UserErrorException">A file is missing, cut short, or not of this form; the message names the byte.</exception>
    public static IReadOnlyList<LabeledSequence> ReadImages(string path, DataFiles? files = null)
    {
        files ??= DataFiles.Disk;
        byte[] images = files.Bytes(path, "an IDX file");
        if (images.Length < 16 || images[0] != 0 || images[1] != 0 || images[2] != 8 || images[3] != 3)
            throw new UserErrorException($"{path}, byte 0: expected images in IDX form (0, 0, 8, 3: three dimensions of bytes), found " +
                "something else.");
        int count = Size(images, 4), rows = Size(images, 8), columns = Size(images, 12);
        if (count == 0 || rows == 0 || columns == 0)
            throw new UserErrorException($"{path}, byte 4: expected images, found {count} of {rows} × {columns}.");
        Int128 bytes = 16 + (Int128)count * rows * columns;
        if (images.Length != bytes)
            throw new UserErrorException($"{path}: expected {bytes} bytes because there are {count} images of {rows} × {columns}, found " +
                $"{images.Length}; fetch it again.");
        string name = Path.GetFileName(path), labelPath = path[..^name.Length] + name.Replace("images", "labels").Replace("idx3", "idx1");
        byte[]? labels = labelPath != path && files.Exists(labelPath)
            ? files.Bytes(labelPath, "an IDX file") : null;
        if (labels is not null && (labels.Length != 8 + count || labels[2] != 8 || labels[3] != 1))
            throw new UserErrorException($"{labelPath}: expected {count} labels, a byte each after 8 bytes of header, found {labels.Length} " +
                "bytes; fetch it again.");
        return [.. Enumerable.Range(0, count).Select(i => new LabeledSequence(path, i + 1)
        {
            Numbers = Array.ConvertAll(images[(16 + i * rows * columns)..(16 + (i + 1) * rows * columns)], pixel => pixel / 255f),
            Features = columns,
            OneScale = true,
            Label = labels?[8 + i].ToString(System.Globalization.CultureInfo.InvariantCulture),
        })];
    }

    private static int Size(byte[] bytes, int at) => BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(at)) is >= 0 and int size ? size : 0;
}
