using System.Text.Json;
using Unroll.Core;
using Unroll.Formats;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Music;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Music;

/// <summary>Music: what comes next, and pieces that are composed.</summary>
public sealed class MusicTask : ITask
{
    private MusicTask() { }

    /// <summary>The task.</summary>
    public static MusicTask Instance { get; } = new();

    /// <inheritdoc/>
    public string Name => "music";

    /// <inheritdoc/>
    public string ModelName => "music model";

    /// <inheritdoc/>
    public string Help => "Train a model that predicts and composes music: chorales as keys of a piano, or tunes in ABC.";

    /// <inheritdoc/>
    public IOptionTable Options => MusicOptions.Table;

    /// <inheritdoc/>
    public TaskOptions Defaults { get; } = new MusicOptions();

    /// <inheritdoc/>
    public TaskOptions DefaultsFor(TaskOptions chosen)
    {
        MusicOptions own = (MusicOptions)chosen;
        bool tunes = own.Kind == MusicKind.Tune || (own.Kind == MusicKind.Auto && own.Data.Any(MusicFiles.HasTunes));
        return tunes || own.Keys == MusicKeys.Independent ? Defaults : MusicOptions.NoteByNote;
    }

    /// <inheritdoc/>
    public ITaskRun Begin(TaskOptions options, DataFiles files, RunSettings? settings = null) =>
        MusicRun.Begin((MusicOptions)options, MusicData.Read((MusicOptions)options, files.NotingTo(settings?.Note)),
            TrainingOn.Opened(options, settings ?? new RunSettings(), MusicModel.Open));

    /// <inheritdoc/>
    public ITaskModel Open(ModelFile file) => MusicModel.Open(file);

    /// <inheritdoc/>
    public TaskVerb Evaluate => field ??= TaskVerb.Of<MusicModel, MusicEvaluateOptions>("Measure a model on pieces, beside simple rules.",
        MusicEvaluateOptions.Table, new MusicEvaluateOptions(), (model, options, call) =>
        {
            MusicEvaluation measured = Measure(model, options.Data, call, out IReadOnlyList<MusicPiece> pieces);
            return options.Compose == 0 ? measured : measured with { Statistics = Composed(model, options, measured.Part, pieces, call) };
        });

    /// <inheritdoc/>
    public TaskVerb Predict => field ??=
        TaskVerb.Of<MusicModel, MusicDataOptions>("Say how well the model predicts each piece of a file, in nats per step.",
        MusicDataOptions.Table("pieces to be judged"), new MusicDataOptions(), (model, options, call) =>
        {
            if (options.Data.Count == 0) throw new OptionException("data", "name a file of pieces.");
            MusicPiece[] pieces = [.. options.Data.SelectMany(name => MusicData.Open(name, model.Kind, model.Options, call.Files))];
            Note(model, pieces, options.Data, call);
            return pieces.Length > 0
                ? new MusicJudgment([.. pieces.Select(piece => (piece.Name, model.NatsPerStep([piece], call.Threads, call.Stop)))])
                : throw new UserErrorException($"{options.Data[0]}: expected pieces, found none.");
        });

    /// <inheritdoc/>
    public TaskVerb? Sample => field ??= TaskVerb.Of<MusicModel, MusicSampleOptions>("Compose a piece, or continue one.", MusicSampleOptions.Table,
        new MusicSampleOptions(), Compose);

    private static MusicEvaluation Measure(MusicModel model, IReadOnlyList<string> data, TaskCall call, out IReadOnlyList<MusicPiece> pieces)
    {
        MusicOptions own = model.Options with { Kind = model.Kind };
        if (data.Count == 0)
        {
            Partition<MusicPiece> parts = MusicData.Read(own, call.Files).Parts(own, null);
            pieces = parts.Test;
            return parts.Test.Count > 0 ? MusicEvaluation.Of(model, parts.Train, parts.Test, call.Threads)
                : throw new UserErrorException("evaluate: the model's run has no test part; name pieces with data.");
        }
        MusicData other = MusicData.Read(own with { Data = data, Valid = [], Test = [] }, call.Files);
        Note(model, pieces = other.Pieces, data, call);
        IReadOnlyList<MusicPiece> training = OwnTraining.Or<IReadOnlyList<MusicPiece>>([],
            () => MusicData.Read(own, call.Files.NotingTo(static _ => { })).Parts(own, null).Train, call.Note);
        return MusicEvaluation.Of(model, training, other.Pieces, call.Threads) with { Part = string.Join(", ", data) };
    }

