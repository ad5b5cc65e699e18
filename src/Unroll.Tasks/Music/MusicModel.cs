using System.Text.Json;
using Unroll.Cells;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Inspection;
using Unroll.Layers.Losses;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Music;
using Unroll.Tasks.Data.Text;
using Unroll.Tasks.Shared;
using Unroll.Training;

namespace Unroll.Tasks.Music;

/// <summary>A model of music: from the steps before, the keys or the symbol that come next. Opened from a file, it needs nothing else.</summary>
public sealed class MusicModel : ITaskModel
{
    private readonly HashOnce _hash = new();

    /// <summary>The lowest key of a piano, MIDI's number; <see cref="Keys"/> follow from there.</summary>
    public const int LowestKey = 21, Keys = 88;

    internal const int Begin = 0, End = 0, Unknown = 1;
    private static readonly string[] s_notes = ["C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B"];
    private readonly Dictionary<string, int> _places;

    internal MusicModel(MusicOptions options, MusicKind kind, IReadOnlyList<string> symbols, NetworkSpec? spec = null, CellCatalog? cells = null)
    {
        (Options, Kind, Symbols) = (options, kind, symbols);
        Notes = kind == MusicKind.Roll && options.Keys == MusicKeys.Joint ? new NoteCode(options.Voices ?? 0) : null;
        _places = symbols.Select((symbol, place) => (symbol, place)).ToDictionary(pair => pair.symbol, pair => pair.place);
        Members = options.Members == 1 ? [this]
            : [.. Ensemble.OptionsOfEach(options).Select(own => new MusicModel(own, kind, symbols, spec, cells))];
        Network = options.Members == 1 ? Network.Build(spec ?? SpecOf(options, Notes, symbols.Count), cells: cells) : Members[0].Network;
    }

    /// <inheritdoc/>
    public string Task => "music";

    /// <summary>The options of the run that it came from.</summary>
    public MusicOptions Options { get; }

    TaskOptions ITaskModel.Options => Options;

    /// <inheritdoc cref="ITaskModel.Members"/>
    public IReadOnlyList<MusicModel> Members { get; }

    IReadOnlyList<ITaskModel> ITaskModel.Members => Members;

    /// <summary>Rolls or tunes.</summary>
    public MusicKind Kind { get; }

    /// <summary>Tunes: the symbols, the first of them begin and end, the second any that is not known; rolls: none.</summary>
    public IReadOnlyList<string> Symbols { get; }

    /// <inheritdoc/>
    public Network Network { get; }

    /// <inheritdoc/>
    public string WeightsSha256 => _hash.Of(this);

    internal bool IsRoll => Kind == MusicKind.Roll;

    /// <summary>How steps are spelt note by note; null: a tune, or independent keys.</summary>
    internal NoteCode? Notes { get; }

    /// <summary>Tempo and loudness of the pieces that it learned from: those of what it composes.</summary>
    internal RollSound Sound
    {
        get;
        set
        {
            field = value;
            if (Members.Count > 1) foreach (MusicModel member in Members) member.Sound = value;
        }
    } = new();

    internal ILoss Loss => Notes is { } notes ? new NoteLoss(notes) : IsRoll ? new BinaryCrossEntropy() : new SoftmaxCrossEntropy();

    /// <summary>Opens a model file.</summary>
    /// <param name="path">What a training run wrote.</param>
    /// <param name="cells">The cells; null: the built-in ones.</param>
    /// <exception cref="UserErrorException">It is no model, a model of another task, or damaged.</exception>
    public static MusicModel Open(string path, CellCatalog? cells = null) => Open(ModelFile.Load(path, cells));

    internal static MusicModel Open(ModelFile file)
    {
        MusicModel model;
        try
        {
            model = JsonRecord.Read(file.TaskJson, json => Read(json, file));
        }
        catch (Exception e) when (e is JsonException or UserErrorException)
        {
            throw new UserErrorException($"'{file.Name}' is a damaged model: {e.Message.TrimEnd('.')}; fetch or train it again.", e);
        }
        Ensemble.Require(file, model.Options);
        int outputs = model.Notes?.Outputs ?? (model.IsRoll ? Keys : model.Symbols.Count);
        int inputs = model.Notes is { } notes ? NoteSpeller.InputsOf(notes) : model.IsRoll ? Keys : 1;
        if (model.Network.OutputSize != outputs || model.Network.InputSize != inputs || !model.Network.Causal)
            throw new UserErrorException($"'{file.Name}' is a damaged model: its network has {model.Network.OutputSize} outputs, "
                + "and its description " +
                $"needs {outputs}; fetch or train it again.");
        foreach ((int k, MusicModel member) in model.Members.Index())
        {
            file.CopyInto(member.Network.Parameters, k + 1);
            member.Network.Quantize(file.Precision);
        }
        return model;
    }

