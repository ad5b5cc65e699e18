using Unroll.Core;
using Unroll.Numerics;
using Unroll.Tasks.Data;
using Unroll.Tasks.Data.Audio;
using Unroll.Tasks.Data.Scores;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Speech;

/// <summary>Measures speech models.</summary>
internal static class SpeechMeasure
{
    private const int TestPasses = 4, Pictures = 3;          // how often a recording stands in a test string; how many are drawn

    /// <summary>A model on a part of the data that it was trained on; simple rules are fitted on the training part.</summary>
    /// <param name="model">The model.</param>
    /// <param name="data">Its data.</param>
    /// <param name="part">Which part.</param>
    /// <param name="threads">The threads.</param>
    /// <param name="options">What is joined, which speaker; null: as the model was trained.</param>
    /// <param name="files">What names stand for; null: the files of the disk alone.</param>
    /// <param name="stop">Ends the call.</param>
    internal static SpeechEvaluation OfOwn(
        SpeechModel model, SpeechData data, SpeechPart part, ThreadTeam threads, SpeechEvaluateOptions? options = null,
        DataFiles? files = null, CancellationToken stop = default)
    {
        IReadOnlyList<SpeechClip> clips = part switch
        {
            SpeechPart.Train => data.Train, SpeechPart.Valid => data.Valid, SpeechPart.Test => data.Test, _ => data.All,
        };
        string word = part.ToString().ToLowerInvariant();
        if (clips.Count == 0)
            throw new OptionException("part",
                $"there are no recordings in the {word} part of '{string.Join(", ", model.Options.Data)}'; choose another part.");
        return Of(model, OfSpeaker(clips, clip => clip.Recording, options?.Fold), word, word, part == SpeechPart.All ? null : data.Train,
            Joined(model, options),
            SpeechSearch.Of(model.Description, options?.Beam ?? SpeechResult.DefaultBeam, options?.Words, files), threads, stop);
    }

    /// <summary>A model on all of some recordings that it was not trained on; simple rules are fitted on its own training part where that can be
    /// read.</summary>
    /// <param name="model">The model.</param>
    /// <param name="name">What the recordings are called.</param>
    /// <param name="recordings">The recordings.</param>
    /// <param name="options">What is joined.</param>
    /// <param name="search">How strings of words are found.</param>
    /// <param name="call">Files, threads, notes.</param>
    internal static SpeechEvaluation OfOthers(
        SpeechModel model, string name, IReadOnlyList<Recording> recordings, SpeechOptions options, SpeechSearch search, TaskCall call)
    {
        if (recordings.Count == 0) throw new OptionException("data", "there are no recordings to measure on.");
        // What the training part is doubted for was said when it was trained on.
        IReadOnlyList<SpeechClip>? train = OwnTraining.Or<IReadOnlyList<SpeechClip>?>(
            null, () => SpeechData.Read(model.Options, call.Files.NotingTo(static _ => { }), model.Description.Rate).Train, call.Note);
        IReadOnlyList<SpeechClip> clips = SpeechData.Clips(recordings, call.Files, model.Description.Features);
        if (SpeechNotes.Unknown(model.Description, clips) is { } unknown) call.Files.Note(unknown);
        if (SpeechNotes.TooShort(model.Description, clips) is { } tooShort) call.Files.Note(tooShort);
        return Of(model, clips, "all", name, train, options, search, TaskThreads.Or(call.Threads), call.Stop);
    }

    /// <summary>The options with which strings are joined.</summary>
    internal static SpeechOptions Joined(SpeechModel model, SpeechEvaluateOptions? options) =>
        options is { Join.Count: > 0 } ? model.Options with { Join = options.Join } : model.Options;

    /// <summary>The recordings of one speaker.</summary>
    /// <param name="all">Some things with a recording each.</param>
    /// <param name="recordingOf">The recording of one.</param>
    /// <param name="speaker">Whose; null: all.</param>
    /// <exception cref="OptionException">There is none.</exception>
    internal static IReadOnlyList<T> OfSpeaker<T>(IReadOnlyList<T> all, Func<T, Recording> recordingOf, string? speaker)
    {
        T[] own = [.. all.Where(one => speaker is null || recordingOf(one).Speaker == speaker)];
        return own.Length > 0 ? own
            : throw new OptionException("fold", $"there is no recording of speaker '{speaker}' in what is measured; expected one of " +
            $"{string.Join(", ", all.Select(one => recordingOf(one).Speaker ?? "(none named)").Distinct().Order(StringComparer.Ordinal).Take(20))}.");
    }

    private static SpeechEvaluation Of(
        SpeechModel model, IReadOnlyList<SpeechClip> clips, string draws, string part, IReadOnlyList<SpeechClip>? train, SpeechOptions options,
        SpeechSearch search, ThreadTeam threads, CancellationToken stop)
    {
        Rng random = new Rng(options.Seed).For(draws);
        SpeechExample[] examples = [.. SpeechData.Examples(options, clips, random, TestPasses)];
        SpeechBaselines? baselines = train is null ? null
            : new SpeechBaselines(model, SpeechData.Examples(options, train, random.For("baselines")), threads);
        return MemberScores.With(new Counting(model, examples, search).Run(baselines, part, threads, stop), model,
            member => new Counting(member, examples, search).Run(null, part, threads, stop));
    }

