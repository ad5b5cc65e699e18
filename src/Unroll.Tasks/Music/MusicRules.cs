using Unroll.Tasks.Data.Baselines;
using Unroll.Tasks.Data.Music;

namespace Unroll.Tasks.Music;

/// <summary>What is simple to do without a network, learned from the training part.</summary>
internal static class MusicRules
{
    /// <summary>The rules of the model's kind, each with its nats of each piece.</summary>
    public static IReadOnlyList<(string Name, double[] Nats)> Of(MusicModel model, IReadOnlyList<MusicPiece> training,
        IReadOnlyList<MusicPiece> test) =>
        training.Count == 0 ? [] : model.Notes is { } notes ? [OfNotes(notes, model.Options, training, test), .. OfRolls(training, test)]
            : model.IsRoll ? OfRolls(training, test) : OfTunes(model, training, test);

    /// <summary>
    /// An n-gram of the same spelling, with the smoothing of Kneser and Ney, learned from the training part in the keys that the model learns it in.
    /// </summary>
    private static (string Name, double[] Nats) OfNotes(
        NoteCode code, MusicOptions options, IReadOnlyList<MusicPiece> training, IReadOnlyList<MusicPiece> test)
    {
        const int order = 5;
        int begin = code.Symbols;
        List<int> all = [];
        foreach (PianoRoll roll in training.Select(piece => piece.Roll!))
            foreach (int move in NoteSpelling.Moves(roll, options.Transpose ?? MusicOptions.TwelveKeys))
                all.AddRange([begin, .. NoteSpelling.Symbols(code, roll, move)]);
        NGramModel rule = NGramModel.Fit(all.ToArray(), order, code.Symbols + 1);
        return ($"{rule.Name} of the notes (Kneser–Ney)",
            [.. test.Select(piece => rule.Nats([begin, .. NoteSpelling.Symbols(code, piece.Roll!, 0)], from: 1))]);
    }

    //  p(key) = its share of the steps      p(key | it sounded before)      both with one step added that sounds and one that does not
    /// <summary>How often each key sounds, and how often it goes on or begins.</summary>
    private static IReadOnlyList<(string Name, double[] Nats)> OfRolls(IReadOnlyList<MusicPiece> training,
        IReadOnlyList<MusicPiece> test)
    {
        const int keys = MusicModel.Keys;
        double[,] on = new double[3, keys], all = new double[3, keys];
        foreach (float[] rolls in training.Select(piece => MusicModel.KeysOf(piece.Roll!)))
            Walk(rolls, (key, before, now) =>
            {
                foreach (int row in (ReadOnlySpan<int>)[0, 1 + before]) (on[row, key], all[row, key]) = (on[row, key] + now, all[row, key] + 1);
            });
        double[] frequency = new double[test.Count], kept = new double[test.Count];
        foreach ((int i, MusicPiece piece) in test.Index())
            Walk(MusicModel.KeysOf(piece.Roll!), (key, before, now) =>
            {
                frequency[i] -= Log(0, key, now);
                kept[i] -= Log(1 + before, key, now);
            });
        return [("key frequencies", frequency), ("each key goes on or begins by itself", kept)];

        double Log(int row, int key, int now) => Math.Log((now == 1 ? on[row, key] + 1 : all[row, key] - on[row, key] + 1) / (all[row, key] + 2));
    }

    /// <summary>How often each symbol comes, and after which: p(b | a) = (n(a b) + 5 p(b)) ÷ (n(a) + 5).</summary>
    private static IReadOnlyList<(string Name, double[] Nats)> OfTunes(MusicModel model, IReadOnlyList<MusicPiece> training,
        IReadOnlyList<MusicPiece> test)
    {
        int symbols = model.Symbols.Count;
        double[] counts = new double[symbols], after = new double[symbols];
        Dictionary<(int, int), double> pairs = [];
        double total = 0;
        foreach (MusicPiece piece in training)
        {
            var (x, _, next) = model.Encode(piece);
            for (int t = 0; t < next.Length; t++)
            {
                counts[next[t]]++;
                after[(int)x[t]]++;
                pairs[((int)x[t], next[t])] = pairs.GetValueOrDefault(((int)x[t], next[t])) + 1;
                total++;
            }
        }
        double[] single = new double[test.Count], pair = new double[test.Count];
        foreach ((int i, MusicPiece piece) in test.Index())
        {
            var (x, _, next) = model.Encode(piece);
            for (int t = 0; t < next.Length; t++)
            {
                double p = (counts[next[t]] + 1) / (total + symbols);
                single[i] -= Math.Log(p);
                pair[i] -= Math.Log((pairs.GetValueOrDefault(((int)x[t], next[t])) + 5 * p) / (after[(int)x[t]] + 5));
            }
        }
        return [("symbol frequencies", single), ("pairs of symbols", pair)];
    }

    private static void Walk(float[] rolls, Action<int, int, int> step)
    {
        const int keys = MusicModel.Keys;
        for (int i = 0; i < rolls.Length; i++) step(i % keys, i >= keys ? (int)rolls[i - keys] : 0, (int)rolls[i]);
    }
}