    /// <summary>Trains a model and gives it back with the best weights.</summary>
    /// <param name="data">Pieces.</param>
    /// <param name="options">The run; null: the defaults of what the data are.</param>
    /// <param name="progress">Told of every step and epoch; null: nobody.</param>
    /// <param name="stop">Ends the training after the step under way; what was learned is kept.</param>
    /// <exception cref="UserErrorException">The data or the options will not do.</exception>
    public static MusicModel Train(
        MusicData data, MusicOptions? options = null, IProgress<TrainingProgress>? progress = null, CancellationToken stop = default)
    {
        MusicRun run = MusicRun.Begin(options ?? (data.Kind == MusicKind.Roll ? MusicOptions.NoteByNote : new MusicOptions()), data);
        foreach (TrainingProgress one in run.Loop.Run(stop)) progress?.Report(one);
        return run.Model;
    }

    /// <inheritdoc/>
    public void Save(string path) => ModelFile.Save(path, Network.Spec, ToJson(), Ensemble.Weights(this), Network.Precision, Network.Cells);

    internal string ToJson() => JsonText.Of(json =>
    {
        json.WriteString("task", Task);
        json.WriteString("kind", WordOf(Kind));
        json.WriteTexts("symbols", Symbols);
        if (Sound != new RollSound())
        {
            json.WriteNumber("tempo", Sound.QuartersPerMinute);
            json.WriteNumber("loudness", Sound.Loudness);
        }
        json.WriteObject("options", Options, MusicOptions.Table.Write);
    });

    /// <inheritdoc/>
    public void WriteJson(Utf8JsonWriter json)
    {
        json.WriteString("kind", WordOf(Kind));
        json.WriteNumber("symbols", Symbols.Count);
        if (!IsRoll)
        {
            json.WriteString("end", Symbols[End]);
            json.WriteString("unknown", Symbols[Unknown]);
            return;
        }
        json.WriteNumber("steps_per_quarter", Options.StepsPerQuarter);
        json.WriteBoolean("draws", Notes is not null);
        if (Notes is not null) json.WriteNumber("voices", Notes.Voices);
    }

    /// <inheritdoc/>
    public ITaskSession NewSession() => new MusicSession(this);

    ITaskSession ITaskModel.NewSession(SessionSettings settings)
    {
        settings.Require("a model that does not spell steps note by note", sampling: Notes is not null);
        return new MusicSession(this, settings.Sampling);
    }

    /// <summary>How well it predicts pieces: −ln of the probability of what came, per step.</summary>
    /// <param name="pieces">At least one, of the model's kind.</param>
    /// <param name="threads">The threads; null: by the size of the work.</param>
    /// <param name="stop">Ends the call.</param>
    /// <exception cref="UserErrorException">A piece is empty.</exception>
    /// <exception cref="OperationCanceledException">It was asked to end.</exception>
    public double NatsPerStep(IReadOnlyList<MusicPiece> pieces, ThreadTeam? threads = null, CancellationToken stop = default) =>
        NatsPerStep(pieces, threads, stop, new SingleRank());

    internal double NatsPerStep(IReadOnlyList<MusicPiece> pieces, ThreadTeam? threads, CancellationToken stop, ICollective ranks)
    {
        Workspace workspace = new();
        Pass pass = new(workspace, TaskThreads.Or(threads), new Rng(0), Training: false) { InferenceOnly = true };
        MusicPiece[][] batches = [.. pieces.Chunk(16)];
        double sum = 0;
        foreach (double nats in ranks.Shared(batches.Length, (from, to) => Array.ConvertAll(batches[from..to], Nats))) sum += nats;
        return sum / pieces.Sum(piece => (long)StepsOf(piece));

        double Nats(MusicPiece[] some)
        {
            stop.ThrowIfCancellationRequested();
            workspace.Reset();
            (float[] X, float[] Rolls, int[] Symbols)[] encoded = [.. some.Select(piece => Encode(piece))];
            SequenceBatch x = SequenceBatch.FromSequences(Network.InputSize, [.. encoded.Select(piece => piece.X)]);
            Targets targets = Pack(x.Layout, encoded);
            if (Members.Count > 1)
                return MusicMembers.Nats(this, [.. Members.Select(member => member.Network.Forward(x, null, pass).Output)], targets);
            SequenceBatch y = Network.Forward(x, null, pass).Output;
            return Loss.Compute(y, targets, workspace.Rent(y.Layout, y.Features), pass).Sum;
        }
    }