    // As many steps in each piece as in one of those that are measured.
    private static (string, MusicStatistics)[] Composed(
        MusicModel model, MusicEvaluateOptions options, string part, IReadOnlyList<MusicPiece> pieces, TaskCall call)
    {
        if (!model.IsRoll) throw new OptionException("compose", "voices are counted in rolls, and this is a model of tunes; leave it out.");
        Rng seeds = new Rng(options.Seed).For("pieces");
        PianoRoll[] composed = [.. Enumerable.Range(0, options.Compose).Select(i => MusicSampler.Roll(model,
            options with { Seed = seeds.At((ulong)i).Seed }, pieces[i % pieces.Count].Roll!.Steps.Count, stop: call.Stop))];
        int quarter = model.Options.StepsPerQuarter;
        return [("composed", MusicStatistics.Of(composed, quarter)), (part, MusicStatistics.Of([.. pieces.Select(piece => piece.Roll!)], quarter))];
    }

    // What a note says is left out is left out of the piece too.
    private static int[] Keys(int[] step) => [.. step.Where(pitch => pitch - MusicModel.LowestKey is >= 0 and < MusicModel.Keys)];

    private static void Note(MusicModel model, IEnumerable<MusicPiece> pieces, IReadOnlyList<string> data, TaskCall call)
    {
        if (model.UnknownIn(pieces, string.Join(", ", data.Select(DataFiles.Called))) is { } unknown) call.Note?.Invoke(unknown);
    }

    private static MusicSample Harmonize(MusicModel model, MusicSampleOptions options, string name, TaskCall call)
    {
        if (!model.IsRoll) throw new OptionException("harmonize", "it is for rolls, and this is a model of tunes; leave it out.");
        MusicPiece given = MusicData.Open(name, model.Kind, model.Options, call.Files).FirstOrDefault()
            ?? throw new UserErrorException($"{name}: expected a piece with the voice that is given, found none.");
        if (given.Roll is not { Steps.Count: > 0 } roll)
            throw new UserErrorException($"{given.Name}: expected a voice, found a piece without notes.");
        int steps = Math.Min(options.Length ?? roll.Steps.Count, roll.Steps.Count);
        roll = roll with { Steps = [.. roll.Steps.Take(steps)], Voices = roll.Voices is { } voices ? [.. voices.Take(steps)] : null };
        PianoRoll piece = MusicSampler.Harmonize(model, options, roll, options.Voice, options.Particles, call.Stop);
        return Answer(model, piece, "harmonized", options, call);
    }

    private static MusicSample Answer(MusicModel model, PianoRoll piece, string title, MusicSampleOptions options, TaskCall call)
    {
        int quarter = model.Options.StepsPerQuarter;
        MusicOptions own = model.Options with { Kind = model.Kind };
        List<(string, MusicStatistics)> counted = [];
        if (options.Statistics)
        {
            counted.Add((title, MusicStatistics.Of([piece], quarter)));
            IReadOnlyList<MusicPiece> test = OwnTraining.Or<IReadOnlyList<MusicPiece>>([],
                () => MusicData.Read(own, call.Files.NotingTo(static _ => { })).Parts(own, null).Test, call.Note);
            if (test.Count > 0) counted.Add(("test", MusicStatistics.Of([.. test.Select(one => one.Roll!)], quarter)));
        }
        return new MusicSample(piece.ToScore(quarter) with { Title = title }, "", piece.Steps.Count, options.Seed)
        {
            Roll = piece, Statistics = counted,
        };
    }

