using Unroll.Core;
using Unroll.Layers.Attention;
using Unroll.Numerics;

namespace Unroll.Networks;

/// <summary>
/// Looks for the most probable targets of sources: greedily, or with a beam. Of several networks the probability of a symbol is the mean of theirs.
/// </summary>
public sealed class BeamSearch
{
    private const int GroupSize = 16;                                    // sentences at a time: their rows share every product
    private readonly IReadOnlyList<EncoderDecoder> _members;
    private readonly SearchOptions _options;

    /// <summary>A search by one network.</summary>
    /// <param name="model">The network, its weights as they are.</param>
    /// <param name="options">How.</param>
    public BeamSearch(EncoderDecoder model, SearchOptions options) : this([model], options)
    {
    }

    /// <summary>A search by the mean of several networks.</summary>
    /// <param name="members">One at least, with the same symbols on both sides.</param>
    /// <param name="options">How.</param>
    /// <exception cref="ArgumentException">There is no network, or their symbols differ.</exception>
    public BeamSearch(IReadOnlyList<EncoderDecoder> members, SearchOptions options)
    {
        if (members.Count == 0) throw new ArgumentException("expected at least one network, got none", nameof(members));
        foreach (EncoderDecoder one in members)
            if ((one.Spec.SourceVocabulary, one.Spec.TargetVocabulary, one.Spec.Begin, one.Spec.End)
                != (members[0].Spec.SourceVocabulary, members[0].Spec.TargetVocabulary, members[0].Spec.Begin, members[0].Spec.End))
                throw new ArgumentException("expected networks with the same symbols", nameof(members));
        (_members, _options) = (members, options);
    }

    /// <summary>Finds targets.</summary>
    /// <param name="sources">Source symbols; may be empty.</param>
    /// <param name="pass">Workspace, which is reset, and threads.</param>
    /// <param name="stop">Ends the search before its next step.</param>
    /// <returns>
    /// For each source at most <see cref="SearchOptions.Beam"/> hypotheses, at least one, the best first. The greedy one is always among those
    /// compared: the first never scores worse. What is found does not depend on the other sources or on the threads.
    /// </returns>
    /// <exception cref="UserErrorException">A symbol is outside the source vocabulary.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> asked for it.</exception>
    public IReadOnlyList<IReadOnlyList<Hypothesis>> Find(IReadOnlyList<int[]> sources, in Pass pass, CancellationToken stop = default)
    {
        int[] byLength = [.. Enumerable.Range(0, sources.Count).OrderByDescending(s => sources[s].Length)];
        IReadOnlyList<Hypothesis>[] found = new IReadOnlyList<Hypothesis>[sources.Count];
        int together = GroupSize * pass.Threads.Threads;
        Pass inference = pass with { Training = false, InferenceOnly = true };
        for (int first = 0; first < sources.Count; first += together)
        {
            stop.ThrowIfCancellationRequested();
            int[] some = byLength[first..Math.Min(sources.Count, first + together)];
            pass.Workspace.Reset();
            SequenceBatch packed = SequencePairs.Pack([.. some.Select(s => sources[s])]);
            Encoded[] encoded = [.. _members.Select(member => Encoded.Of(member, packed, inference))];
            int workers = pass.Threads.WorkersFor(Size(packed.Layout.Rows));
            BeamWork work = new(encoded, _options, some.Length, workers, stop);
            pass.Threads.Run(work, workers);
            for (int i = 0; i < some.Length; i++) found[some[i]] = work.Found[i];
        }
        return found;
    }

    // Multiply-adds, if targets are as long as their sources.
    private long Size(long symbols) => _members.Sum(model =>
        symbols * _options.Beam * (model.Decoder.StepSize + (long)model.Decoder.Output.InputSize * model.Decoder.Output.OutputSize));

    /// <summary>What one network has made of the sources.</summary>
    private sealed record Encoded(EncoderDecoder Model, EncoderDecoderCache Cache, AttentionMemory Memory)
    {
        public static Encoded Of(EncoderDecoder model, in SequenceBatch sources, in Pass pass)
        {
            EncoderDecoderCache cache = new();
            model.Encode(cache, sources, pass);
            return new Encoded(model, cache, model.Decoder.Attention.Prepare(cache.Encoder.Output, pass));
        }
    }

    private sealed class BeamWork(IReadOnlyList<Encoded> encoded, SearchOptions options, int sentences, int workers, CancellationToken stop) : IWork
    {
        private readonly EncoderDecoderSpec _spec = encoded[0].Model.Spec;

        public IReadOnlyList<Hypothesis>[] Found { get; } = new IReadOnlyList<Hypothesis>[sentences];

