using Unroll.Layers.LinearChain;

namespace Unroll.Tasks.Data.Labeled;

//  BIO    I-x after B-x or I-x        IOB1   B-x only after I-x or B-x        BIOES   B-x (I-x …) E-x, or S-x alone

/// <summary>
/// The schemes by which labels of steps mark stretches of them: BIO (IOB2), IOB1, and BIOES with its other letters (BILOU, BMES). Which one a file
/// follows is told from its labels.
/// </summary>
internal static class TagScheme
{
    /// <summary>BIO.</summary>
    public const string Bio = "bio";

    /// <summary>BIOES, with whatever letters.</summary>
    public const string Bioes = "bioes";

    /// <summary>The scheme that labels follow but for some slips: <see cref="Bio"/>, <see cref="Bioes"/>; null: IOB1, or none.</summary>
    public static string? Of(IEnumerable<IReadOnlyList<string>> labels) => Of([.. labels.Select(one => one.Select(TagLabel.Of).ToArray())]);

    /// <summary>Which labels may follow which in a scheme.</summary>
    /// <param name="scheme"><see cref="Bio"/> or <see cref="Bioes"/>.</param>
    /// <param name="classes">The labels.</param>
    public static PathRules Rules(string scheme, IReadOnlyList<string> classes)
    {
        TagLabel[] all = [.. classes.Select(TagLabel.Of)];
        bool whole = scheme == Bioes;
        return new PathRules([.. all.Select(one => one.Kind is not (TagKind.Inside or TagKind.End))],
            [.. all.SelectMany(from => all.Select(to => whole ? FollowsWhole(from, to) : to.Kind != TagKind.Inside || GoesOn(from, to)))],
            [.. all.Select(one => !whole || one.Kind is not (TagKind.Begin or TagKind.Inside))]);
    }

    private static bool FollowsWhole(TagLabel from, TagLabel to) => to.Kind is TagKind.Inside or TagKind.End ? GoesOn(from, to)
        : from.Kind is not (TagKind.Begin or TagKind.Inside);

    private static bool GoesOn(TagLabel from, TagLabel to) => from.Kind is TagKind.Begin or TagKind.Inside && from.Name == to.Name;

    private static string? Of(TagLabel[][] all)
    {
        bool whole = all.SelectMany(one => one).Any(label => label.Kind is TagKind.End or TagKind.Single);
        return all.SelectMany(one => one).Any(label => label.Kind == TagKind.None)
            || !all.SelectMany(one => one).Any(label => label.Kind == TagKind.Begin)
            || (!whole && all.All(one => Enumerable.Range(0, one.Length).All(t => one[t].Kind != TagKind.Begin || Follows(one, t))))
            ? null : whole ? Bioes : Bio;                    // other labels, or IOB1, in which any I- may begin
    }

    /// <summary>A line for the user where labels do not follow the scheme that the others follow; null: they do, or follow none.</summary>
    /// <param name="source">What notes call the file.</param>
    /// <param name="sequences">With a label for each step.</param>
    public static string? Note(string source, IReadOnlyList<LabeledSequence> sequences)
    {
        TagLabel[][] all = [.. sequences.Select(one => one.StepLabels.Select(TagLabel.Of).ToArray())];
        if (Of(all) is not { } scheme) return null;
        bool whole = scheme == Bioes;
        long labels = 0, wrong = 0;
        string first = "";
        for (int i = 0; i < all.Length; i++)
            for (int t = 0; t < all[i].Length; t++)
            {
                labels++;
                if (whole ? FitsWhole(all[i], t) : all[i][t].Kind != TagKind.Inside || Follows(all[i], t)) continue;
                if (wrong++ == 0)
                    first = $"{sequences[i].Where}, step {t + 1}: '{sequences[i].StepLabels[t]}' " +
                        (t == 0 ? "at the beginning" : $"after '{sequences[i].StepLabels[t - 1]}'");
            }
        return wrong == 0 ? null : FormattableString.Invariant($"{source}: {wrong:N0} of {labels:N0} labels do not follow the scheme ") +
            $"{(whole ? "BIOES" : "BIO")} of the others ({first}); they are read as they stand.";
    }

    // What this one may stand behind, and, in BIOES, whether what has begun goes on.
    private static bool FitsWhole(TagLabel[] labels, int t)
    {
        bool open = t > 0 && labels[t - 1].Kind is TagKind.Begin or TagKind.Inside;
        return labels[t].Kind is TagKind.Inside or TagKind.End ? open && labels[t - 1].Name == labels[t].Name
            : !open && (labels[t].Kind != TagKind.Begin || t + 1 < labels.Length);
    }

    private static bool Follows(TagLabel[] labels, int t) =>
        t > 0 && GoesOn(labels[t - 1], labels[t]);
}