    private static MusicSample Compose(MusicModel model, MusicSampleOptions options, TaskCall call)
    {
        if (options.Harmonize is { } voice) return Harmonize(model, options, voice, call);
        MusicPiece? first = options.Prime is not { } name ? null
            : MusicData.Open(name, model.Kind, model.Options, call.Files).FirstOrDefault()
            ?? throw new UserErrorException($"{name}: expected a piece to begin with, found none.");
        if (first is { Roll.Steps.Count: 0 }) throw new UserErrorException($"{first.Name}: expected a piece to begin with, found one without notes.");
        if (first is { Symbols.Count: > 0 })
            Note(model, [first with { Symbols = [.. first.Symbols.Take(options.PrimeSteps)] }], [options.Prime!], call);
        int steps = options.Length ?? (model.IsRoll ? 128 : 300);
        if (model.IsRoll)
        {
            PianoRoll? prime = first?.Roll is { } roll ? roll with
            {
                Steps = [.. roll.Steps.Take(options.PrimeSteps).Select(Keys)],
                Voices = roll.Voices is { } voices ? [.. voices.Take(options.PrimeSteps)] : null,
            } : null;
            return Answer(model, MusicSampler.Roll(model, options, steps, prime, call.Stop), "composed", options, call);
        }
        if (options.Statistics) throw new OptionException("statistics", "voices are counted in rolls, and this is a model of tunes; leave it out.");
        IReadOnlyList<string> symbols = MusicSampler.Tune(model, options, steps, [.. (first?.Symbols ?? []).Take(options.PrimeSteps)], call.Stop);
        string abc = MusicData.ToAbc(symbols, "composed");
        return new MusicSample(AbcPlayer.ToScore(AbcReader.Read(abc, "the tune that was composed")[0]), abc, symbols.Count, options.Seed);
    }
}

/// <summary>Which pieces a model is asked about.</summary>
public sealed record MusicDataOptions
{
    /// <summary>Names of data.</summary>
    public IReadOnlyList<string> Data { get; init; } = [];

    internal static OptionTable<MusicDataOptions> Table(string help) =>
        new OptionTable<MusicDataOptions>().Strings("data", "FILE|FOLDER[,…]", help, o => o.Data, (o, v) => o with { Data = v });
}

/// <summary>What is measured, and composed beside it.</summary>
public sealed record MusicEvaluateOptions : SamplingOptions
{
    /// <summary>Names of data; empty: the test part that the model was trained beside.</summary>
    public IReadOnlyList<string> Data { get; init; } = [];

    /// <summary>Pieces to compose, whose writing is counted beside that of the pieces that are measured; 0: none.</summary>
    public int Compose { get; init; }

    /// <summary>Every option, a line each.</summary>
    public static OptionTable<MusicEvaluateOptions> Table { get; } = new OptionTable<MusicEvaluateOptions>()
        .Strings("data", "FILE|FOLDER[,…]", "pieces, all of which are measured (default: the test part that the model was trained beside)",
            o => o.Data, (o, v) => o with { Data = v })
        .Int("compose", "N", "rolls: compose N pieces and count crossings, parallels and repeated bars beside those of the pieces measured",
            o => o.Compose, (o, v) => o with { Compose = v }, 0, 100_000)
        .Include(Lines)
        .Together(o => o.Compose > 0 || (o.Temperature == 1 && o.TopK is null && o.TopP is null)
            ? null : "compose: temperature, top-k and top-p are for pieces that are composed; say how many.");
}

/// <summary>How a piece is composed.</summary>
public sealed record MusicSampleOptions : SamplingOptions
{
    /// <summary>Begin with the first piece of this data; null: with nothing.</summary>
    public string? Prime { get; init; }

    /// <summary>Steps of it to begin with, at least 0.</summary>
    public int PrimeSteps { get; init; } = 16;