        // Sentences lie longest first; they are assigned in turn, so that every worker has long ones and short ones.
        public void Run(int worker)
        {
            List<Beam> beams = [];
            for (int s = worker; s < Found.Length; s += workers)
            {
                int longest = options.Longest(encoded[0].Memory.Values.Layout.Lengths[s]);
                beams.Add(new Beam(s, options.Beam, longest, _spec, options));
                if (options.Beam > 1) beams.Add(new Beam(s, 1, longest, _spec, options));
            }
            if (beams.Count == 0) return;
            Search(beams);
            foreach (IGrouping<int, Beam> sentence in beams.GroupBy(beam => beam.Sentence))
                Found[sentence.Key] = Best([.. sentence.SelectMany(beam => beam.Done)]);
        }

        private void Search(List<Beam> beams)
        {
            int symbols = _spec.TargetVocabulary;
            MeanStepper stepper = new([.. encoded.Select(one =>
                new DecoderStepper(one.Model.Decoder, one.Memory, one.Cache.First, [.. beams.Select(beam => beam.Sentence)]))], symbols);
            List<int> rows = [.. Enumerable.Range(0, beams.Count)], next = [.. beams.Select(_ => _spec.Begin)];
            float[] logits = [], scratch = new float[symbols];
            List<Beam> live = beams;
            while (live.Count > 0)
            {
                stop.ThrowIfCancellationRequested();
                if (logits.Length < rows.Count * symbols) logits = new float[rows.Count * symbols];
                stepper.Step([.. next], logits.AsSpan(0, rows.Count * symbols));
                int first = 0;
                rows = [];
                next = [];
                foreach (Beam beam in live)
                {
                    int count = beam.Live;
                    beam.Extend(logits.AsSpan(first * symbols, count * symbols), scratch);
                    foreach ((int row, int symbol) in beam.Continuations)
                    {
                        rows.Add(first + row);
                        next.Add(symbol);
                    }
                    first += count;
                }
                live = [.. live.Where(beam => beam.Live > 0)];
                if (live.Count > 0) stepper.Keep([.. rows]);
            }
        }

        private IReadOnlyList<Hypothesis> Best(List<Hypothesis> all)
        {
            List<Hypothesis> best = [];
            foreach (Hypothesis one in all.OrderByDescending(hypothesis => hypothesis.Score))
                if (best.Count < options.Beam && !best.Exists(other => other.Ended == one.Ended && other.Symbols.SequenceEqual(one.Symbols)))
                    best.Add(one);
            return best;
        }
    }
}

/// <summary>The hypotheses of one sentence: those that go on, and those that are done.</summary>
internal sealed class Beam(int sentence, int width, int longest, EncoderDecoderSpec spec, SearchOptions options)
{
    private List<(int[] Symbols, double Log)> _live = [([], 0)];

    public int Sentence => sentence;

    public int Live => _live.Count;

    public List<Hypothesis> Done { get; } = [];

    /// <summary>For each that goes on its row among those that went before, and its new symbol.</summary>
    public List<(int Row, int Symbol)> Continuations { get; } = [];

    /// <summary>
    /// One step: of all continuations of all hypotheses the best go on, as many as are not done yet; those that end are done. Of equal ones the
    /// hypothesis and the symbol that come first.
    /// </summary>
    /// <param name="logits">[live, vocabulary].</param>
    /// <param name="scratch">[vocabulary], overwritten.</param>
    public void Extend(ReadOnlySpan<float> logits, Span<float> scratch)
    {
        int places = width - Done.Count;
        List<(double Log, int Row, int Symbol)> best = [];
        for (int row = 0; row < _live.Count; row++)
        {
            ReadOnlySpan<float> z = logits.Slice(row * scratch.Length, scratch.Length);
            double before = _live[row].Log - Logarithm.Ln(Softmax.Exponentials(z, scratch, out float max));
            for (int symbol = 0; symbol < z.Length; symbol++)
            {
                double log = z[symbol] == max ? before : before + ((double)z[symbol] - max);
                if (best.Count == places && !(log > best[^1].Log)) continue;
                int at = best.Count;
                while (at > 0 && log > best[at - 1].Log) at--;
                best.Insert(at, (log, row, symbol));
                if (best.Count > places) best.RemoveAt(places);
            }
        }
        List<(int[], double)> live = [];
        Continuations.Clear();
        foreach ((double log, int row, int symbol) in best)
        {
            int[] symbols = _live[row].Symbols;
            if (symbol == spec.End) Finish(symbols, log, ended: true);
            else if (symbols.Length + 1 >= longest) Finish([.. symbols, symbol], log, ended: false);
            else
            {
                live.Add(([.. symbols, symbol], log));
                Continuations.Add((row, symbol));
            }
        }
        _live = live;
    }

    private void Finish(int[] symbols, double log, bool ended) =>
        Done.Add(new Hypothesis(symbols, log, options.Score(log, symbols.Length + (ended ? 1 : 0)), ended));
}
