using Unroll.Core;
using Unroll.Numerics;
using Unroll.Tasks.Data.Audio;

namespace Unroll.Tasks.Speech;

/// <summary>Measures a speech model on a part of data.</summary>
public sealed class SpeechEvaluation
{
    private const int TestPasses = 4, Pictures = 3;          // how often a recording stands in a test string; how many are drawn

    private SpeechEvaluation(SpeechReport report, IReadOnlyList<SpeechPicture> pictures) => (Report, PicturesOfSome) = (report, pictures);

    /// <summary>The figures.</summary>
    public SpeechReport Report { get; }

    /// <summary>Some recordings with what the network makes of them step by step: the first, and the first that were misheard.</summary>
    public IReadOnlyList<SpeechPicture> PicturesOfSome { get; }

    /// <summary>Measures.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">The data and how they are split; usually the model's own.</param>
    /// <param name="part"><c>test</c>, <c>valid</c>, <c>train</c>, or <c>all</c>.</param>
    /// <param name="threads">Who does the work.</param>
    /// <param name="beam">How many strings of words the beam search follows.</param>
    /// <exception cref="UserErrorException">The data cannot be read, or the part has no recordings.</exception>
    public static SpeechEvaluation Of(SpeechModel model, SpeechOptions options, string part, ThreadTeam threads, int beam = 8)
    {
        options.CheckTogether();
        (SpeechParts parts, _) = SpeechParts.Read(options, model.Description.Rate);
        return Of(model, options, parts, part, threads, beam);
    }

    internal static SpeechEvaluation Of(SpeechModel model, SpeechOptions options, SpeechParts parts, string part, ThreadTeam threads, int beam = 8)
    {
        IReadOnlyList<SpeechClip> clips = part switch
        {
            "train" => parts.Train,
            "valid" => parts.Valid,
            "test" => parts.Test,
            _ => [.. parts.Train, .. parts.Valid, .. parts.Test],
        };
        if (clips.Count == 0) throw new UserErrorException($"part: there are no recordings in the {part} part of '{options.Data}'; choose another --part or --split.");
        Rng random = new Rng(options.Seed).For(part);
        SpeechExample[] examples = [.. SpeechParts.Examples(options, clips, random, TestPasses)];
        SpeechBaselines? baselines = parts.Train.Count == 0 || part == "all" ? null
            : new SpeechBaselines(model, SpeechParts.Examples(options, parts.Train, random.For("baselines")), threads);
        return new Counting(model, examples, beam).Run(baselines, part, threads);
    }

    /// <summary>The sums of an evaluation under way.</summary>
    private sealed class Counting(SpeechModel model, SpeechExample[] examples, int beam)
    {
        private readonly SpeechDescription _description = model.Description;
        private readonly FeatureExtractor _extractor = new(model.Description.Features);
        private readonly SpeechScore[] _greedy = new SpeechScore[examples.Length];
        private readonly List<SpeechPicture> _pictures = [];
        private int _beamErrors, _commonest, _nearest;

        internal SpeechEvaluation Run(SpeechBaselines? baselines, string part, ThreadTeam threads)
        {
            float[][] rows = model.Features(examples, threads), plain = baselines?.Rows(examples, threads) ?? [];
            if (baselines is not null) CountBaselines(baselines, plain);
            foreach ((SequenceBatch outputs, int from, int count) in SpeechNetwork.Run(model.Network, rows, threads, new Workspace()))
                for (int s = 0; s < count; s++) Count(from + s, outputs, s);
            return new SpeechEvaluation(Report(part, baselines), _pictures);
        }

        private void Count(int i, in SequenceBatch outputs, int s)
        {
            int[] said = _description.Labels(examples[i].Text);
            _greedy[i] = SpeechScore.Of(said, SpeechScore.Greedy(_description, outputs, s));
            SpeechResult? result = null;
            if (_description.IsCtc)
            {
                result = Result(i, outputs, s);
                _beamErrors += SpeechScore.Of(said, _description.Labels(result.Text)).Errors;
            }
            if (_pictures.Count == 0 || (_pictures.Count < Pictures && _greedy[i].Errors > 0))
                _pictures.Add(SpeechPicture.Of(model, Sound(i), outputs, s, examples[i].Text, result ?? Result(i, outputs, s)));
        }

        private void CountBaselines(SpeechBaselines baselines, float[][] rows)
        {
            for (int i = 0; i < rows.Length; i++)
            {
                int[] said = _description.Labels(examples[i].Text);
                _commonest += SpeechScore.Of(said, baselines.Commonest()).Errors;
                if (baselines.HasSpectra) _nearest += SpeechScore.Of(said, baselines.Nearest(rows[i])).Errors;
            }
        }

        private SpeechResult Result(int i, in SequenceBatch outputs, int s) =>
            SpeechResult.Of(_description, _extractor, outputs, s, Sound(i), beam);

        // With what is heard after it, so that there are as many steps as outputs.
        private Sound Sound(int i) => new([.. examples[i].Samples((clip, _) => clip), .. _description.Silence()], _description.Rate, examples[i].Name);

        private SpeechReport Report(string part, SpeechBaselines? baselines)
        {
            int words = _greedy.Sum(g => g.Said), classes = _description.Words.Count, first = _description.IsCtc ? 1 : 0;
            int[][] confusion = [.. Enumerable.Range(0, classes + 1).Select(_ => new int[classes + 1])];
            foreach ((int said, int heard) in _greedy.SelectMany(g => g.Pairs)) confusion[Place(said)][Place(heard)]++;
            double Rate(int errors) => words == 0 ? 0 : (double)errors / words;
            List<SpeechMethod> methods = [];
            if (baselines is not null) methods.Add(new SpeechMethod("always the commonest word", Rate(_commonest)));
            if (baselines is { HasSpectra: true })
                methods.Add(new SpeechMethod(_description.IsCtc ? "equal pieces, nearest mean spectrum" : "nearest mean spectrum", Rate(_nearest)));
            return new SpeechReport(_description.Options.Mode, part, examples.Length, words, Rate(_greedy.Sum(g => g.Errors)),
                (double)_greedy.Count(g => g.Errors == 0) / examples.Length, _greedy.Sum(g => g.Substituted), _greedy.Sum(g => g.Missed),
                _greedy.Sum(g => g.Added), _description.IsCtc ? Rate(_beamErrors) : null, methods, [.. _description.Words, "(none)"], confusion, Speakers());

            int Place(int label) => label < 0 ? classes : label - first;
        }

        // Strings of several speakers belong to none of them.
        private SpeakerErrors[] Speakers() => examples.Any(e => e.Speaker is null) ? [] :
        [
            .. Enumerable.Range(0, examples.Length).GroupBy(i => examples[i].Speaker!)
                .OrderBy(g => g.Key, StringComparer.Ordinal)
                .Select(g => new SpeakerErrors(g.Key, (double)g.Sum(i => _greedy[i].Errors) / Math.Max(1, g.Sum(i => _greedy[i].Said)), g.Sum(i => _greedy[i].Said))),
        ];
    }
}
