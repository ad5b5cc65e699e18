using Unroll.Core;
using Unroll.Tasks.Data.Tables;

namespace Unroll.Tasks.Data.Music;

/// <summary>The fields before the music, of a file for all its tunes or of one tune (the standard, 2.2.2 and chapter 3).</summary>
/// <param name="source">What errors call the file.</param>
internal sealed class AbcHeader(string source)
{
    private const string Known = "ABCDEFGHIKLMNOPQRSTUVWXZmrsw";
    private const int MaxMacro = 200, MaxGrown = 1_000_000;

    private readonly List<(string Sign, string Music)> _macros = [];
    private readonly List<(string Name, string Settings)> _voices = [];
    private long _grown;

    public string Source => source;

    /// <summary>The line of the file on which the tune begins.</summary>
    public int Line { get; private init; } = 1;

    public string Number { get; private set; } = "";

    public string Title { get; private set; } = "";

    public string Meter { get; private set; } = "";

    public string? Key { get; private set; }

    public string Tempo { get; private set; } = "";

    public string Order { get; private set; } = "";

    /// <summary>The voices that are described, with what of it changes pitches.</summary>
    public IReadOnlyList<(string Name, string Settings)> Voices => _voices;

    /// <summary>Whether no field has been read.</summary>
    public bool IsEmpty { get; private set; } = true;

    private double Length { get; set; } = double.NaN;

    /// <summary>The length of a note without a number; where there is no L: a sixteenth in meters below 3/4, else an eighth.</summary>
    public double Unit => !double.IsNaN(Length) ? Length : AbcMeter.TryRead(Meter, out double bar) && bar < 0.75 ? 1 / 16.0 : 1 / 8.0;

    /// <summary>
    /// Whether a line is a field: a letter and a colon. In the music, a note before <c>:|</c> or <c>::</c> is none, though by the letter of the
    /// standard it would be.
    /// </summary>
    public static bool IsField(string line, bool inBody) => line.Length > 1 && line[1] == ':' && char.IsAsciiLetter(line[0])
        && !(inBody && line.Length > 2 && line[2] is '|' or ':' or ']' && AbcTune.KindOf(line) == AbcKind.Note);

    /// <summary>The same fields as the begin of a tune's header.</summary>
    /// <param name="line">The line on which the tune begins.</param>
    public AbcHeader Copy(int line)
    {
        AbcHeader copy = new(source) { Line = line, Meter = Meter, Length = Length, Tempo = Tempo, Key = Key };
        copy._macros.AddRange(_macros);
        return copy;
    }

    /// <summary>Takes a field.</summary>
    /// <exception cref="UserErrorException">It is not as it should be; names the line.</exception>
    public void Field(char name, string value, int line, AbcRemarks remarks)
    {
        IsEmpty = false;
        Check(name, value, line, remarks);
        switch (name)
        {
            case 'X': Number = value; break;
            case 'T' when Title.Length == 0: Title = value; break;
            case 'M': Meter = value; break;
            case 'L': Length = AbcMeter.Length(value); break;
            case 'K': Key = value.Length > 0 ? value : Key ?? value; break;
            case 'Q': Tempo = value; break;
            case 'P': Order = value; break;
            case 'V':
                string voice = VoiceOf(value);
                _voices.RemoveAll(one => one.Name == voice);
                _voices.Add((voice, AbcKey.SettingsOf(value[voice.Length..])));
                break;
        }
    }

    /// <summary>Refuses a field that is wrong, and remarks one that is not read; in a header and in the music alike.</summary>
    public void Check(char name, string value, int line, AbcRemarks remarks)
    {
        switch (name)
        {
            case 'M' when !AbcMeter.TryRead(value, out _): throw Wrong(line, "a meter such as M:6/8, M:C or M:none", value);
            case 'L' when double.IsNaN(AbcMeter.Length(value)): throw Wrong(line, "a length such as L:1/8", value);
            case 'K' when AbcKey.None.With(value, word => remarks.Doubt(
                $"the word '{Table.Shorten(word)}' of a key is not known and is passed over", source, line)) is null:
                throw Wrong(line, "a key such as K:G, K:Bbm, K:D dorian or K:none", value);
            case 'K' when AbcKey.IsPercussion(value): Percussion(line, remarks); break;
            case 'V' when VoiceOf(value).Length == 0: throw Wrong(line, "the name of a voice, such as V:1", value);
            case 'V' when AbcKey.IsPercussion(value[VoiceOf(value).Length..]): Percussion(line, remarks); break;
            case 'm': Macro(value, line); break;
            case 'I': AbcDirective.Remark(value, source, line, remarks); break;
            case 'w' or 'W': remarks.LeftOut("lyrics line", source, line); break;
            case 's': remarks.LeftOut("symbol line", source, line); break;
            default:
                if (!Known.Contains(name)) remarks.Doubt($"a field '{name}:' is none of ABC 2.1 and is passed over", source, line);
                break;
        }
    }

    private void Percussion(int line, AbcRemarks remarks) =>
        remarks.Doubt("a percussion clef (perc) says that what follows are strokes; they are read as notes of the pitches written", source, line);

    /// <summary>A line of music with the macros that stand in it (the standard, 9).</summary>
    /// <exception cref="UserErrorException">The tune's macros have grown beyond all music; names the line.</exception>
    public string Expanded(string music, int line)
    {
        foreach ((string sign, string text) in _macros)
        {
            _grown -= music.Length;
            music = music.Replace(sign, text, StringComparison.Ordinal);
            _grown += music.Length;
            if (_grown > MaxGrown)
                throw new UserErrorException(FormattableString.Invariant(
                    $"{source}, line {line}: the macros (m:) of the tune stand for more than {MaxGrown:N0} signs; shorten them."));
        }
        return music;
    }

    /// <summary>The name of a voice: the first word.</summary>
    public static string VoiceOf(string value) => value.Split([' ', '\t'], 2)[0];

    /// <summary>Quarter notes of a minute; 120 where it is not said or not understood.</summary>
    public double QuartersPerMinute(AbcRemarks remarks)
    {
        if (AbcMeter.Tempo(Tempo, Unit) is { } quarters) return quarters;
        if (Tempo.Contains('=') || Tempo.Length > 0 && !Tempo.Contains('"'))
            remarks.Doubt("a tempo Q: is not understood, and 120 quarter notes a minute are taken", source, Line);
        return 120;
    }

    // m:~g3 = {a}g{f}g   the sign on the left stands for the music on the right
    private void Macro(string value, int line)
    {
        string[] sides = value.Split('=', 2, StringSplitOptions.TrimEntries);
        if (sides.Length < 2 || sides[0].Length is 0 or > MaxMacro || sides[1].Length > MaxMacro)
            throw Wrong(line, "a macro such as m:~g3={a}g{f}g", value);
        if (sides[0].Contains('n'))
            throw Wrong(line, "a macro for certain notes, since one for any note 'n' is not read (write out what it stands for)", value);
        _macros.Add((sides[0], sides[1]));
    }

    private UserErrorException Wrong(int line, string expected, string found) =>
        new($"{source}, line {line}: expected {expected}, found '{Table.Shorten(found)}'.");
}
