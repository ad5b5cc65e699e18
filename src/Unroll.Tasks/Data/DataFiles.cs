using System.Text;
using Unroll.Core;
using Unroll.Files;

namespace Unroll.Tasks.Data;

/// <summary>
/// What the names of data stand for: files of the disk, and whatever a program hands over under a name, a text, bytes or a stream. A command line
/// hands over its standard input as <c>-</c>.
/// </summary>
/// <remarks>Immutable; safe for use by several threads. A stream is read once, when its name is first asked for, and kept.</remarks>
public sealed class DataFiles
{
    /// <summary>The name that command lines give to their standard input.</summary>
    public const string StandardInput = "-";

    private readonly IReadOnlyDictionary<string, Lazy<byte[]>> _named;
    private readonly NoteSink? _notes;

    private DataFiles(IReadOnlyDictionary<string, Lazy<byte[]>> named, NoteSink? notes = null, bool alone = false) =>
        (_named, _notes, Alone) = (named, notes, alone);

    /// <summary>Nothing at all: what is not handed over is not there. For data that somebody else sends, who must not read this machine's.</summary>
    public static DataFiles Nothing { get; } = new(new Dictionary<string, Lazy<byte[]>>(), alone: true);

    /// <summary>Whether no file of the disk is read.</summary>
    internal bool Alone { get; }

    /// <summary>The files of the disk alone.</summary>
    public static DataFiles Disk { get; } = new(new Dictionary<string, Lazy<byte[]>>());

    /// <summary>One text under a name, beside the files of the disk.</summary>
    /// <param name="name">What options call it, and errors; an ending such as <c>.csv</c> says what it is where a file's would.</param>
    /// <param name="text">The text.</param>
    public static DataFiles Of(string name, string text) => Disk.With(name, text);

    /// <summary>With a text under a name; it comes before a file of that name.</summary>
    /// <param name="name">What options call it, and errors.</param>
    /// <param name="text">The text.</param>
    public DataFiles With(string name, string text) => Kept(name, () => Encoding.UTF8.GetBytes(text));

    /// <summary>With bytes under a name; they come before a file of that name.</summary>
    /// <param name="name">What options call them, and errors.</param>
    /// <param name="bytes">The bytes; gzipped ones are unpacked as a file's are.</param>
    public DataFiles With(string name, byte[] bytes) => Kept(name, () => InputFile.Unpacked(bytes, Called(name)));

    /// <summary>With a stream under a name.</summary>
    /// <param name="name">What options call it, and errors.</param>
    /// <param name="open">Opens it; called once, when the name is first asked for. The stream is read to its end and disposed of.</param>
    public DataFiles With(string name, Func<Stream> open) => Kept(name, () =>
    {
        using Stream stream = open();
        return InputFile.Unpacked(InputFile.Bytes(stream, Called(name)), Called(name));
    });

    /// <summary>
    /// The same names, and somebody to tell what reading them left out, filled in or doubted. Data that are read twice are spoken of once.
    /// </summary>
    /// <param name="note">Receives each line, <c>note: …</c>; null: as before.</param>
    public DataFiles NotingTo(Action<string>? note) => note is null || _notes?.Receiver == note ? this : new(_named, new NoteSink(note), Alone);

    /// <summary>Says what a reader left out, filled in or doubted: the file, what, how much, and what to do. Called by readers.</summary>
    /// <param name="text">A sentence that begins with the file's name, without <c>note:</c>.</param>
    public void Note(string text) => _notes?.Say($"note: {text}");

    /// <summary>Whether something was handed over under that name.</summary>
    public bool Has(string name) => _named.ContainsKey(name);

    /// <summary>Whether there is something of that name: handed over, or a file of the disk.</summary>
    public bool Exists(string name) => Has(name) || !Alone && File.Exists(name);

    /// <summary>Whether it is a folder of the disk.</summary>
    internal bool IsFolder(string name) => !Alone && !Has(name) && Directory.Exists(name);

    /// <summary>All bytes of what a name stands for, unpacked where they are gzipped.</summary>
    /// <param name="name">A name that was handed over, else a file's path.</param>
    /// <param name="expected">What it should be, with its article: <c>"a MIDI file"</c>.</param>
    /// <exception cref="UserErrorException">
    /// There is nothing of that name, it is a folder, it may not be read, or it is gzipped and damaged.
    /// </exception>
    public byte[] Bytes(string name, string expected)
    {
        if (_named.TryGetValue(name, out Lazy<byte[]>? bytes)) return bytes.Value;
        if (name == StandardInput)
            throw new UserErrorException(
                $"'{StandardInput}' stands for standard input, and there is none here; name {expected}, or hand the data over under that name.");
        if (Alone) throw new UserErrorException($"'{name}': expected {expected} that came with the request, and none did; send all in one.");
        return InputFile.Bytes(name, expected);
    }

    /// <summary>The bytes of what a name stands for as a stream, unpacked where they are gzipped: for what is too large for memory.</summary>
    /// <param name="name">A name that was handed over, else a file's path.</param>
    /// <param name="expected">What it should be, with its article: <c>"a FASTA file"</c>.</param>
    /// <exception cref="UserErrorException">There is nothing of that name, it is a folder, or it may not be read.</exception>
    internal Stream Open(string name, string expected) =>
        Alone || Has(name) || name == StandardInput ? new MemoryStream(Bytes(name, expected)) : InputFile.Open(name, expected);

    /// <summary>A name without the ending of gzipped files: what is left says what the data are.</summary>
    internal static string WithoutGz(string name) => name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? name[..^3] : name;

    /// <summary>What errors and reports call a name: <c>standard input</c> for <c>-</c>, else the name.</summary>
    public static string Called(string name) => name == StandardInput ? "standard input" : name;

    private DataFiles Kept(string name, Func<byte[]> bytes) =>
        new(new Dictionary<string, Lazy<byte[]>>(_named) { [name] = new Lazy<byte[]>(bytes) }, _notes, Alone);

    private sealed class NoteSink(Action<string> receiver)
    {
        private readonly HashSet<string> _said = [];

        public Action<string> Receiver => receiver;

        public void Say(string line)
        {
            lock (_said)
                if (!_said.Add(line)) return;
            receiver(line);
        }
    }
}
