namespace Unroll.Tasks.Translation;

//  Dice(s, t) = 2 · pairs with s and t / (pairs with s + pairs with t)

/// <summary>
/// The simplest translation that learns: each symbol of the source becomes the one of the target that it stands in pairs with most exclusively
/// (Dice's coefficient), in the order of the source; what is not known stays as it is.
/// </summary>
internal sealed class WordForWord
{
    private readonly Dictionary<string, string> _words = [];
    private readonly TranslationModel _model;

    /// <summary>Learns from pairs.</summary>
    public WordForWord(TranslationModel model, IReadOnlyList<TranslationPair> training)
    {
        _model = model;
        Dictionary<string, int> sources = [], targets = [];
        Dictionary<(string, string), int> both = [];
        foreach (TranslationPair pair in training)
        {
            string[] s = [.. model.Source.Symbols(pair.Source).Distinct()], t = [.. model.Target.Symbols(pair.Target).Distinct()];
            foreach (string one in s) sources[one] = sources.GetValueOrDefault(one) + 1;
            foreach (string one in t) targets[one] = targets.GetValueOrDefault(one) + 1;
            foreach (string a in s)
                foreach (string b in t) both[(a, b)] = both.GetValueOrDefault((a, b)) + 1;
        }
        Dictionary<string, double> best = [];
        foreach (((string s, string t), int count) in both.OrderBy(one => one.Key.Item2, StringComparer.Ordinal))
        {
            double dice = 2.0 * count / (sources[s] + targets[t]);
            if (dice > best.GetValueOrDefault(s)) (best[s], _words[s]) = (dice, t);
        }
    }

    /// <summary>The translation of a text.</summary>
    public string Translate(string text) => _model.Target.Text(_model.Source.Symbols(text).Select(word => _words.GetValueOrDefault(word, word)));
}
