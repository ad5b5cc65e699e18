using System.Buffers;
using System.Text;
using Unroll.Core;
using Unroll.Tasks.Data.Tables;
using Unroll.Tasks.Data.Text;

namespace Unroll.Tasks.Data.Sequences;

/// <summary>The records of a FASTA file while it is read: a byte for each base of the one under way, two in the record.</summary>
/// <param name="stream">The bytes, not gzipped; not closed.</param>
/// <param name="source">What errors and notes call it.</param>
/// <param name="note">Receives what was passed over or doubted, at the end; null: nobody.</param>
internal sealed class FastaStream(Stream stream, string source, Action<string>? note)
{
    private const int ChunkBytes = 1 << 16, PieceBytes = 1 << 20, MaxHeader = 1 << 20, MaxLetters = 1_000_000_000;
    private static readonly SearchValues<byte> s_codes = SearchValues.Create("ACGTUMRWSYKVHDBNacgtumrwsykvhdbn"u8);

    private enum Place
    {
        LineStart,
        Header,
        Comment,
        Letters,
    }

    private readonly byte[] _chunk = new byte[ChunkBytes];
    private readonly List<byte> _headerBytes = [];
    private readonly List<byte[]> _pieces = [];
    private readonly HashSet<string> _names = [];
    private Place _place;
    private int _at, _count, _line = 1, _headerLine, _length, _records;
    private long _before, _lineStart;                            // bytes before the chunk; where the line begins
    private (int Line, long Column)? _stop;
    private string? _header;
    private bool _afterReturn;
    private (int Count, int Line) _stops, _gaps, _nameless, _twice;
    private string _firstTwice = "";

    /// <summary>The next record; null: there is none.</summary>
    /// <exception cref="UserErrorException">The bytes are no such file; the message names line and character.</exception>
    public FastaRecord? Next()
    {
        while (_at < _count || Fill())
        {
            byte one = _chunk[_at];
            if (one is (byte)'\n' or (byte)'\r')
            {
                LineEnd(one);
                continue;
            }
            _afterReturn = false;
            if (_place == Place.LineStart)
            {
                if (one is (byte)' ' or (byte)'\t') _at++;
                else if (one != '>') _place = one == ';' ? Place.Comment : Place.Letters;
                else
                {
                    FastaRecord? ready = Record();
                    _headerLine = _line;
                    _place = Place.Header;
                    _at++;
                    if (ready is not null) return ready;
                }
                continue;
            }
            ReadOnlySpan<byte> rest = _chunk.AsSpan(_at, _count - _at);
            int end = rest.IndexOfAny((byte)'\n', (byte)'\r');
            if (end >= 0) rest = rest[..end];
            if (_place == Place.Letters) Letters(rest);
            else if (_place == Place.Header) _headerBytes.AddRange(rest);
            if (_headerBytes.Count > MaxHeader)
                throw new UserErrorException($"{source}, line {_line}: expected a short header, found more than a megabyte.");
            _at += rest.Length;
        }
        if (_place == Place.Header) HeaderEnds();
        FastaRecord? last = Record();
        if (last is not null) return last;
        if (_records == 0) throw new UserErrorException($"{source}: expected sequences in FASTA form, each below a line '>name', found none.");
        SayWhatWasSeen();
        return null;
    }

    private bool Fill()
    {
        _before += _count;
        _at = 0;
        _count = stream.ReadAtLeast(_chunk, 1, throwOnEndOfStream: false);
        if (_before == 0 && _count >= 3 && _chunk is [0xEF, 0xBB, 0xBF, ..]) (_at, _lineStart) = (3, 3);
        if (_chunk.AsSpan(0, _count).Contains((byte)0)) throw Binary();
        return _at < _count;
    }

    private void LineEnd(byte one)
    {
        bool second = one == '\n' && _afterReturn;
        _at++;
        _lineStart = _before + _at;
        _afterReturn = one == '\r';
        if (second) return;
        if (_place == Place.Header) HeaderEnds();
        _place = Place.LineStart;
        _line++;
    }

    private void HeaderEnds()
    {
        try
        {
            _header = PlainText.Composed(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString([.. _headerBytes]).Trim());
        }
        catch (ArgumentException)
        {
            throw Binary();
        }
        _headerBytes.Clear();
    }

