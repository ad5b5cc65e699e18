namespace Unroll.Tasks.Labels.Rules;

//  over steps and pairs:  wₖ(f) = ln (nₖ(f) + 1) / (Σ_f nₖ(f) + F)                                bₖ = ln (nₖ / n)
//  by position:           wₖ(t, a) = ln (nₖ(t, a) + 1) / (nₖ(t) + 4)                              with dinucleotides ab: + 16 in place of 4

/// <summary>
/// The simple rule of texts and of windows cut around a site: every feature speaks for itself, with one added to every count. Over the words and
/// pairs of short texts it is hard to beat (Wang and Manning 2012); over positions it is the position weight matrix of molecular biology (Stormo et
/// al. 1982); with dinucleotides each base is counted with both of its neighbors.
/// </summary>
internal static class NaiveBayes
{
    private const string Bases = Data.Sequences.Nucleotides.Bases;

    /// <summary>Counts.</summary>
    public static LinearRule Fit(RuleExamples examples) =>
        RuleFeatures.ByPosition(examples.Kind) ? OfPositions(examples) : OfSteps(examples);

    private static LinearRule OfSteps(RuleExamples examples)
    {
        int classes = examples.Classes;
        double[] counts = Count(examples), totals = new double[classes];
        // What a part of the sequences lacks is not known to the rule that is learned from them.
        int known = 0;
        for (int f = 0; f < examples.Places.Count; f++)
        {
            Span<double> own = counts.AsSpan(f * classes, classes);
            double sum = 0;
            for (int k = 0; k < classes; k++)
            {
                totals[k] += own[k];
                sum += own[k];
            }
            if (sum > 0) known++;
            else own.Fill(double.NaN);
        }
        for (int i = 0; i < counts.Length; i++)
            counts[i] = double.IsNaN(counts[i]) ? 0 : Math.Log(counts[i] + 1) - Math.Log(totals[i % classes] + known);
        return new LinearRule(examples.Kind, examples.Places, Prior(examples), counts);
    }

    private static LinearRule OfPositions(RuleExamples examples)
    {
        int classes = examples.Classes;
        double[] counts = Count(examples);
        bool pairs = examples.Kind == RuleKind.NaiveBayesPositionPairs;
        string[] words = pairs ? [.. Bases.SelectMany(a => Bases.Select(b => $"{a}{b}"))] : [.. Bases.Select(a => $"{a}")];
        Dictionary<string, int> places = [];
        List<double> weights = [];
        double Of(string feature, int k) => examples.Places.TryGetValue(feature, out int place) ? counts[place * classes + k] : 0;
        // Every base at every position, whether it occurred there or not.
        foreach (string place in examples.Places.Keys.Select(feature => feature[..(feature.IndexOf('\t') + 1)]).Distinct())
            foreach (string word in words)
            {
                places.Add($"{place}{word}", places.Count);
                for (int k = 0; k < classes; k++)
                    weights.Add(Math.Log(Of($"{place}{word}", k) + 1) - Math.Log(words.Sum(one => Of($"{place}{one}", k)) + words.Length));
            }
        return new LinearRule(examples.Kind, places, Prior(examples), [.. weights]);
    }

    private static double[] Count(RuleExamples examples)
    {
        double[] counts = new double[examples.Places.Count * examples.Classes];
        for (int i = 0; i < examples.Rows.Count; i++)
            foreach (int place in examples.Rows[i]) counts[place * examples.Classes + examples.Labels[i]]++;
        return counts;
    }

    // A label that the training part lacks is never said.
    private static double[] Prior(RuleExamples examples)
    {
        double[] prior = new double[examples.Classes];
        foreach (int label in examples.Labels) prior[label]++;
        return [.. prior.Select(n => n > 0 ? Math.Log(n / examples.Labels.Count) : -1e6)];
    }
}
