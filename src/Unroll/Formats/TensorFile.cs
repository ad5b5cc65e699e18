using Unroll.Core;
using Unroll.Files;

namespace Unroll.Formats;

/// <summary>Whether a file may hold NaN and infinity.</summary>
public enum NonFinite
{
    /// <summary>They are an error that names the tensor and the element.</summary>
    Refused,

    /// <summary>They pass.</summary>
    Allowed,
}

/// <summary>A safetensors file: named tensors, and metadata of strings, both in order.</summary>
/// <remarks>
/// <para>Specification: https://github.com/huggingface/safetensors#format. Eight bytes of header length, a JSON header, the numbers,
/// little-endian.</para>
/// <para>Reading is strict: whatever is not exactly what the format says is a <see cref="UserErrorException"/>, and nothing is half read.
/// Written bytes depend on the content alone, and on the order in which it was added.</para>
/// </remarks>
public sealed class TensorFile
{
    /// <summary>The name in the header under which the metadata stands; no tensor may have it.</summary>
    internal const string MetadataKey = "__metadata__";

    private readonly Dictionary<string, string> _metadataByKey = [];
    private readonly Dictionary<string, Tensor> _tensorByName = [];
    private readonly List<KeyValuePair<string, string>> _metadata = [];
    private readonly List<Tensor> _tensors = [];

    /// <summary>The metadata in order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Metadata => _metadata;

    /// <summary>The tensors in order.</summary>
    public IReadOnlyList<Tensor> Tensors => _tensors;

    /// <summary>The metadata of a key, or null.</summary>
    /// <param name="key">The key.</param>
    public string? MetadataOf(string key) => _metadataByKey.GetValueOrDefault(key);

    /// <summary>The tensor of a name, or null.</summary>
    /// <param name="name">The name.</param>
    public Tensor? Find(string name) => _tensorByName.GetValueOrDefault(name);

    /// <summary>Adds metadata at the end.</summary>
    /// <param name="key">A key that is not there yet.</param>
    /// <param name="value">Its value.</param>
    /// <returns>This file, to go on adding.</returns>
    /// <exception cref="ArgumentException">The key is there already.</exception>
    public TensorFile AddMetadata(string key, string value)
    {
        _metadataByKey.Add(key, value);
        _metadata.Add(new(key, value));
        return this;
    }

    /// <summary>Adds a tensor at the end.</summary>
    /// <param name="tensor">A tensor whose name is not there yet.</param>
    /// <returns>This file, to go on adding.</returns>
    /// <exception cref="ArgumentException">The name is there already, or is the one that the format keeps for the metadata.</exception>
    public TensorFile Add(Tensor tensor)
    {
        if (tensor.Name == MetadataKey) throw new ArgumentException($"'{MetadataKey}' is the format's own name.", nameof(tensor));
        _tensorByName.Add(tensor.Name, tensor);
        _tensors.Add(tensor);
        return this;
    }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="nonFinite">Whether NaN and infinity pass.</param>
    /// <exception cref="UserErrorException">There is no such file, it may not be read, or it is not exactly what the format says.</exception>
    public static TensorFile Read(string path, NonFinite nonFinite = NonFinite.Refused) => Read(path, stream => Read(stream, path, nonFinite));

    /// <summary>As <see cref="Read(string, NonFinite)"/>, with a look at metadata and shapes before room is made for a tensor.</summary>
    /// <param name="path">The file.</param>
    /// <param name="check">Throws where they will not do.</param>
    internal static TensorFile Read(string path, Action<TensorFile, IReadOnlyList<TensorEntry>> check) =>
        Read(path, stream => TensorFileReader.Read(stream, path, NonFinite.Refused, check));

    /// <summary>The metadata alone: the tensors are neither read nor checked, and none are in the result.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="UserErrorException">There is no such file, it may not be read, or its header is not what the format says.</exception>
    internal static TensorFile ReadMetadata(string path) => Read(path, stream => TensorFileReader.ReadMetadata(stream, path));

    /// <summary>Reads a file from a stream, to its end.</summary>
    /// <param name="stream">The stream, at the file's first byte. One that cannot tell its length is first read into memory.</param>
    /// <param name="name">The name of the file in errors.</param>
    /// <param name="nonFinite">Whether NaN and infinity pass.</param>
    /// <exception cref="UserErrorException">The bytes are not exactly what the format says.</exception>
    public static TensorFile Read(Stream stream, string name, NonFinite nonFinite = NonFinite.Refused) =>
        TensorFileReader.Read(stream, name, nonFinite);

    /// <summary>Writes the file, completely or not at all.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="nonFinite">Whether NaN and infinity pass.</param>
    /// <exception cref="UserErrorException">The file system reported an error, or a tensor holds NaN or infinity.</exception>
    public void Write(string path, NonFinite nonFinite = NonFinite.Refused)
    {
        if (nonFinite == NonFinite.Refused) RefuseNonFinite(path);
        AtomicFile.Write(path, stream => Write(stream, NonFinite.Allowed));
    }

    /// <summary>Writes the file to a stream.</summary>
    /// <param name="stream">Receives the bytes.</param>
    /// <param name="nonFinite">Whether NaN and infinity pass.</param>
    /// <exception cref="UserErrorException">A tensor holds NaN or infinity.</exception>
    public void Write(Stream stream, NonFinite nonFinite = NonFinite.Refused)
    {
        if (nonFinite == NonFinite.Refused) RefuseNonFinite("the file to be written");
        TensorFileWriter.Write(this, stream);
    }

    private static TensorFile Read(string path, Func<FileStream, TensorFile> read)
    {
        FileErrors.RequireName(path);
        try
        {
            using FileStream stream = Disk.OpenRead(path);
            return read(stream);
        }
        catch (Exception e) when (FileErrors.Is(e))
        {
            throw FileErrors.Reading(path, e);
        }
    }

    /// <summary>Refuses NaN and infinity.</summary>
    /// <param name="file">The name of the file in errors.</param>
    internal void RefuseNonFinite(string file)
    {
        foreach (Tensor tensor in _tensors)
        {
            int at = ElementCodec.FirstNonFinite(tensor);
            if (at < 0) continue;
            double found = tensor.Type == TensorType.F32 ? tensor.Float32[at] : tensor.Float64[at];
            throw new UserErrorException(
                $"'{file}': tensor '{tensor.Name}' {tensor.ShapeText}, element {at} is {found}; expected finite numbers: "
                + "what wrote it had diverged; use an earlier file.");
        }
    }
}
