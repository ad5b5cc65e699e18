using System.Globalization;
using Google.Protobuf.Collections;
using Unroll.Exchange.Onnx.Wire;
using Unroll.Files;

namespace Unroll.Exchange.Onnx.Files;

/// <summary>
/// Data of a tensor in another file (https://github.com/onnx/onnx/blob/main/docs/ExternalData.md): <c>location</c>, a path relative to the model's
/// folder, <c>offset</c> and <c>length</c> in bytes. Nothing outside the folder is read.
/// </summary>
internal static class ExternalData
{
    /// <summary>Reads the bytes of a tensor.</summary>
    /// <param name="entries">Where they are.</param>
    /// <param name="expected">How many the tensor needs.</param>
    /// <param name="name">The tensor's name, for messages.</param>
    /// <param name="context">The model's file.</param>
    /// <exception cref="Core.UserErrorException">The file is missing, outside the folder, or too short.</exception>
    public static byte[] Read(RepeatedField<StringStringEntryProto> entries, long expected, string name, ReadingContext context)
    {
        Dictionary<string, string> values = [];
        foreach (StringStringEntryProto entry in entries)
            if (!values.TryAdd(entry.Key, entry.Value)) throw context.Refusal($"tensor '{name}': '{entry.Key}' of its external data is given twice");
        if (context.Folder is null) throw context.Refusal($"tensor '{name}' has its data in another file, and only a model on disk has such");
        string path = Inside(context.Folder, values.GetValueOrDefault("location", ""), name, context);
        long offset = Number("offset", 0), length = Number("length", expected);
        if (length != expected)
            throw context.Refusal($"tensor '{name}' needs {expected} bytes, and its external data are {length}; export the model again");
        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            if (offset > stream.Length - length)
                throw context.Refusal($"tensor '{name}' has its data in '{values["location"]}' from byte {offset} to {(Int128)offset + length}, "
                    + "and that file has "
                    + $"{stream.Length}; copy it again beside the model");
            byte[] bytes = new byte[length];
            stream.Position = offset;
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception e) when (FileErrors.Is(e))
        {
            throw context.Refusal($"tensor '{name}' has its data in '{values["location"]}', which cannot be read "
                + $"({(e is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : e.Message.TrimEnd('.'))}); "
                + "put it beside the model", e);
        }

        long Number(string key, long otherwise) => !values.TryGetValue(key, out string? text) ? otherwise
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number
            : throw context.Refusal($"tensor '{name}': the {key} of its external data is '{text}', expected a whole number of at least 0");
    }

    // Neither an absolute path, nor one that goes up, nor a link on the way.
    private static string Inside(string folder, string location, string name, ReadingContext context)
    {
        string[] parts = location.Split('/', '\\');
        if (parts.Any(part => part is "" or "." or "..") || location.Contains(':') || location.Contains('\0') || Path.IsPathRooted(location))
            throw context.Refusal($"tensor '{name}' has its data in '{location}'; external data are read only from inside the model's folder, by a "
                + "path without '..', '.' and ':'");
        string path = folder;
        foreach (string part in parts)
        {
            path = Path.Combine(path, part);
            if (new FileInfo(path).LinkTarget is { } target)
                throw context.Refusal($"tensor '{name}' has its data in '{location}', which is a link to '{target}'; put the file itself there");
        }
        return path;
    }
}
