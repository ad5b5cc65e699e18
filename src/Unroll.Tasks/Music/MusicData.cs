using System.Text;
using Unroll.Core;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Music;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Music;

/// <summary>A piece as a model sees it: the keys of each step, or symbols.</summary>
/// <param name="Name">For errors and lists.</param>
/// <param name="Roll">Null for a tune.</param>
/// <param name="Symbols">Empty for a roll.</param>
public sealed record MusicPiece(string Name, PianoRoll? Roll, IReadOnlyList<string> Symbols)
{
    /// <summary>The part that the file puts it in; empty: the file does not say.</summary>
    public string Part { get; init; } = "";

    /// <summary>All of it with its voices as one text.</summary>
    internal string Apart => Roll?.Voices is { } voices ? string.Join(';', voices.Select(step => string.Join(',', step))) : Content;

    /// <summary>All of it as one text: equal for equal pieces.</summary>
    internal string Content =>
        Roll is { } roll ? string.Join(';', roll.Steps.Select(step => string.Join(',', step))) : string.Join('\u001f', Symbols);
}

/// <summary>Pieces to learn from, with the parts that their files name.</summary>
/// <param name="Kind">Rolls or tunes; never auto.</param>
/// <param name="Pieces">The pieces of the data, in the order of the files.</param>
public sealed record MusicData(MusicKind Kind, IReadOnlyList<MusicPiece> Pieces)
{
    /// <summary>Pieces of data of their own to validate on; empty: a part of <see cref="Pieces"/>.</summary>
    public IReadOnlyList<MusicPiece> Valid { get; init; } = [];

    /// <summary>Pieces of data of their own to test on; empty: a part of <see cref="Pieces"/>.</summary>
    public IReadOnlyList<MusicPiece> Test { get; init; } = [];

    /// <summary>Voices that all pieces keep apart; 0: none.</summary>
    internal int Voices
    {
        get
        {
            int[] voices = [.. Pieces.Concat(Valid).Concat(Test).Select(piece => piece.Roll?.Voices?[0].Length ?? 0).Distinct()];
            return voices is [var all] ? all : 0;
        }
    }

    /// <summary>Piano rolls that a program has in memory.</summary>
    /// <param name="rolls">A roll for each piece: the pitches that sound in each step, as MIDI numbers.</param>
    public static MusicData Rolls(IEnumerable<PianoRoll> rolls) =>
        new(MusicKind.Roll, [.. rolls.Select((roll, i) => new MusicPiece($"piece {i + 1}", roll, []))]);

    /// <summary>Tunes that a program has in memory.</summary>
    /// <param name="abc">Tunes in ABC, any number in each text.</param>
    /// <param name="chords">Whether chord symbols are kept.</param>
    /// <exception cref="UserErrorException">A text is not ABC; names the line.</exception>
    public static MusicData Tunes(IEnumerable<string> abc, bool chords = false) =>
        new(MusicKind.Tune, [.. abc.SelectMany((text, i) => AbcReader.Read(text, $"tune {i + 1}")
            .Select(tune => new MusicPiece($"tune {i + 1}, line {tune.Line}", null, SymbolsOf(tune, chords))))]);

    /// <summary>Reads files and folders.</summary>
    /// <param name="options">Names of data, kind and grid.</param>
    /// <param name="files">What names stand for.</param>
    /// <exception cref="UserErrorException">A file is not as it should be, or none is named.</exception>
    public static MusicData Read(MusicOptions options, DataFiles files)
    {
        if (options.Data.Count == 0)
            throw new OptionException("data", "name files or a folder to train on: piano rolls (.json), MIDI (.mid) or tunes (.abc).");
        string[] names = [.. options.Data.SelectMany(name => NamesIn(name, files))];
        MusicKind kind = options.Kind != MusicKind.Auto ? options.Kind : names.Any(IsAbc) ? MusicKind.Tune : MusicKind.Roll;
        RollNotes notes = new(options.StepsPerQuarter, withChords: kind == MusicKind.Tune && options.Chords);
        MusicPiece[] AllOf(IReadOnlyList<string> some)
        {
            MusicPiece[] pieces = [.. some.SelectMany(name => NamesIn(name, files)).SelectMany(name => Open(name, kind, options, files, notes))];
            if (pieces.Length > 0 || some.Count == 0) return pieces;
            throw new UserErrorException($"{string.Join(", ", some)}: expected pieces with notes, found none (percussion does not count); " +
                "give other files.");
        }
        MusicData data = new(kind, AllOf(options.Data)) { Valid = AllOf(options.Valid), Test = AllOf(options.Test) };
        notes.RequireSound();
        notes.Say(files);
        return data;
    }

    /// <summary>The pieces dealt into parts: by the parts that files name, else by drawn shares.</summary>
    internal Partition<MusicPiece> Parts(MusicOptions options, Action<string>? note) => Partitioning.Of(Pieces, Valid, Test, options,
        new PartitionKeys<MusicPiece>(piece => piece.Part, piece => piece.Name, piece => piece.Content), "pieces", note);

    private static IEnumerable<string> NamesIn(string name, DataFiles files) => files.Has(name) ? [name] : MusicFiles.In(name, files.Note);