    private static MusicModel Read(JsonRecord json, ModelFile file)
    {
        if (json.Text("task") is var task and not "music") throw new JsonException($"expected the task music, found '{task}'");
        MusicOptions options = MusicOptions.Table.Read(json.Element("options"), MusicOptions.Earlier);
        MusicKind kind = KindOf(json.Text("kind"));
        if (kind == MusicKind.Tune) options = options with { Keys = MusicKeys.Joint };
        string[] symbols = json.Texts("symbols");
        if (kind == MusicKind.Roll ? symbols.Length > 0 : symbols.Length <= Unknown || symbols.Distinct().Count() != symbols.Length)
            throw new JsonException("the symbols are not those of its kind: expected none for rolls, and for tunes at least two, each once");
        RollSound sound = json.Absent("tempo") ? new RollSound()
            : new RollSound(json.RealBetween("tempo", 1, 10_000), json.Between("loudness", 1, 127));
        return new MusicModel(options, kind, symbols, file.Spec, file.Cells) { Sound = sound };
    }

    internal static string WordOf(MusicKind kind) => kind switch { MusicKind.Roll => "roll", MusicKind.Tune => "tune", _ => "auto" };

    private static MusicKind KindOf(string? word) => word switch
    {
        "roll" => MusicKind.Roll, "tune" => MusicKind.Tune, _ => throw new JsonException($"expected the kind roll or tune, found '{word}'"),
    };

    internal int PlaceOf(string symbol) => _places.GetValueOrDefault(symbol, Unknown);

    /// <summary>A line about symbols of tunes that the model does not know; null: it knows all.</summary>
    internal string? UnknownIn(IEnumerable<MusicPiece> pieces, string source)
    {
        UnknownShare share = new("symbols");
        foreach (MusicPiece piece in pieces)
            foreach (string symbol in piece.Symbols) share.Add(symbol, PlaceOf(symbol) != Unknown, () => piece.Name);
        return share.Note(source, "each is read as the unknown symbol");
    }

    /// <summary>What the network sees and what it should say: each step's input is the step before, the first one's silence or the begin.</summary>
    /// <param name="piece">A piece of the model's kind.</param>
    /// <param name="transpose">Rolls: half tones up, or down below 0; keys that leave the piano are left out.</param>
    internal (float[] X, float[] Rolls, int[] Symbols) Encode(MusicPiece piece, int transpose = 0)
    {
        if (piece.Roll is { Steps.Count: > 0 } spelt && Notes is { } notes)
            return NoteSpelling.Encode(notes, Options.StepsPerQuarter, spelt, transpose);
        if (piece.Roll is not { } roll)
        {
            int[] symbols = [.. piece.Symbols.Select(symbol => PlaceOf(symbol)), End];
            return ([Begin, .. symbols[..^1].Select(symbol => (float)symbol)], [], symbols);
        }
        if (roll.Steps.Count == 0) throw new UserErrorException($"{piece.Name}: expected at least one step, found none.");
        float[] rolls = KeysOf(roll, transpose);
        return ([.. new float[Keys], .. rolls[..^Keys]], rolls, []);
    }

    /// <summary>The steps of a piece: pitches of a roll, symbols of a tune with its end.</summary>
    internal static int StepsOf(MusicPiece piece) => piece.Roll?.Steps.Count ?? piece.Symbols.Count + 1;

    /// <summary>The rows of <see cref="Encode"/>.</summary>
    internal int Length(MusicPiece piece) => Notes is { } notes ? NoteSpelling.Count(notes, piece.Roll!) : StepsOf(piece);

    /// <summary>[steps, keys]: 1 where a key sounds.</summary>
    internal static float[] KeysOf(PianoRoll roll, int transpose = 0)
    {
        float[] rolls = new float[roll.Steps.Count * Keys];
        for (int t = 0; t < roll.Steps.Count; t++)
            foreach (int pitch in roll.Steps[t])
                if (pitch + transpose - LowestKey is >= 0 and < Keys and int key) rolls[t * Keys + key] = 1;
        return rolls;
    }

