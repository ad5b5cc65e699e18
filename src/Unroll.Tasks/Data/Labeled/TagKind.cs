namespace Unroll.Tasks.Data.Labeled;

/// <summary>What a label of a scheme such as BIO says of its step.</summary>
internal enum TagKind
{
    /// <summary>The label follows no such scheme.</summary>
    None,

    /// <summary>O: outside of every stretch.</summary>
    Outside,

    /// <summary>B: a stretch begins.</summary>
    Begin,

    /// <summary>I, M: a stretch goes on.</summary>
    Inside,

    /// <summary>E, L: a stretch ends with this step.</summary>
    End,

    /// <summary>S, U, W: a stretch of this step alone.</summary>
    Single,
}

/// <summary>A label of such a scheme, in its two parts.</summary>
/// <param name="Kind">Its letter.</param>
/// <param name="Name">The name after it; empty for O.</param>
internal readonly record struct TagLabel(TagKind Kind, string Name)
{
    /// <summary>The parts of a label: <c>B-PER</c>, <c>S_LOC</c>, <c>O</c>.</summary>
    public static TagLabel Of(string label) => label is "O" or "o" ? new(TagKind.Outside, "") : label is [var letter, '-' or '_', _, ..]
        ? new(letter switch
        {
            'B' => TagKind.Begin,
            'I' or 'M' => TagKind.Inside,
            'E' or 'L' => TagKind.End,
            'S' or 'U' or 'W' => TagKind.Single,
            _ => TagKind.None,
        }, label[2..]) : new(TagKind.None, "");

    /// <summary>Whether labels mark stretches: each of them is one of such a scheme, and one is not O.</summary>
    public static bool AreStretches(IEnumerable<string> labels)
    {
        TagLabel[] all = [.. labels.Select(Of)];
        return all.All(label => label.Kind != TagKind.None) && all.Any(label => label.Kind != TagKind.Outside);
    }
}

/// <summary>A stretch of steps with one name, such as the words of an organization.</summary>
/// <param name="Name">Its name.</param>
/// <param name="From">The first step, from 0.</param>
/// <param name="To">The step after the last.</param>
public readonly record struct TagSpan(string Name, int From, int To)
{
    //  one begins at B and S, after O, E and S, and where the name changes; one ends before all that, and after E and S
    /// <summary>
    /// The stretches that labels mark, by the rules of the script <c>conlleval</c> of the CoNLL shared tasks: an I- after O, or after another name,
    /// begins one. Labels of no such scheme mark none.
    /// </summary>
    /// <param name="labels">One a step.</param>
    public static IReadOnlyList<TagSpan> Of(IReadOnlyList<string> labels)
    {
        List<TagSpan> spans = [];
        TagLabel before = new(TagKind.Outside, "");
        int from = -1;
        for (int t = 0; t <= labels.Count; t++)
        {
            TagLabel now = t < labels.Count ? TagLabel.Of(labels[t]) : new TagLabel(TagKind.Outside, "");
            bool outside = now.Kind is TagKind.Outside or TagKind.None;
            bool begins = !outside && (now.Kind is TagKind.Begin or TagKind.Single || before.Kind is not (TagKind.Begin or TagKind.Inside)
                || before.Name != now.Name);
            if (from >= 0 && (outside || begins))
            {
                spans.Add(new TagSpan(before.Name, from, t));
                from = -1;
            }
            if (begins) from = t;
            before = outside ? new TagLabel(TagKind.Outside, "") : now;
        }
        return spans;
    }
}