    private void Letters(ReadOnlySpan<byte> letters)
    {
        if (_header is null)
            throw new UserErrorException($"{source}, line {_line}: expected a header that begins with '>', found " +
                $"'{Table.Shorten(Encoding.UTF8.GetString(letters).Trim())}'.");
        for (int at = 0; at < letters.Length;)
        {
            int codes = letters[at..].IndexOfAnyExcept(s_codes);
            if (codes < 0) codes = letters.Length - at;
            Append(letters.Slice(at, codes));
            at += codes;
            if (at == letters.Length) return;
            byte other = letters[at++];
            long column = _before + _at + at - _lineStart;
            if (other == '*') _stop ??= (_line, column);
            else if (other is (byte)'-' or (byte)'.')
            {
                Append([other]);
                Count(ref _gaps);
            }
            else if (other is not ((byte)' ' or (byte)'\t'))
                throw Unknown(_line, column, Rune.DecodeFromUtf8(letters[(at - 1)..], out Rune found, out _) == OperationStatus.Done
                    ? $"'{Table.Shorten(found.ToString())}'" : $"the byte 0x{other:X2}");
        }
    }

    private void Append(ReadOnlySpan<byte> letters)
    {
        if (letters.IsEmpty) return;
        if (_stop is var (line, column))
            throw Unknown(line, column, "'*' within a sequence, where it stands for the stop of a protein");
        if (_length + (long)letters.Length > MaxLetters)
            throw new UserErrorException(
                $"{source}, line {_headerLine}: expected a sequence of at most {MaxLetters:N0} letters, found more; cut it.");
        while (!letters.IsEmpty)
        {
            int piece = _length / PieceBytes, from = _length % PieceBytes;
            if (piece == _pieces.Count) _pieces.Add(new byte[PieceBytes]);
            int count = Math.Min(letters.Length, PieceBytes - from);
            letters[..count].CopyTo(_pieces[piece].AsSpan(from));
            letters = letters[count..];
            _length += count;
        }
    }

    private FastaRecord? Record()
    {
        if (_header is null) return null;
        if (_length == 0) throw new UserErrorException($"{source}, line {_headerLine}: the sequence '{Table.Shorten(_header)}' has no letters.");
        if (_stop is not null) Count(ref _stops, _stop.Value.Line);
        string[] words = _header.Split([' ', '\t'], 2);
        if (words[0].Length == 0) Count(ref _nameless, _headerLine);
        else if (!_names.Add(words[0]))
        {
            if (_twice.Count == 0) _firstTwice = words[0];
            Count(ref _twice, _headerLine);
        }
        string letters = string.Create(_length, _pieces, (into, pieces) =>
        {
            for (int at = 0, piece = 0; at < into.Length; at += PieceBytes, piece++)
                Encoding.Latin1.GetChars(pieces[piece].AsSpan(0, Math.Min(PieceBytes, into.Length - at)), into[at..]);
        });
        (_header, _length, _stop) = (null, 0, null);
        _records++;
        return new FastaRecord(words[0], words.Length > 1 ? words[1].Trim() : "", letters, _headerLine);
    }

    private void SayWhatWasSeen()
    {
        if (note is null) return;
        if (_stops.Count > 0) note($"{source}: the sign * at the end of {Sequences(_stops)} was passed over.");
        if (_gaps.Count > 0)
            note(FormattableString.Invariant($"{source}: {_gaps.Count:N0} gaps ('-' or '.'), line {_gaps.Line} first, are steps without a base; ") +
                "take them out unless the sequences are aligned.");
        if (_nameless.Count > 0)
            note($"{source}: {Sequences(_nameless)} {(_nameless.Count == 1 ? "has" : "have")} no name; write one after the '>'.");
        if (_twice.Count > 0)
            note($"{source}: {Sequences(_twice)} {(_twice.Count == 1 ? "has" : "have")} a name that stood before ('{Table.Shorten(_firstTwice)}').");
    }

    private string Sequences((int Count, int Line) seen) =>
        FormattableString.Invariant($"{seen.Count:N0} of {_records:N0} sequences, line {seen.Line} first,");

    private void Count(ref (int Count, int Line) seen, int? line = null) => seen = seen.Count == 0 ? (1, line ?? _line) : (seen.Count + 1, seen.Line);

    private UserErrorException Unknown(int line, long column, string found) => new(
        $"{source}, line {line}, character {column}: expected a nucleotide (A, C, G, T, U, N, R, Y …), found {found}.");

    private UserErrorException Binary() => new($"{source}: expected a FASTA file, which is text, found a binary file.");
}
