using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Unroll.Core;
using Unroll.Files;
using Unroll.Tasks.Data.Parts;
using Unroll.Tasks.Data.Tables;

namespace Unroll.Tasks.Data.Music;

/// <summary>Reads files of tunes in ABC notation.</summary>
public static class AbcReader
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="UserErrorException">It cannot be read, or holds no tune; the message names the line.</exception>
    public static IReadOnlyList<AbcTune> ReadFile(string path) => Read(InputFile.Bytes(path, "a file of ABC tunes"), path);

    /// <summary>Reads the bytes of a file.</summary>
    /// <param name="bytes">All of them; old collections are Latin-1, and only titles and names hold more than ASCII.</param>
    /// <param name="source">What errors call it.</param>
    /// <exception cref="UserErrorException">There is no tune, or a tune is not one; the message names the line.</exception>
    public static IReadOnlyList<AbcTune> Read(byte[] bytes, string source) =>
        Read(Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : Encoding.Latin1.GetString(bytes), source);

    /// <summary>Reads text.</summary>
    /// <param name="text">All of it.</param>
    /// <param name="source">What errors call it.</param>
    /// <exception cref="UserErrorException">There is no tune, or a tune is not one; the message names the line.</exception>
    public static IReadOnlyList<AbcTune> Read(string text, string source)
    {
        List<AbcTune> tunes = [];
        AbcTuneText? tune = null;
        int number = 0;
        foreach (string raw in text.TrimStart('\uFEFF').Split('\n'))
        {
            number++;
            int comment = raw.IndexOf('%');
            string line = (comment < 0 ? raw : raw[..comment]).Trim();
            if (line.StartsWith("X:", StringComparison.Ordinal))
            {
                End();
                tune = new AbcTuneText(source, number);
            }
            if (line.Length == 0 && raw.Trim().Length == 0) End();                // an empty line ends a tune, a comment does not
            else if (line.Length > 0) tune?.Add(line, number);
        }
        End();
        return tunes.Count > 0 ? tunes
            : throw new UserErrorException($"{source}: expected tunes in ABC notation, each beginning with a line 'X:', found none.");

        void End()
        {
            if (tune is not null) tunes.Add(tune.ToTune());
            tune = null;
        }
    }

    /// <summary>A fraction as ABC writes it (<c>6/8</c>, <c>1/8</c>, <c>C</c>, <c>C|</c>); NaN where it is none.</summary>
    internal static double Fraction(string text)
    {
        if (text is "C" or "C|") return 1;
        string[] parts = text.Split('/');
        return parts.Length == 2 && double.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out double above)
            && double.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out double below) && above > 0 && below > 0
                ? above / below : double.NaN;
    }

    /// <summary>The same back as text in lowest terms: <c>1/8</c>, <c>3/32</c>; the nearest one of at most 1,024 parts of a whole note.</summary>
    internal static string FractionText(double value)
    {
        int below = 1;
        while (below < 1024 && Math.Abs(value * below - Math.Round(value * below)) > 1e-9 * below) below++;
        return FormattableString.Invariant($"{Math.Max(1, Math.Round(value * below)):0}/{below}");
    }
}

/// <summary>A tune while its lines are read.</summary>
internal sealed class AbcTuneText(string source, int begin)
{
    private readonly List<string> _tokens = [];
    private string _number = "", _title = "", _meter = "", _key = "", _tempo = "";
    private double _unit = double.NaN;
    private bool _inBody;

    public void Add(string line, int number)
    {
        if (line.Length > 1 && line[1] == ':' && char.IsAsciiLetter(line[0])) Field(line[0], line[2..].Trim(), number);
        else if (_inBody) _tokens.AddRange(AbcTune.Split(line, (at, c) => Refuse(number, at, c)));
        else if (!line.StartsWith('+') && !line.StartsWith('\\'))
            throw new UserErrorException($"{source}, line {number}: expected fields such as T: and M:, then K: before the music, found " +
                $"'{Table.Shorten(line)}'.");
    }

    public AbcTune ToTune()
    {
        if (!_inBody) throw new UserErrorException($"{source}, line {begin}: the tune has no key: its header must end with a line 'K:'.");
        double meter = AbcReader.Fraction(_meter);
        // The standard's own rule where there is no L: a sixteenth in short meters, else an eighth.
        double unit = !double.IsNaN(_unit) ? _unit : meter < 0.75 ? 1 / 16.0 : 1 / 8.0;
        return new AbcTune(_number, _title, _meter, unit, _key, _tokens, begin) { QuartersPerMinute = Tempo(unit) };
    }

    private void Field(char name, string value, int number)
    {
        if (_inBody)
        {
            if (name is 'K' or 'M' or 'L') _tokens.Add($"[{name}:{value}]");
            return;
        }
        switch (name)
        {
            case 'X': _number = value; break;
            case 'T': if (_title.Length == 0) _title = value; break;
            case 'M': _meter = value; break;
            case 'Q': _tempo = value; break;
            case 'L':
                _unit = AbcReader.Fraction(value);
                if (double.IsNaN(_unit))
                    throw new UserErrorException($"{source}, line {number}: expected a length such as L:1/8, found '{Table.Shorten(value)}'.");
                break;
            case 'K': (_key, _inBody) = (value, true); break;
        }
    }

    //  Q:1/4=120      Q:120 (units of a minute)
    private double Tempo(double unit)
    {
        string[] parts = _tempo.Split('=');
        if (!double.TryParse(parts[^1], NumberStyles.Float, CultureInfo.InvariantCulture, out double beats)
            || beats is not (> 0 and < 10_000)) return 120;
        double beat = parts.Length == 1 ? unit : AbcReader.Fraction(parts[0].Trim());
        return double.IsNaN(beat) ? 120 : beats * beat * 4;
    }

    private void Refuse(int line, int at, char c) =>
        throw new UserErrorException($"{source}, line {line}, character {at + 1}: '{c}' is no ABC music here; correct it or turn the line into a " +
            "comment with %.");
}