    /// <summary>Steps to compose, at least 0; null: 128 steps of a roll, 300 symbols of a tune at most; as many as the given voice has.</summary>
    public int? Length { get; init; }

    /// <summary>Compose the other voices around one of the first piece of this data; null: compose freely.</summary>
    public string? Harmonize { get; init; }

    /// <summary>Which voice is given, from 1, the highest.</summary>
    public int Voice { get; init; } = 1;

    /// <summary>Pieces that are composed side by side around the given voice, 1 … 4,096; the one that goes with it is kept.</summary>
    public int Particles { get; init; } = 64;

    /// <summary>Whether crossings, parallels and repeated bars are counted beside those of the test part.</summary>
    public bool Statistics { get; init; }

    /// <summary>Every option, a line each.</summary>
    public static OptionTable<MusicSampleOptions> Table { get; } = new OptionTable<MusicSampleOptions>()
        .String("prime", "FILE", "begin with the first piece of this file", o => o.Prime, (o, v) => o with { Prime = v })
        .Int("prime-steps", "N", "steps of it to begin with", o => o.PrimeSteps, (o, v) => o with { PrimeSteps = v }, 0, 1_000_000)
        .Int("length", "N", "steps to compose (default: 128 steps, 300 symbols)", o => o.Length, (o, v) => o with { Length = v }, 0, 10_000_000)
        .String("harmonize", "FILE", "compose the other voices around one of the first piece of this file",
            o => o.Harmonize, (o, v) => o with { Harmonize = v })
        .Int("voice", "N", "which voice is given; 1 is the highest", o => o.Voice, (o, v) => o with { Voice = v }, 1, 16)
        .Int("particles", "N", "pieces composed side by side around the given voice", o => o.Particles, (o, v) => o with { Particles = v }, 1, 4096)
        .Bool("statistics", "rolls: count crossings, parallels and repeated bars beside those of the test part",
            o => o.Statistics, (o, v) => o with { Statistics = v })
        .Include(Lines)
        .Together(o => o.Prime is null || o.Harmonize is null ? null : "prime: a given voice is there from the beginning; leave it out.")
        .Together(o => o.Harmonize is not null || (o.Voice == 1 && o.Particles == 64) ? null
            : "harmonize: voice and particles are for a voice that is given; name a file.");
}

/// <summary>How well a model predicts pieces.</summary>
/// <param name="Pieces">The name of each piece and its −ln of the probability of what came, per step.</param>
public sealed record MusicJudgment(IReadOnlyList<(string Name, double NatsPerStep)> Pieces) : TaskAnswer
{
    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter json) => json.Objects("pieces", Pieces, (own, piece) =>
    {
        own.WriteString("name", piece.Name);
        own.Number("nats_per_step", piece.NatsPerStep);
    });
}

/// <summary>A piece that a model composed.</summary>
/// <param name="Score">Its notes.</param>
/// <param name="Abc">A tune as ABC; empty for a roll.</param>
/// <param name="Steps">Steps of a roll or symbols of a tune.</param>
/// <param name="Seed">The seed that it was drawn with.</param>
public sealed record MusicSample(Score Score, string Abc, int Steps, ulong Seed) : TaskAnswer
{
    /// <summary>Its steps; null: it is a tune.</summary>
    public PianoRoll? Roll { get; init; }

    /// <summary>How it is written, beside the test part; empty: that was not asked for.</summary>
    public IReadOnlyList<(string Of, MusicStatistics Counted)> Statistics { get; init; } = [];

    /// <inheritdoc/>
    public override void WriteJson(Utf8JsonWriter json)
    {
        if (Abc.Length > 0) json.WriteString("abc", Abc);
        json.WriteNumber("notes", Score.Notes.Count);
        json.Number("quarters", Score.Length);
        json.WriteNumber("steps", Steps);
        json.WriteNumber("seed", Seed);
        MusicStatistics.WriteJson(json, Statistics);
    }
}
