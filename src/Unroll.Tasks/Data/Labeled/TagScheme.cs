namespace Unroll.Tasks.Data.Labeled;

//  BIO    I-x after B-x or I-x        IOB1   B-x only after I-x or B-x        BIOES   B-x (I-x …) E-x, or S-x alone

/// <summary>
/// The schemes by which labels of steps mark stretches of them: BIO (IOB2), IOB1, and BIOES with its other letters (BILOU, BMES). Which one a file
/// follows is told from its labels.
/// </summary>
internal static class TagScheme
{
    private enum Kind
    {
        None,
        Outside,
        Begin,
        Inside,
        End,
        Single,
    }

    /// <summary>A line for the user where labels do not follow the scheme that the others follow; null: they do, or follow none.</summary>
    /// <param name="source">What notes call the file.</param>
    /// <param name="sequences">With a label for each step.</param>
    public static string? Note(string source, IReadOnlyList<LabeledSequence> sequences)
    {
        (Kind Kind, string Name)[][] all = [.. sequences.Select(one => one.StepLabels.Select(Of).ToArray())];
        bool whole = all.SelectMany(one => one).Any(label => label.Kind is Kind.End or Kind.Single);
        if (all.SelectMany(one => one).Any(label => label.Kind == Kind.None) || !all.SelectMany(one => one).Any(label => label.Kind == Kind.Begin)
            || (!whole && all.All(one => Enumerable.Range(0, one.Length).All(t => one[t].Kind != Kind.Begin || Follows(one, t)))))
            return null;                                     // other labels, or IOB1, in which any I- may begin
        long labels = 0, wrong = 0;
        string first = "";
        for (int i = 0; i < all.Length; i++)
            for (int t = 0; t < all[i].Length; t++)
            {
                labels++;
                if (whole ? FitsWhole(all[i], t) : all[i][t].Kind != Kind.Inside || Follows(all[i], t)) continue;
                if (wrong++ == 0)
                    first = $"{sequences[i].Where}, step {t + 1}: '{sequences[i].StepLabels[t]}' " +
                        (t == 0 ? "at the beginning" : $"after '{sequences[i].StepLabels[t - 1]}'");
            }
        return wrong == 0 ? null : FormattableString.Invariant($"{source}: {wrong:N0} of {labels:N0} labels do not follow the scheme ") +
            $"{(whole ? "BIOES" : "BIO")} of the others ({first}); they are read as they stand.";
    }

    // What this one may stand behind, and, in BIOES, whether what has begun goes on.
    private static bool FitsWhole((Kind Kind, string Name)[] labels, int t)
    {
        bool open = t > 0 && labels[t - 1].Kind is Kind.Begin or Kind.Inside;
        return labels[t].Kind is Kind.Inside or Kind.End ? open && labels[t - 1].Name == labels[t].Name
            : !open && (labels[t].Kind != Kind.Begin || t + 1 < labels.Length);
    }

    private static bool Follows((Kind Kind, string Name)[] labels, int t) =>
        t > 0 && labels[t - 1].Kind is Kind.Begin or Kind.Inside && labels[t - 1].Name == labels[t].Name;

    private static (Kind, string) Of(string label) => label is "O" or "o" ? (Kind.Outside, "") : label is [var letter, '-' or '_', _, ..]
        ? (letter switch
        {
            'B' => Kind.Begin,
            'I' or 'M' => Kind.Inside,
            'E' or 'L' => Kind.End,
            'S' or 'U' or 'W' => Kind.Single,
            _ => Kind.None,
        }, label[2..]) : (Kind.None, "");
}
