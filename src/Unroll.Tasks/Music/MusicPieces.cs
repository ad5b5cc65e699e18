using System.Text;
using Unroll.Core;
using Unroll.Files;
using Unroll.Tasks.Data.Music;
using Unroll.Tasks.Data.Parts;

namespace Unroll.Tasks.Music;

/// <summary>A piece as a model sees it: the keys of each step, or symbols.</summary>
/// <param name="Name">For errors and lists.</param>
/// <param name="Roll">Null for a tune.</param>
/// <param name="Symbols">Empty for a roll.</param>
public sealed record MusicPiece(string Name, PianoRoll? Roll, IReadOnlyList<string> Symbols);

/// <summary>The pieces of a run in their three parts.</summary>
/// <param name="Kind"><c>roll</c> or <c>tune</c>.</param>
/// <param name="Training">Learned from.</param>
/// <param name="Validation">Decides which epoch was the best.</param>
/// <param name="Test">Measured.</param>
public sealed record MusicPieces(
    string Kind, IReadOnlyList<MusicPiece> Training, IReadOnlyList<MusicPiece> Validation, IReadOnlyList<MusicPiece> Test)
{
    /// <summary>Reads files and folders.</summary>
    /// <exception cref="UserErrorException">A file is not as it should be, there are no pieces, or none to train on.</exception>
    public static MusicPieces Read(MusicOptions options)
    {
        if (options.Data.Count == 0)
            throw new UserErrorException("data: name files or a folder to train on with --data: piano rolls (.json), " +
                "MIDI (.mid) or tunes (.abc).");
        string[] files = [.. options.Data.SelectMany(MusicFiles.In)];
        string kind = options.Kind != "auto" ? options.Kind : files.Any(IsAbc) ? "tune" : "roll";
        List<MusicPiece> unsorted = [], training = [], validation = [], test = [];
        foreach (string file in files)
            foreach ((string part, MusicPiece piece) in Open(file, kind, options))
                (part switch { PartName.Train => training, PartName.Valid => validation, PartName.Test => test, _ => unsorted }).Add(piece);
        int validate = (int)Math.Round(10 * options.Split[1]), tests = (int)Math.Round(10 * (1 - options.Split[0] - options.Split[1]));
        for (int i = 0; i < unsorted.Count; i++)
            (i % 10 < tests ? test : i % 10 < tests + validate ? validation : training).Add(unsorted[i]);
        if (training.Count == 0)
            throw new UserErrorException($"{options.Data[0]}: no piece is left to train on; give more pieces, or other " +
                "shares with --split.");
        return new MusicPieces(kind, training, validation, test);
    }

    /// <summary>The pieces of one file, with the part that the file puts each in.</summary>
    /// <param name="file">The file.</param>
    /// <param name="kind"><c>roll</c> or <c>tune</c>.</param>
    /// <param name="options">The grid, and whether chord symbols are kept.</param>
    /// <exception cref="UserErrorException">The file is not as it should be.</exception>
    public static IEnumerable<(string Part, MusicPiece Piece)> Open(string file, string kind, MusicOptions options)
    {
        if (IsAbc(file))
            foreach (AbcTune tune in AbcReader.ReadFile(file))
                yield return ("", kind == "tune"
                    ? new MusicPiece($"{file}, line {tune.Line}", null, SymbolsOf(tune, options.Chords))
                    : new MusicPiece($"{file}, line {tune.Line}", RollOf(AbcPlayer.ToScore(tune), options, $"{file}, line {tune.Line}"), []));
        else if (kind == "tune")
            throw new UserErrorException($"{file}: expected tunes in ABC (.abc) because the kind is 'tune'; choose --kind roll.");
        else if (file.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
            foreach ((string part, IReadOnlyList<PianoRoll> pieces) in PianoRoll.ReadJson(InputFile.Bytes(file, "a piano roll"), file))
                for (int i = 0; i < pieces.Count; i++)
                    yield return (part, new MusicPiece($"{file}, {(part.Length > 0 ? $"{part} " : "")}piece {i + 1}", pieces[i], []));
        else
            yield return ("", new MusicPiece(file, RollOf(MidiReader.ReadFile(file), options, file), []));
    }

    private static PianoRoll RollOf(Score score, MusicOptions options, string where) => score.Length * options.StepsPerQuarter <= PianoRoll.MaxSteps
        ? PianoRoll.Of(score, options.StepsPerQuarter)
        : throw new UserErrorException(FormattableString.Invariant($"{where}: expected a piece of at most {PianoRoll.MaxSteps:N0} steps, ") +
            FormattableString.Invariant($"found one of {score.Length:G4} quarter notes; a length in it is wrong."));

    /// <summary>
    /// The symbols of a tune: its meter, unit and key, then what is written; ornaments and, unless they are wanted, chord symbols are left out.
    /// </summary>
    internal static IReadOnlyList<string> SymbolsOf(AbcTune tune, bool chords) =>
    [
        $"M:{tune.Meter}", $"L:{AbcReader.FractionText(tune.Unit)}", $"K:{tune.Key}",
        .. tune.Tokens.Where(token => AbcTune.KindOf(token) != AbcKind.Ornament && (chords || AbcTune.KindOf(token) != AbcKind.ChordSymbol)),
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
            text.Append(symbol);
            bool bar = AbcTune.KindOf(symbol) == AbcKind.Bar;
            text.Append(bar && ++bars % 4 == 0 ? "\n" : bar ? " " : "");
        }
        if (header) text.Append("K:C\n");
        return text.ToString().TrimEnd() + "\n";
    }

    private static bool IsAbc(string file) => file.EndsWith(".abc", StringComparison.OrdinalIgnoreCase);
}