    /// <summary>The targets of some pieces, packed.</summary>
    internal Targets Pack(SequenceLayout layout, IReadOnlyList<(float[] X, float[] Rolls, int[] Symbols)> pieces) => Notes is not null
        ? Targets.OfSequences(layout, [.. pieces.Select(piece => piece.Symbols)]) with
        { Values = SequenceBatch.FromSequences(NoteCode.Places, [.. pieces.Select(piece => piece.Rolls)]) }
        : IsRoll
        ? Targets.Of(SequenceBatch.FromSequences(Keys, [.. pieces.Select(piece => piece.Rolls)]))
        : Targets.OfSequences(layout, [.. pieces.Select(piece => piece.Symbols)]);

    /// <inheritdoc/>
    public InspectionSubject Subject(string? data, int sequence, DataFiles files)
    {
        MusicOptions options = (data is null ? Options : Options with { Data = [data], Valid = [], Test = [] }) with { Kind = Kind };
        MusicData read = MusicData.Read(options, files);
        IReadOnlyList<MusicPiece> pieces = read.Pieces;
        if (data is null)
        {
            Partition<MusicPiece> parts = read.Parts(options, null);
            pieces = parts.Test.Count > 0 ? parts.Test : parts.Train;
        }
        if (sequence < 0 || sequence >= pieces.Count)
            throw new UserErrorException($"sequence: expected 0 … {pieces.Count - 1} because the data have {pieces.Count} pieces, got {sequence}.");
        MusicPiece piece = pieces[sequence];
        var encoded = Encode(piece);
        SequenceBatch x = SequenceBatch.FromSequences(Network.InputSize, encoded.X);
        if (Notes is { } notes)
        {
            string[] spelt = [.. encoded.Symbols.Select(notes.Name)];
            return new InspectionSubject(piece.Name, Network, x, ["begin", .. spelt[..^1]], Loss, Pack(x.Layout, [encoded]))
            {
                TargetLabels = spelt, OutputNames = notes.OutputNames(), InputNames = NoteSpeller.InputNames(notes),
            };
        }
        string[] targets = IsRoll ? [.. piece.Roll!.Steps.Select(Names)] : [.. encoded.Symbols.Select(symbol => Symbols[symbol])];
        return new InspectionSubject(piece.Name, Network, x, ["begin", .. targets[..^1]], Loss, Pack(x.Layout, [encoded]))
        {
            TargetLabels = targets,
            OutputNames = IsRoll ? [.. Enumerable.Range(LowestKey, Keys).Select(Name)] : Symbols,
            InputNames = IsRoll ? [.. Enumerable.Range(LowestKey, Keys).Select(Name)] : [],
        };
    }

    /// <summary>The name of a pitch: 60 is C4.</summary>
    public static string Name(int pitch) => $"{s_notes[pitch % 12]}{pitch / 12 - 1}";

    private static string Names(int[] step) => step.Length == 0 ? "rest" : string.Join(' ', step.Select(Name));

    //  independent keys                    88 keys → memory → scores of 88 keys
    //  tunes                      symbol → embedding → memory → scores of the symbols
    //  note by note       what is known → embedding (a dense layer: the sum of the embeddings of all that is known) → memory → outputs of NoteCode
    private static NetworkSpec SpecOf(MusicOptions options, NoteCode? notes, int symbols)
    {
        float dropout = (float)options.Dropout;
        List<LayerSpec> layers = notes is not null ? [new DenseSpec { Name = "embedding", Outputs = options.Embedding }]
            : symbols > 0 ? [new EmbeddingSpec { Name = "embedding", Vocabulary = symbols, Size = options.Embedding }] : [];
        if (dropout > 0 && layers.Count > 0)
            layers.Add(new DropoutSpec { Name = "input.dropout", Rate = dropout / 2, Locked = options.LockedDropout });
        layers.Add(new RecurrentSpec
        {
            Name = "memory", Cell = CellChoice.Of(options.Cell), Hidden = options.Hidden, Layers = options.Layers,
            Dropout = options.Layers > 1 ? dropout : 0, LockedDropout = options.LockedDropout, InitialState = options.InitialState,
        });
        if (dropout > 0) layers.Add(new DropoutSpec { Name = "head.dropout", Rate = dropout, Locked = options.LockedDropout });
        layers.Add(new DenseSpec { Name = "head", Outputs = notes?.Outputs ?? (symbols > 0 ? symbols : Keys) });
        return new NetworkSpec(notes is not null ? NoteSpeller.InputsOf(notes) : symbols > 0 ? 1 : Keys, layers);
    }
}
