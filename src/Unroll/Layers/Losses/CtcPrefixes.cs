using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Layers.Losses;

//  b(π), n(π): the probability of all paths so far that stand for π and end in a blank, or in π's last label
//  b′(π) = y(blank) (b(π) + n(π))
//  n′(π) = y(last) n(π) + y(last) · b(parent)             where the parent ends in the same label: only over a blank
//        = y(last) n(π) + y(last) · (b + n)(parent)       elsewhere
//  kept are the π with the greatest (b + n) · w(π), w the weight that a grammar gives them; without one 1

/// <summary>The tree of prefixes of a beam search; a prefix that two paths reach is one node.</summary>
internal sealed class CtcPrefixes
{
    private readonly CtcPrefixes? _parent;
    private readonly int _label, _order;
    private readonly Dictionary<int, CtcPrefixes?> _children = [];         // null: a grammar does not let it follow
    private readonly object? _state;
    private readonly WideNumber _weight = WideNumber.One;
    private WideNumber _blank, _ends, _nextBlank, _nextLabel;
    private int _touched = -1;

    private CtcPrefixes(CtcPrefixes? parent, int label, int order, ICtcGrammar? grammar, object? state)
    {
        (_parent, _label, _order, _state) = (parent, label, order, state);
        if (grammar is not null) _weight = WideNumber.Exp(grammar.LogWeight(state!));
    }

    private WideNumber Total => _blank + _ends;

    private WideNumber Rank => _state is null ? Total : Total * _weight;

    /// <summary>The labels of the best prefixes at the end, best first.</summary>
    public static List<int[]> Search(in SequenceBatch logits, int sequence, int width, ICtcGrammar? grammar)
    {
        CtcPrefixes root = new(null, CtcLoss.Blank, 0, grammar, grammar?.Start) { _blank = WideNumber.One };
        List<CtcPrefixes> beam = [root], touched = [];
        WideNumber[] y = new WideNumber[logits.Features];
        int nodes = 1;
        for (int t = 0; t < logits.Layout.Lengths[sequence]; t++)
        {
            ReadOnlySpan<float> z = logits.Row(t, sequence);
            float max = z[0];                                            // a common factor of all prefixes changes no order: no sum is needed
            foreach (float score in z) max = Math.Max(max, score);
            for (int k = 0; k < y.Length; k++) y[k] = z[k] == max ? WideNumber.One : WideNumber.Exp((double)z[k] - max);
            touched.Clear();
            foreach (CtcPrefixes prefix in beam) prefix.Extend(y, t, touched, grammar, ref nodes);
            foreach (CtcPrefixes prefix in touched) (prefix._blank, prefix._ends) = (prefix._nextBlank, prefix._nextLabel);
            touched.RemoveAll(prefix => prefix.Total.IsZero);
            touched.Sort((a, b) => b.Rank.CompareTo(a.Rank) is var order and not 0 ? order : a._order.CompareTo(b._order));
            beam = touched.GetRange(0, Math.Min(width, touched.Count));
        }
        return [.. beam.Select(prefix => prefix.Labels())];
    }

    private void Extend(WideNumber[] y, int t, List<CtcPrefixes> touched, ICtcGrammar? grammar, ref int nodes)
    {
        WideNumber total = Total;
        Touch(t, touched);
        _nextBlank += y[CtcLoss.Blank] * total;
        if (_parent is not null) _nextLabel += y[_label] * _ends;
        for (int k = 1; k < y.Length; k++)
        {
            WideNumber into = y[k] * (k == _label ? _blank : total);
            if (into.IsZero) continue;
            if (!_children.TryGetValue(k, out CtcPrefixes? child)) _children.Add(k, child = Child(k, grammar, ref nodes));
            if (child is null) continue;
            child.Touch(t, touched);
            child._nextLabel += into;
        }
    }

    private CtcPrefixes? Child(int label, ICtcGrammar? grammar, ref int nodes)
    {
        object? state = grammar?.Follow(_state!, label);
        return grammar is not null && state is null ? null : new CtcPrefixes(this, label, nodes++, grammar, state);
    }

    private void Touch(int t, List<CtcPrefixes> touched)
    {
        if (_touched == t) return;
        (_touched, _nextBlank, _nextLabel) = (t, default, default);
        touched.Add(this);
    }

    private int[] Labels()
    {
        List<int> labels = [];
        for (CtcPrefixes prefix = this; prefix._parent is not null; prefix = prefix._parent) labels.Add(prefix._label);
        labels.Reverse();
        return [.. labels];
    }
}
