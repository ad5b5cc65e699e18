using System.Globalization;
using System.Text.RegularExpressions;
using Unroll.Core;

namespace Unroll.Formats;

/// <summary>The header of an <c>.npy</c> file, a Python dictionary: <c>{'descr': '&lt;f4', 'fortran_order': False, 'shape': (3, 4), }</c>.</summary>
/// <param name="Type">What the elements are.</param>
/// <param name="Fortran">Whether the first index changes fastest.</param>
/// <param name="Shape">The sizes, slowest first.</param>
internal sealed partial record NpyHeader(NpyType Type, bool Fortran, int[] Shape)
{
    private const int MostSizes = 64;                        // NumPy's own limit

    /// <summary>The shape in readable form.</summary>
    public string ShapeText => Tensor.TextOf(Shape);

    /// <summary>The bytes that must follow the header; more than any file has where the product overflows.</summary>
    public long Bytes
    {
        get
        {
            Int128 bytes = Shape.Contains(0) ? 0 : Type.Size;
            foreach (int size in Shape) bytes = Int128.Min(bytes * size, long.MaxValue);
            return (long)bytes;
        }
    }

    /// <summary>Reads a header.</summary>
    /// <param name="text">The dictionary with its padding.</param>
    /// <param name="file">The file's name, for errors.</param>
    /// <exception cref="UserErrorException">It is not such a dictionary, or the array is one that is not read here.</exception>
    public static NpyHeader Parse(string text, string file)
    {
        Dictionary<string, string> entries = ReadEntries(text, file);
        NpyType type = NpyType.Parse(entries["descr"], file);
        bool fortran = entries["fortran_order"] switch
        {
            "True" => true,
            "False" => false,
            var other => throw new UserErrorException($"'{file}': fortran_order is {other}, expected True or False; write it again."),
        };
        return new(type, fortran, ReadShape(entries["shape"], file));
    }

    /// <summary>The dictionary of a tensor.</summary>
    /// <param name="tensor">A tensor of floats, integers or truth values.</param>
    /// <exception cref="ArgumentException">The tensor is of another type.</exception>
    public static string Text(Tensor tensor)
    {
        string type = tensor.Type switch
        {
            TensorType.F32 => "<f4",
            TensorType.F64 => "<f8",
            TensorType.I64 => "<i8",
            TensorType.I32 => "<i4",
            TensorType.I8 => "|i1",
            TensorType.U8 => "|u1",
            _ when tensor.TypeName == "BOOL" => "|b1",
            _ => throw new ArgumentException(
                $"Tensor '{tensor.Name}' holds {tensor.TypeName}; written are F32, F64, I64, I32, I8, U8 and BOOL.", nameof(tensor)),
        };
        string sizes = string.Join(", ", tensor.Shape.ToArray());
        return $"{{'descr': '{type}', 'fortran_order': False, 'shape': ({sizes}{(tensor.Shape.Length == 1 ? "," : "")}), }}";
    }

    // Exactly the three keys, each once, and nothing after the closing brace but padding.
    private static Dictionary<string, string> ReadEntries(string text, string file)
    {
        if (Structured().IsMatch(text))
            throw new UserErrorException(
                $"'{file}' holds records of several fields (a structured array); read here are plain numbers: save one field, array['name'].");
        Dictionary<string, string> entries = [];
        string padded = text.Trim();
        bool sound = padded.StartsWith('{');
        int at = 1;
        for (Match entry; sound && (entry = Entry().Match(padded, at)).Success; at += entry.Length)
            sound = entry.Groups["key"].Value is "descr" or "fortran_order" or "shape"
                && entries.TryAdd(entry.Groups["key"].Value, entry.Groups["value"].Value.Trim('\'', '"'));
        return sound && entries.Count == 3 && padded[at..].Trim() == "}"
            ? entries
            : throw new UserErrorException(
                $"'{file}' is damaged: its header must be a dictionary that gives descr, fortran_order and shape once each; write it again.");
    }

    // Python 2 wrote sizes as 3L.
    private static int[] ReadShape(string tuple, string file)
    {
        string[] sizes = tuple.Trim('(', ')').Split(',', StringSplitOptions.TrimEntries);
        if (sizes[^1].Length == 0) sizes = sizes[..^1];                      // (3,) and ()
        if (sizes.Length > MostSizes)
            throw new UserErrorException($"'{file}': its header gives a shape of {sizes.Length} sizes; expected at most {MostSizes}.");
        int[] shape = new int[sizes.Length];
        for (int i = 0; i < sizes.Length; i++)
            if (!int.TryParse(sizes[i].TrimEnd('L'), NumberStyles.None, CultureInfo.InvariantCulture, out shape[i]))
                throw new UserErrorException(
                    $"'{file}': its header gives the shape {tuple.ReplaceLineEndings(" ")}; expected whole numbers from 0 to {int.MaxValue}.");
        return shape;
    }

    // 'key': value, where the value is a quoted word, a bare word, or a tuple of whole numbers. The lengths bound what ends up in a message.
    [GeneratedRegex("""\G\s*['"](?<key>\w{1,40})['"]\s*:\s*"""
        + """(?<value>'[\x20-\x26\x28-\x7E]{1,40}'|"[\x20\x21\x23-\x7E]{1,40}"|\w{1,40}|\([0-9L,\s]{0,800}\))\s*(?:,|(?=\}))""")]
    private static partial Regex Entry();

    // 'descr': [('x', '<f4'), …
    [GeneratedRegex("""['"]descr['"]\s*:\s*[\[(]""")]
    private static partial Regex Structured();
}
