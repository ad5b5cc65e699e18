using Unroll.Core;
using Unroll.Networks;
using Unroll.Numerics;
using Unroll.Tasks.Data.Audio;
using Unroll.Training;

namespace Unroll.Tasks.Speech;

/// <summary>Trains a speech model, from options and recordings to a measured model file.</summary>
public sealed class SpeechTraining
{
    private readonly SpeechModel _model;
    private readonly SpeechParts _parts;
    private readonly ThreadTeam _threads;

    private SpeechTraining(SpeechModel model, SpeechParts parts, ThreadTeam threads, RunDirectory? run, Action<string>? warn)
    {
        (_model, _parts, _threads) = (model, parts, threads);
        SpeechOptions options = model.Description.Options;
        Loop = new TrainingLoop<SpeechBatch>(new SpeechTask(model, parts), TrainingOptionsOf(options), threads, run, warn);
    }

    /// <summary>The model that is trained.</summary>
    public SpeechModel Model => _model;

    /// <summary>The loop: where the run stands and how it ended.</summary>
    public ITrainingLoop Loop { get; }

    /// <summary>The recordings that an epoch learns from.</summary>
    public int Examples => _parts.Train.Count;

    /// <summary>The recordings to train on, to validate on and to test on.</summary>
    public (int Train, int Valid, int Test) Recordings => (_parts.Train.Count, _parts.Valid.Count, _parts.Test.Count);

    /// <summary>Reads the recordings, makes the description and the network, and initializes it.</summary>
    /// <param name="options">The run.</param>
    /// <param name="threads">Who does the work; their number changes no bit.</param>
    /// <param name="run">Makes the folder for checkpoints and models, once the data have been found good; null: nothing is written.</param>
    /// <param name="warn">Receives lines for the user.</param>
    /// <exception cref="UserErrorException">The data or the options will not do; one line that says where and why.</exception>
    public static SpeechTraining Begin(SpeechOptions options, ThreadTeam threads, Func<RunDirectory>? run = null, Action<string>? warn = null)
    {
        options.CheckTogether();
        _ = new FeatureExtractor(options.Features with { Rate = options.Rate ?? 16_000 });   // what is refused is refused before a thousand files are read
        (SpeechParts parts, int rate) = SpeechParts.Read(options, options.Rate);
        SpeechDescription description = Describe(options, parts, rate, threads);
        Warn(description, parts, warn ?? (_ => { }));
        SpeechModel model = new(description);
        Initialization.Apply(model.Network.Parameters, model.Network.Spec, new InitializationOptions(), new Rng(options.Seed).For("weights"));
        return new SpeechTraining(model, parts, threads, run?.Invoke(), warn);
    }

    /// <summary>Measures the best weights on the test part.</summary>
    /// <returns>Null where there is no test part.</returns>
    public SpeechEvaluation? Measure() => _parts.Test.Count == 0 ? null : SpeechEvaluation.Of(_model, _model.Description.Options, _parts, "test", _threads);

    private static SpeechDescription Describe(SpeechOptions options, SpeechParts parts, int rate, ThreadTeam threads)
    {
        if (parts.Train.Count == 0) throw new UserErrorException($"'{options.Data}': no recordings are left to train on; change --split or --hold-out.");
        SpeechClip? empty = options.Mode == "word" ? parts.Train.FirstOrDefault(clip => clip.Text.Length == 0) : null;
        if (empty is not null) throw new UserErrorException($"{empty.Recording.Name}: it has no label, and in mode word every recording needs one.");
        IEnumerable<string> said = options.Mode == "word" ? parts.Train.Select(c => c.Text)
            : parts.Train.SelectMany(c => c.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        string[] words = [.. said.Distinct().Order(StringComparer.Ordinal)];
        if (words.Length < (options.Mode == "word" ? 2 : 1))
            throw new UserErrorException($"'{options.Data}': expected recordings of at least two different words, found {words.Length} " +
                $"({string.Join(", ", words)}); see --pattern for what file names say.");
        SpeechDescription raw = new(options, rate, words, [], []);
        FeatureOptions features = raw.Features;
        SpeechFeatures plain = new(raw with { Options = options with { Normalize = "none", Tail = 0 } }, null);
        (double[] mean, double[] deviation) =
            SpeechFeatures.Statistics(plain.Of([.. parts.Train.Select(c => new SpeechExample([c]))], [], threads), features.Features);
        return raw with { Mean = mean, Deviation = deviation };
    }

    private static void Warn(SpeechDescription description, SpeechParts parts, Action<string> warn)
    {
        string[] unknown = [.. parts.Valid.Concat(parts.Test).Where(clip => description.Labels(clip.Text).Contains(-1)).Select(clip => clip.Text).Distinct()];
        if (unknown.Length > 0)
            warn($"note: '{unknown[0]}'{(unknown.Length > 1 ? $" and {unknown.Length - 1} other texts" : "")} of the validation or test part has words that the " +
                "training part has not: they count as errors.");
        if (parts.Valid.Count == 0) warn("note: there is no validation part: the last epoch's weights with the lowest training loss are taken.");
        if (parts.Test.Count == 0) warn("note: there is no test part: nothing will be measured.");
    }

    private static TrainingOptions TrainingOptionsOf(SpeechOptions options)
    {
        float rate = (float)options.LearningRate;
        return new TrainingOptions
        {
            Epochs = options.Epochs,
            Seed = options.Seed,
            Optimizer = OptimizerOptions.Of(options.Optimizer),
            Step = new TrainerOptions
            {
                Schedule = options.Schedule switch
                {
                    "cosine" => new CosineSchedule { Rate = rate, Total = options.Epochs, Warmup = Math.Min(1, options.Epochs / 10.0) },
                    "step" => new StepSchedule { Rate = rate, Every = Math.Max(1, options.Epochs / 3) },
                    "plateau" => new PlateauSchedule { Rate = rate, Patience = Math.Max(2, options.Epochs / 10) },
                    _ => new ConstantSchedule { Rate = rate },
                },
                Clipping = options.Clip == 0 ? Clipping.None : new Clipping { Limit = (float)options.Clip, By = ClipBy.GlobalNorm },
            },
            EarlyStopping = options.Patience is int patience ? new EarlyStopping { Patience = patience } : null,
        };
    }
}
