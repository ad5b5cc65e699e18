using Unroll.Core;
using Unroll.Tasks.Data.Tables;

namespace Unroll.Tasks.Data.Music;

/// <summary>A tune while its lines are read.</summary>
/// <param name="header">Its header, with the file's fields.</param>
/// <param name="scanner">Splits its music.</param>
/// <param name="remarks">Is told what is left out.</param>
internal sealed class AbcTuneText(AbcHeader header, AbcScanner scanner, AbcRemarks remarks)
{
    private readonly List<string> _tokens = [];
    private readonly List<int> _lines = [];
    private readonly HashSet<string> _voices = [];                                // those that have been named in the music
    private bool _played, _settings;

    /// <summary>Whether its header has ended.</summary>
    public bool InBody { get; private set; }

    /// <summary>Takes a line.</summary>
    /// <param name="line">Not empty, and without its comment.</param>
    /// <param name="number">Its number in the file.</param>
    /// <param name="field">Whether it is a field.</param>
    public void Add(string line, int number, bool field)
    {
        if (field && InBody) Field(line[0], line[2..].Trim(), number, written: null);
        else if (field)
        {
            header.Field(line[0], line[2..].Trim(), number, remarks);
            InBody |= line[0] == 'K';
        }
        else if (InBody) scanner.Scan(header.Expanded(line, number), number, token => Token(token, number));
        else if (!line.StartsWith('+') && !line.StartsWith('\\'))
            throw new UserErrorException($"{header.Source}, line {number}: expected fields such as T: and M:, then K: before the music, found " +
                $"'{Table.Shorten(line)}'.");
    }

    /// <summary>The tune.</summary>
    /// <exception cref="UserErrorException">It has no key; names its line.</exception>
    public AbcTune ToTune()
    {
        if (!InBody || header.Key is not { } key)
            throw new UserErrorException($"{header.Source}, line {header.Line}: the tune has no key: its header must end with a line 'K:'.");
        if (_voices.Count < 2 && !_settings)                                      // one voice needs no name
            for (int i = _tokens.Count - 1; i >= 0; i--)
                if (_tokens[i].StartsWith("[V:", StringComparison.Ordinal))
                {
                    _tokens.RemoveAt(i);
                    _lines.RemoveAt(i);
                }
        return new AbcTune(header.Number, header.Title, header.Meter, header.Unit, key, _tokens, header.Line)
        {
            QuartersPerMinute = header.QuartersPerMinute(remarks), Order = header.Order, Lines = _lines, Source = header.Source,
        };
    }

    private void Token(string token, int line)
    {
        AbcKind kind = AbcTune.KindOf(token);
        if (kind == AbcKind.Field)
        {
            Field(token[1], token[3..^1].Trim(), line, token);
            return;
        }
        if (kind == AbcKind.ChordSymbol)
            remarks.LeftOut(token[1] is '^' or '_' or '<' or '>' or '@' ? "annotation" : AbcRemarks.ChordSymbols, header.Source, line);
        else if (kind == AbcKind.Ornament) Ornament(token, line);
        else if (kind is AbcKind.Note or AbcKind.Chord or AbcKind.Overlay && !_played)
        {
            _played = true;
            // music before the first V: is the first voice's
            if (_voices.Count == 0 && (header.Voices.Count > 1 || header.Voices.Any(voice => voice.Settings.Length > 0)))
                Voice(header.Voices[0].Name, "", line);
            else if (_voices.Count == 0) _voices.Add("1");
        }
        Keep(token, line);
    }

    private void Ornament(string token, int line)
    {
        if (token[0] is '(' or ')') return;                                       // slurs change no note
        string sign = token.Trim('!', '+');
        if (token[0] == '{') remarks.LeftOut("grace note group", header.Source, line);
        else if (sign is "fine" or "coda" or "dacoda" or "dacapo" or "segno" or "dalsegno"
            || sign.StartsWith("D.C.", StringComparison.Ordinal) || sign.StartsWith("D.S.", StringComparison.Ordinal))
            remarks.Doubt("a sign of playing order (such as D.C., D.S. or fine) is not followed, and the tune is played without it",
                header.Source, line);
        else if (sign.StartsWith("8va", StringComparison.Ordinal) || sign.StartsWith("8vb", StringComparison.Ordinal)
            || sign.StartsWith("15m", StringComparison.Ordinal))
            remarks.Doubt("a sign that moves notes by octaves (such as 8va) is not followed, and they are read as written", header.Source, line);
        else remarks.LeftOut("ornament", header.Source, line);
    }

    private void Field(char name, string value, int line, string? written)
    {
        if (name != 'Z' || written is not null) header.Check(name, value, line, remarks);
        if (name == 'V') Voice(AbcHeader.VoiceOf(value), AbcKey.SettingsOf(value[AbcHeader.VoiceOf(value).Length..]), line);
        else if (name == 'Q' && _played) remarks.LeftOut("tempo change", header.Source, line);
        else if (name is 'K' or 'M' or 'L' or 'P') Keep(written ?? $"[{name}:{value}]", line);
    }

    // The first time with what the header says of it.
    private void Voice(string name, string settings, int line)
    {
        if (_voices.Add(name) && header.Voices.FirstOrDefault(voice => voice.Name == name) is { Settings.Length: > 0 } described)
            settings = settings.Length > 0 ? $"{described.Settings} {settings}" : described.Settings;
        _settings |= settings.Length > 0;
        Keep(settings.Length > 0 ? $"[V:{name} {settings}]" : $"[V:{name}]", line);
    }

    private void Keep(string token, int line)
    {
        _tokens.Add(token);
        _lines.Add(line);
    }
}