    /// <summary>The pieces of one file.</summary>
    /// <param name="name">The file, or what was handed over under that name; its ending says what it is.</param>
    /// <param name="kind">Rolls or tunes.</param>
    /// <param name="options">The grid, and whether chord symbols are kept.</param>
    /// <param name="files">What names stand for.</param>
    /// <exception cref="UserErrorException">The file is not as it should be.</exception>
    public static IEnumerable<MusicPiece> Open(string name, MusicKind kind, MusicOptions options, DataFiles files)
    {
        RollNotes notes = new(options.StepsPerQuarter, withChords: kind == MusicKind.Tune && options.Chords);
        bool failed = true;                                              // what is refused is not noted beside
        try
        {
            foreach (MusicPiece piece in Open(name, kind, options, files, notes))
            {
                failed = false;
                yield return piece;
                failed = true;
            }
            failed = false;
        }
        finally
        {
            if (!failed) notes.Say(files);
        }
    }

    private static IEnumerable<MusicPiece> Open(string name, MusicKind kind, MusicOptions options, DataFiles files, RollNotes notes)
    {
        if (IsAbc(name))
            foreach (MusicPiece piece in TunesOf(name, kind, options, files, notes))
                yield return piece;
        else if (kind == MusicKind.Tune)
            throw new UserErrorException($"{name}: expected tunes in ABC (.abc) because the kind is 'tune'; choose the kind roll.");
        else if (DataFiles.WithoutGz(name).EndsWith(".json", StringComparison.OrdinalIgnoreCase))
            foreach ((string part, IReadOnlyList<PianoRoll> pieces) in PianoRoll.ReadJson(files.Bytes(name, "a piano roll"), name))
                for (int i = 0; i < pieces.Count; i++)
                {
                    if (pieces[i].Steps.Count == 0)
                    {
                        notes.LeftOut(name);
                        continue;
                    }
                    notes.Add(name, pieces[i]);
                    yield return new MusicPiece($"{name}, {(part.Length > 0 ? $"{part} " : "")}piece {i + 1}", pieces[i], []) { Part = part };
                }
        else
        {
            Score score = MidiReader.Read(files.Bytes(name, "a MIDI file"), name);
            if (score.Notes.Count == 0) notes.LeftOut(name, score);
            else yield return new MusicPiece(name, RollOf(score, options, name, notes), []);
        }
    }

    private static List<MusicPiece> TunesOf(string name, MusicKind kind, MusicOptions options, DataFiles files, RollNotes notes)
    {
        List<MusicPiece> pieces = [];
        foreach (AbcTune tune in AbcReader.Read(files.Bytes(name, "a file of ABC tunes"), name, notes.Tunes))
        {
            string where = $"{name}, line {tune.Line}";
            if (!tune.Tokens.Any(AbcTune.Sounds)) notes.Tunes.Doubt("a tune has no notes and is left out", name, tune.Line);
            else if (kind == MusicKind.Tune) pieces.Add(new MusicPiece(where, null, SymbolsOf(tune, options.Chords)));
            else pieces.Add(new MusicPiece(where, RollOf(AbcPlayer.ToScore(tune, notes.Tunes), options, where, notes), []));
        }
        return pieces.Count > 0 ? pieces : throw new UserErrorException($"{name}: expected tunes with notes, found tunes without any.");
    }

    private static PianoRoll RollOf(Score score, MusicOptions options, string where, RollNotes notes)
    {
        PianoRoll roll = PianoRoll.Of(score, options.StepsPerQuarter, where);
        notes.Add(where, roll, score);
        return roll;
    }

    /// <summary>
    /// The symbols of a tune: its meter, unit and key, then what is written; ornaments and, unless they are wanted, chord symbols are left out.
    /// </summary>
    internal static IReadOnlyList<string> SymbolsOf(AbcTune tune, bool chords) =>
    [
        $"M:{tune.Meter}", $"L:{AbcMeter.LengthText(tune.Unit)}", $"K:{tune.Key}",
        .. tune.Tokens.Where(token => AbcTune.KindOf(token) switch
        {
            AbcKind.Ornament => false,
            AbcKind.ChordSymbol => chords,
            AbcKind.Field => token[1] != 'P',                            // a part's name is not heard
            _ => true,
        }),
    ];

    /// <summary>A tune written out again, so that other programs of ABC read it.</summary>
    /// <param name="symbols">As a model of tunes has them.</param>
    /// <param name="title">What stands after <c>T:</c>.</param>
    public static string ToAbc(IReadOnlyList<string> symbols, string title)
    {
        StringBuilder text = new($"X:1\nT:{title}\n");
        int bars = 0;
        bool header = true;
        foreach (string symbol in symbols)
        {
            bool field = symbol.Length > 1 && symbol[1] == ':' && symbol[0] is 'M' or 'L' or 'K';
            if (header && field)
            {
                text.Append(symbol).Append('\n');
                header = symbol[0] != 'K';
                continue;
            }
            if (header) text.Append("K:C\n");
            header = false;
            if (field) continue;
            if (symbol[0] == ':' && text[^2] == '\n') text.Append(' ');              // A:| would be a field A:
            text.Append(symbol);
            bool bar = AbcTune.KindOf(symbol) == AbcKind.Bar;
            text.Append(bar && ++bars % 4 == 0 ? "\n" : bar ? " " : "");
        }
        if (header) text.Append("K:C\n");
        return text.ToString().TrimEnd() + "\n";
    }

    private static bool IsAbc(string file) => DataFiles.WithoutGz(file).EndsWith(".abc", StringComparison.OrdinalIgnoreCase);
}
