using Unroll.Core;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tasks.Data.Music;
using Unroll.Tasks.Shared;
using Unroll.Training;

namespace Unroll.Tasks.Music;

/// <summary>A training run of a model of music.</summary>
public sealed class MusicRun : ITaskRun
{
    private const int DefaultUpdates = 6000, UpdatesInKeys = 1740, MinEpochs = 10, MaxEpochs = 100, MinOccurrences = 2;
    private readonly Partition<MusicPiece> _parts;

    private MusicRun(MusicModel model, Partition<MusicPiece> parts, RunSettings settings)
    {
        (Model, _parts, Threads) = (model, parts, TaskThreads.Or(settings.Threads));
        int updates = (parts.Train.Count + model.Options.Batch - 1) / model.Options.Batch;
        Epochs = Learning.EpochsOf(model.Options, model.Notes is null ? DefaultUpdates : UpdatesInKeys, updates, MinEpochs, MaxEpochs);
        Learning.NoteUnused(model.Options, new MusicOptions(), settings.Note);
        Loop = MemberLoop.Of(model.Members, settings, Threads, MusicOptions.Table, (k, own) =>
            new TrainingLoop<int[]>(new MusicObjective(model.Members[k], parts), Learning.Of(model.Members[k].Options, Epochs, own),
                own.Threads!, own.Folder?.Invoke(), own.Note, own.Ranks), model.Save);
    }

    /// <summary>The model that is trained.</summary>
    public MusicModel Model { get; }

    ITaskModel ITaskRun.Model => Model;

    /// <inheritdoc/>
    public ITrainingLoop Loop { get; }

    /// <inheritdoc/>
    public int Epochs { get; }

    /// <inheritdoc/>
    public long Examples => _parts.Train.Count;

    /// <inheritdoc/>
    public string ExamplesName => "pieces";

    /// <inheritdoc/>
    public PartCounts Parts => _parts.Counts;

    /// <inheritdoc/>
    public ThreadTeam Threads { get; }

    /// <summary>Prepares a run: deals the pieces into parts, makes the network and initializes it.</summary>
    /// <param name="options">The run.</param>
    /// <param name="data">The pieces.</param>
    /// <param name="settings">Threads, folder, notes, the model to train on; null: the defaults.</param>
    /// <exception cref="UserErrorException">The data or the options will not do.</exception>
    public static MusicRun Begin(MusicOptions options, MusicData data, RunSettings? settings = null)
    {
        settings ??= new RunSettings();
        MusicModel? from = TrainingOn.ModelOf(options, settings, "music", MusicModel.Open);
        if (options.Kind == MusicKind.Auto) options = options with { Kind = data.Kind };
        MusicOptions.Table.Check(options);
        if (options is { Kind: MusicKind.Roll, Keys: MusicKeys.Joint }) options = options with { Voices = VoicesOf(options, data) };
        if (from is null) options = Check.Cell(options, settings.Cells);
        _ = Learning.Of(Ensemble.Options(options, 1), epochs: 1);                             // what is refused is refused before a folder is made
        if (from is not null) TrainingOn.Require(from, MusicOptions.Table, from.Options with { Kind = from.Kind }, options);
        List<string> notes = [];                                         // said once the data have been found good
        Partition<MusicPiece> parts = data.Parts(options, notes.Add);
        MusicModel model = new(options, data.Kind, from?.Symbols ?? (data.Kind == MusicKind.Roll ? [] : SymbolsOf(parts.Train)),
            cells: from?.Network.Cells ?? settings.Cells)
        { Sound = RollSound.Of(parts.Train.Select(piece => piece.Roll).OfType<PianoRoll>()) };
        bool sounds = !model.IsRoll;
        foreach (MusicPiece piece in parts.All)
            if (piece.Roll is { Steps.Count: 0 }) throw new UserErrorException($"{piece.Name}: expected at least one step, found none.");
        foreach (MusicPiece piece in parts.Train) sounds |= piece.Roll is { } roll && MusicModel.KeysOf(roll).AsSpan().ContainsAnyExcept(0f);
        if (!sounds)
            throw new UserErrorException($"{(options.Data.Count > 0 ? options.Data[0] : "data")}: expected keys of a piano (21 to 108) that " +
                "sound, found silence alone in the training part; look at the notes and the grid (steps-per-quarter).");
        if (model is { IsRoll: true, Notes: null } && Leaving(parts.Train, options.Transpose ?? 0) is { } leaving) notes.Add(leaving);
        foreach (MusicModel member in model.Members)
            if (from is not null) TrainingOn.Copy(from.Network.Parameters, member.Network.Parameters);
            else Initialization.Apply(member.Network, new InitializationOptions(), new Rng(member.Options.LearningSeed).For("weights"));
        foreach (string note in notes) settings.Note?.Invoke(note);
        return new MusicRun(model, parts, settings);
    }

    // What the files keep apart, unless the options say otherwise.
    private static int VoicesOf(MusicOptions options, MusicData data) => options.Voices is not { } voices || voices == 0 || data.Voices == voices
        ? options.Voices ?? data.Voices
        : throw new OptionException("voices", data.Voices == 0
            ? $"expected files whose steps keep voices apart, all alike, got {voices} voices and files without; leave it out."
            : $"the files keep {data.Voices} voices apart, got {voices}; leave it out, or give 0 to take each step as a set of keys.");

    // Pitches near to the ends of the keyboard, which some transpositions move beyond it.
    private static string? Leaving(IReadOnlyList<MusicPiece> training, int transpose)
    {
        const int low = MusicModel.LowestKey, high = low + MusicModel.Keys - 1;
        long all = 0, leaving = 0;
        foreach (int pitch in training.SelectMany(piece => piece.Roll!.Steps).SelectMany(step => step).Where(pitch => pitch is >= low and <= high))
        {
            all++;
            if (pitch - transpose < low || pitch + transpose > high) leaving++;
        }
        return leaving == 0 ? null : FormattableString.Invariant(
            $"note: {leaving:N0} of {all:N0} pitches in steps are so near to the ends of the keyboard that moving pieces by up to {transpose} ") +
            "semitones (transpose) leaves them out at times.";
    }

    /// <inheritdoc cref="ITaskRun.Finish"/>
    public MusicEvaluation? Finish(bool measure = true) =>
        measure && _parts.Test.Count > 0 ? MusicEvaluation.Of(Model, _parts.Train, _parts.Test, Threads) : null;

    TaskEvaluation? ITaskRun.Finish(bool measure) => Finish(measure);

    // What occurs at least twice; the rest is one symbol of its own.
    private static IReadOnlyList<string> SymbolsOf(IReadOnlyList<MusicPiece> training) =>
    [
        "<end>", "<unk>",
        .. training.SelectMany(piece => piece.Symbols).CountBy(symbol => symbol).Where(count => count.Value >= MinOccurrences)
            .OrderByDescending(count => count.Value).ThenBy(count => count.Key, StringComparer.Ordinal).Select(count => count.Key),
    ];
}
