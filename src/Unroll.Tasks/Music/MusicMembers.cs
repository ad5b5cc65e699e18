using Unroll.Core;
using Unroll.Layers.Losses;
using Unroll.Numerics;

namespace Unroll.Tasks.Music;

//  p = 1/M Σₘ pₘ over the members, in double and in their order:      of the next note or symbol      of each independent key

/// <summary>What the members of a model say together: the mean of their probabilities.</summary>
internal static class MusicMembers
{
    /// <summary>−ln of the probability of what came, over all rows of a batch.</summary>
    /// <param name="model">A model of several members.</param>
    /// <param name="outputs">Those of each member, in order.</param>
    /// <param name="targets">What came.</param>
    public static double Nats(MusicModel model, SequenceBatch[] outputs, in Targets targets)
    {
        int width = outputs[0].Features;
        float[] scores = new float[model.Notes?.Symbols ?? width];
        MusicMixture mixture = new(model);
        double nats = 0;
        for (int row = 0; row < outputs[0].Layout.Rows; row++)
        {
            ReadOnlySpan<float> place = model.Notes is null ? [] : targets.Values.All.Slice(row * NoteCode.Places, NoteCode.Places);
            for (int m = 0; m < outputs.Length; m++) mixture.Add(m, outputs[m].All.Slice(row * width, width), place, scores);
            if (model is { IsRoll: true, Notes: null })
                for (int k = 0; k < width; k++)
                {
                    double on = targets.Values.All[row * width + k] > 0.5f ? scores[k] : -scores[k];
                    nats += on > 0 ? Logarithm.LnOnePlus(Activations.Exp((float)-on)) : Logarithm.LnOnePlus(Activations.Exp((float)on)) - on;
                }
            else nats -= scores[targets.Labels.Span[row]];
        }
        return nats;
    }
}

/// <summary>
/// From the outputs of a model's members to the scores of what comes next: of one member its own outputs, of several the logarithms of the mean
/// probabilities, and of independent keys ln (p ÷ (1 − p)).
/// </summary>
/// <param name="model">The model.</param>
internal sealed class MusicMixture(MusicModel model)
{
    private readonly int _members = model.Members.Count;
    private readonly NoteMixture? _notes = model.Notes is { } notes ? new NoteMixture(notes, model.Members.Count) : null;
    private readonly double[] _sums = new double[model.Network.OutputSize];
    private readonly float[] _p = new float[model.Network.OutputSize];

    /// <summary>Adds a member's outputs; after the last one the scores are there.</summary>
    /// <param name="member">Its number: 0, 1 ….</param>
    /// <param name="outputs">[outputs].</param>
    /// <param name="place">The row of <see cref="NoteLoss"/>; empty where steps are not spelt note by note.</param>
    /// <param name="scores">[keys], [symbols] or [notes and marks], overwritten by the last member.</param>
    public void Add(int member, ReadOnlySpan<float> outputs, ReadOnlySpan<float> place, Span<float> scores)
    {
        if (_notes is not null)
        {
            _notes.Add(member, outputs, place, scores);
            return;
        }
        if (_members == 1)
        {
            outputs.CopyTo(scores);
            return;
        }
        if (member == 0) Array.Clear(_sums);
        if (model.IsRoll)
            for (int k = 0; k < _p.Length; k++) _p[k] = Activations.Sigmoid(outputs[k]);
        else Softmax.Row(outputs, _p);
        for (int k = 0; k < _p.Length; k++) _sums[k] += _p[k];
        if (member < _members - 1) return;
        for (int k = 0; k < _p.Length; k++)
        {
            double p = Math.Max(_sums[k] / _members, 1e-30);
            scores[k] = (float)(Logarithm.Ln(p) - (model.IsRoll ? Logarithm.Ln(Math.Max(1 - p, 1e-30)) : 0));
        }
    }
}
