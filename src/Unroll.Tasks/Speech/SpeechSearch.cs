using Unroll.Core;
using Unroll.Layers.Losses;
using Unroll.Tasks.Data;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Speech;

//  ln p(π) = 1/M Σₘ ln pₘ(π | x)        of each string π that a member's search has found: exact, over all alignments of each member

/// <summary>How strings of words are read off the outputs of a network.</summary>
/// <param name="Beam">How many strings are followed at a time; 0: the best label of each step (greedy).</param>
/// <param name="Grammar">What beam search may write down; null: anything.</param>
internal sealed record SpeechSearch(int Beam, ICtcGrammar? Grammar)
{
    /// <summary>The search of a model, with its n-gram where it has one.</summary>
    /// <param name="description">Of the model.</param>
    /// <param name="beam">How many strings are followed at a time.</param>
    /// <param name="words">A file of the words that may be said; null: any.</param>
    /// <param name="files">What names stand for; null: the files of the disk alone.</param>
    /// <exception cref="UserErrorException">The beam is out of range, or the words cannot be used.</exception>
    internal static SpeechSearch Of(SpeechDescription description, int beam, string? words = null, DataFiles? files = null)
    {
        if (beam is < 0 or > 10_000) throw new OptionException("beam", $"expected a whole number from 0 to 10000, got {beam}.");
        if (words is null) return new(beam, description.IsCtc && beam > 0 ? SpeechGrammar.Of(description) : null);
        if (!description.IsCtc)
            throw new OptionException("words", "it says what beam search may write down, and the model gives a recording one label; leave it out.");
        if (beam == 0)
            throw new OptionException("words", "it says what beam search may write down, and beam is 0; choose a wider beam, or leave it out.");
        return new(beam, SpeechGrammar.Of(description, WordTree.Of(SpeechTexts.Read(words, description, files ?? DataFiles.Disk))));
    }

    /// <summary>The strings that were found, best first; at least one. Those that any member finds are compared by what all say of them.</summary>
    /// <param name="outputs">What each member says.</param>
    /// <param name="sequence">Which recording.</param>
    internal IReadOnlyList<CtcHypothesis> Find(IReadOnlyList<SequenceBatch> outputs, int sequence)
    {
        if (outputs.Count == 1) return OfOne(outputs[0], sequence);
        List<CtcHypothesis> found = [];
        foreach (SequenceBatch own in outputs)
            foreach (CtcHypothesis one in OfOne(own, sequence))
                if (!found.Exists(other => other.Labels.SequenceEqual(one.Labels)))
                    found.Add(one with { LogProbability = outputs.Average(other => CtcLoss.LogProbability(other, sequence, [.. one.Labels])) });
        return [.. found.OrderByDescending(one => one.LogProbability + one.LogWeight).Take(Math.Max(1, Beam))];
    }

    /// <summary>The labels that the outputs mean without a search: the best of each step; of several members the best of their
    /// strings.</summary>
    internal static IReadOnlyList<int> Greedy(SpeechDescription description, IReadOnlyList<SequenceBatch> outputs, int sequence) =>
        outputs.Count == 1 ? SpeechScore.Greedy(description, outputs[0], sequence) : new SpeechSearch(0, null).Find(outputs, sequence)[0].Labels;

    private IReadOnlyList<CtcHypothesis> OfOne(in SequenceBatch outputs, int sequence)
    {
        if (Beam > 0) return CtcDecoding.Beam(outputs, sequence, Beam, Grammar);
        int[] labels = CtcDecoding.Greedy(outputs, sequence);
        return [new CtcHypothesis(labels, CtcLoss.LogProbability(outputs, sequence, labels))];
    }
}