    /// <summary>The sums of an evaluation under way.</summary>
    private sealed class Counting(SpeechModel model, SpeechExample[] examples, SpeechSearch search)
    {
        private readonly SpeechDescription _description = model.Description;
        private readonly FeatureExtractor _extractor = new(model.Description.Features);
        private readonly SpeechScore[] _greedy = new SpeechScore[examples.Length];
        private readonly List<SpeechPicture> _pictures = [];
        private readonly int[] _commonest = new int[examples.Length], _nearest = new int[examples.Length];
        private readonly string[] _heard = new string[examples.Length];
        private int _beamErrors;

        internal SpeechEvaluation Run(SpeechBaselines? baselines, string part, ThreadTeam threads, CancellationToken stop)
        {
            if (baselines is not null) CountBaselines(baselines, baselines.Rows(examples, threads));
            foreach ((IReadOnlyList<SequenceBatch> outputs, int from, int count) in model.Outputs(examples, threads, stop))
                for (int s = 0; s < count; s++) Count(from + s, outputs, s);
            return Evaluation(part, baselines);
        }

        private void Count(int i, IReadOnlyList<SequenceBatch> outputs, int s)
        {
            int[] said = _description.Labels(examples[i].Text);
            IReadOnlyList<int> heard = SpeechSearch.Greedy(_description, outputs, s);
            _greedy[i] = SpeechScore.Of(said, heard);
            _heard[i] = _description.Text(heard);
            SpeechResult? result = null;
            if (_description.IsCtc)
            {
                result = Result(i, outputs, s);
                _heard[i] = result.Text;
                _beamErrors += SpeechScore.Of(said, _description.Labels(result.Text)).Errors;
            }
            if (_pictures.Count == 0 || (_pictures.Count < Pictures && _greedy[i].Errors > 0))
                _pictures.Add(SpeechPicture.Of(model, Sound(i), outputs[0], s, examples[i].Text, result ?? Result(i, outputs, s)));
        }

        private void CountBaselines(SpeechBaselines baselines, float[][] rows)
        {
            for (int i = 0; i < rows.Length; i++)
            {
                int[] said = _description.Labels(examples[i].Text);
                _commonest[i] = SpeechScore.Of(said, baselines.Commonest()).Errors;
                if (baselines.HasSpectra) _nearest[i] = SpeechScore.Of(said, baselines.Nearest(rows[i])).Errors;
            }
        }

        private SpeechResult Result(int i, IReadOnlyList<SequenceBatch> outputs, int s) =>
            SpeechResult.Of(_description, _extractor, outputs, s, Sound(i), search);

        // With what is heard after it, so that there are as many steps as outputs.
        private Sound Sound(int i) =>
            new([.. examples[i].Samples((clip, _) => clip), .. _description.Silence()], _description.Rate, examples[i].Name);

        private SpeechEvaluation Evaluation(string part, SpeechBaselines? baselines)
        {
            int words = _greedy.Sum(g => g.Said), classes = _description.Words.Count, first = _description.IsCtc ? 1 : 0;
            int[][] confusion = [.. Enumerable.Range(0, classes + 1).Select(_ => new int[classes + 1])];
            foreach ((int said, int heard) in _greedy.SelectMany(g => g.Pairs)) confusion[Place(said)][Place(heard)]++;
            double Rate(int errors) => words == 0 ? 0 : (double)errors / words;
            List<SpeechMethod> methods = [];
            if (baselines is not null) methods.Add(Rule("always the commonest word", _commonest));
            if (baselines is { HasSpectra: true })
                methods.Add(Rule(_description.IsCtc ? "equal pieces, nearest mean spectrum" : "nearest mean spectrum", _nearest));
            return new SpeechEvaluation(_description.Options.Mode, examples.Length, words, Rate(_greedy.Sum(g => g.Errors)),
                (double)_greedy.Count(g => g.Errors == 0) / examples.Length, _greedy.Sum(g => g.Substituted), _greedy.Sum(g => g.Missed),
                _greedy.Sum(g => g.Added), _description.IsCtc ? Rate(_beamErrors) : null, methods, [.. _description.Words, "(none)"], confusion,
                    Speakers(), _pictures)
            { Part = part, Heard = _heard };

            SpeechMethod Rule(string name, int[] errors) => new(name, Rate(errors.Sum())) { Test = words == 0 ? null : Against(errors) };

            int Place(int label) => label < 0 ? classes : label - first;
        }

        // A string's words are not independent of each other; the strings nearly are, though each recording stands in several of them.
        private PairedTest Against(int[] errors) => _description.IsCtc
            ? PairedTest.OfSums([.. _greedy.Select((own, i) => new PairedSums(own.Errors, errors[i], own.Said))], largerIsBetter: false)
            : PairedTest.OfRight([.. _greedy.Select(own => own.Errors == 0)], [.. errors.Select(count => count == 0)]);

        // Strings of several speakers belong to none of them.
        private SpeakerErrors[] Speakers() => examples.Any(e => e.Speaker is null) ? [] :
        [
            .. Enumerable.Range(0, examples.Length).GroupBy(i => examples[i].Speaker!)
                .OrderBy(g => g.Key, StringComparer.Ordinal)
                .Select(g => new SpeakerErrors(g.Key, (double)g.Sum(i => _greedy[i].Errors) / Math.Max(1, g.Sum(i => _greedy[i].Said)),
                    g.Sum(i => _greedy[i].Said))),
        ];
    }
}
